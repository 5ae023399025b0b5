"""Ada as directories bring her, and who brings her."""

from typing import Final

from likeness.entries import Entry
from likeness.events import Actor
from likeness.model import Source

SCIM: Final = Actor("scim", Source.DIRECTORY)
LDAP: Final = Actor("ldap:staff", Source.DIRECTORY)
ADA: Final = Entry(
    "scim",
    "7",
    user_name="Ada@example.org",
    name="Ada Lovelace",
    emails=("Ada@Example.org",),
    document='{"userName": "Ada@example.org"}',
    stamp="1",
)
