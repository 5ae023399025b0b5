"""The page: where people set their photo. It has no way to write but the Web API."""
