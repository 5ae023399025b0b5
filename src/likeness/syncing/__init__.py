"""Use case: people and photos are kept in step with a directory, by a full compare each time."""
