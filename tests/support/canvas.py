"""GIFs built layer by layer, and what a browser paints of them: the ground truth of animations."""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from PIL import GifImagePlugin, Image

CLEAR: Final = (0, 0, 0, 0)
KEPT, WIPED, UNDONE = 1, 2, 3
"""What happens to a layer before the next one is drawn (GIF89a, 23 c iv)."""

DELAY_CS: Final = 7
_CLEAR_INDEX: Final = 255


@dataclass(frozen=True)
class Layer:
    """A part of an animation: its pixels (RGB, or RGBA with clear parts), place and disposal."""

    picture: Image.Image
    left: int
    top: int
    disposal: int = KEPT

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right and bottom on the canvas."""
        width, height = self.picture.size
        return self.left, self.top, self.left + width, self.top + height


def gif_of(size: tuple[int, int], layers: Sequence[Layer], loop: int = 0) -> bytes:
    """A GIF of these layers, each with a palette of its own."""
    repeats = b"\x21\xff\x0bNETSCAPE2.0\x03\x01" + struct.pack("<H", loop) + b"\0"
    head = b"GIF89a" + struct.pack("<HH", *size) + b"\0\0\0" + repeats
    return head + b"".join(map(_coded, layers)) + b";"


def painted(size: tuple[int, int], layers: Sequence[Layer]) -> Iterator[Image.Image]:
    """What is seen in turn; where nothing was drawn, or what was is wiped, the canvas is clear."""
    canvas = Image.new("RGBA", size, CLEAR)
    for layer in layers:
        before = canvas.copy()
        drawn = layer.picture.convert("RGBA")
        canvas.paste(drawn, layer.box, mask=drawn.getchannel("A"))
        yield canvas.copy()
        if layer.disposal == WIPED:
            canvas.paste(CLEAR, layer.box)
        elif layer.disposal == UNDONE:
            canvas = before


def _coded(layer: Layer) -> bytes:
    """A graphic control and a frame. Clear pixels get the last index, opaque pictures none."""
    palette = layer.picture.convert("RGB").quantize(64, dither=Image.Dither.NONE)
    flags = layer.disposal << 2
    if layer.picture.mode == "RGBA":
        clear = layer.picture.getchannel("A").point(lambda alpha: 255 * (alpha < 128))
        palette.putpalette([*(palette.getpalette() or []), *([0] * 768)][:768])
        palette.paste(_CLEAR_INDEX, mask=clear)
        flags |= 1
    control = b"\x21\xf9\x04" + struct.pack("<BHB", flags, DELAY_CS, _CLEAR_INDEX) + b"\0"
    blocks = GifImagePlugin.getdata(
        palette, offset=(layer.left, layer.top), include_color_table=True
    )
    return control + b"".join(blocks)
