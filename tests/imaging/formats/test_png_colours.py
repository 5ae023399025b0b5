"""Which of a PNG's chunks counts, and what it says."""

import struct

import pytest

from likeness.imaging.formats.colours import IDENTITY, PEAK_NITS, SRGB, Colours, Curve, of_codes
from likeness.imaging.formats.png_colours import by_codes, by_gamma
from support.kinds import DISPLAY_P3, chromaticities_payload, gamma_payload

P3 = bytes([12, 13, 0, 1])
PQ = bytes([9, 16, 0, 1])


def light(nits: int) -> bytes:
    """What cLLI holds."""
    return struct.pack(">II", nits * 10_000, 10_000)


def screen(nits: int) -> bytes:
    """What mDCV holds."""
    return bytes(16) + struct.pack(">II", nits * 10_000, 1)


def test_codes_name_colours() -> None:
    """And sRGB's are those of sRGB."""
    assert by_codes({b"cICP": P3}) == of_codes(12, 13)
    assert by_codes({b"cICP": bytes([1, 13, 0, 1])}) == SRGB


@pytest.mark.parametrize(
    "code", [bytes([12, 13, 1, 1]), bytes([12, 13, 0, 0]), bytes([2, 2, 0, 1])]
)
def test_what_is_no_rgb_of_full_range_says_nothing(code: bytes) -> None:
    """Nor what is unspecified."""
    assert by_codes({b"cICP": code}) is None


def test_without_codes_there_are_none() -> None:
    """Other chunks do not matter."""
    assert by_codes({b"gAMA": gamma_payload(1)}) is None


@pytest.mark.parametrize(
    ("chunks", "nits"),
    [
        ({}, PEAK_NITS),
        ({b"cLLI": light(300)}, 300),
        ({b"mDCV": screen(4000)}, 4000),
        ({b"cLLI": light(300), b"mDCV": screen(4000)}, 300),
        ({b"cLLI": light(0), b"mDCV": screen(4000)}, 4000),
        ({b"cLLI": light(0), b"mDCV": screen(0)}, PEAK_NITS),
    ],
)
def test_the_peak_is_that_of_the_picture_or_of_the_screen_that_it_was_made_on(
    chunks: dict[bytes, bytes], nits: float
) -> None:
    """A thousand where neither is said."""
    found = by_codes({b"cICP": PQ, **chunks})

    assert found
    assert found.peak_nits == nits


@pytest.mark.parametrize("gamma", [0.432, 0.45455, 0.477])
def test_the_gamma_of_screens_changes_nothing(gamma: float) -> None:
    """Also when it is rounded."""
    assert by_gamma({b"gAMA": gamma_payload(gamma)}) is None


@pytest.mark.parametrize("gamma", [0.00001, 0.431, 0.478, 1.0, 42_949])
def test_another_gamma_counts(gamma: float) -> None:
    """With the primaries of sRGB."""
    found = by_gamma({b"gAMA": gamma_payload(gamma)})

    assert found == Colours(Curve.POWER, IDENTITY, 1 / gamma)


def test_primaries_count_with_a_gamma() -> None:
    """Then 2.2 is not the curve of sRGB; without one they say nothing."""
    primaries = chromaticities_payload(*DISPLAY_P3)
    found = by_gamma({b"gAMA": gamma_payload(0.5), b"cHRM": primaries})
    p3 = of_codes(12, 13)

    assert p3
    assert found == Colours(Curve.POWER, p3.to_srgb, 2.0)
    assert by_gamma({b"cHRM": primaries}) is None


@pytest.mark.parametrize("chunks", [{}, {b"gAMA": gamma_payload(0)}])
def test_no_gamma_says_nothing(chunks: dict[bytes, bytes]) -> None:
    """Zero is none."""
    assert by_gamma(chunks) is None
