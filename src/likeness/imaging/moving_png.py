"""The frames of animations, also those of a PNG, of which libvips knows nothing.

Each of those is decoded as a PNG of its own, so that colours are changed as those of any PNG, and
laid on the canvas as browsers do. Of a hundred large frames only a few are ever held.
"""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from threading import Lock
from typing import Final, NamedTuple

import pyvips
from PIL import Image

from likeness.errors import BadImage
from likeness.imaging.decode import contradiction, decode
from likeness.imaging.formats import Probe, png
from likeness.imaging.formats.apng import Frame
from likeness.imaging.formats.steps import Steps
from likeness.imaging.plan import Colour
from likeness.imaging.png_file import chunk, header
from likeness.model import Format

_UNPACKED: Final = 0
_NO_FILTER: Final = 0
_TAIL_LENGTH: Final = 4_096
_BLACK: Final = (0, 0, 0)
_RGB, _RGBA = "RGB", "RGBA"


class Frames(NamedTuple):
    """An animation: for how long each frame is shown, how often all are (0: for ever), and pixels.

    The next frame is decoded when it is asked for.
    """

    delays_ms: list[int]
    loop: int
    images: Iterator[pyvips.Image]


def frames_of(data: bytes, source: Probe, background: Colour | None) -> Frames:
    """The frames of an animation one by one, each as `decode` gives them. Raises as it does."""
    if source.format is Format.PNG:
        moving = _moving(data, source)
        pictures = _composed(moving, source)
        images = (_finished(_as_image(picture), background) for picture in pictures)
        return Frames(_delays_ms(moving), moving.animation.plays, images)
    strip = decode(data, source, background)
    return Frames(list(strip.get("delay")), int(strip.get("loop")), _cut(strip, source))


def lazy_frames_of(data: bytes, source: Probe, background: Colour | None) -> list[pyvips.Image]:
    """The frames of an animation, each as `decode` gives them. Raises as it does.

    Ask for their pixels once, in their order. The first has `delay` and `loop`, as libvips notes
    them.
    """
    if source.format is not Format.PNG:
        return list(_cut(decode(data, source, background), source))
    moving = _moving(data, source)
    composer = _Composer(_composed(moving, source))
    images = [
        _finished(_lazy(composer, index, source), background) for index in range(source.frames)
    ]
    first = images[0].copy()
    first.set_type(pyvips.GValue.array_int_type, "delay", _delays_ms(moving))
    first.set_type(pyvips.GValue.gint_type, "loop", moving.animation.plays)
    return [first, *images[1:]]


def _cut(strip: pyvips.Image, source: Probe) -> Iterator[pyvips.Image]:
    """The frames of an animation that libvips knows, which has them below one another."""
    tops = range(0, source.height * source.frames, source.height)
    return (strip.crop(0, top, source.width, source.height) for top in tops)


def _moving(data: bytes, source: Probe) -> png.Moving:
    moving = png.moving(data, Steps())
    size = source.width, source.height
    if not moving or moving.canvas != size or len(moving.animation.frames) != source.frames:
        raise contradiction()
    return moving


def _delays_ms(moving: png.Moving) -> list[int]:
    return [frame.delay_ms for frame in moving.animation.frames]


def _finished(image: pyvips.Image, background: Colour | None) -> pyvips.Image:
    if background is not None:
        return image.flatten(background=list(background)) if image.hasalpha() else image
    return image if image.hasalpha() else image.addalpha()


def _as_image(picture: Image.Image) -> pyvips.Image:
    bands = len(picture.getbands())
    image = pyvips.Image.new_from_memory(picture.tobytes(), *picture.size, bands, "uchar")
    return image.copy(interpretation="srgb")


def _composed(moving: png.Moving, source: Probe) -> Iterator[Image.Image]:
    """What is seen in turn. The picture that is given is drawn on when the next is asked for."""
    mode = _mode(source)
    canvas = Image.new(mode, moving.canvas)
    for index, (frame, data) in enumerate(
        zip(moving.animation.frames, moving.pictures, strict=True)
    ):
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


def _pixels(data: bytes, frame: Frame, source: Probe) -> Image.Image:
    """A frame in sRGB, in its own size."""
    mode = _mode(source)
    still = replace(source, width=frame.box.width, height=frame.box.height, frames=1, orientation=1)
    image = decode(data, still, None if mode == _RGBA else _BLACK)
    size = image.width, image.height
    return Image.frombuffer(mode, size, image.write_to_memory(), "raw", mode, 0, 1)


class _Composer:
    """Files of pictures that are made in turn, for libvips, which asks in nearly that order."""

    def __init__(self, pictures: Iterator[Image.Image]) -> None:
        self._files = enumerate(map(_file, pictures))
        self._waiting = dict[int, bytes]()
        self._lock = Lock()

    def taken(self, index: int) -> bytes:
        """A file, to be asked for once; an empty one where it cannot be made."""
        with self._lock:
            try:
                while index not in self._waiting:
                    made, file = next(self._files)
                    self._waiting[made] = file
            except (StopIteration, pyvips.Error, BadImage):
                return b""
            return self._waiting.pop(index)


def _lazy(composer: _Composer, index: int, source: Probe) -> pyvips.Image:
    """A picture that is made once its first pixel is asked for. It looks like a PNG to libvips."""
    head = header(source.width, source.height, len(_mode(source)))
    stream = pyvips.SourceCustom()
    stream.on_read(_Reader(head, partial(composer.taken, index)).read)
    # Of all ways to load a PNG this is the one that keeps the reader for as long as it is needed.
    return pyvips.Image.new_from_source(stream, "", access="sequential", fail_on="error")


def _file(picture: Image.Image) -> bytes:
    """What follows the header of a PNG that is not packed."""
    packed = zlib.compress(_rows(picture), _UNPACKED)
    return chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def _rows(picture: Image.Image) -> bytes:
    """The bytes of a picture, before each row the number of its filter."""
    length = picture.width * len(picture.getbands())
    pixels = Image.frombuffer("L", (length, picture.height), picture.tobytes(), "raw", "L", 0, 1)
    rows = Image.new("L", (1 + length, picture.height), _NO_FILTER)
    rows.paste(pixels, (1, 0))
    return rows.tobytes()


class _Reader:
    """The header of a file, and what follows it once that is read."""

    def __init__(self, head: bytes, rest: Callable[[], bytes]) -> None:
        self._part = memoryview(head)
        self._rest: Callable[[], bytes] | None = rest

    def read(self, length_max: int) -> bytes:
        """The next bytes, none at the end."""
        if not self._part and self._rest:
            self._part, self._rest = memoryview(self._rest()), None
        found, self._part = self._part[:length_max], self._part[length_max:]
        if len(self._part) < _TAIL_LENGTH:
            # Few decoders read to the end, and what they leave would keep all of it in memory.
            self._part = memoryview(bytes(self._part))
        return bytes(found)
