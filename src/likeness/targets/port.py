"""The two ports of targets: a holder keeps copies of photos, a receiver is told of changes.

A kind of target fulfils one of them. Whatever goes wrong is one of the four refusals below; all
else is a bug of the kind. No refusal's text has a credential, or the query of a URL, in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, runtime_checkable

from likeness.model import Format, Photo, User

NOTHING: Final = ""
"""The marker of somebody who shows nothing there."""


class Refused(Exception):
    """The program does not want this, and will not want it later: too large, read-only, no right.

    The reason is for people. The copy waits for the next change, or for `likeness target retry`.
    """


class Later(Exception):
    """The program has too much to do. `after_s` is when it wants to be asked again, or None."""

    def __init__(self, reason: str, after_s: float | None = None) -> None:
        super().__init__(reason)
        self.after_s = after_s


class Away(Exception):
    """The program cannot be reached, is broken, or does not believe our credential: try again."""


class Gone(Exception):
    """The program says that it is there no longer (410): the target is paused."""


@dataclass(frozen=True, slots=True)
class Wants:
    """What a holder takes: squares of at most `side_px`, in at most `bytes_max` bytes.

    `formats` are those that it takes, the best first. With `by_url` it is given no bytes, but an
    address at which the picture is.
    """

    side_px: int
    bytes_max: int
    formats: tuple[Format, ...] = (Format.JPEG, Format.PNG)
    by_url: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as targets get to know them.

    `user` has their photo. `emails` are all their addresses in normal form, the first one first;
    `external_ids` are those that other systems have for them, by the name of the system, such as
    `oidc:https://login.example.org` or `ldap`. `is_gone`: they or their workspace are deactivated.
    """

    user: User
    emails: tuple[str, ...]
    external_ids: Mapping[str, str] = field(default_factory=dict)
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo as a holder wants it. `data` is empty where it wants an address alone."""

    photo: Photo
    data: bytes = field(repr=False)
    format: Format
    side_px: int
    url: str

    @property
    def file_name(self) -> str:
        """A name that is another one for each photo, such as `likeness-e44d439dc32b.jpg`."""
        return f"likeness-{self.photo.avatar_hash}.{self.format.extension}"


@runtime_checkable
class Holder(Protocol):
    """A program that keeps a copy of the photo of each person.

    A marker is a short text that tells our picture there from others': what `look` gives after
    `show`, and NOTHING after `clear`. All methods raise Refused, Later, Away and Gone.
    """

    wants: Wants

    async def find(self, person: Person) -> str | None:
        """The person's id there, by their first address and then the others; None if unknown.

        Nothing is created there.
        """

    async def show(self, remote_id: str, picture: Picture, marker: str | None) -> str:
        """Show a picture of somebody there; gives its marker.

        `marker` is what was put there before, None if nothing was: a program in which old pictures
        stay is rid of that one. Shown twice the same picture is one change there.
        """

    async def clear(self, remote_id: str, marker: str | None) -> None:
        """Take our picture of somebody away, its bytes too where that can be; twice is no harm."""

    async def look(self, remote_id: str) -> str | None:
        """The marker of what somebody shows there now; None where that cannot be told."""

    async def check(self) -> str:
        """See that the program answers and gives us the right; who we are there, for people.

        Raises Refused where the credential is not believed or lacks a right.
        """


@dataclass(frozen=True, slots=True)
class News:
    """What a receiver is told: how somebody is now, and not what happened on the way.

    `photo` is what is to be shown of them, None for nothing. `person` is None of who was erased.
    `version` grows with each change; `message_id` is the same in all attempts at one version.
    `before` is the avatar_hash that this target was last told, "" for none, None before anything
    was told. `attempt` counts from 0.
    """

    message_id: str
    user_id: str
    version: int
    reason: str
    changed_at_s: float
    person: Person | None
    photo: Photo | None
    before: str | None
    attempt: int = 0


@runtime_checkable
class Receiver(Protocol):
    """A program that is told of each change. All methods raise Refused, Later, Away and Gone."""

    def content(self, news: News) -> Mapping[str, Any] | None:
        """All that would be told of somebody but `version`, `reason`, `before` and moments.

        What is as it was told before is not told again. None where there is nothing to tell.
        """

    async def tell(self, news: News) -> str:
        """Tell it; gives the answer, for the log of deliveries."""

    async def check(self) -> str:
        """See that it answers, and believes who we are."""
