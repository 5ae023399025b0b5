"""The first look: dispatch by content, no surprise for any bytes, within a budget of steps."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.errors import BadImage
from likeness.imaging.formats.steps import Steps
from likeness.imaging.probe import Probe, parse, probe
from likeness.model import Format
from support import blocks, pictures

VALID = [
    pictures.encode(pictures.photo(24, 16), "JPEG"),
    pictures.encode(pictures.photo(24, 16), "JPEG", progressive=True, comment=b"hello"),
    pictures.encode(pictures.photo(24, 16), "PNG", save_all=True),
    pictures.encode(pictures.photo(24, 16).quantize(16), "PNG", transparency=3),
    pictures.gif(24, 16, 3),
    pictures.encode(pictures.photo(24, 16), "WEBP", exif=b"Exif\0\0" + blocks.exif(6)),
    pictures.encode(
        pictures.photo(24, 16), "WEBP", save_all=True, append_images=[pictures.photo(24, 16, 1)]
    ),
]


def attempt(data: bytes) -> Probe | None:
    """The probe of `data`; None where it is refused. Anything else is a failure."""
    try:
        return probe(data)
    except BadImage:
        return None


@pytest.mark.parametrize(
    ("name", "form"),
    [("JPEG", Format.JPEG), ("PNG", Format.PNG), ("GIF", Format.GIF), ("WEBP", Format.WEBP)],
)
def test_the_content_decides_the_format(name: str, form: Format) -> None:
    """One way in for all four."""
    data = pictures.encode(pictures.photo(40, 30), name)

    assert probe(data) == Probe(form, 40, 30)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", "no picture"),
        (b"/home/ada/photo.png", "text, such as a path"),
        (b"RIFF\x10\0\0\0AVI LIST", "no picture that we know"),
        (pictures.encode(pictures.photo(8, 8), "TIFF"), "a TIFF picture"),
        (b"\xff\xd8\xff", "this JPEG cannot be used: it is cut off; export it again"),
    ],
)
def test_everything_else_is_refused_with_a_reason(data: bytes, found: str) -> None:
    """The refusal says what was found, and that the image is at fault."""
    with pytest.raises(BadImage) as caught:
        probe(data)

    assert found in caught.value.message
    assert caught.value.argument == "image"


@pytest.mark.parametrize("turn", range(1, 9))
def test_upright_swaps_the_sides_of_a_picture_that_lies(turn: int) -> None:
    """Orientations 5 to 8 are turned by a quarter."""
    found = Probe(Format.JPEG, 40, 30, 1, turn, has_alpha=False)

    assert found.upright == ((30, 40) if turn > 4 else (40, 30))


@given(st.binary(max_size=300), st.sampled_from([b"", *(data[:16] for data in VALID)]))
def test_any_bytes_are_probed_or_refused(rest: bytes, start: bytes) -> None:
    """Nothing else is ever raised."""
    attempt(start + rest)


@given(st.data())
def test_a_damaged_picture_is_probed_or_refused(draw: st.DataObject) -> None:
    """Flip, cut or insert anywhere; what is accepted can be stripped and is accepted again."""
    data = bytearray(draw.draw(st.sampled_from(VALID)))
    for _ in range(draw.draw(st.integers(1, 4))):
        at = draw.draw(st.integers(0, len(data)))
        end = at + draw.draw(st.sampled_from([0, 1, 1, 2, 40, len(data)]))
        data[at:end] = draw.draw(st.binary(max_size=12))

    found = attempt(bytes(data))

    if found is not None:
        again = probe(parse(bytes(data)).stripped())
        assert replace(again, is_damaged=False) == replace(found, orientation=1, is_damaged=False)


def test_steps_may_be_counted_and_are_limited() -> None:
    """Of whatever format; nothing is counted for what is no picture."""
    steps = Steps()

    parse(VALID[0], steps)

    assert 1 < steps.taken < 20
    for data in VALID:
        with pytest.raises(BadImage, match="made of more than 1 parts"):
            parse(data, Steps(1))
    with pytest.raises(BadImage, match="text"):
        parse(b"/home/ada/photo.png", Steps(0))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_can_be_turned_on_top_of_its_own_orientation(orientation: int) -> None:
    """Four quarters are none, two are a half, and a quarter swaps the sides."""
    seen = Probe(Format.JPEG, 600, 400, orientation=orientation)

    assert seen.turned(0) == seen
    assert seen.turned(90).turned(90) == seen.turned(180)
    assert seen.turned(180).turned(180) == seen.turned(270).turned(90) == seen
    assert seen.turned(90).upright == seen.upright[::-1]
