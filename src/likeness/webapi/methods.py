"""The table of all methods of the Web API."""

from typing import Final

from likeness.webapi import auth, identity, photos, users, workspace
from likeness.webapi.method import Method, table

METHODS: Final[dict[str, Method]] = table(photos, users, identity, workspace, auth)
"""Every API method by its name."""
