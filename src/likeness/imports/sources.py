"""Opens a path as rows to import: a folder, a zip, a CSV or an LDIF."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from likeness.errors import BadImage, Mistake
from likeness.imaging.probe import probe
from likeness.imports.folders import picture_below, records_of
from likeness.imports.headers import Header
from likeness.imports.ldif import Entry, entries, person, pictures_of, values_of
from likeness.imports.records import RECORDS_MAX, Picture, Record, Unusable
from likeness.imports.tables import Line, read_table
from likeness.imports.texts import TEXT_LENGTH_MAX, decoded
from likeness.imports.zips import opened_zip


@dataclass(frozen=True, slots=True)
class Source:
    """The rows of an import, and remarks on what was left out."""

    records: list[Record]
    notes: tuple[str, ...] = ()


@contextmanager
def opened_source(path: Path) -> Iterator[Source]:
    """What lies at a path, whose pictures can be read until the block ends.

    Raises Mistake where that is nothing that is understood.
    """
    suffix = path.suffix.casefold()
    if path.is_dir():
        yield Source(records_of(path))
    elif suffix == ".zip":
        with opened_zip(path) as records:
            yield Source(records)
    elif suffix in {".csv", ".tsv", ".txt"}:
        yield _of_table(path)
    elif suffix in {".ldif", ".ldf"}:
        yield Source(_of_ldif(path))
    else:
        raise Mistake(f"{path} is none of these: a folder, a .zip, a .csv, an .ldif")


def _of_table(path: Path) -> Source:
    with path.open("rb") as file:
        table = read_table(decoded(file.read(TEXT_LENGTH_MAX + 1)))
    records = [_with_photo(path.parent, line) for line in table.lines]
    return Source(records, tuple(_remarks(table.header)))


def _remarks(header: Header) -> Iterator[str]:
    """How columns of other names were understood."""
    if header.read_as:
        said = ", ".join(f"{column} from {word}" for column, word in header.read_as)
        yield f"columns by other names: {said}"
    if header.ignored:
        yield f"columns that are not used: {', '.join(header.ignored)}"


def _with_photo(folder: Path, line: Line) -> Record:
    if not line.photo:
        return line.record
    return replace(line.record, picture=picture_below(folder, line.photo))


def _of_ldif(path: Path) -> list[Record]:
    """Entries without their pictures, which are read again when it is their turn."""
    found: list[Record] = []
    with path.open("rb") as file:
        for number, entry in enumerate(entries(file), 1):
            if number > RECORDS_MAX:
                raise Mistake(f"the file has more than {RECORDS_MAX} entries; part it")
            found.append(_record(path, number, entry))
    return found


def _record(path: Path, number: int, entry: Entry) -> Record:
    record, has_picture = person(number, entry.data)
    if not has_picture:
        return record
    return replace(record, picture=Picture(partial(_largest, path, entry.start, entry.length)))


def _largest(path: Path, start: int, length: int) -> bytes:
    """The largest picture of an entry. Raises Unusable where the file was changed meanwhile."""
    try:
        with path.open("rb") as file:
            file.seek(start)
            found = pictures_of(values_of(file.read(length)))
    except OSError as error:
        raise Unusable(f"the file cannot be read: {error.strerror}") from error
    if not found:
        raise Unusable("the file was changed while it was read")
    return max(found, key=_pixels)


def _pixels(data: bytes) -> int:
    """Pixels of a picture; less than of any where it is none."""
    try:
        seen = probe(data)
    except BadImage:
        return -1
    return seen.width * seen.height
