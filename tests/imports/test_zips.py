"""Zips as programs pack them, and as attackers do."""

import struct
import zlib
from collections.abc import Sequence
from contextlib import suppress
from io import FileIO
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from likeness.errors import Mistake
from likeness.imports import zips
from likeness.imports.records import Record, Unusable
from likeness.imports.zip_bounds import ENTRY_LENGTH_MAX
from likeness.imports.zips import opened_zip

PIXELS = b"pretend that these are pixels"


def packed(path: Path, *names: str, method: int = ZIP_STORED) -> Path:
    """A zip with entries of these names."""
    with ZipFile(path, "w", method) as archive:
        for name in names:
            archive.writestr(ZipInfo(name, (2026, 11, 28, 12, 30, 0)), PIXELS)
    return path


def listed(path: Path) -> Sequence[Record]:
    """The rows of a zip."""
    with opened_zip(path) as records:
        return records


def content(record: Record) -> bytes:
    """The picture of a row."""
    assert record.picture
    return record.picture.read()


@pytest.mark.parametrize("method", [ZIP_STORED, ZIP_DEFLATED])
def test_entries_are_rows_and_noise_is_none(tmp_path: Path, method: int) -> None:
    """Numbers are those of the entries, so that somebody finds them."""
    names = ["photos/", "photos/ada@x.org.jpg", "__MACOSX/._ada@x.org.jpg", ".DS_Store", "4711.png"]
    path = packed(tmp_path / "a.zip", *names, method=method)

    with opened_zip(path) as records:
        assert [(each.number, each.email) for each in records] == [(2, "ada@x.org"), (5, "4711")]
        assert [content(each) for each in records] == [PIXELS] * 2
        made_at = records[0].picture and records[0].picture.made_at
        assert made_at
        assert made_at.replace(tzinfo=None).isoformat() == "2026-11-28T12:30:00"


def test_no_name_is_ever_a_path(tmp_path: Path) -> None:
    """Nothing is written, whatever an entry is called."""
    names = ["../../outside.jpg", "/etc/passwd", "C:\\windows\\ada.jpg", "nul\0.exe"]
    packed(tmp_path / "a.zip", *names)

    records = listed(tmp_path / "a.zip")

    assert [each.user_name for each in records] == ["outside", "passwd", "ada", "nul"]
    assert [path.name for path in tmp_path.rglob("*")] == ["a.zip"]


def test_names_in_utf8_are_read_also_where_nobody_said_so(tmp_path: Path) -> None:
    """As macOS packs them; names in CP437 are what Windows packs."""
    path = packed(tmp_path / "a.zip", "zo\xeb.jpg", "zoX.jpg", "zoYY.jpg")
    data = path.read_bytes()
    path.write_bytes(data.replace(b"zoX", b"zo\x89").replace(b"zoYY", "zoë".encode()))

    assert [each.user_name for each in listed(path)] == ["zoë"] * 3


def test_a_time_that_never_was_is_none(tmp_path: Path) -> None:
    """Month 0 is what some programs write."""
    path = packed(tmp_path / "a.zip", "ada.jpg")
    with ZipFile(path) as archive:
        info = archive.infolist()[0]
    info.date_time = (1980, 0, 0, 0, 0, 0)

    with patch.object(ZipFile, "infolist", lambda _: [info]):
        assert [each.picture and each.picture.made_at for each in listed(path)] == [None]


def test_what_one_entry_may_not_be_is_its_fault_alone(tmp_path: Path) -> None:
    """An encrypted one, and a zip in the zip."""
    path = packed(tmp_path / "a.zip", "secret.jpg", "more.zip", "ada.jpg")
    with ZipFile(path) as archive:
        infos = archive.infolist()
    infos[0].flag_bits |= 1

    with patch.object(ZipFile, "infolist", lambda _: infos):
        faults = [each.fault for each in listed(path)]

    assert "encrypted" in faults[0]
    assert "within the zip" in faults[1]
    assert faults[2] == ""


def test_an_entry_that_lies_about_its_length_is_not_unpacked_whole(tmp_path: Path) -> None:
    """It says one kilobyte and has more than the bound: reading ends there."""
    path = tmp_path / "a.zip"
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr("bomb.jpg", bytes(ENTRY_LENGTH_MAX * 2))
    with ZipFile(path) as archive:
        info = archive.infolist()[0]
    claimed = struct.pack("<L", info.file_size)
    path.write_bytes(path.read_bytes().replace(claimed, struct.pack("<L", 1000)))

    with opened_zip(path) as [record], pytest.raises(Unusable, match="cannot be unpacked"):
        content(record)


def test_an_entry_of_more_than_the_bound_is_refused_while_it_is_read(tmp_path: Path) -> None:
    """Whatever the list said."""
    path = packed(tmp_path / "a.zip", "ada.jpg")

    with (
        patch.object(zips, "ENTRY_LENGTH_MAX", 10),
        opened_zip(path) as [record],
        pytest.raises(Unusable, match="more than 10 bytes"),
    ):
        content(record)


@pytest.mark.parametrize("at", [0, 40, 60])
def test_a_damaged_entry_is_a_fault(tmp_path: Path, at: int) -> None:
    """Its head, its name or its bytes: the checksum tells."""
    path = packed(tmp_path / "a.zip", "ada.jpg")
    data = bytearray(path.read_bytes())
    data[at] ^= 0xFF
    path.write_bytes(data)

    with opened_zip(path) as [record], pytest.raises(Unusable):
        content(record)


@pytest.mark.parametrize("place", [2**40, 2**63 - 1, 2**63, 2**64 - 1])
def test_an_entry_that_lies_nowhere_is_its_fault_alone(tmp_path: Path, place: int) -> None:
    """ZIP64 has room for places beyond the end of the file, and of every file."""
    path = packed(tmp_path / "a.zip", "ada.jpg", "bob.jpg")
    data = bytearray(path.read_bytes())
    at, end = data.rfind(b"PK\1\2"), data.rfind(b"PK\5\6")
    extra = struct.pack("<2HQ", 1, 8, place)
    struct.pack_into("<L", data, end + 12, end - data.find(b"PK\1\2") + len(extra))
    struct.pack_into("<L", data, at + 42, 0xFFFFFFFF)
    struct.pack_into("<H", data, at + 30, len(extra))
    data[end:end] = extra
    path.write_bytes(data)

    with opened_zip(path) as [ada, bob]:
        assert content(ada) == PIXELS
        with pytest.raises(Unusable):
            content(bob)


def overlapping(entries: int) -> bytes:
    """A zip of many entries over one body, as 'a better zip bomb' has it."""
    body = zlib.compressobj(9, zlib.DEFLATED, -15)
    deflated = body.compress(bytes(100_000)) + body.flush()
    crc = zlib.crc32(bytes(100_000))
    sizes = (crc, len(deflated), 100_000, 5, 0)
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 0, *sizes) + b"a.jpg" + deflated
    one = (
        struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 8, 0, 0, *sizes, 0, 0, 0, 0, 0) + b"a.jpg"
    )
    directory = one * entries
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, entries, entries, len(directory), len(local), 0)
    return local + directory + end


def test_a_zip_of_overlapping_bodies_is_refused(tmp_path: Path) -> None:
    """Before anything of it is unpacked."""
    path = tmp_path / "bomb.zip"
    path.write_bytes(overlapping(60_000))

    with pytest.raises(Mistake, match="over each other"):
        listed(path)


@pytest.mark.parametrize("data", [b"", b"hello", b"PK\5\6"])
def test_what_is_no_zip_is_told(tmp_path: Path, data: bytes) -> None:
    """It may only be called one."""
    path = tmp_path / "a.zip"
    path.write_bytes(data)

    with pytest.raises(Mistake, match="zip"):
        listed(path)


def test_a_list_that_cannot_be_is_told(tmp_path: Path) -> None:
    """The end says that there is one, and there is none."""
    path = tmp_path / "a.zip"
    path.write_bytes(b"x" * 100 + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, 50, 50, 0))

    with pytest.raises(Mistake, match="cannot be read as a zip"):
        listed(path)


def test_nothing_reads_more_at_once_than_a_list_may_have(tmp_path: Path) -> None:
    """Two readers may see two ends in one file; the one that unpacks is held to the bound too."""
    path = packed(tmp_path / "a.zip", "ada.jpg")

    with zips._Bounded(FileIO(path)) as file, patch.object(zips, "DIRECTORY_LENGTH_MAX", 40):
        assert file.read(4) == b"PK\3\4"
        for wanted in (-1, 41):
            file.seek(0)
            with pytest.raises(BadZipFile, match="more than 40 bytes"):
                file.read(wanted)


@example([(444, 0)])  # An entry without a name.
@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=8))
def test_any_damage_is_a_mistake_or_the_fault_of_a_row(changes: list[tuple[int, int]]) -> None:
    """Nothing else is raised, whichever bytes of a zip are others."""
    with TemporaryDirectory() as folder:
        path = packed(Path(folder) / "a.zip", "ada.jpg", "b/bob.png", method=ZIP_DEFLATED)
        data = bytearray(path.read_bytes())
        for at, value in changes:
            data[at % len(data)] = value
        path.write_bytes(data)

        with suppress(Mistake), opened_zip(path) as records:
            for record in records:
                with suppress(Unusable):
                    assert record.fault or content(record) is not None
