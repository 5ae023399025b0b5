"""Renders a plan: an upload's bytes in, finished files of every size out.

Every step does what the plan says; a choice that a user could notice is made in `plan.py`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple, TypeVar

import pyvips
from PIL import Image

from likeness.errors import BadImage
from likeness.imaging.notes import Note
from likeness.imaging.plan import WORKING_NAME, Plan, Stored, WorkingPlan, as_opaque
from likeness.imaging.views import VIEW_NAME, PicturePlan, ViewPlan
from likeness.imaging.worker.alpha import Alpha, without_idle_alpha
from likeness.imaging.worker.decode import decode
from likeness.imaging.worker.encode import encode, encode_picture
from likeness.imaging.worker.focus import focus, focus_of_file
from likeness.imaging.worker.geometry import LEVEL_SIDE_PX_MIN, Level, ladder, scaled, turned
from likeness.imaging.worker.icons import ICON_FORMATS, icons, resized
from likeness.imaging.worker.motion import moving_copy, moving_files
from likeness.imaging.worker.plain import DamagedError, plain_picture
from likeness.imaging.worker.salvage import salvaged, whole_png
from likeness.model import ORIGINAL, STILL, Format, Rendition

_DAMAGED: Final = "the picture is damaged and cannot be decoded; export it again"

_Planned = TypeVar("_Planned", bound=PicturePlan)

_Files = dict[str, bytes]
"""Finished files by the name of their rendition."""


class Made(NamedTuple):
    """The files of a plan's outputs, in that order, and what was seen on the way.

    With `is_opaque` they are those of `as_opaque(plan)`. `focus` is from `focus.py`, `notes` are
    the losses.
    """

    files: tuple[Rendition, ...]
    is_opaque: bool = False
    focus: tuple[int, int] | None = None
    notes: tuple[Note, ...] = ()


class _Done(NamedTuple):
    """Files, and the plan that they follow: perhaps the one for an opaque picture.

    `picture` are the pixels of a working copy where they are at hand.
    """

    files: _Files
    plan: PicturePlan
    notes: tuple[Note, ...] = ()
    picture: Image.Image | None = None


def render(data: bytes, plan: PicturePlan) -> Made:
    """The files of a photo or a view. Raises BadImage when `data` is damaged."""
    return _of_whole_pixels(_rendered, data, plan)


def prepare(data: bytes, plan: WorkingPlan) -> Made:
    """The working copy of a plan, and its focus. Raises BadImage as `render` does."""
    return _of_whole_pixels(_prepared, data, plan)


def _of_whole_pixels(make: Callable[[bytes, _Planned], Made], data: bytes, plan: _Planned) -> Made:
    """Render a picture of which no pixel is missing, damaged or not. Raises BadImage."""
    source = plan.source
    with damage_refused():
        data = salvaged(data, source) if source.is_damaged else data
        try:
            return make(data, plan)
        except (pyvips.Error, DamagedError):
            if source.is_damaged or source.format is not Format.PNG:
                raise
            # Only zlib's own checksum may be wrong, which nobody could see before.
            made = make(whole_png(data), plan)
            return made._replace(notes=(*made.notes, Note.WRONG_CHECKSUM))


@contextmanager
def damage_refused() -> Iterator[None]:
    """Turn errors of decoding into a refusal. Raises BadImage."""
    try:
        yield
    except (pyvips.Error, DamagedError) as error:
        raise BadImage(_DAMAGED, argument="image") from error


def _rendered(data: bytes, plan: PicturePlan) -> Made:
    done = _made(data, plan)
    made = (Rendition(out.name, out.format, done.files[out.name]) for out in done.plan.outputs)
    return Made(tuple(made), is_opaque=done.plan is not plan, notes=done.notes)


def _prepared(data: bytes, plan: WorkingPlan) -> Made:
    done = _working_copy(data, plan)
    file, form = done.files[WORKING_NAME], done.plan.format
    found = focus(done.picture) if done.picture else focus_of_file(file, form)
    working = Rendition(WORKING_NAME, form, file)
    return Made((working,), is_opaque=done.plan is not plan, focus=found, notes=done.notes)


def _made(data: bytes, plan: PicturePlan) -> _Done:
    if isinstance(plan, ViewPlan):
        return _Done(_view(data, plan), plan)
    return _photo(data, plan) if isinstance(plan, Plan) else _working_copy(data, plan)


def _view(data: bytes, plan: ViewPlan) -> _Files:
    picture = plain_picture(data, plan.source)
    picture = picture or Level.kept(decode(data, plan.source, plan.background)).picture
    # Pillow takes a quarter of libvips' time to enlarge, and half of it to halve.
    seen = picture if picture.width == plan.side else resized(picture, plan.side)
    return {VIEW_NAME: _file(Level(picture=seen), plan.format)}


def _photo(data: bytes, plan: Plan) -> _Done:
    if plan.source.frames > 1:
        moved = moving_files(data, plan)
        stills = _squares(moved.first, plan.sizes, Format.PNG, STILL)
        return _Done(moved.files | stills, moved.plan, _lost(moved.alpha))
    whole, plan, placed = _whole(data, plan)
    files = _squares(whole.square(placed), plan.sizes_made, plan.format)
    own = {ORIGINAL: _file(whole, plan.format)} if plan.has_own_original else {}
    return _Done(files | own, plan)


def _lost(alpha: Alpha) -> tuple[Note, ...]:
    """The losses of an animation in a GIF."""
    return (Note.SOFT_ALPHA,) if alpha is Alpha.SOFT else ()


def _whole(data: bytes, plan: Plan) -> tuple[Level, Plan, Plan]:
    """The upright picture, reduced where that is enough; its plan, and that for what it became."""
    source, by = plan.source, plan.reduction
    placed = plan.reduced(by) if by > 1 else plan
    # What is only read to be scaled is left to libvips, which never holds it whole, and decodes no
    # row below the crop box.
    is_streamed = plan.is_own and placed.side > max(plan.sizes)
    if not is_streamed and (picture := plain_picture(data, source, by)):
        return Level(picture=picture), plan, placed
    image = turned(decode(data, source, plan.background, by), source.orientation)
    if plan.is_own:
        # It has no idle alpha.
        return Level(image=image), plan, placed
    whole, seen = _as_seen(Level.kept(image), plan)
    return whole, seen, seen


def _as_seen(whole: Level, plan: Stored) -> tuple[Level, Stored]:
    """A picture and its plan, both without alpha where no pixel needs it."""
    if plan.background is not None or plan.letterbox_rgb is None:
        return whole, plan
    image = without_idle_alpha(whole.image)
    return (whole, plan) if image is whole.image else (Level.kept(image), as_opaque(plan))


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


def _working_copy(data: bytes, plan: WorkingPlan) -> _Done:
    source = plan.source
    if source.frames > 1:
        moved = moving_copy(data, plan)
        return _Done(moved.files, moved.plan, _lost(moved.alpha))
    # What has to be scaled is left to libvips, which never holds it whole.
    if plan.stored == (source.width, source.height) and (picture := plain_picture(data, source)):
        return _Done({WORKING_NAME: encode_picture(picture)}, plan, picture=picture)
    image = decode(data, source, plan.background, plan.reduction)
    # Turning comes second, since it needs all pixels in memory and there are fewer by then.
    image = turned(scaled(image, *plan.stored), source.orientation)
    if plan.background is None:
        whole, plan = _as_seen(Level.kept(image), plan)
        image = whole.image
    return _Done({WORKING_NAME: encode(image, plan.format)}, plan)
