"""Iterates over the frames of an APNG, which libvips cannot read.

Each is decoded as a PNG of its own, so that colours are changed as those of any PNG, and laid on
the canvas as browsers do.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from PIL import Image

from likeness.imaging.formats import Probe, png
from likeness.imaging.formats.apng import Frame as Drawn
from likeness.imaging.formats.steps import Steps
from likeness.imaging.worker.decode import contradiction, decode
from likeness.imaging.worker.frames import Frame, Frames
from likeness.imaging.worker.geometry import Level

_BLACK: Final = (0, 0, 0)
_RGB, _RGBA = "RGB", "RGBA"


def frames_of_png(data: bytes, source: Probe) -> Frames:
    """The frames of a PNG. Raises as `decode` does, also when one is asked for."""
    moving = _moving(data, source)
    return Frames(moving.animation.plays, _shown(moving, source))


def _moving(data: bytes, source: Probe) -> png.Moving:
    moving = png.moving(data, Steps())
    size = source.width, source.height
    if not moving or moving.canvas != size or len(moving.animation.frames) != source.frames:
        raise contradiction()
    return moving


def _shown(moving: png.Moving, source: Probe) -> Iterator[Frame]:
    pictures = _composed(moving, source)
    for drawn, picture in zip(moving.animation.frames, pictures, strict=True):
        yield Frame(Level(picture=picture.copy()), drawn.delay_ms)


def _composed(moving: png.Moving, source: Probe) -> Iterator[Image.Image]:
    """The frames as they are seen. A picture given is drawn on when the next is asked for."""
    mode = _mode(source)
    canvas = Image.new(mode, moving.canvas)
    drawings = zip(moving.animation.frames, moving.pictures, strict=True)
    for index, (frame, data) in enumerate(drawings):
        left, top, width, height = frame.box
        box = (left, top, left + width, top + height)
        # What is undone before there was anything is wiped.
        before = canvas.crop(box) if frame.is_undone and index else None
        drawn = _pixels(data, frame, source)
        if frame.lies_over and mode == _RGBA:
            canvas.alpha_composite(drawn, (left, top))
        else:
            canvas.paste(drawn, box)
        yield canvas
        if frame.is_wiped or frame.is_undone:
            canvas.paste(before or Image.new(mode, (width, height)), box)


def _mode(source: Probe) -> str:
    return _RGBA if source.has_alpha else _RGB


def _pixels(data: bytes, frame: Drawn, source: Probe) -> Image.Image:
    """A frame in sRGB, in its own size."""
    mode = _mode(source)
    still = replace(source, width=frame.box.width, height=frame.box.height, frames=1, orientation=1)
    image = decode(data, still, None if mode == _RGBA else _BLACK)
    size = image.width, image.height
    return Image.frombuffer(mode, size, image.write_to_memory(), "raw", mode, 0, 1)
