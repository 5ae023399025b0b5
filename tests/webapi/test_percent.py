"""Percent-decoding: the same as Python's own, in memory that does not explode."""

import tracemalloc
from urllib.parse import quote_from_bytes, unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.webapi.percent import decode
from likeness.webapi.slices import SLICE_LENGTH

ODD = st.text("%+=0123789aAfFgG\n\r_& ").map(str.encode)
"""What escapes, and quoted-printable, are made of; much of it malformed."""

MEBIBYTE = 2**20


def expected(encoded: bytes) -> bytes:
    """What Python's own function makes of a form."""
    return unquote_to_bytes(encoded.replace(b"+", b" "))


@given(st.binary() | ODD)
def test_it_is_what_python_makes_of_it(encoded: bytes) -> None:
    assert decode(encoded) == expected(encoded)


@given(st.binary() | ODD, st.integers(0, 40), st.integers(0, 40))
def test_a_part_of_the_bytes_is_decoded_alone(encoded: bytes, start: int, stop: int) -> None:
    """An escape that the part cuts stands for itself."""
    assert decode(encoded, start, stop) == expected(encoded[start:stop])


@given(ODD, ODD, st.integers(0, 4))
def test_an_escape_may_lie_where_two_slices_meet(before: bytes, after: bytes, at: int) -> None:
    edge = b"x" * max(0, SLICE_LENGTH - len(before) - at)
    encoded = edge + before + after
    assert decode(encoded) == expected(encoded)


@pytest.mark.parametrize("byte", range(256))
def test_every_byte_comes_back(byte: int) -> None:
    """As itself, and escaped in large and small letters."""
    raw = bytes([byte])
    quoted = quote_from_bytes(raw, safe="").encode()
    assert decode(quoted) == decode(b"%%%02x" % byte) == decode(b"%%%02X" % byte) == raw
    assert decode(raw * 3) == expected(raw * 3)


@pytest.mark.parametrize("unit", [b"%41", b"%41a", b"%%", b"%4", b"=", b"+", b"a", b"=%3D"])
def test_memory_is_that_of_what_comes_out(unit: bytes) -> None:
    """Whatever the bytes are: a mebibyte of escapes cost 55 to 80 MB."""
    encoded = unit * (2 * MEBIBYTE // len(unit))

    tracemalloc.start()
    try:
        plain = decode(encoded)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 1.25 * len(plain) + 64 * SLICE_LENGTH
