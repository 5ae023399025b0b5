"""Nouns: accounts of users at other systems, and what a provider claims of one who signs in."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from typing import Final
from unicodedata import normalize

from likeness.model import Secret

OIDC: Final = "oidc"
"""The actor of what a sign-in changes by itself."""

OIDC_PREFIX: Final = "oidc:"
"""What the source of an identity begins with that an OpenID Connect provider vouches for."""

ENTRA_ISSUER: Final = "https://login.microsoftonline.com/"
"""What the name of Microsoft Entra begins with, as a provider."""

SHARED_ID_LENGTH_MIN: Final = 16
"""Characters of an id by which provider and directory can mean one person: shorter ones may be
names that people choose, and the same name can be somebody else's at the other."""

SCIM: Final = "scim"
"""The source of identities that a directory brings by SCIM, and the actor of what it changes."""

LDAP_PREFIX: Final = "ldap:"
"""What the source of an identity begins with that comes from a directory by LDAP."""

SUBJECT_LENGTH_MAX: Final = 255
"""Characters of a subject (OpenID Connect Core 1.0, section 2)."""

USER_NAME_LENGTH_MAX: Final = 320
"""Characters of a user name, which a column of the database holds."""

EMAILS_MAX: Final = 50
"""Addresses of one person in a directory. Each is looked up, and each is hashed."""

ISSUER_LENGTH_MAX: Final = 300
SID_LENGTH_MAX: Final = 300
"""Characters that the columns have for the name of a provider and of a session there."""


def oidc_source(issuer: str) -> str:
    """The source of identities of this provider, with a slash at the end of its name or without.

    >>> oidc_source("https://id.example.org/")
    'oidc:https://id.example.org'
    """
    return OIDC_PREFIX + issuer.rstrip("/")


def is_subject(text: str) -> bool:
    """Whether a text can be a provider's name for somebody, and be kept."""
    return 0 < len(text) <= SUBJECT_LENGTH_MAX and text.isprintable()


def folded(user_name: str) -> str:
    """A user name as directories compare it, which is without regard to capitals.

    >>> folded(" Ada@Example.ORG")
    'ada@example.org'
    """
    return normalize("NFKC", user_name.strip()).casefold()[:USER_NAME_LENGTH_MAX]


class Sought(Enum):
    """By what a directory looks for the people that it has here."""

    ID = auto()
    USER_NAME = auto()
    EXTERNAL_ID = auto()
    EMAIL = auto()
    ACTIVE = auto()


Condition = tuple[Sought, str | bool]
"""What is to be so of somebody: our id, the name by `folded`, the directory's own id, an address in
its normal form, or whether they are here."""


@dataclass(frozen=True, slots=True)
class Identity:
    """One of our people, as another system knows them.

    `source` says which system, `external_id` is its name for them, which never changes, and
    `user_name` the one that may: of a provider, the address that it last said; of a directory, by
    `folded`. `photo_ref` is what it last said of their photo, `photo_digest` the SHA-256 of the
    bytes that came of it, and `stamp` when that was, or, of a directory, its own word for that.
    `document` is all that a directory said of them, as it is given back.
    """

    team_id: str
    source: str
    external_id: str
    user_id: str
    created_at: datetime
    seen_at: datetime
    user_name: str | None = None
    photo_ref: str | None = None
    photo_digest: bytes | None = field(default=None, repr=False)
    stamp: str | None = None
    document: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Claims:
    """What an OpenID Connect provider says of somebody who has just signed in there.

    `subject` is its name for them; `email` and `name` are "" where it says none. `sid` is its name
    for the session there. `is_admin` is None where it is not the provider that says so. The access
    token is for requests to the provider at this sign-in, and is not kept.
    """

    issuer: str
    subject: str
    email: str = ""
    is_email_verified: bool = False
    name: str = ""
    picture: str | None = None
    sid: str | None = None
    is_admin: bool | None = None
    access_token: Secret | None = None
    object_id: str | None = None

    @property
    def source(self) -> str:
        """The source of the identity that they have by this provider."""
        return oidc_source(self.issuer)

    @property
    def shared_ids(self) -> tuple[str, ...]:
        """The ids by which a directory of the same house may know them too."""
        said = filter(None, (self.object_id, self.subject))
        return tuple(each for each in said if len(each) >= SHARED_ID_LENGTH_MIN)
