"""HEIC and AVIF: one picture, or tiles of one, coded as HEVC or AV1, among boxes that describe it.

Stripped, a file is built anew: the coded pixels of the picture to show and of its alpha, with the
properties that a decoder needs, and nothing else. How it is turned is the probe's to say, and no
decoder is told.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from likeness.imaging.formats import ICC_LENGTH_MAX, Parsed, Probe, colours, lost_light, unreadable
from likeness.imaging.formats.boxes import Box, Reader, damaged, leading_boxes
from likeness.imaging.formats.colours import PEAK_NITS, SRGB, Colours
from likeness.imaging.formats.heif_file import Part, heif_file
from likeness.imaging.formats.items import Items, Property, read_items
from likeness.imaging.formats.steps import Steps
from likeness.model import Format

_AVIF_BRANDS: Final = {b"avif", b"avis"}
_HEIC_BRANDS: Final = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_BRANDS_MAX: Final = 64

_CODED: Final = {b"hvc1": Format.HEIC, b"av01": Format.AVIF}
_GRID: Final = b"grid"
TILES_MAX: Final = 1024
"""Tiles of a grid; phones write 48 to 192 of 512 pixels a side."""

_NEEDED: Final = {b"hvcC", b"av1C", b"ispe", b"pixi", b"colr", b"auxC", b"clap"}
_UNDERSTOOD: Final = {*_NEEDED, b"irot", b"imir", b"pasp", b"clli", b"mdcv", b"cclv", b"rloc"}
"""Essential properties that are understood: others change the picture in unknown ways."""

_ALPHA: Final = {
    b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha",
    b"urn:mpeg:hevc:2015:auxid:1",
}
_SAID_MAX: Final = 64
"""Properties of an item that a decoder is told; encoders write three to eight."""

_NAME_LENGTH_MAX: Final = 64
_CLEAN: Final = struct.Struct(">IIII")
_TRIMMED_PX_MAX: Final = 64
"""Padding at the edges that `clap` may crop, because encoders work in blocks."""

_SRGB_PRIMARIES, _SRGB_TRANSFER, _UNSPECIFIED = 1, 13, 2
"""Codes of ITU-T H.273. "Unspecified" is sRGB, as where nothing is said (ISO 23000-22, 7.3.6.4)."""

_SHOWN_AS_SRGB: Final = {1, 6, 14, 15, _UNSPECIFIED}
"""Curves of video are sRGB's to browsers in these files, though not in a PNG."""

_LIGHT: Final = struct.Struct(">H2x")
"""`clli`: the brightest pixel in cd/m2."""

_STANDS_STILL: Final = "this picture moves; its still picture was used; send a GIF for motion"

_QUARTERS: Final = 4
_BY_TURN: Final = {
    (0, False): 1,
    (1, False): 6,
    (2, False): 3,
    (3, False): 8,
    (0, True): 2,
    (1, True): 5,
    (2, True): 4,
    (3, True): 7,
}
"""EXIF's number for quarter turns to the right, and whether left and right change places then."""


@dataclass(frozen=True, slots=True)
class _Picture:
    """One picture: its item, its tiles if it is a grid, how it is coded, its size in pixels."""

    item: int
    tiles: tuple[int, ...]
    form: Format
    width: int
    height: int


def is_heif(data: bytes) -> bool:
    """Whether these bytes begin as HEIC or AVIF do."""
    return bool(_brands(data) & (_AVIF_BRANDS | _HEIC_BRANDS))


def parse(data: bytes, steps: Steps) -> Parsed:
    """A HEIC or AVIF whose picture is whole; see `items` for what is a step. raises: BadImage."""
    form = Format.AVIF if _brands(data) & _AVIF_BRANDS else Format.HEIC
    found: dict[bytes, Box] = {}
    for box in leading_boxes(data, steps):
        found.setdefault(box.kind, box)
    if b"meta" not in found:
        what = "it is a sequence without a picture" if b"moov" in found else "it is cut off"
        raise unreadable(form, what)
    items = read_items(data, found[b"meta"], form, steps)
    shown = _picture(data, items, items.primary, form)
    alpha = _alpha(data, items, shown)
    width, height = _trimmed(data, items, shown)
    probe = Probe(
        shown.form,
        width,
        height,
        orientation=_orientation(data, items, shown),
        has_alpha=alpha is not None,
        colours=_colours(items, shown),
    )
    notes = (_STANDS_STILL,) * (b"moov" in found) + lost_light(probe.colours)
    return Parsed(probe, _rebuilt(data, items, shown, alpha), notes)


def _brands(data: bytes) -> set[bytes]:
    """The format by the `ftyp` box."""
    if data[4:8] != b"ftyp":
        return set()
    stop = min(int.from_bytes(data[:4], "big"), len(data), 8 + 4 * _BRANDS_MAX)
    return {data[at : at + 4] for at in (8, *range(16, stop, 4))}


def _picture(data: bytes, items: Items, item: int, form: Format) -> _Picture:
    """An item that is a picture, checked with its tiles."""
    kind = items.kinds.get(item, b"")
    width, height = _size(data, items, item, form)
    if kind in _CODED:
        return _Picture(item, (), _CODED[kind], width, height)
    if kind != _GRID:
        name = kind.decode("ascii", "replace").strip() or "none"
        raise unreadable(form, f"its picture is coded as {name!r}, which is not read")
    tiles = next((r.targets for r in items.references if (r.kind, r.source) == (b"dimg", item)), ())
    kinds = {items.kinds.get(tile) for tile in tiles}
    coded = [_CODED[kind] for kind in kinds if kind in _CODED]
    if len(kinds) != 1 or len(coded) != 1 or not _is_grid(data, items, item, tiles, form):
        raise damaged(form, "its tiles do not make its picture")
    return _Picture(item, tiles, coded[0], width, height)


def _is_grid(data: bytes, items: Items, item: int, tiles: Sequence[int], form: Format) -> bool:
    """Whether the tiles are as many and as large as the picture needs, and no larger."""
    start, end = next(iter(items.extents.get(item, ())), (0, 0))
    reader = Reader(data, Box(_GRID, start, min(end, len(data))), form)
    _, flags = reader.number(1), reader.number(1)
    rows, columns = reader.number(1) + 1, reader.number(1) + 1
    length = 4 if flags & 1 else 2
    size = reader.number(length), reader.number(length)
    # A tile that is used twice would be looked at twice.
    if len(set(tiles)) != rows * columns or len(tiles) != rows * columns or len(tiles) > TILES_MAX:
        return False
    width, height = _size(data, items, tiles[0], form)
    if any(_size(data, items, tile, form) != (width, height) for tile in tiles):
        return False
    fits_across = (columns - 1) * width < size[0] <= columns * width
    fits_down = (rows - 1) * height < size[1] <= rows * height
    return fits_across and fits_down and size == _size(data, items, item, form)


def _size(data: bytes, items: Items, item: int, form: Format) -> tuple[int, int]:
    """Width and height in pixels, from `ispe`."""
    box = items.said(item, b"ispe")
    if box is None:
        raise damaged(form, "it does not say how large it is")
    reader = Reader(data, box, form)
    reader.version()
    width, height = reader.number(4), reader.number(4)
    if not width or not height:
        raise damaged(form, f"it says that it is {width}x{height} pixels")
    return width, height


def _alpha(data: bytes, items: Items, shown: _Picture) -> _Picture | None:
    """The picture that says how opaque the shown one is, if there is any."""
    seen = set[int]()
    for kind, source, targets in items.references:
        auxiliary = items.said(source, b"auxC")
        if kind != b"auxl" or shown.item not in targets or auxiliary is None or source in seen:
            continue
        seen.add(source)
        stop = min(auxiliary.end, auxiliary.start + _NAME_LENGTH_MAX)
        if data[auxiliary.start + 4 : stop].partition(b"\0")[0] in _ALPHA:
            alpha = _picture(data, items, source, shown.form)
            same = (shown.form, shown.width, shown.height)
            if (alpha.form, alpha.width, alpha.height) != same:
                raise damaged(shown.form, "its picture and its alpha differ in size")
            return alpha
    return None


def _trimmed(data: bytes, items: Items, shown: _Picture) -> tuple[int, int]:
    """Width and height without the encoder's padding (`clap`).

    libheif removes it, libavif does not. A true crop is refused: pixels that were cut away must not
    be shown, and no encoder writes one.
    """
    box = items.said(shown.item, b"clap")
    if box is None:
        return shown.width, shown.height
    across, across_parts, down, down_parts = _CLEAN.unpack(
        Reader(data, box, shown.form).take(_CLEAN.size)
    )
    width, height = across // (across_parts or 1), down // (down_parts or 1)
    trimmed = shown.width - width, shown.height - height
    if not width or not height or not all(0 <= px <= _TRIMMED_PX_MAX for px in trimmed):
        raise unreadable(shown.form, f"{width}x{height} of its pixels are to be cut out of it")
    return (width, height) if shown.form is Format.HEIC else (shown.width, shown.height)


def _orientation(data: bytes, items: Items, shown: _Picture) -> int:
    """EXIF's number for `irot` and `imir`, in their order. EXIF itself does not count."""
    quarters, is_mirrored = 0, False
    for box, _ in items.of(shown.item):
        said = data[box.start] if box.start < box.end else 0
        if box.kind == b"irot":
            # It counts against the clock; behind a mirror the clock goes the other way.
            quarters += said & 3 if is_mirrored else -(said & 3)
        elif box.kind == b"imir":
            # That top and bottom change places is a half turn, and that left and right do.
            quarters += 0 if said & 1 else 2
            is_mirrored = not is_mirrored
    return _BY_TURN[quarters % _QUARTERS, is_mirrored]


def _colours(items: Items, shown: _Picture) -> Colours | None:
    """The colour space by codes of H.273, where there is no colour profile; None for sRGB."""
    said = [_colour(items, each) for each in items.of(shown.item) if each.box.kind == b"colr"]
    if any(one.startswith((b"prof", b"rICC")) for one in said):
        return None
    codes = next((one[4:] for one in said if one.startswith(b"nclx")), b"")
    primaries, transfer = int.from_bytes(codes[:2], "big"), int.from_bytes(codes[2:4], "big")
    found = colours.of_codes(
        _SRGB_PRIMARIES if primaries == _UNSPECIFIED else primaries,
        _SRGB_TRANSFER if transfer in _SHOWN_AS_SRGB else transfer,
        _peak_nits(items, shown),
    )
    return None if found == SRGB else found


def _peak_nits(items: Items, shown: _Picture) -> float:
    """The brightest light of the picture; browsers do not ask for that of a screen (`mdcv`)."""
    said = items.said(shown.item, b"clli")
    if said is None or said.end - said.start != _LIGHT.size:
        return PEAK_NITS
    [nits] = _LIGHT.unpack(items.payload(said))
    return float(nits) or PEAK_NITS


def _colour(items: Items, said: Property) -> bytes:
    """The payload of a `colr`; none where it is longer than the limit."""
    return items.payload(said.box) if said.box.end - said.box.start <= ICC_LENGTH_MAX else b""


def _rebuilt(
    data: bytes, items: Items, shown: _Picture, alpha: _Picture | None
) -> list[bytes | memoryview]:
    """A file of the shown picture and its alpha alone."""
    order = [shown.item, *shown.tiles, *((alpha.item, *alpha.tiles) if alpha else ())]
    places = {item: place for place, item in enumerate(dict.fromkeys(order), 1)}
    if len(places) != len(order):
        raise damaged(shown.form, "one of its parts is used twice")
    parts = [_part(data, items, item, shown) for item in order]
    if sum(part.length for part in parts) > len(data):
        raise damaged(shown.form, "one of its parts is used twice")
    links = [
        (b"dimg", places[one.item], [places[tile] for tile in one.tiles])
        for one in (shown, alpha)
        if one and one.tiles
    ]
    if alpha:
        links.append((b"auxl", places[alpha.item], [places[shown.item]]))
        if any(r == (b"prem", shown.item, (alpha.item,)) for r in items.references):
            links.append((b"prem", places[shown.item], [places[alpha.item]]))
    return heif_file(shown.form, parts, links)


def _part(data: bytes, items: Items, item: int, shown: _Picture) -> Part:
    """One item with its bytes and its properties."""
    view = memoryview(data)
    extents = items.extents.get(item, [])
    if not extents or any(end > len(data) for _, end in extents):
        raise unreadable(shown.form, "it is cut off")
    foreign = {one.box.kind for one in items.of(item) if one.is_essential} - _UNDERSTOOD
    if foreign:
        names = ", ".join(sorted(kind.decode("ascii", "replace") for kind in foreign))
        raise unreadable(shown.form, f"it needs what is not known here ({names})")
    kept = [
        (one.box.kind, items.payload(one.box), one.is_essential)
        for one in items.of(item)
        if one.box.kind in _NEEDED and not _is_left_out(items, one, shown)
    ]
    if len(kept) > _SAID_MAX:
        raise damaged(shown.form, f"{len(kept)} things are said of one of its parts")
    return Part(items.kinds[item], kept, [view[start:end] for start, end in extents])


def _is_left_out(items: Items, said: Property, shown: _Picture) -> bool:
    """A colour profile above the limit, and a crop that only one of the decoders would make."""
    if said.box.kind == b"colr":
        return not _colour(items, said)
    return said.box.kind == b"clap" and shown.form is not Format.HEIC
