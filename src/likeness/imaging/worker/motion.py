"""Animations: decoded once, each frame scaled like a still picture and coded by Pillow.

A frame of a GIF that was not scaled has 256 colours at most and keeps them. Of others libvips finds
the palette, and Pillow takes a tenth of its time to bring pixels to it.
"""

from collections.abc import Callable, Iterator
from math import isqrt
from typing import Final, Generic, NamedTuple

import pyvips
from PIL import Image

from likeness.imaging.formats import Probe
from likeness.imaging.plan import WORKING_NAME, Plan, Stored, WorkingPlan, as_opaque
from likeness.imaging.worker.alpha import Alpha, alpha_of
from likeness.imaging.worker.encode import SMALL_SIDE_PX, palette_of
from likeness.imaging.worker.frames import Frame, Frames, frames_of_strip
from likeness.imaging.worker.geometry import LEVEL_SIDE_PX_MIN, Level, ladder, scaled, turned
from likeness.imaging.worker.gif_file import COLOURS_MAX, GifFile, has_few_colours, on_or_off
from likeness.imaging.worker.icons import resized
from likeness.imaging.worker.moving_png import frames_of_png
from likeness.imaging.worker.moving_webp import frames_of_webp
from likeness.model import ORIGINAL, Format

FRAME_SAMPLE_PIXELS_MIN: Final = 2**12
"""Pixels, of those there are, from which the palette of one frame is made: 5 ms, 11 for four times
as many. Of ten photographs at 512 pixels the mean distance from the frame was 2.50 with these and
2.46 with those, of which noise is nearly all; with half as many, drawings of 256 colours lose a
tenth of a delta E."""

SAMPLE_PIXELS_MIN: Final = 2**14
"""Pixels from which the palette of the small sizes is made: 11 ms, once."""

SAMPLE_FRAMES_MAX: Final = 16
"""Frames, evenly spread, from which the palette of the small sizes is made."""

_RGB_BITS: Final = 0xFFFFFF
_OPAQUE: Final = 255
_RGBA: Final = "RGBA"

_Files = dict[str, bytes]


class Moved(NamedTuple, Generic[Stored]):
    """The moving files of a plan, by name, and the square of the first frame.

    They follow `plan`, which is for an opaque picture if that was one. `alpha` is as seen.
    """

    files: _Files
    first: Level
    plan: Stored
    alpha: Alpha


class _Base(NamedTuple):
    """A frame's square in the smallest of the large sizes."""

    picture: Image.Image
    delay_ms: int


class _TransparentError(Exception):
    """A pixel is transparent, so that the files of an opaque animation would be wrong."""


def moving_files(data: bytes, plan: Plan) -> Moved[Plan]:
    """The moving files of `plan.outputs`."""
    return _as_seen(_photo, data, plan)


def moving_copy(data: bytes, plan: WorkingPlan) -> Moved[WorkingPlan]:
    """The working copy of an animation, all its frames scaled."""
    return _as_seen(_copy, data, plan)


def _as_seen(
    make: Callable[[Frames, Stored], Moved[Stored]], data: bytes, plan: Stored
) -> Moved[Stored]:
    """Render as opaque, until a clear pixel is met; then start again with alpha."""
    if plan.background is None and plan.letterbox_rgb is not None:
        try:
            return make(frames_of(data, plan.source), as_opaque(plan))
        except _TransparentError:
            pass
    return make(frames_of(data, plan.source), plan)


def frames_of(data: bytes, source: Probe) -> Frames:
    """The frames of an animation. Raises BadImage when it is another one than `source`."""
    if source.format is Format.PNG:
        return frames_of_png(data, source)
    quick = frames_of_webp(data, source) if source.format is Format.WEBP else None
    return quick or frames_of_strip(data, source)


def _photo(frames: Frames, plan: Plan) -> Moved[Plan]:
    files = {out.name: GifFile(frames.loop) for out in plan.outputs if out.frames > 1}
    firsts, bases, most = list[Level](), list[_Base](), Alpha.NONE
    for frame, alpha in _upright(frames, plan):
        square = frame.level.square(plan)
        firsts = firsts or [square]
        bases.append(_Base(_add_large(files, frame, square, plan), frame.delay_ms))
        most = max(most, alpha)
    _add_small(files, bases, plan)
    return Moved({name: file.data() for name, file in files.items()}, firsts[0], plan, most)


def _copy(frames: Frames, plan: WorkingPlan) -> Moved[WorkingPlan]:
    file, most = GifFile(frames.loop), Alpha.NONE
    for frame, alpha in _upright(frames, plan):
        level = Level(image=scaled(frame.level.image, plan.width, plan.height))
        _add(file, level.picture, frame.delay_ms, dithered=_is_dithered(plan))
        most = max(most, alpha)
    return Moved({WORKING_NAME: file.data()}, level, plan, most)


def _upright(frames: Frames, plan: Plan | WorkingPlan) -> Iterator[tuple[Frame, Alpha]]:
    """Each frame, turned, and without alpha where the plan has none. Raises _TransparentError."""
    orientation = plan.source.orientation
    for level, delay_ms in frames.shown:
        alpha = alpha_of(level.picture) if level.picture.mode == _RGBA else Alpha.NONE
        seen = level if plan.background is None else _without_alpha(level, alpha)
        seen = Level.kept(turned(seen.image, orientation)) if orientation != 1 else seen
        yield Frame(seen, delay_ms), alpha


def _without_alpha(frame: Level, alpha: Alpha) -> Level:
    if alpha:
        raise _TransparentError
    picture = frame.picture
    return Level(picture=picture.convert("RGB")) if picture.mode == _RGBA else frame


def _is_dithered(plan: Plan | WorkingPlan) -> bool:
    """Large frames of a GIF have 256 colours at most to begin with; noise in them is only noise."""
    return plan.source.format is not Format.GIF


def _add_large(files: dict[str, GifFile], frame: Frame, square: Level, plan: Plan) -> Image.Image:
    """One frame as it is and in the large sizes; gives the source of the small ones."""
    dithered = _is_dithered(plan)
    if ORIGINAL in files:
        _add(files[ORIGINAL], frame.level.picture, frame.delay_ms, dithered=dithered)
    levels = {square.width: square}
    large = tuple(size for size in plan.sizes if size >= LEVEL_SIDE_PX_MIN)
    for size, base in ladder(square.width, large):
        levels[size] = levels[base].scaled(size)
        if size > SMALL_SIDE_PX and str(size) in files:
            _add(files[str(size)], levels[size].picture, frame.delay_ms, dithered=dithered)
    return levels[min(levels)].picture


def _add_small(files: dict[str, GifFile], bases: list[_Base], plan: Plan) -> None:
    """All frames in the other sizes, in colours that they share."""
    sample = bases[:: -(-len(bases) // SAMPLE_FRAMES_MAX)]
    shared = _palette([_codable(base.picture) for base in sample], SAMPLE_PIXELS_MIN)
    for size in (size for size in plan.sizes_made if size <= SMALL_SIDE_PX):
        # What is the original as well keeps the colours of each frame.
        palette = None if size == plan.twin else shared
        for base in bases:
            _add(files[str(size)], resized(base.picture, size), base.delay_ms, palette)


def _add(
    file: GifFile,
    picture: Image.Image,
    delay_ms: int,
    shared: Image.Image | None = None,
    *,
    dithered: bool = True,
) -> None:
    """One frame: in its own colours if they are few, else in `shared`, else in its best 255."""
    picture = _codable(picture)
    if has_few_colours(picture):
        # In shared ones that are nearly its own, noise would add up to specks.
        file.add(picture, delay_ms)
        return
    palette = shared or _palette([picture], FRAME_SAMPLE_PIXELS_MIN)
    file.add(picture, delay_ms, palette, dithered=dithered)


def _codable(picture: Image.Image) -> Image.Image:
    return on_or_off(picture) if picture.mode == _RGBA else picture


def _palette(pictures: list[Image.Image], pixels_min: int) -> Image.Image:
    """The best 255 colours for a sample of equally large pictures, by libvips, for Pillow."""
    count = sum(picture.width * picture.height for picture in pictures)
    step = max(1, isqrt(count // pixels_min))
    thinned = [Level(picture=picture).image.subsample(step, step) for picture in pictures]
    sample = pyvips.Image.arrayjoin(thinned, across=1)
    if not sample.hasalpha():
        sample = sample.bandjoin(_OPAQUE)
    # A clear pixel takes the last entry, and is not told apart from black there: it is left out, so
    # that there is room for what is clear or does not change.
    sample = sample.embed(0, 0, sample.width, sample.height + 1, background=[0, 0, 0, 0])
    entries = palette_of(sample)[: COLOURS_MAX - 1]
    palette = Image.new("P", (1, 1))
    palette.putpalette(b"".join(_rgb(entry) for entry in entries))
    return palette


def _rgb(entry: int) -> bytes:
    """The colour of an entry as libvips has it: alpha in the highest byte, red in the lowest."""
    return (entry & _RGB_BITS).to_bytes(3, "little")
