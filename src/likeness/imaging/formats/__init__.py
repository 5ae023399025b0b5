"""The accepted picture formats: their structure, metadata, and the parts that can be stripped.

Every parser here reads the structure of a file once, in linear time and within a budget (see
`steps.py`), and gives a Parsed or raises BadImage for any bytes. Which format a file has is
decided in `probe.py`; whether a picture is too big, in `plan.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from likeness.errors import BadImage
from likeness.imaging.formats.colours import HDR_CURVES, Colours
from likeness.model import Format

FRAMES_COUNTED_MAX: Final = 1_001
"""Where counting stops: one more than the largest `frames_max` that may be configured."""

ICC_LENGTH_MAX: Final = 2**20
"""A longer colour profile, packed or unpacked, is dropped; those of cameras and printers stay far
below."""

_TURNED: Final = {1: 6, 6: 3, 3: 8, 8: 1, 2: 7, 7: 4, 4: 5, 5: 2}
"""The orientation of a picture that is turned by 90 degrees to the right once it is upright."""

QUARTER_TURN: Final = 90

_FIRST_ON_SIDE: Final = 5
"""EXIF orientations 5 to 8 swap width and height (EXIF 2.32, section 4.6.4 A)."""


@dataclass(frozen=True, slots=True)
class Probe:
    """The facts in the heads of a file. `width` and `height` are pixels as stored, not upright.

    `has_alpha` is whether a pixel may be transparent: whether one is, only the pixels show.
    `is_lossless` is of a WebP, which may be either. `is_damaged` is a picture whose end is missing
    or a checksum of which is wrong: a worker has to see whether each pixel is there.

    `orientation` is EXIF's, 1 to 8; `frames` counts the complete pictures of an animation, `scans`
    the passes over all pixels in which a JPEG is coded. `colours` is the colour space that a PNG,
    HEIC or AVIF declares; None for sRGB, for no declaration, and for a colour profile, which stays
    in the file.
    """

    format: Format
    width: int
    height: int
    frames: int = 1
    orientation: int = 1
    has_alpha: bool = False
    scans: int = 1
    colours: Colours | None = None
    is_lossless: bool = False
    is_damaged: bool = False

    @property
    def upright(self) -> tuple[int, int]:
        """Width and height once the orientation has been applied."""
        if self.orientation >= _FIRST_ON_SIDE:
            return self.height, self.width
        return self.width, self.height

    def turned(self, degrees: int) -> "Probe":
        """This picture, shown turned to the right; `degrees` are 0, 90, 180 or 270."""
        orientation = self.orientation
        for _ in range(degrees // QUARTER_TURN):
            orientation = _TURNED[orientation]
        return replace(self, orientation=orientation)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A parsed file: its facts, and the parts that decoding needs.

    `notes` are sentences for the caller about visible parts that are left out, or shown in another
    way than browsers do.
    """

    probe: Probe
    parts: Sequence[bytes | memoryview]
    notes: tuple[str, ...] = ()

    def stripped(self) -> bytes:
        """The same picture with only what decoding needs, so that no decoder meets the rest.

        Metadata is where old and new decoder faults hide, and where people's secrets are. The
        orientation goes too: `probe` has it, and `plan.py` turns the picture.
        """
        return b"".join(self.parts)


WHOLE_PIXELS: Final = (
    "the file is cut off or a checksum in it is wrong; all its pixels were there and were used"
)
"""The note of a picture that `is_damaged` and was accepted."""

_MAPPED: Final = "this picture is HDR; its light was brought to what every screen can show"


def lost_light(colours: Colours | None) -> tuple[str, ...]:
    """The note of a picture in PQ or HLG, and nothing for others."""
    return (_MAPPED,) if colours and colours.curve in HDR_CURVES else ()


def unreadable(form: Format, found: str) -> BadImage:
    """The refusal of a file of the right kind that is broken or unusual, with the finding."""
    return BadImage(
        f"this {form.name} cannot be used: {found}; export it again and send the whole file",
        argument="image",
    )


def whole_frames_used(count: int) -> str:
    """The note of an animation that is cut off: so many frames of it are left."""
    used = "1 whole frame was used" if count == 1 else f"{count} whole frames were used"
    return f"the file is cut off or damaged; {used}"
