"""Pages for whoever looks after the people of a workspace. They stand on the use cases of verbs."""
