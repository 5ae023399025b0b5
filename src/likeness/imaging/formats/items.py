"""The items of a HEIC or AVIF file: its `meta` box (ISO 23008-12), as far as needed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from likeness.imaging.formats.boxes import Box, Reader, boxes, damaged
from likeness.imaging.formats.steps import Steps
from likeness.model import Format

_IN_FILE, _IN_IDAT = 0, 1
"""Where an extent's offset counts from (`construction_method` of `iloc`)."""

_INFE_VERSIONS: Final = {2: 2, 3: 4}
"""The length of an item's number in `infe`, by version; older ones describe no pictures."""

_WIDE: Final = 2
"""The version of `iloc` from which on numbers of items have four bytes."""


class Property(NamedTuple):
    """A property of an item: a box of `ipco`, and whether it is essential."""

    box: Box
    is_essential: bool


class Reference(NamedTuple):
    """A reference from one item to others: `dimg` for tiles of a grid, `auxl` for alpha."""

    kind: bytes
    source: int
    targets: tuple[int, ...]


@dataclass(slots=True)
class Items:
    """Everything by the numbers of the items; `primary` is that of the picture to show."""

    data: bytes
    primary: int = 0
    kinds: dict[int, bytes] = field(default_factory=dict)
    extents: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    references: list[Reference] = field(default_factory=list)
    properties: dict[int, list[Property]] = field(default_factory=dict)
    _firsts: dict[tuple[int, bytes], Box] = field(default_factory=dict)
    _payloads: dict[Box, bytes] = field(default_factory=dict)
    _said: set[tuple[int, Box]] = field(default_factory=set)

    def say(self, item: int, said: Property) -> None:
        """Note one more property of an item, unless it is said of it already."""
        if (item, said.box) not in self._said:
            self._said.add((item, said.box))
            self.properties.setdefault(item, []).append(said)
            self._firsts.setdefault((item, said.box.kind), said.box)

    def said(self, item: int, kind: bytes) -> Box | None:
        """The first property of that kind."""
        return self._firsts.get((item, kind))

    def of(self, item: int) -> Sequence[Property]:
        """All properties of an item."""
        return self.properties.get(item, ())

    def payload(self, box: Box) -> bytes:
        """The payload of a property; cut out of the file once, however many items have it."""
        if box not in self._payloads:
            self._payloads[box] = self.data[box.start : box.end]
        return self._payloads[box]


def read_items(data: bytes, meta: Box, form: Format, steps: Steps) -> Items:
    """The contents of `meta`; a box, item, extent, reference or property is a step each.

    raises: BadImage.
    """
    start = meta.start + 4
    found = {box.kind: box for box in boxes(data, start, meta.end, form, steps)}
    missing = {b"pitm", b"iinf", b"iloc", b"iprp"} - found.keys()
    if missing:
        raise damaged(form, "it does not say which picture it shows")
    items = Items(data)
    reader = Reader(data, found[b"pitm"], form)
    items.primary = reader.number(2 if reader.version()[0] == 0 else 4)
    items.kinds = _kinds(data, found[b"iinf"], form, steps)
    items.extents = _extents(data, found, form, steps)
    if b"iref" in found:
        items.references = _references(data, found[b"iref"], form, steps)
    _read_properties(items, found[b"iprp"], form, steps)
    return items


def _kinds(data: bytes, iinf: Box, form: Format, steps: Steps) -> dict[int, bytes]:
    """The type of each item, such as its coding."""
    reader = Reader(data, iinf, form)
    reader.number(2 if reader.version()[0] == 0 else 4)
    kinds = {}
    for box in boxes(data, reader.at, iinf.end, form, steps):
        entry = Reader(data, box, form)
        length = _INFE_VERSIONS.get(entry.version()[0])
        if box.kind == b"infe" and length:
            item, _ = entry.number(length), entry.number(2)
            kinds[item] = entry.take(4)
    return kinds


def _extents(
    data: bytes, found: Mapping[bytes, Box], form: Format, steps: Steps
) -> dict[int, list[tuple[int, int]]]:
    """Where the bytes of each item lie in the file: starts and ends."""
    reader = Reader(data, found[b"iloc"], form)
    version, _ = reader.version()
    lengths = reader.number(2)
    offset_length, length_length, base_length = lengths >> 12, lengths >> 8 & 15, lengths >> 4 & 15
    index_length = lengths & 15 if version else 0
    id_length = 4 if version >= _WIDE else 2
    extents: dict[int, list[tuple[int, int]]] = {}
    for _ in range(reader.number(id_length)):
        steps.take()
        item = reader.number(id_length)
        method = reader.number(2) & 15 if version else _IN_FILE
        is_elsewhere = reader.number(2) != 0 or method not in {_IN_FILE, _IN_IDAT}
        origin = found.get(b"idat") if method == _IN_IDAT else Box(b"", 0, len(data))
        base = reader.number(base_length)
        parts = extents.setdefault(item, [])
        for _ in range(reader.number(2)):
            steps.take()
            reader.number(index_length)
            offset, length = base + reader.number(offset_length), reader.number(length_length)
            if not is_elsewhere and origin is not None:
                parts.append(_within(origin, offset, length))
    return extents


def _within(origin: Box, offset: int, length: int) -> tuple[int, int]:
    """Start and end of an extent; the end is behind that of the file where the file is cut off."""
    start = origin.start + offset
    return start, start + length if length else origin.end


def _references(data: bytes, iref: Box, form: Format, steps: Steps) -> list[Reference]:
    reader = Reader(data, iref, form)
    length = 2 if reader.version()[0] == 0 else 4
    references = []
    for box in boxes(data, reader.at, iref.end, form, steps):
        entry = Reader(data, box, form)
        source, count = entry.number(length), entry.number(2)
        steps.take(count)
        targets = tuple(entry.number(length) for _ in range(count))
        references.append(Reference(box.kind, source, targets))
    return references


def _read_properties(items: Items, iprp: Box, form: Format, steps: Steps) -> None:
    """Add the properties of each item, in the order in which they are to be applied."""
    parts = list(boxes(items.data, iprp.start, iprp.end, form, steps))
    known = [
        box
        for part in parts
        if part.kind == b"ipco"
        for box in boxes(items.data, part.start, part.end, form, steps)
    ]
    for part in parts:
        if part.kind == b"ipma":
            _associate(items, Reader(items.data, part, form), known, steps)


def _associate(items: Items, reader: Reader, known: Sequence[Box], steps: Steps) -> None:
    """Read one `ipma`: for each item the places of its properties, from 1; 0 is none."""
    version, flags = reader.version()
    bits = 15 if flags & 1 else 7
    for _ in range(reader.number(4)):
        steps.take()
        item = reader.number(4 if version else 2)
        for _ in range(reader.number(1)):
            steps.take()
            said = reader.number((bits + 1) // 8)
            place = said & (1 << bits) - 1
            if 0 < place <= len(known):
                items.say(item, Property(known[place - 1], is_essential=bool(said >> bits)))
