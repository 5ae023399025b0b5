"""A plan and an upload's bytes into finished files: upright, cut or padded, a pyramid of sizes.

Every step does what the plan says; a choice that a user could notice is made in `plan.py`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pyvips
from PIL import Image

from likeness.errors import BadImage
from likeness.imaging.animate import frame_files, working_frames
from likeness.imaging.decode import decode
from likeness.imaging.encode import encode, encode_picture
from likeness.imaging.focus import focus, focus_of_file
from likeness.imaging.geometry import LEVEL_SIDE_PX_MIN, Level, ladder, scaled, turned
from likeness.imaging.icons import ICON_FORMATS, icons, resized
from likeness.imaging.motion import is_opaque, moving_copy, moving_files
from likeness.imaging.plain import DamagedError, plain_picture
from likeness.imaging.plan import WORKING_NAME, Plan, WorkingPlan
from likeness.imaging.views import VIEW_NAME, PicturePlan, ViewPlan
from likeness.model import ORIGINAL, STILL, Format, Rendition

_DAMAGED: Final = "the picture is damaged and cannot be decoded; export it again"

_Files = dict[str, bytes]
"""Finished files by the name of their rendition."""


def render(data: bytes, plan: PicturePlan) -> list[Rendition]:
    """The files of `plan.outputs`, in that order. Raises BadImage when `data` is damaged."""
    with damage_refused():
        files = _made(data, plan)
    return [Rendition(out.name, out.format, files[out.name]) for out in plan.outputs]


def prepare(data: bytes, plan: WorkingPlan) -> tuple[Rendition, tuple[int, int] | None]:
    """The working copy of a plan, and what `focus` says of it. Raises BadImage as `render` does."""
    with damage_refused():
        file, picture = _working_copy(data, plan)
    found = focus(picture) if picture else focus_of_file(file, plan.format)
    return Rendition(WORKING_NAME, plan.format, file), found


@contextmanager
def damage_refused() -> Iterator[None]:
    """Whatever turns out to be damaged within is refused. Raises BadImage."""
    try:
        yield
    except (pyvips.Error, DamagedError) as error:
        raise BadImage(_DAMAGED, argument="image") from error


def _made(data: bytes, plan: PicturePlan) -> _Files:
    if isinstance(plan, ViewPlan):
        return _view(data, plan)
    if isinstance(plan, Plan):
        return _photo(data, plan)
    return {WORKING_NAME: _working_copy(data, plan)[0]}


def _view(data: bytes, plan: ViewPlan) -> _Files:
    picture = plain_picture(data, plan.source)
    picture = picture or Level.kept(decode(data, plan.source, plan.background)).picture
    # Pillow takes a quarter of libvips' time to enlarge, and half of it to halve.
    seen = picture if picture.width == plan.side else resized(picture, plan.side)
    return {VIEW_NAME: _file(Level(picture=seen), plan.format)}


def _photo(data: bytes, plan: Plan) -> _Files:
    if plan.source.frames > 1:
        files, first = (moving_files if is_opaque(plan) else frame_files)(data, plan)
        return files | _squares(first, plan.sizes, Format.PNG, STILL)
    whole, placed = _whole(data, plan)
    files = _squares(whole.square(placed), plan.sizes_made, plan.format)
    return files | ({ORIGINAL: _file(whole, plan.format)} if plan.has_own_original else {})


def _whole(data: bytes, plan: Plan) -> tuple[Level, Plan]:
    """The upright picture, reduced where that is enough, and the plan for what it became."""
    source, by = plan.source, plan.reduction
    if picture := plain_picture(data, source, by):
        return Level(picture=picture), plan.reduced(by) if by > 1 else plan
    image = turned(decode(data, source, plan.background), source.orientation)
    # What is read once, for the largest square, is never held whole.
    return Level(image=image) if plan.is_own else Level.kept(image), plan


def _squares(square: Level, sizes: tuple[int, ...], form: Format, suffix: str = "") -> _Files:
    """Files of all sizes of a square picture, each scaled from the one that `ladder` names."""
    small = [size for size in sizes if size < LEVEL_SIDE_PX_MIN and form in ICON_FORMATS]
    files, levels = dict[int, bytes](), {square.width: square}
    for size, base in ladder(square.width, tuple(set(sizes) - set(small))):
        level = levels[base].scaled(size)
        if size >= LEVEL_SIDE_PX_MIN:
            levels[size] = level
        files[size] = _file(level, form)
    files |= icons(levels[min(levels)].picture, small, form) if small else {}
    return {f"{size}{suffix}": data for size, data in files.items()}


def _file(level: Level, form: Format) -> bytes:
    return encode_picture(level.picture) if form is Format.JPEG else encode(level.image, form)


def _working_copy(data: bytes, plan: WorkingPlan) -> tuple[bytes, Image.Image | None]:
    """The file, and its pixels where they are at hand."""
    source = plan.source
    if source.frames > 1:
        return (moving_copy if is_opaque(plan) else working_frames)(data, plan), None
    # What has to be scaled is left to libvips, which never holds it whole.
    if plan.stored == (source.width, source.height) and (picture := plain_picture(data, source)):
        return encode_picture(picture), picture
    image = decode(data, source, plan.background, plan.reduction)
    # Turning comes second, since it needs all pixels in memory and there are fewer by then.
    image = turned(scaled(image, *plan.stored), source.orientation)
    return encode(image, plan.format), None
