"""A plan and an upload's bytes into finished files: upright, cut or padded, a pyramid of sizes.

Every step does what the plan says; a choice that a user could notice is made in `plan.py`.
"""

from typing import Final

import pyvips

from likeness.errors import BadImage
from likeness.imaging.animate import frame_files, working_frames
from likeness.imaging.decode import decode
from likeness.imaging.encode import encode, encode_picture
from likeness.imaging.geometry import LEVEL_SIDE_PX_MIN, Level, ladder, scaled, turned
from likeness.imaging.icons import ICON_FORMATS, icons
from likeness.imaging.plan import (
    STILL_SUFFIX,
    VIEW_NAME,
    WORKING_NAME,
    AnyPlan,
    Plan,
    ViewPlan,
    WorkingPlan,
)
from likeness.model import ORIGINAL, Format, Rendition

_DAMAGED: Final = "the picture is damaged and cannot be decoded; export it again"

_Files = dict[str, bytes]
"""Finished files by the name of their rendition."""


def render(data: bytes, plan: AnyPlan) -> list[Rendition]:
    """The files of `plan.outputs`, in that order. Raises BadImage when `data` is damaged."""
    try:
        files = _made(data, plan)
    except pyvips.Error as error:
        raise BadImage(_DAMAGED, argument="image") from error
    return [Rendition(out.name, out.format, files[out.name]) for out in plan.outputs]


def _made(data: bytes, plan: AnyPlan) -> _Files:
    if isinstance(plan, ViewPlan):
        return _view(data, plan)
    return _photo(data, plan) if isinstance(plan, Plan) else _working_copy(data, plan)


def _view(data: bytes, plan: ViewPlan) -> _Files:
    image = scaled(decode(data, plan.source, plan.background), plan.side, plan.side)
    return {VIEW_NAME: encode(image, plan.format)}


def _photo(data: bytes, plan: Plan) -> _Files:
    if plan.source.frames > 1:
        files, first = frame_files(data, plan)
        return files | _squares(Level(first), plan, Format.PNG, STILL_SUFFIX)
    whole = Level.kept(turned(decode(data, plan.source, plan.background), plan.source.orientation))
    files = _squares(whole.square(plan), plan, plan.format)
    same = files.get(str(plan.side)) if plan.is_whole_square else None
    return {ORIGINAL: same or encode(whole.image, plan.format), **files}


def _squares(square: Level, plan: Plan, form: Format, suffix: str = "") -> _Files:
    """All sizes of a square picture, each scaled from the one that `ladder` names."""
    small = [size for size in plan.sizes if size < LEVEL_SIDE_PX_MIN and form in ICON_FORMATS]
    files, levels = dict[int, bytes](), {plan.side: square}
    for size, base in ladder(plan.side, tuple(set(plan.sizes) - set(small))):
        level = levels[base].scaled(size)
        if size >= LEVEL_SIDE_PX_MIN:
            levels[size] = level
        is_jpeg = form is Format.JPEG
        files[size] = encode_picture(level.picture) if is_jpeg else encode(level.image, form)
    files |= icons(levels[min(levels)].picture, small, form) if small else {}
    return {f"{size}{suffix}": data for size, data in files.items()}


def _working_copy(data: bytes, plan: WorkingPlan) -> _Files:
    if plan.source.frames > 1:
        return {WORKING_NAME: working_frames(data, plan)}
    image = decode(data, plan.source, plan.background)
    # Turning comes second, since it needs all pixels in memory and there are fewer by then.
    image = turned(scaled(image, *plan.stored), plan.source.orientation)
    return {WORKING_NAME: encode(image, plan.format)}
