"""Names of files, of which the stem alone is used: they are never paths. Pure."""

import re
from typing import Final

from likeness.imports.records import Picture, Record, shown

_PARTS: Final = re.compile(r"[/\\]")
_NOISE: Final = frozenset({"thumbs.db", "desktop.ini", "ehthumbs.db"})
"""What systems leave in folders by themselves."""

_FOLDER_OF_NOISE: Final = "__macosx"

_PICTURES: Final = ("jpg", "jpeg", "jpe", "jfif", "png", "gif", "webp", "avif", "heic", "heif")
_OTHERS: Final = ("bmp", "tif", "tiff", "svg")
_SUFFIXES: Final = frozenset((*_PICTURES, *_OTHERS))
"""Suffixes that are cut off a name. All others may be part of an address."""


def is_noise(name: str) -> bool:
    """Whether a name is that of a folder, or of a file that a system left there by itself."""
    *folders, last = _PARTS.split(name.casefold())
    if not last or last.startswith(".") or last in _NOISE:
        return True
    return any(each == _FOLDER_OF_NOISE or _is_hidden(each) for each in folders)


def stem_of(name: str) -> str:
    """The last part of a name without its suffix.

    Only suffixes of pictures are cut off, since the end of an address looks like one.

    >>> stem_of("../photos/ada@example.org.JPG")
    'ada@example.org'
    >>> stem_of("ada@example.museum")
    'ada@example.museum'
    """
    last = _PARTS.split(name)[-1]
    stem, _, suffix = last.rpartition(".")
    return stem if stem and suffix.casefold() in _SUFFIXES else last


def record_of(number: int, name: str, picture: Picture) -> Record:
    """The row of a file, whose stem may be an address, an id or a user name."""
    stem = stem_of(name).strip()
    return Record(number, shown(name), stem, (), stem, stem, picture=picture)


def _is_hidden(folder: str) -> bool:
    return folder.startswith(".") and folder.strip(".") != ""
