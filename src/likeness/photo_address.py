"""The URL of a photo's file: made, parsed, and the files that answer it. No I/O."""

import re
from dataclasses import dataclass
from typing import Final

from likeness.model import ORIGINAL, SECRET_LENGTH, SIZES, STILL, Photo

_PHOTO_PATH: Final = re.compile(
    rf"avatars/(\d{{4}}-\d\d-\d\d)/(\d{{1,18}})_([0-9a-f]{{{SECRET_LENGTH}}})_"
    rf"({ORIGINAL}|[1-9]\d{{0,3}})({STILL})?\.(jpg|png|gif)",
    re.ASCII,
)
"""An id of 18 digits fits the database's integers."""


@dataclass(frozen=True, slots=True)
class PhotoAddress:
    """A parsed URL of a photo's file: the photo and the size."""

    day: str
    photo_id: int
    secret: str
    name: str
    is_still: bool
    extension: str

    @classmethod
    def parse(cls, path: str) -> "PhotoAddress | None":
        """The parts of `avatars/{day}/{id}_{secret}_{name}.{extension}`; None for another path."""
        match = _PHOTO_PATH.fullmatch(path)
        if match is None:
            return None
        day, number, secret, name, still, extension = match.groups()
        return cls(day, int(number), secret, name, bool(still), extension)

    @property
    def key(self) -> str:
        """The blob key that is asked for."""
        return self._key(self.name)

    def keys_in(self, photo: Photo) -> list[str]:
        """The keys of the file that answers for `photo`, then of smaller sizes, in case it is lost.

        Any size answers, whether it was made or not: by the largest one below it, or the smallest
        made. There are none where the photo never had a file like that.
        """
        shown = photo.size_shown(SIZES[-1] if self.name == ORIGINAL else int(self.name))
        names = [self.name, *(str(made) for made in reversed(photo.sizes) if made <= shown)]
        own = photo.blob_keys()
        return [key for key in dict.fromkeys(map(self._key, names)) if key in own]

    def path_of(self, photo: Photo) -> str:
        """Where another photo has the same size."""
        return photo.key(self.name + STILL * (self.is_still and photo.is_animated))

    def _key(self, name: str) -> str:
        stem = f"avatars/{self.day}/{self.photo_id}_{self.secret}_"
        return f"{stem}{name}{STILL * self.is_still}.{self.extension}"


def url_of(base_url: str, photo: Photo, size: int | str = ORIGINAL) -> str:
    """Where a rendition of a photo is, below `base_url`; a size not made gives the one below it."""
    name = str(photo.size_shown(size)) if isinstance(size, int) else size
    return f"{base_url}/{photo.key(name)}"
