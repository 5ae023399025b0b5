"""Animations with clear parts, without holding all of their frames; `motion.py` has the others.

Each frame is scaled by itself, so that none bleeds into the next. libvips keeps them below one
another in one tall picture, here called a strip. Large strips are decoded, changed and encoded in
one pass each; only from 512 pixels down is one kept in memory, which for 100 frames takes 105 MB.
"""

from collections.abc import Callable
from typing import Final

import pyvips

from likeness.imaging.encode import (
    GIF_DITHER,
    SMALL_SIDE_PX,
    encode_frames,
    palette_of,
)
from likeness.imaging.geometry import LEVEL_SIDE_PX_MIN, Level, ladder, scaled, squared, turned
from likeness.imaging.moving_png import lazy_frames_of
from likeness.imaging.plan import Plan, WorkingPlan
from likeness.model import ORIGINAL, Format

KEPT_SIDE_PX_MAX: Final = 512
"""The largest strip that is kept in memory and serves all smaller ones."""

PALETTE_FRAMES_MAX: Final = 16
"""Frames, evenly spread, from which the palette of the small sizes is made: 0.15 s."""

_Change = Callable[[pyvips.Image], pyvips.Image]


def frame_files(data: bytes, plan: Plan) -> tuple[dict[str, bytes], Level]:
    """The moving files of `plan.outputs`, and the square of the first frame."""
    whole = _strip(data, plan, _unchanged)
    files = {}
    if plan.has_own_original:
        files[ORIGINAL] = encode_frames(whole, palette=None, dither=_dither(plan, whole))
    kept = shared = None
    for size, _ in ladder(plan.side, plan.sizes_made):
        strip = _shrunk(kept, size) if kept else _strip(data, plan, _square_of(plan, size))
        if size == LEVEL_SIDE_PX_MIN or (kept is None and size <= KEPT_SIDE_PX_MAX):
            kept = strip = strip.copy_memory()
        if shared is None and size <= SMALL_SIDE_PX:
            shared = _shared_palette(strip)
        palette = None if size == plan.twin else shared
        files[str(size)] = encode_frames(strip, palette=palette, dither=_dither(plan, strip))
    first = _strip(data, plan, _square_of(plan, plan.side), frames=1)
    return files, Level.kept(first)


def working_frames(data: bytes, plan: WorkingPlan) -> bytes:
    """The working copy of an animation, all its frames scaled."""
    strip = _strip(data, plan, lambda frame: scaled(frame, plan.width, plan.height))
    return encode_frames(strip, palette=None, dither=_dither(plan, strip))


def _dither(plan: Plan | WorkingPlan, strip: pyvips.Image) -> float:
    """None for large frames of a GIF, which have 256 colours at most to begin with."""
    is_exact = plan.source.format is Format.GIF and strip.width > SMALL_SIDE_PX
    return 0 if is_exact else GIF_DITHER


def _strip(
    data: bytes, plan: Plan | WorkingPlan, change: _Change, frames: int | None = None
) -> pyvips.Image:
    """A fresh decoding of the first `frames` frames, or all, each turned upright and changed."""
    source = plan.source
    decoded = lazy_frames_of(data, source, plan.background)[:frames]
    return _stacked([change(turned(frame, source.orientation)) for frame in decoded])


def _shrunk(strip: pyvips.Image, size: int) -> pyvips.Image:
    """A strip of squares at a smaller size."""
    frames = _frames(strip, strip.width, strip.height // strip.width)
    return _stacked([scaled(frame, size, size) for frame in frames])


def _frames(strip: pyvips.Image, height: int, count: int) -> list[pyvips.Image]:
    return [strip.crop(0, height * index, strip.width, height) for index in range(count)]


def _stacked(frames: list[pyvips.Image]) -> pyvips.Image:
    """Frames as a strip, with the delays and repeats that the first of them carries along."""
    strip = pyvips.Image.arrayjoin(frames, across=1).copy()
    strip.set_type(pyvips.GValue.gint_type, "page-height", frames[0].height)
    return strip


def _square_of(plan: Plan, size: int) -> _Change:
    return lambda frame: squared(frame, plan, size)


def _unchanged(frame: pyvips.Image) -> pyvips.Image:
    return frame


def _shared_palette(strip: pyvips.Image) -> list[int]:
    """256 colours for all frames. Where there is alpha, one of them is transparent for certain."""
    count = strip.height // strip.width
    frames = _frames(strip, strip.width, count)[:: -(-count // PALETTE_FRAMES_MAX)]
    sample = pyvips.Image.arrayjoin(frames, across=1)
    if sample.hasalpha():
        sample = sample.embed(0, 0, sample.width, sample.height + 1, background=[0, 0, 0, 0])
    return palette_of(sample)
