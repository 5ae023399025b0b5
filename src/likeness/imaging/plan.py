"""Plans the files of a picture: every limit, the crop, the letterbox, the sizes. Integers only.

All policy about pictures lives here (contract § 4, § 5 and § 6.4) and no pixel is touched: that is
`render.py`, which follows a plan without a decision of its own. Refusals come in this order: too
large, too small, too many scans, too many frames, crop. Size precedes frames as in contract § 2.1,
and a picture that is too long on one side and too short on the other is told the first; the
sentence names both limits anyway.
"""

from dataclasses import astuple, dataclass, replace
from math import gcd
from typing import Final, TypeVar

from likeness.errors import BadImage, InvalidArguments, TooLarge, TooManyFrames
from likeness.imaging.formats import Probe
from likeness.model import ORIGINAL, SIZES, STILL, Crop, Format, Rendition, Window

WORKING_NAME: Final = "working"
"""The rendition name of a working copy (contract § 6.4)."""

SCANS_MAX: Final = 100
"""Passes over a JPEG. Encoders write 1 to 20; thousands would cost a decoder a minute."""

_FOREIGN: Final = (Format.WEBP, Format.AVIF, Format.HEIC)
"""Formats that some client cannot show, so that another one is made of them."""

_REDUCTIONS: Final = (8, 4, 2, 1)
"""Pixels a side of a JPEG that its decoder can give as one, for less than scaling would take."""

_BYTES_PER_PIXEL_MAX: Final = {Format.JPEG: 6, Format.PNG: 5, Format.GIF: 2, Format.WEBP: 5}
"""PNG: 4 as they are, and the filters' numbers. GIF: 1.5 for its longest codes. JPEG: noise at full
colour resolution was seen at 3. WebP: lossless, so as PNG."""

_HEADS_LENGTH_MAX: Final = 1024
"""A frame of a GIF has a palette of 768 bytes and small blocks; a file's own heads are short."""

Colour = tuple[int, int, int]
"""Red, green and blue, each 0 to 255, in sRGB."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of an upload. The defaults are those of one step (contract § 4.1).

    For a working copy (§ 6.4) `side_px_max` is the side that it is scaled down to, and `pixels_max`
    bounds the upload: the largest mode of phones. A JPEG may have up to `jpeg_pixels_max` if
    that is more, since it is reduced while it is decoded. `animation_pixels_max` counts frames
    times width times height.
    """

    side_px_min: int = 512
    side_px_max: int = 1024
    frames_max: int = 100
    animation_pixels_max: int = 100 * 1024 * 1024
    length_max: int = 10 * 2**20
    pixels_max: int = 8192 * 6144
    jpeg_pixels_max: int = 0


@dataclass(frozen=True, slots=True)
class Output:
    """One file to be made: its name, and the format, side and frames that it must have."""

    name: str
    format: Format
    width: int
    height: int
    frames: int = 1

    @property
    def length_max(self) -> int:
        """More bytes than this file can honestly have."""
        pixels = self.width * self.height * self.frames
        return _BYTES_PER_PIXEL_MAX[self.format] * pixels + _HEADS_LENGTH_MAX * (self.frames + 64)

    def fits(self, seen: Probe) -> bool:
        """Whether a file that says this of itself is the one that was to be made, and is whole."""
        own = (self.format, self.width, self.height, self.frames)
        return (seen.format, *seen.upright, seen.frames) == own and not seen.is_damaged


@dataclass(frozen=True, slots=True)
class Plan:
    """How to make the renditions of one photo.

    `window` of the upright picture is set in the middle of a square of `side` pixels, whose rest is
    `background` (None: transparent); the square is scaled down to each of `sizes`. Without a
    background there may be alpha; where pixels say that there is none, `as_opaque` is the plan,
    with bars of `letterbox_rgb` (None: bars stay clear in any case).

    `is_own`: the source is a working copy. Our encoder wrote it, so that it is the original as it
    stands.
    """

    source: Probe
    format: Format
    window: Window
    side: int
    background: Colour | None
    sizes: tuple[int, ...]
    notes: tuple[str, ...] = ()
    is_own: bool = False
    letterbox_rgb: Colour | None = (0, 0, 0)

    @property
    def twin(self) -> int | None:
        """The size that is the whole picture, so that `original` is the same file."""
        is_whole = self.source.upright == (self.window.w, self.window.h) == (self.side, self.side)
        return self.side if is_whole and self.side in self.sizes else None

    @property
    def has_own_original(self) -> bool:
        """Whether `original` is a file like no other, which is still to be made."""
        return not self.is_own and self.twin is None

    @property
    def sizes_made(self) -> tuple[int, ...]:
        """The sizes of which there is no file yet."""
        return tuple(size for size in self.sizes if not (self.is_own and size == self.twin))

    @property
    def outputs(self) -> tuple[Output, ...]:
        """Every file to make, in the order in which they are made and handed over."""
        form, frames = self.format, self.source.frames
        whole = [Output(ORIGINAL, form, *self.source.upright, frames)]
        squares = [Output(str(size), form, size, size, frames) for size in self.sizes_made]
        stills = [
            Output(f"{size}{STILL}", Format.PNG, size, size) for size in self.sizes if frames > 1
        ]
        return (*(whole if self.has_own_original else []), *squares, *stills)

    @property
    def reduction(self) -> int:
        """How many pixels a side the decoder may give as one: 1 where all of them are needed.

        The largest factor that divides the crop's edges: half a pixel beside the box that was asked
        for is seen by no eye, but by every measure.
        """
        if not self.is_own or self.source.format is not Format.JPEG:
            return 1
        edges = gcd(*astuple(self.window))
        return next(
            by for by in _REDUCTIONS if self.side // by >= max(self.sizes) and edges % by == 0
        )

    def reduced(self, by: int) -> "Plan":
        """This plan for a picture of which `by` pixels a side were made one."""
        window = Window(*(length // by for length in astuple(self.window)))
        return replace(self, window=window, side=self.side // by)

    @property
    def place(self) -> Window:
        """Where the window's pixels stand in the square."""
        w, h = self.window.w, self.window.h
        # An odd pixel is left over at the right and at the bottom.
        return Window((self.side - w) // 2, (self.side - h) // 2, w, h)

    def scaled(self, side: int) -> Window | None:
        """`place` in the square at that side; None where its edges fall between two pixels."""
        x, y, w, h = astuple(self.place)
        if gcd(x, y, w, h) * side % self.side:
            return None
        return Window(*(length * side // self.side for length in (x, y, w, h)))

    def complete(self, made: tuple[Rendition, ...], source: bytes) -> tuple[Rendition, ...]:
        """All files of the photo, from those of `outputs` and the source's cleaned bytes."""
        found = {each.name: each.data for each in made}
        if self.is_own:
            found[ORIGINAL] = source
        names = [ORIGINAL, *map(str, self.sizes)]
        whole = found.get(ORIGINAL) or found[str(self.twin)]
        photo = [Rendition(name, self.format, found.get(name, whole)) for name in names]
        return (*photo, *(each for each in made if each.name not in names))


@dataclass(frozen=True, slots=True)
class WorkingPlan:
    """How to make the working copy of one picture: the whole of it, upright, scaled down."""

    source: Probe
    format: Format
    width: int
    height: int
    background: Colour | None
    letterbox_rgb: Colour = (0, 0, 0)

    @property
    def reduction(self) -> int:
        """How many pixels a side the decoder may give as one: 1 where all of them are needed."""
        if self.source.format is not Format.JPEG:
            return 1
        side, side_made = max(self.source.upright), max(self.width, self.height)
        return next(by for by in _REDUCTIONS if side // by >= side_made)

    @property
    def stored(self) -> tuple[int, int]:
        """The working copy's width and height before it is turned upright."""
        if self.source.upright == (self.source.width, self.source.height):
            return self.width, self.height
        return self.height, self.width

    @property
    def outputs(self) -> tuple[Output, ...]:
        """The one file to make."""
        name, frames = WORKING_NAME, self.source.frames
        return (Output(name, self.format, self.width, self.height, frames),)


Stored = TypeVar("Stored", bound=Plan | WorkingPlan)


def as_opaque(plan: Stored) -> Stored:
    """The plan for the same picture, once no pixel of it was seen to be transparent."""
    if plan.letterbox_rgb is None:
        return plan
    source = replace(plan.source, has_alpha=False)
    form = _format_out(source)
    return replace(plan, source=source, format=form, background=plan.letterbox_rgb)


def plan(
    probe: Probe,
    crop: Crop | None,
    limits: Limits,
    *,
    letterbox_rgb: Colour,
    is_own: bool = False,
    keeps_alpha: bool = False,
) -> Plan:
    """The renditions to make of a picture, cut by `crop` (in pixels of the upright picture).

    `is_own` is for nothing but a working copy that `plan_working_copy` led to; with `keeps_alpha`
    bars are clear wherever the picture may be. Raises TooLarge,
    BadImage (too small, too many scans), TooManyFrames, or InvalidArguments for a crop box that
    lies wholly outside. `Plan.notes` says when the box had to be moved.
    """
    _check_size(probe, limits)
    _check_scans(probe)
    _check_frames(probe, limits)
    width, height = probe.upright
    window = _window(crop, width, height)
    side = max(window.w, window.h)
    form = _format_out(probe)
    return Plan(
        source=probe,
        format=form,
        window=window,
        side=side,
        background=None if probe.has_alpha else letterbox_rgb,
        sizes=_sizes(side),
        notes=_moved(crop, window, width, height),
        # A working copy is upright and in a format that is made; any other file is none of ours.
        is_own=is_own and probe.format is form and probe.orientation == 1,
        letterbox_rgb=None if keeps_alpha else letterbox_rgb,
    )


def plan_working_copy(probe: Probe, limits: Limits, *, letterbox_rgb: Colour) -> WorkingPlan:
    """The working copy to make of a big picture, at most `limits.side_px_max` pixels a side.

    Raises TooLarge, BadImage (its shorter side is, or would become, too short), TooManyFrames.
    """
    _check_pixels(probe, limits)
    width, height = _scaled_down(*probe.upright, limits.side_px_max)
    if min(width, height) < limits.side_px_min:
        is_scaled = (width, height) != probe.upright
        scaled = f", {width}x{height} once it is scaled down" if is_scaled else ""
        raise BadImage(
            f"picture is {_dims(probe)} pixels{scaled}; "
            f"both sides must have {limits.side_px_min} or more",
            argument="image",
            dims=_dims(probe),
        )
    _check_scans(probe)
    _check_frames(probe, limits)
    background = None if probe.has_alpha else letterbox_rgb
    return WorkingPlan(probe, _format_out(probe), width, height, background, letterbox_rgb)


def check_length(length: int, limits: Limits) -> None:
    """Refuse a file of more bytes than allowed, unread. Raises TooLarge."""
    if length > limits.length_max:
        raise TooLarge(
            f"picture has {length} bytes; at most {limits.length_max} are allowed; "
            "save it smaller or with more compression",
            argument="image",
        )


def _check_size(probe: Probe, limits: Limits) -> None:
    _check_pixels(probe, limits)
    shorter, longer = sorted(probe.upright)
    message = (
        f"picture is {_dims(probe)} pixels; "
        f"both sides must be {limits.side_px_min} to {limits.side_px_max}"
    )
    if longer > limits.side_px_max:
        raise TooLarge(message, argument="image", dims=_dims(probe))
    if shorter < limits.side_px_min:
        raise BadImage(message, argument="image", dims=_dims(probe))


def _check_pixels(probe: Probe, limits: Limits) -> None:
    pixels, pixels_max = probe.width * probe.height, limits.pixels_max
    if probe.format is Format.JPEG:
        pixels_max = max(pixels_max, limits.jpeg_pixels_max)
    if pixels > pixels_max:
        raise TooLarge(
            f"picture is {_dims(probe)} pixels, {pixels} in all; "
            f"at most {pixels_max} are allowed; scale it down",
            argument="image",
            dims=_dims(probe),
        )


def _check_scans(probe: Probe) -> None:
    if probe.scans > SCANS_MAX:
        raise BadImage(
            f"this JPEG is coded in {probe.scans} scans; at most {SCANS_MAX} are allowed; "
            "export it again",
            argument="image",
        )


def _check_frames(probe: Probe, limits: Limits) -> None:
    if probe.frames == 1:
        return
    if probe.frames > limits.frames_max:
        raise TooManyFrames(
            f"picture has {probe.frames} frames; at most {limits.frames_max} are allowed",
            argument="image",
        )
    pixels = probe.frames * probe.width * probe.height
    if pixels > limits.animation_pixels_max:
        raise TooManyFrames(
            f"picture has {probe.frames} frames of {_dims(probe)}, {pixels} pixels in all; "
            f"at most {limits.animation_pixels_max} are allowed; send fewer or smaller frames",
            argument="image",
            dims=_dims(probe),
        )


def _dims(probe: Probe) -> str:
    width, height = probe.upright
    return f"{width}x{height}"


def _window(crop: Crop | None, width: int, height: int) -> Window:
    """The whole picture, or the crop box, shrunk and slid until it is inside (contract § 4.5)."""
    if crop is None or crop.w < 1:
        return Window(0, 0, width, height)
    for argument, start, end in (("crop_x", crop.x, width), ("crop_y", crop.y, height)):
        if start >= end:
            raise InvalidArguments(
                f"{argument} is {start}, but the picture is {width}x{height} pixels; "
                f"{argument} must be 0 to {end - 1}",
                argument=argument,
                dims=f"{width}x{height}",
            )
    side = min(crop.w, width, height)
    # A client that sends -1 means "unset", which is 0.
    return Window(min(max(crop.x, 0), width - side), min(max(crop.y, 0), height - side), side, side)


def _moved(crop: Crop | None, window: Window, width: int, height: int) -> tuple[str, ...]:
    """The note for the caller when the box is not the one that was asked for."""
    if crop is None or crop.w < 1:
        return ()
    if (max(crop.x, 0), max(crop.y, 0), crop.w) == (window.x, window.y, window.w):
        return ()
    used = f"crop_x={window.x} crop_y={window.y} crop_w={window.w}"
    return (f"crop box reached beyond the {width}x{height} picture; used {used}",)


def _sizes(side: int) -> tuple[int, ...]:
    """The sides to make of a square: none is enlarged, and none of its pixels is thrown away."""
    largest = min(side, SIZES[-1])
    return (*(size for size in SIZES if size < largest), largest)


def _format_out(probe: Probe) -> Format:
    """One format for the whole set, which every client can show, in motion too (contract § 5.2)."""
    if probe.frames > 1:
        return Format.GIF
    if probe.format not in _FOREIGN:
        return probe.format
    return Format.PNG if probe.has_alpha or probe.is_lossless else Format.JPEG


def _scaled_down(width: int, height: int, side_px_max: int) -> tuple[int, int]:
    """Both sides in proportion, the longer at most `side_px_max`, rounded, at least 1."""
    longer = max(width, height)
    if longer <= side_px_max:
        return width, height
    scaled = [max(1, (2 * side * side_px_max + longer) // (2 * longer)) for side in (width, height)]
    return scaled[0], scaled[1]
