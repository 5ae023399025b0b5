"""LDIF as servers write it, and as RFC 2849 allows it."""

import io
from base64 import b64encode
from textwrap import wrap
from unittest.mock import patch
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.errors import Mistake
from likeness.imports import ldif
from likeness.imports.ldif import entries, person, pictures_of, values_of
from likeness.imports.records import Record, Unusable

ADA = b"""\
dn: uid=ada,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: ada
cn: Ada Lovelace
displayName:: QWRhIFrDtsOr
mail: ada@example.org
mail: lovelace@example.org
entryUUID: 7b0cd8a4-0000-4000-8000-000000000001
"""
GUID = UUID("7b0cd8a4-1111-4222-8333-000000000002")


def read(data: bytes) -> Record:
    """The one person of an entry."""
    return person(1, data)[0]


def test_an_entry_says_who_somebody_is() -> None:
    """`displayName` before `cn`, in base64 where it is not ASCII."""
    assert read(ADA) == Record(
        1,
        "ada@example.org",
        "ada@example.org",
        ("lovelace@example.org",),
        "7b0cd8a4-0000-4000-8000-000000000001",
        "ada",
        "Ada Zöë",
    )


def test_active_directory_has_other_names() -> None:
    """`objectGUID` is 16 bytes, of which the first groups are the other way round."""
    guid = b64encode(GUID.bytes_le)
    record = read(b"dn: CN=Ada\nsAMAccountName: ada\ncn: Ada\nobjectGUID:: " + guid)

    assert (record.external_id, record.user_name, record.name) == (str(GUID), "ada", "Ada")
    assert read(b"dn: x\nobjectGUID: written-out").external_id == "written-out"


@given(st.binary(min_size=1, max_size=300), st.integers(2, 80))
def test_a_folded_value_in_base64_comes_back(data: bytes, width: int) -> None:
    """Lines go on where the next one begins with a space; comments are folded too."""
    folded = "\n ".join(wrap(b64encode(data).decode(), width))
    entry = f"# a comment\n that goes on\ndn: x\njpegPhoto:: {folded}\nmail: a@x.org\n".encode()

    assert pictures_of(values_of(entry)) == [data]
    assert person(1, entry)[1]


@given(st.binary())
def test_any_bytes_are_entries(data: bytes) -> None:
    """What is not LDIF is a fault of its entry."""
    for entry in entries(io.BytesIO(data)):
        assert data[entry.start :].startswith(entry.data)
        person(1, entry.data)


def test_entries_lie_where_they_say() -> None:
    """With line ends of either kind; the version and comments are no entries."""
    data = b"version: 1\n\n# nobody\n\n" + ADA + b"\n\r\n\n" + ADA.replace(b"\n", b"\r\n")

    found = list(entries(io.BytesIO(data)))

    assert [data[each.start : each.start + each.length] for each in found] == [
        each.data for each in found
    ]
    assert [person(1, each.data)[0].name for each in found] == ["Ada Zöë"] * 2


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (b"changetype: delete", "the entry is a change"),
        (b"control: 1.2.3", "the entry is a change"),
        (b"jpegPhoto:< file:///etc/passwd", "jpegphoto lies behind a URL, which is not followed"),
        (b"jpegPhoto:: &&&", "jpegphoto is not the base64 that it says it is"),
        (b"nonsense", "the line 'nonsense' is not LDIF"),
    ],
)
def test_what_cannot_be_used_is_a_fault(line: bytes, fault: str) -> None:
    """Of that entry alone."""
    record, has_picture = person(7, ADA + line)

    assert fault in record.fault
    assert record.key == "entry 7"
    assert not has_picture
    with pytest.raises(Unusable):
        values_of(ADA + line)


def test_attributes_that_nobody_needs_may_be_anything() -> None:
    """Also values behind URLs: they are not asked for."""
    more = b"description:< file:///etc/passwd\ndisplayName;lang-de: Anders\njpegPhoto;binary: x"
    record, has_picture = person(1, ADA + more)

    assert (record.name, record.fault) == ("Ada Zöë", "")
    assert has_picture


def test_an_entry_about_nobody_has_a_fault() -> None:
    """Such as that of a group; it is called by its name there."""
    record = read(b"dn: ou=people,dc=example\nou: people\njpegPhoto: x")

    assert record.key == "ou=people,dc=example"
    assert "no mail, uid" in record.fault
    assert read(b"ou: people").key == "entry 1"


def test_every_picture_of_an_entry_is_there() -> None:
    """The empty ones are none."""
    values = values_of(b"thumbnailPhoto: small\njpegPhoto: one\njpegPhoto: two\njpegPhoto:\n")

    assert pictures_of(values) == [b"one", b"two", b"small"]


def test_an_entry_beyond_all_measure_is_refused() -> None:
    """It is never held in memory."""
    with patch.object(ldif, "ENTRY_LENGTH_MAX", 100), pytest.raises(Mistake, match="more than 100"):
        list(entries(io.BytesIO(ADA)))
