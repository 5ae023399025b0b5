"""Opaque animations: decoded once, each frame scaled like a still picture and coded by Pillow.

A frame of a GIF that was not scaled has 256 colours at most and keeps them. Of others libvips finds
the palette, and Pillow takes a tenth of its time to bring pixels to it. What has alpha is for
`animate.py`.
"""

from collections.abc import Iterator
from math import isqrt
from typing import Final

import pyvips
from PIL import Image

from likeness.imaging.alpha import without_idle_alpha
from likeness.imaging.encode import SMALL_SIDE_PX, palette_of
from likeness.imaging.formats import Probe
from likeness.imaging.geometry import LEVEL_SIDE_PX_MIN, Level, ladder, scaled, turned
from likeness.imaging.gif_file import COLOURS_MAX, GifFile
from likeness.imaging.icons import resized
from likeness.imaging.moving_png import Frames, frames_of
from likeness.imaging.plan import Plan, WorkingPlan, as_opaque
from likeness.model import ORIGINAL, Format

SAMPLE_PIXELS_MAX: Final = 2**14
"""Pixels from which a palette is made: 9 ms, 25 for four times as many. Of five photographs at 512
pixels the mean distance from the frame stayed below 0.82 with either."""

SAMPLE_FRAMES_MAX: Final = 16
"""Frames, evenly spread, from which the palette of the small sizes is made."""

_RGBA_LENGTH: Final = 4
_OPAQUE: Final = 255


class TransparentError(Exception):
    """A pixel is transparent, so that the animation cannot be made here."""


def moving_files(data: bytes, plan: Plan) -> tuple[dict[str, bytes], Level]:
    """The moving files of `plan.outputs`, and the square of the first frame.

    Where the plan may have alpha they follow `as_opaque`. Raises TransparentError.
    """
    frames = frames_of(data, plan.source, plan.background)
    plan = as_opaque(plan) if plan.background is None else plan
    files = {out.name: GifFile(frames.loop) for out in plan.outputs if out.frames > 1}
    stills, bases = list[Level](), list[Image.Image]()
    for frame, delay_ms in _timed(frames, plan.source):
        square = frame.square(plan)
        stills = stills or [square]
        bases.append(_add_large(files, frame, square, plan, delay_ms))
    _add_small(files, bases, plan, frames.delays_ms)
    return {name: file.data() for name, file in files.items()}, stills[0]


def moving_copy(data: bytes, plan: WorkingPlan) -> bytes:
    """The working copy of an animation, all its frames scaled. Raises as `moving_files` does."""
    frames = frames_of(data, plan.source, plan.background)
    file = GifFile(frames.loop)
    for frame, delay_ms in _timed(frames, plan.source):
        level = Level(image=scaled(frame.image, plan.width, plan.height))
        _add(file, level.picture, delay_ms, dithered=_is_dithered(plan))
    return file.data()


def _timed(frames: Frames, source: Probe) -> Iterator[tuple[Level, int]]:
    """Each frame, upright and without alpha, and for how many ms it is shown."""
    for image, delay_ms in zip(frames.images, frames.delays_ms, strict=True):
        level = Level.kept(turned(image, source.orientation))
        yield _opaque(level) if image.hasalpha() else level, delay_ms


def _opaque(frame: Level) -> Level:
    """A frame without its alpha. To look at each is cheaper than to decode all of them twice."""
    image = without_idle_alpha(frame.image)
    if image.hasalpha():
        raise TransparentError
    return Level.kept(image)


def _is_dithered(plan: Plan | WorkingPlan) -> bool:
    """Large frames of a GIF have 256 colours at most to begin with; noise in them is only noise."""
    return plan.source.format is not Format.GIF


def _add_large(
    files: dict[str, GifFile], frame: Level, square: Level, plan: Plan, delay_ms: int
) -> Image.Image:
    """One frame as it is and in the large sizes; gives what the small ones are scaled from."""
    dithered = _is_dithered(plan)
    if ORIGINAL in files:
        _add(files[ORIGINAL], frame.picture, delay_ms, dithered=dithered)
    levels = {square.width: square}
    large = tuple(size for size in plan.sizes if size >= LEVEL_SIDE_PX_MIN)
    for size, base in ladder(square.width, large):
        levels[size] = levels[base].scaled(size)
        if size > SMALL_SIDE_PX and str(size) in files:
            _add(files[str(size)], levels[size].picture, delay_ms, dithered=dithered)
    return levels[min(levels)].picture


def _add_small(
    files: dict[str, GifFile], bases: list[Image.Image], plan: Plan, delays_ms: list[int]
) -> None:
    """All frames in the other sizes, in colours that they share."""
    shared = _palette(bases[:: -(-len(bases) // SAMPLE_FRAMES_MAX)])
    for size in (size for size in plan.sizes_made if size <= SMALL_SIDE_PX):
        # What is the original as well keeps the colours of each frame.
        palette = None if size == plan.twin else shared
        for base, delay_ms in zip(bases, delays_ms, strict=True):
            _add(files[str(size)], resized(base, size), delay_ms, palette)


def _add(
    file: GifFile,
    picture: Image.Image,
    delay_ms: int,
    shared: Image.Image | None = None,
    *,
    dithered: bool = True,
) -> None:
    """One frame: in its own colours if they are few, else in `shared`, else in its best 255."""
    if picture.getcolors(COLOURS_MAX):
        # In shared ones that are nearly its own, noise would add up to specks.
        file.add(picture, delay_ms)
    else:
        file.add(picture, delay_ms, shared or _palette([picture]), dithered=dithered)


def _palette(pictures: list[Image.Image]) -> Image.Image:
    """The best 255 colours for pictures of one size, by libvips, as Pillow wants them."""
    count = sum(picture.width * picture.height for picture in pictures)
    step = isqrt(max(0, count - 1) // SAMPLE_PIXELS_MAX) + 1
    thinned = [Level(picture=picture).image.subsample(step, step) for picture in pictures]
    sample = pyvips.Image.arrayjoin(thinned, across=1).bandjoin(_OPAQUE)
    # With a clear pixel there is a clear entry, which makes room for what does not change.
    sample = sample.embed(0, 0, sample.width, sample.height + 1, background=[0, 0, 0, 0])
    entries = (entry.to_bytes(_RGBA_LENGTH, "little", signed=True) for entry in palette_of(sample))
    palette = Image.new("P", (1, 1))
    palette.putpalette(b"".join(entry[:3] for entry in entries if entry[3]))
    return palette
