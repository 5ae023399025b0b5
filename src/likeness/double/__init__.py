"""A double of Slack for tests: the real service, behind a thin layer that fails on demand."""
