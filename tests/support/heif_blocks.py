"""HEIC and AVIF files box by box, right in structure and with no decodable pixels."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

ALPHA: Final = b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha"
ESSENTIAL: Final = {b"hvcC", b"av1C", b"irot", b"imir", b"clap", b"lsel"}
"""Properties that are marked so."""


def box(kind: bytes, *payload: bytes) -> bytes:
    """One box."""
    body = b"".join(payload)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def full_box(kind: bytes, *payload: bytes, version: int = 0, flags: int = 0) -> bytes:
    """One box with a version and flags."""
    return box(kind, struct.pack(">I", version << 24 | flags), *payload)


def ispe(width: int, height: int) -> bytes:
    """How large an item is."""
    return full_box(b"ispe", struct.pack(">II", width, height))


def clap(width: int, height: int, parts: int = 1) -> bytes:
    """What of an item is to be shown."""
    numbers = (width * parts, parts, height * parts, parts, 0, 1, 0, 1)
    return box(b"clap", struct.pack(">8I", *numbers))


def nclx(primaries: int, transfer: int) -> bytes:
    """Colours by number."""
    return box(b"colr", b"nclx", struct.pack(">HHHB", primaries, transfer, 6, 128))


def icc(profile: bytes) -> bytes:
    """Colours by profile."""
    return box(b"colr", b"prof", profile)


def irot(quarters: int) -> bytes:
    """Turned against the clock."""
    return box(b"irot", bytes([quarters]))


def imir(axis: int) -> bytes:
    """Top and bottom change places (0), or left and right (1)."""
    return box(b"imir", bytes([axis]))


def aux(name: bytes = ALPHA) -> bytes:
    """What an auxiliary picture says."""
    return full_box(b"auxC", name + b"\0")


def grid(rows: int, columns: int, width: int, height: int, *, wide: bool = False) -> bytes:
    """The description of a grid: what its item holds."""
    size = struct.pack(">II" if wide else ">HH", width, height)
    return bytes([0, wide, rows - 1, columns - 1]) + size


HVCC: Final = box(b"hvcC", b"how it is coded")
AV1C: Final = box(b"av1C", b"how it is coded")


@dataclass(frozen=True)
class Item:
    """An item of a file, by default a picture of 8 x 8 pixels."""

    kind: bytes = b"hvc1"
    said: Sequence[bytes] = (HVCC, ispe(8, 8))
    data: bytes = b"pixels"


@dataclass
class File:
    """What a file is made of; items are numbered from 1 and lie in `mdat`, or in `idat`."""

    items: Sequence[Item] = (Item(),)
    links: Sequence[tuple[bytes, int, Sequence[int]]] = ()
    brands: bytes = b"heic\0\0\0\0mif1heic"
    primary: int = 1
    in_idat: bool = False
    wide: bool = False
    """Numbers of four bytes, places of two, and an index for each extent."""

    extents: int = 1
    replaced: dict[bytes, bytes] = field(default_factory=dict)
    """Boxes of `meta` that stand in place of the right ones."""

    inside: bytes = b""
    """What stands last in `meta`."""

    behind: bytes = b""

    def built(self) -> bytes:
        """The bytes of the file."""
        start = box(b"ftyp", self.brands)
        first = len(start) + len(self._meta(0)) + 8
        pixels = b"" if self.in_idat else b"".join(item.data for item in self.items)
        return start + self._meta(first) + box(b"mdat", pixels) + self.behind

    def _meta(self, first: int) -> bytes:
        number = ">I" if self.wide else ">H"
        parts = {
            b"hdlr": full_box(b"hdlr", bytes(4), b"pict", bytes(13)),
            b"pitm": full_box(b"pitm", struct.pack(number, self.primary), version=self.wide),
            b"iloc": self._iloc(0 if self.in_idat else first),
            b"iinf": self._iinf(),
            b"iref": self._iref(),
            b"iprp": self._iprp(),
            b"idat": box(b"idat", *(item.data for item in self.items)) if self.in_idat else b"",
        }
        return full_box(b"meta", *(parts | self.replaced).values(), self.inside)

    def _iloc(self, first: int) -> bytes:
        version = 2 if self.wide else 1 if self.in_idat else 0
        number = "I" if self.wide else "H"
        entries = [struct.pack(f">H{number}", 0x4404 if self.wide else 0x4400, len(self.items))]
        for place, item in enumerate(self.items, 1):
            method = [int(self.in_idat)] if version else []
            count = self.extents
            head = struct.pack(f">{number}{len(method)}HHH", place, *method, 0, count)
            parts = [item.data[at::count] for at in range(count)]
            entries.append(head)
            for part in parts:
                index = [0] if self.wide else []
                entries.append(struct.pack(f">{len(index)}III", *index, first, len(part)))
                first += len(part)
        return full_box(b"iloc", *entries, version=version)

    def _iinf(self) -> bytes:
        number, version = ("I", 3) if self.wide else ("H", 2)
        entries = [
            full_box(b"infe", struct.pack(f">{number}H4sx", place, 0, item.kind), version=version)
            for place, item in enumerate(self.items, 1)
        ]
        count = struct.pack(f">{number}", len(self.items))
        return full_box(b"iinf", count, *entries, version=self.wide)

    def _iref(self) -> bytes:
        number = "I" if self.wide else "H"
        entries = [
            box(kind, struct.pack(f">{number}H{len(to)}{number}", source, len(to), *to))
            for kind, source, to in self.links
        ]
        return full_box(b"iref", *entries, version=self.wide) if entries else b""

    def _iprp(self) -> bytes:
        known = [said for item in self.items for said in item.said]
        entries, place = [struct.pack(">I", len(self.items))], 0
        for item_number, item in enumerate(self.items, 1):
            entries.append(struct.pack(">IB" if self.wide else ">HB", item_number, len(item.said)))
            for said in item.said:
                place += 1
                essential = said[4:8] in ESSENTIAL
                code = place | (0x8000 if self.wide else 0x80) * essential
                entries.append(struct.pack(">H" if self.wide else ">B", code))
        ipma = full_box(b"ipma", *entries, version=self.wide, flags=self.wide)
        return box(b"iprp", box(b"ipco", *known), ipma)


def heif_file(*items: Item, **rest: Any) -> bytes:
    """A file of these items, or of one picture; see `File` for the rest."""
    return File(items or (Item(),), **rest).built()


def avif(*said: bytes) -> bytes:
    """An AVIF of 8 x 8 pixels with more said of it."""
    item = Item(b"av01", (AV1C, ispe(8, 8), *said))
    return File((item,), brands=b"avif\0\0\0\0mif1avif").built()
