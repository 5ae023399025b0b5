"""The nouns: teams, users, tokens, photos, and how a photo's files are named. No I/O."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from hashlib import md5, sha256
from typing import Final, Self

from likeness.email_address import ascii_email

SIZES: Final = (24, 32, 48, 72, 192, 512, 1024)
"""Sides in pixels of squares, as Slack names them (contract § 5.1).

A photo has those smaller than its own square, and that square itself up to the largest of these.
"""

ORIGINAL: Final = "original"
"""The name that stands in place of a size for the whole upright picture."""

STILL: Final = "_still"
"""The suffix of a still rendition's name, where the photo moves."""

AVATAR_HASH_LENGTH: Final = 12
SECRET_LENGTH: Final = 20


class Format(StrEnum):
    """A picture format that is accepted or made."""

    JPEG = "jpeg"
    PNG = "png"
    GIF = "gif"
    WEBP = "webp"
    AVIF = "avif"
    HEIC = "heic"

    @property
    def extension(self) -> str:
        """The file name suffix without its dot, such as `jpg` or `png`."""
        return "jpg" if self is Format.JPEG else self.value

    @property
    def media_type(self) -> str:
        """The type to serve it with, such as `image/jpeg`."""
        return f"image/{self.value}"


FORMATS_MADE: Final = (Format.JPEG, Format.PNG, Format.GIF, Format.WEBP)
"""Those that files are written in; the others are only read."""

FORMAT_OF_SUFFIX: Final = {form.extension: form for form in FORMATS_MADE}
"""Formats that are made, by the suffix of a file's name, without its dot."""


class DefaultStyle(StrEnum):
    """A way to draw somebody without a photo, by Gravatar's names."""

    MP = "mp"
    IDENTICON = "identicon"
    MONSTERID = "monsterid"
    WAVATAR = "wavatar"
    RETRO = "retro"
    ROBOHASH = "robohash"
    BLANK = "blank"
    INITIALS = "initials"
    COLOR = "color"

    @property
    def is_alike(self) -> bool:
        """Whether everybody without a photo looks the same in it."""
        return self in {DefaultStyle.MP, DefaultStyle.BLANK}


class TokenKind(StrEnum):
    """The kind of a token, by Slack's prefix: a person's or a bot's."""

    USER = "xoxp"
    BOT = "xoxb"


class PhotoState(StrEnum):
    """Where a photo is in its life: shown, kept for undo, kept no longer, or taken away."""

    CURRENT = "current"
    REPLACED = "replaced"
    EXPIRED = "expired"
    DELETED = "deleted"

    @property
    def has_files(self) -> bool:
        """Whether its files are still wanted."""
        return self in {PhotoState.CURRENT, PhotoState.REPLACED}

    @property
    def is_over(self) -> bool:
        """Whether another photo took its place for good, so that its URLs lead to that one."""
        return self is PhotoState.EXPIRED


class Source(StrEnum):
    """Where a photo, or the choice of none, came from."""

    SELF = "self"
    ADMINISTRATOR = "administrator"
    IMPORT = "import"
    DIRECTORY = "directory"
    PROVIDER = "provider"


@dataclass(frozen=True, slots=True)
class Secret:
    """A text that must not be shown; printing it gives stars. `reveal()` is the only way out."""

    _text: str

    def __repr__(self) -> str:
        return "Secret(****)"

    __str__ = __repr__

    def reveal(self) -> str:
        """The text itself, to be sent to the one who owns it or to be digested."""
        return self._text


@dataclass(frozen=True, slots=True)
class Crop:
    """The square that the caller cut, in pixels of the upright picture; `w` is at least 1."""

    x: int
    y: int
    w: int

    @classmethod
    def centre(cls, width: int, height: int) -> Self:
        """The largest square in the middle of a picture."""
        side = min(width, height)
        return cls((width - side) // 2, (height - side) // 2, side)


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a picture, in pixels."""

    x: int
    y: int
    w: int
    h: int


@dataclass(frozen=True, slots=True)
class Rendition:
    """One encoded file of a photo.

    `name` is the end of the file name: the side of a square in pixels, or `original`, or a side
    with `_still`.
    """

    name: str
    format: Format
    data: bytes


@dataclass(frozen=True, slots=True)
class Photo:
    """One photo that somebody has or had; its files never change.

    `secret` is 20 random hex digits, the only thing that keeps its URLs from being guessed.
    `sizes` are the sides of the renditions that were made, ascending; `width` and `height` are
    those of the whole upright picture, and `window` is the part of it that the squares show.
    `source_digest` identifies the upload and its crop, `upload_digest` the upload alone. `window`
    and `upload_digest` are None for photos of versions that did not note them; see `part`.
    `source` is where it came from, `set_by` the name of the `events.Actor` that set it, None in
    versions that did not note it, and `batch_id` the import that it came with.
    """

    id: int
    user_id: str
    day: date
    secret: str
    format: Format
    sizes: tuple[int, ...]
    width: int
    height: int
    frames: int
    source_digest: bytes = field(repr=False)
    set_at: datetime
    state: PhotoState = PhotoState.CURRENT
    upload_digest: bytes | None = field(default=None, repr=False)
    window: Window | None = None
    source: Source = Source.SELF
    set_by: str | None = None
    batch_id: str | None = None

    @property
    def avatar_hash(self) -> str:
        """The first 12 of the 20 hex digits (contract § 5.6)."""
        return self.secret[:AVATAR_HASH_LENGTH]

    @property
    def is_animated(self) -> bool:
        """Whether every size also has a still twin."""
        return self.frames > 1

    @property
    def stem(self) -> str:
        """The prefix of all its blob keys: `avatars/{day}/{id}_{secret}_`."""
        return f"avatars/{self.day.isoformat()}/{self.id}_{self.secret}_"

    def key(self, name: str) -> str:
        """The blob key of the rendition called `name`; also its path below the public URL."""
        form = Format.PNG if name.endswith(STILL) else self.format
        return f"{self.stem}{name}.{form.extension}"

    @property
    def part(self) -> Window | None:
        """The part of the original that the squares show, None where nobody knows it any more.

        Without `window` it is known where nothing can have been cut off: a part that was cut out
        has no side longer than the picture's shorter one.
        """
        shorter, longer = sorted((self.width, self.height))
        largest = self.sizes[-1]
        if self.window is None and (largest > shorter or shorter == longer == largest):
            return Window(0, 0, self.width, self.height)
        return self.window

    @property
    def is_square(self) -> bool:
        """Whether the original is known to be the very square that the other files show."""
        return self.part == Window(0, 0, self.width, self.width) and self.width == self.height

    def size_shown(self, size: int) -> int:
        """The largest size made that is not above `size`, or the smallest made."""
        return max((made for made in self.sizes if made <= size), default=self.sizes[0])

    def copy_keys(self) -> list[str]:
        """The blob keys of all copies in other formats that may have been made of this photo."""
        return [f"{self.stem}{size}.{Format.WEBP.extension}" for size in self.sizes]

    def blob_keys(self) -> list[str]:
        """Every blob key of this photo, stills included."""
        names = [ORIGINAL, *map(str, self.sizes)]
        stills = [f"{size}{STILL}" for size in self.sizes] if self.is_animated else []
        return [self.key(name) for name in [*names, *stills]]


@dataclass(frozen=True, slots=True)
class Team:
    """A workspace. Deactivated when `deleted_at` is set."""

    id: str
    name: str
    domain: str
    created_at: datetime
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class User:
    """A person or a bot of one team, with the photo that they have now.

    A user with `is_listed=False` is hidden from hash look-ups; photo URLs keep working. An
    administrator may set the photos of everybody in the team.

    `photo_source` is who decided last which photo is shown, or that none is; None where nobody ever
    did. With a `lock_reason` only administrators decide. `admin_source` is who made somebody an
    administrator: ADMINISTRATOR or PROVIDER.
    """

    id: str
    team_id: str
    email: str
    name: str
    real_name: str
    is_bot: bool
    bot_id: str | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None
    is_listed: bool = True
    is_admin: bool = False
    photo_source: Source | None = None
    lock_reason: str | None = None
    admin_source: Source | None = None
    photo: Photo | None = None

    @property
    def email_md5(self) -> str:
        """32 hex digits by which Gravatar and Slack's default pictures know an address."""
        return md5(self.email.encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class Address:
    """A confirmed e-mail address of somebody; a person may have several.

    `email` is its normal form and `entered` the text as typed, which some programs hash as it is.
    """

    team_id: str
    user_id: str
    email: str
    entered: str
    added_at: datetime

    @property
    def digests(self) -> frozenset[bytes]:
        """The digests that clients may ask for: MD5 (16 bytes) and SHA-256 (32) of each spelling.

        The spellings are the normal form, the same with its domain in punycode, and the typed one.
        """
        texts = {text.encode() for text in (self.email, ascii_email(self.email), self.entered)}
        return frozenset(
            digest
            for text in texts
            for digest in (md5(text, usedforsecurity=False).digest(), sha256(text).digest())
        )


@dataclass(frozen=True, slots=True)
class Token:
    """A token as stored: its keyed digest, never its text.

    A session that came from an identity provider has the `issuer` and the provider's name of the
    session there, `sid`, by which the provider can end it.
    """

    id: int
    digest: bytes = field(repr=False)
    user_id: str
    kind: TokenKind
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    issuer: str | None = None
    sid: str | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """The sender of a call: the token, its user and their team."""

    user: User
    team: Team
    token: Token


NOBODY: Final = "-"
"""Subject id used when an address gets its first owner."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change that caches elsewhere must drop.

    `subjects` are ids of users who look different, ids of photos whose URLs ended, or NOBODY. An
    empty tuple means that anything may have changed.
    """

    subjects: frozenset[str] = frozenset()

    @classmethod
    def of(cls, *subjects: str | int) -> Self:
        """A change of these users and photos."""
        return cls(frozenset(map(str, subjects)))


@dataclass(frozen=True, slots=True)
class Staged:
    """A prepared picture waiting for its crop (contract § 6.4): private, gone after `expires_at`.

    `upload_digest` identifies the uploaded file, as that of a photo does.
    """

    id: str
    user_id: str
    key: str
    format: Format
    width: int
    height: int
    created_at: datetime
    expires_at: datetime
    upload_digest: bytes | None = field(default=None, repr=False)
