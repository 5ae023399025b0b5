"""Photos as targets want them: a side, a length, a format, and never larger than the photo is."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Final

from likeness.delivery import File
from likeness.imaging.views import SIDES_PX_MAX
from likeness.model import Format, Photo
from likeness.photo_address import url_of
from likeness.targets.port import Later, Picture, Refused, Wants

SIDE_PX_MIN: Final = 16
"""A target that takes no picture of this side takes none."""

SHRUNK_BY: Final = (4, 5)
"""Each side is this part of the one before, until a picture is short enough: at most 25 tries."""

ORIGINAL_SIDE_PX_MAX: Final = 2048
"""A side above which no square original is scaled for a target."""


View = Callable[[Photo, int, Format], Awaitable[File]]
"""A photo as a still square of a side, in a format. Raises ServiceUnavailable."""


class CopyPictures:
    """Makes pictures for targets, by what makes them for everybody who looks."""

    def __init__(self, view: View, photo_url: str) -> None:
        self._view = view
        self._photo_url = photo_url

    async def pictured(self, photo: Photo, wants: Wants) -> Picture:
        """A picture that fulfils `wants`.

        Raises Refused where none can; Later where too many wait, ServiceUnavailable where the store
        is away.
        """
        side = min(wants.side_px, side_shown(photo))
        own = Format.PNG if photo.is_animated else photo.format
        if wants.by_url:
            url = url_of(self._photo_url, photo, side)
            return Picture(photo, b"", photo.format, photo.size_shown(side), url)
        forms = [own, *wants.formats] if own in wants.formats else list(wants.formats)
        for smaller in _sides(side):
            for form in dict.fromkeys(forms):
                fitting = min(smaller, SIDES_PX_MAX[form])
                file = await self._view(photo, fitting, form)
                if file.stands_in:
                    raise Later("too many of our own pictures wait")
                if len(file.data) <= wants.bytes_max:
                    url = url_of(self._photo_url, photo, fitting)
                    return Picture(photo, file.data, form, fitting, url)
        raise Refused(f"it takes {wants.bytes_max} bytes, and no picture is as short")


def side_shown(photo: Photo) -> int:
    """The side of the largest square that a photo has, without enlarging it."""
    if photo.is_square and not photo.is_animated:
        return min(photo.width, ORIGINAL_SIDE_PX_MAX)
    return photo.sizes[-1]


def _sides(side: int) -> Iterator[int]:
    """A side and those below it, down to SIDE_PX_MIN, or the side alone if it is below."""
    yield side
    part, whole = SHRUNK_BY
    while (side := side * part // whole) >= SIDE_PX_MIN:
        yield side
