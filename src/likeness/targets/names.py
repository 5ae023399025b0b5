"""The names of all kinds of targets, for who needs no more: importing the kinds takes 50 ms."""

from typing import Final

KIND_NAMES: Final = ("webhook", "slack_events", "synapse", "likeness", "keycloak", "ldap")
"""In the order in which they are shown; `kinds.py` has a kind for each."""
