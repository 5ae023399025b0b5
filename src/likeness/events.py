"""Nouns of the log of changes: who did what to which user or photo."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from likeness.model import Source, User

COMMAND_LINE: Final = "cli"
"""The actor of everything that is done by the command line."""

ACTOR_LENGTH_MAX: Final = 100
"""Characters of an actor's name that the log has room for."""

_IPV4_BITS: Final = 24
_IPV6_BITS: Final = 48
"""How much of a network address is kept: enough to tell networks apart, not people."""


class Verb(StrEnum):
    """The kind of a change."""

    WORKSPACE_ADDED = "workspace.added"
    WORKSPACE_RENAMED = "workspace.renamed"
    WORKSPACE_REMOVED = "workspace.removed"
    PHOTO_SET = "photo.set"
    PHOTO_REMOVED = "photo.removed"
    PHOTO_KEPT = "photo.kept"
    PHOTO_RESTORED = "photo.restored"
    PHOTO_REFUSED = "photo.refused"
    USER_ADDED = "user.added"
    USER_RENAMED = "user.renamed"
    USER_ADDRESSED = "user.addressed"
    USER_HIDDEN = "user.hidden"
    USER_UNHIDDEN = "user.unhidden"
    USER_LOCKED = "user.locked"
    USER_UNLOCKED = "user.unlocked"
    USER_PROMOTED = "user.promoted"
    USER_DEMOTED = "user.demoted"
    USER_DEACTIVATED = "user.deactivated"
    USER_REACTIVATED = "user.reactivated"
    USER_MERGED = "user.merged"
    USER_ERASED = "user.erased"
    ACCESS_GIVEN = "access.given"
    ACCESS_ENDED = "access.ended"
    IDENTITY_BOUND = "identity.bound"
    IDENTITY_UNBOUND = "identity.unbound"
    IDENTITY_REFUSED = "identity.refused"


@dataclass(frozen=True, slots=True)
class Actor:
    """The author of a change, and the right by which they made it.

    `name` is the id of a user, or what the program is called that acts by itself. `origin` is the
    network that they act from, and `batch_id` the import that an act is part of.
    """

    name: str
    source: Source
    origin: str = ""
    batch_id: str | None = None

    @classmethod
    def on(cls, owner: User, actor: User, client: str = "") -> "Actor":
        """A user who acts on `owner`: the same, or else an administrator. `client` is an address.

        >>> Actor.on(ada, ada, "192.0.2.77").origin
        '192.0.2.0/24'
        """
        source = Source.SELF if owner.id == actor.id else Source.ADMINISTRATOR
        return cls(actor.id, source, network_of(client))


OPERATOR: Final = Actor(COMMAND_LINE, Source.ADMINISTRATOR)
"""Somebody with a shell on the machine."""

IMPORTER: Final = Actor(COMMAND_LINE, Source.IMPORT)
"""Whoever imports by the verb."""

SWEEP: Final = Actor("sweep", Source.ADMINISTRATOR)
"""The sweep, which does what the operator's settings say."""


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the log. `detail` says in a few words what else there is to know.

    `user_id` is whom it was done to: somebody, or a workspace by its id. Names, addresses and
    tokens of people are never in it, so that it may outlive them.
    """

    id: int
    at: datetime
    actor: str
    user_id: str
    verb: Verb
    photo_id: int | None = None
    source: Source | None = None
    batch_id: str | None = None
    origin: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """One import, all of which can be taken back. `policy` says what it was allowed to replace.

    `counts` are rows by what became of them. An import that was cut short has no `ended_at`; doing
    it again makes another batch of the rest.
    """

    id: str
    team_id: str
    kind: str
    policy: str
    actor: str
    started_at: datetime
    ended_at: datetime | None = None
    undone_at: datetime | None = None
    counts: Mapping[str, int] = field(default_factory=dict)


def before_in_words(photo_id: int | None, source: Source | None) -> str:
    """What the entry of an offered photo has for its detail, see `shown_before`.

    >>> before_in_words(None, None)
    '0 -'
    """
    return f"{photo_id or 0} {source or '-'}"


def shown_before(event: Event) -> tuple[int, Source | None]:
    """What the entry of an offered photo notes: the id of the photo before, or 0, and who chose.

    >>> shown_before(replace(event, detail="4711 self"))
    (4711, Source.SELF)
    """
    photo_id, _, source = (event.detail or before_in_words(None, None)).partition(" ")
    return int(photo_id), None if source == "-" else Source(source)


def network_of(address: str) -> str:
    """The network that an address is in: /24 of IPv4, /48 of IPv6; "" for what is no address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is None:
            return str(ipaddress.ip_network((parsed, _IPV6_BITS), strict=False))
        parsed = parsed.ipv4_mapped
    return str(ipaddress.ip_network((parsed, _IPV4_BITS), strict=False))
