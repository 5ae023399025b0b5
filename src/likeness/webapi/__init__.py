"""The Slack Web API: one table of methods and the path that every call takes through it."""
