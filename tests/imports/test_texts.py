"""Bytes of a table to its text."""

import codecs
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.errors import Mistake
from likeness.imports.texts import TEXT_LENGTH_MAX, decoded

ENCODINGS = {
    "utf-8": b"",
    "utf-8-sig": b"",
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
}


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(st.text().filter(lambda text: not text.startswith("\ufeff")))
def test_a_text_comes_back_from_each_encoding(encoding: str, text: str) -> None:
    """With the mark that programs put before it, which is no part of it."""
    assert decoded(ENCODINGS[encoding] + text.encode(encoding)) == text


@given(st.binary())
def test_any_bytes_are_a_text_or_a_mistake(data: bytes) -> None:
    """Nothing else is raised."""
    with suppress(Mistake):
        decoded(data)


def test_another_encoding_is_told_with_its_line() -> None:
    """Latin 1 is what an old Excel writes."""
    with pytest.raises(Mistake, match="line 2 of the file is not UTF-8"):
        decoded("email,name\na@x.org,Zoë\n".encode("latin-1"))


def test_a_file_beyond_all_measure_is_refused() -> None:
    """Before it is decoded."""
    with pytest.raises(Mistake, match=f"at most {TEXT_LENGTH_MAX}"):
        decoded(bytes(TEXT_LENGTH_MAX + 1))
