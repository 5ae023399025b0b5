"""What a browser says it likes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.avatars.accept import accepted
from likeness.model import FORMATS_MADE, Format

WEBP = (Format.WEBP,)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("image/avif,image/webp,image/apng,image/*,*/*;q=0.8", WEBP),
        ("image/webp", WEBP),
        ("IMAGE/WEBP ; q=0.1", WEBP),
        ("text/html, image/webp;v=b3;q=0.9", WEBP),
        ("image/webp;q=0", ()),
        ("image/webp; q=0.000, */*", ()),
        ("*/*", ()),
        ("image/*", ()),
        ("image/webpx", ()),
        ("", ()),
    ],
)
def test_a_format_is_liked_when_it_is_named(header: str, expected: tuple[Format, ...]) -> None:
    """And not when it is refused, or only meant by a star."""
    assert accepted([(b"accept", header.encode())], WEBP) == expected


def test_the_order_is_that_of_the_offer() -> None:
    """Several headers count as one."""
    headers = [(b"accept", b"image/webp"), (b"host", b"x"), (b"accept", b"image/png")]

    assert accepted(headers, (Format.PNG, Format.GIF, Format.WEBP)) == (Format.PNG, Format.WEBP)
    assert accepted(headers, ()) == ()


@given(st.binary(max_size=200))
def test_any_bytes_are_read(value: bytes) -> None:
    """Nothing that a stranger sends is an error."""
    assert set(accepted([(b"accept", value)], FORMATS_MADE)) <= set(Format)
