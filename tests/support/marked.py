"""Pictures that tell by themselves who uploaded them, and which upload of that person it was.

A mark is a whole number, written in 4 x 4 flat tiles of one of four greys. Such tiles survive every
size down to 24 pixels, where each is 6 pixels wide: its middle is out of reach of its neighbours,
whatever the kernel, and what the service's JPEGs add there is a quarter of the step between two
greys.
"""

import zlib
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

TURNS_END: Final = 1 << 20
"""The turns of one person end here. Where each attempt at a dead service takes 20 ms, this is for
six hours of attempts; a run of the fault tests makes a few thousand."""

PEOPLE_END: Final = 1 << 4

_TILES: Final = 4
"""Along each side."""

_GREYS: Final = (38, 98, 158, 218)
_TOLERANCE: Final = 29
"""What is further away from each grey was never drawn here. So are black, white and the grey of
which decoders make the missing end of a file."""

_CHECKS: Final = 1 << 8
"""One way in so many to mix the tiles of two pictures gives a mark that exists."""


@dataclass(frozen=True)
class Mark:
    """Whose upload, and which of theirs. Raises AssertionError where no picture can say so."""

    number: int
    turn: int

    def __post_init__(self) -> None:
        assert 0 <= self.number < PEOPLE_END, f"{self}: marks end at {PEOPLE_END} people"
        assert 0 <= self.turn < TURNS_END, f"{self}: marks end at turn {TURNS_END}"

    def drawn(self, side: int) -> Image.Image:
        """The square with this mark."""
        word = self.turn * PEOPLE_END + self.number
        code = word * _CHECKS + _check(word)
        digits = [code // len(_GREYS) ** place % len(_GREYS) for place in range(_TILES**2)]
        tiles = np.array(_GREYS, np.uint8)[digits].reshape(_TILES, _TILES)
        picture = Image.fromarray(tiles, "L").resize((side, side), Image.Resampling.NEAREST)
        return picture.convert("RGB")

    @classmethod
    def read(cls, picture: Image.Image) -> Self:
        """The mark of a square. Raises AssertionError where it has none, or parts of several."""
        tile = picture.width / _TILES
        pixels = np.asarray(picture.convert("L"))
        digits = [
            _digit(pixels[_middle(row, tile), _middle(column, tile)])
            for row in range(_TILES)
            for column in range(_TILES)
        ]
        code = sum(digit * len(_GREYS) ** place for place, digit in enumerate(digits))
        word, check = divmod(code, _CHECKS)
        assert check == _check(word), "a mixture of several pictures"
        turn, number = divmod(word, PEOPLE_END)
        return cls(number, turn)


def _check(word: int) -> int:
    return zlib.crc32(word.to_bytes(4, "big")) % _CHECKS


def _middle(tile: int, side: float) -> slice:
    """The middle third of a tile, along one side."""
    return slice(round((tile + 1 / 3) * side), round((tile + 2 / 3) * side))


def _digit(tile: NDArray[np.uint8]) -> int:
    """Which grey a tile has, by each of its pixels."""
    low, high = int(tile.min()), int(tile.max())
    nearest = min(_GREYS, key=lambda grey: abs(low - grey))
    is_flat = nearest - _TOLERANCE <= low <= high <= nearest + _TOLERANCE
    assert is_flat, f"a tile is from {low} to {high}: none of {_GREYS}"
    return _GREYS.index(nearest)
