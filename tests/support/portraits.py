"""What tests of drawn pictures need: digests, pixels, and what a round frame would cut off."""

import hashlib
import io
from typing import Final

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st
from PIL import Image

Pixels = npt.NDArray[np.int64]

DIGESTS: Final = st.one_of(
    st.binary(min_size=16, max_size=16).map(bytes.hex),
    st.binary(min_size=32, max_size=32).map(lambda data: data.hex().upper()),
)
"""MD5 and SHA-256, and in both cases, as they stand in requests."""


_HALF_DIAGONAL_PX: Final = 0.75


def digest(text: object) -> str:
    """32 hex digits, as an address gives."""
    return hashlib.md5(str(text).encode(), usedforsecurity=False).hexdigest()


def pixels(data: bytes) -> Pixels:
    """Rows of red, green and blue."""
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), dtype=np.int64)


def within(side_px: int) -> npt.NDArray[np.bool_]:
    """Which pixels lie within the inscribed circle or are touched by it."""
    place = np.arange(side_px) + 0.5 - side_px / 2
    return np.asarray(
        place[:, None] ** 2 + place[None, :] ** 2 <= (side_px / 2 + _HALF_DIAGONAL_PX) ** 2
    )


def is_plain_outside(data: bytes) -> bool:
    """Whether all that a round frame cuts off is of one colour."""
    shown = pixels(data)
    outside = shown[~within(len(shown))]
    return bool((outside == outside[0]).all())


def is_mirrored(data: bytes) -> bool:
    """Whether the left half is the right half turned round."""
    shown = pixels(data)
    return bool((shown == shown[:, ::-1]).all())


def drawn_share(data: bytes) -> float:
    """How much of the picture is not of the colour of its corner, from 0 to 1."""
    shown = pixels(data)
    return float((shown != shown[0, 0]).any(axis=2).mean())
