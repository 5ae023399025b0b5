"""The port that every picture engine fulfils. Neither HTTP nor storage is known here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from likeness.imaging.plan import Limits
from likeness.model import Crop, DefaultStyle, Format, Rendition, Window


@dataclass(frozen=True, slots=True)
class Developed:
    """A photo's files and what they show; `width` and `height` are the whole upright picture's.

    `window` is the part of it that the squares show. `notes` are remarks for the caller: what was
    lost, or that the crop box was moved.
    """

    renditions: tuple[Rendition, ...]
    format: Format
    width: int
    height: int
    frames: int
    sizes: tuple[int, ...]
    window: Window
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Working:
    """The working copy of a big picture: upright, cleaned, scaled down (contract § 6.4).

    `suggested` is the largest square around the part that draws the eye, if any; `notes` are
    remarks for the caller about what was lost; `orientation` is how the picture lay before, as
    EXIF counts it; `width_before` how wide it was, upright.
    """

    data: bytes
    format: Format
    width: int
    height: int
    width_before: int
    suggested: Crop | None = None
    notes: tuple[str, ...] = ()
    orientation: int = 1


class Drawing(NamedTuple):
    """A default picture's file; one that is not `is_whole` lacks letters for want of a font."""

    data: bytes
    is_whole: bool


class Owner(NamedTuple):
    """The owner of a picture: owners take turns, and no process meets two workspaces."""

    team_id: str
    user_id: str


NO_OWNER: Final = Owner("", "")
"""For pictures that are nobody's in particular; to the engine they are all one person's."""


@dataclass(frozen=True, slots=True)
class EngineCounts:
    """The engine's counters since its start, and its state now.

    `deaths` counts ended workers by reason: a signal's name, `exit N`, `deadline`, `garbled`.
    """

    pictures: int
    refusals: int
    deaths: Mapping[str, int]
    busy: int
    waiting: int


class ImageEngine(Protocol):
    """Makes a photo's files from an upload."""

    @property
    def recipe(self) -> str:
        """All else that decides the files: equal uploads, crops and recipes give equal ones."""

    async def develop(
        self,
        data: bytes,
        crop: Crop | None,
        limits: Limits,
        owner: Owner = NO_OWNER,
        *,
        turn: int = 0,
        is_own: bool = False,
        keeps_alpha: bool = False,
    ) -> Developed:
        """The renditions of a picture. Where pictures have to wait, owners take turns.

        `turn` is by how many degrees to the right it is turned before it is cut: 0, 90, 180, 270.
        `is_own`: `data` is a result of `prepare`, so that it is the original as it stands.
        With `keeps_alpha` bars are clear wherever the picture may be, as they were once made.

        Raises BadImage, TooLarge, TooManyFrames, InvalidArguments, ServiceUnavailable.
        """

    async def prepare(self, data: bytes, limits: Limits, owner: Owner = NO_OWNER) -> Working:
        """The working copy of a picture. Raises as `develop` does, but no InvalidArguments."""

    async def view(
        self, data: bytes, side: int, form: Format, *, team_id: str = "", asker: str = ""
    ) -> bytes:
        """A stored still square at another side, 1 to SIDES_PX_MAX, or in another format.

        `team_id` is the workspace that it belongs to. Where views have to wait, askers take turns;
        costly ones wait among themselves. Raises BadImage for bytes that are no picture,
        ValueError for one that is no still square, ServiceUnavailable when too many wait.
        """

    async def draw(
        self,
        style: DefaultStyle,
        digest: str,
        side: int,
        letters: str,
        form: Format,
        *,
        asker: str = "",
    ) -> Drawing:
        """The picture of somebody without a photo; see `portraits.drawn.draw` for the arguments.

        Where drawings have to wait, askers take turns. Raises ServiceUnavailable when too many do.
        """

    async def shows_whole(self, original: bytes, square: bytes, owner: Owner = NO_OWNER) -> bool:
        """Whether a stored still square of a photo shows all of its original, as far as eyes tell.

        Raises BadImage for bytes that are no picture, ServiceUnavailable.
        """

    async def close(self) -> None:
        """Finish the pictures at hand and let go of everything."""
