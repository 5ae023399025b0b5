"""What codes and chromaticities mean: a curve, and a matrix that keeps white white."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.imaging.formats.colours import (
    IDENTITY,
    PEAK_NITS,
    SRGB,
    SRGB_PRIMARIES,
    Chromaticities,
    Colours,
    Curve,
    Matrix,
    of_codes,
    of_power,
)

D65 = (0.3127, 0.3290)
DISPLAY_P3 = (*D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060)
PROPHOTO = (0.3457, 0.3585, 0.7347, 0.2653, 0.1596, 0.8404, 0.0366, 0.0001)

_POINTS = st.floats(0, 42_950, allow_nan=False)


def is_near(found: Matrix, expected: Matrix, tolerance: float = 2e-4) -> bool:
    """Whether two matrices are the same but for rounding."""
    pairs = zip(sum(found, ()), sum(expected, ()), strict=True)
    return all(abs(one - other) <= tolerance for one, other in pairs)


def test_srgb_needs_no_change() -> None:
    """By codes; and its primaries take no matrix."""
    assert of_codes(1, 13) == SRGB
    assert of_power(1.8) == of_power(1.8, SRGB_PRIMARIES) == Colours(Curve.POWER, IDENTITY, 1.8)


def test_display_p3_and_bt2020_have_the_matrices_of_the_books() -> None:
    """CSS Color 4 prints both."""
    p3, bt2020 = of_codes(12, 13), of_codes(9, 14)

    assert p3
    assert bt2020
    assert p3.curve is Curve.SRGB
    assert is_near(
        p3.to_srgb, ((1.2249, -0.2249, 0), (-0.0420, 1.0420, 0), (-0.0197, -0.0786, 1.0983))
    )
    assert (bt2020.curve, bt2020.exponent) == (Curve.POWER, 2.4)
    assert is_near(
        bt2020.to_srgb,
        ((1.6605, -0.5876, -0.0728), (-0.1246, 1.1329, -0.0083), (-0.0182, -0.1006, 1.1187)),
    )


@pytest.mark.parametrize(
    ("transfer", "curve", "exponent"),
    [
        (1, Curve.POWER, 2.4),
        (4, Curve.POWER, 2.2),
        (5, Curve.POWER, 2.8),
        (6, Curve.POWER, 2.4),
        (8, Curve.POWER, 1.0),
        (13, Curve.SRGB, 1.0),
        (15, Curve.POWER, 2.4),
        (16, Curve.PQ, 1.0),
        (18, Curve.HLG, 1.0),
    ],
)
def test_each_code_has_its_curve(transfer: int, curve: Curve, exponent: float) -> None:
    """ITU-T H.273, table 3, as browsers read it."""
    found = of_codes(1, transfer)

    assert found
    assert (found.curve, found.exponent) == (curve, exponent)


@pytest.mark.parametrize("codes", [(2, 13), (1, 2), (0, 13), (1, 0), (99, 13), (1, 99), (10, 13)])
def test_codes_that_nobody_knows_say_nothing(codes: tuple[int, int]) -> None:
    """2 is "unspecified"."""
    assert of_codes(*codes) is None


def test_the_peak_is_kept_where_brightness_is_mapped() -> None:
    """1000 where a file does not say."""
    found = [of_codes(9, 16), of_codes(9, 18, 400)]

    assert [PEAK_NITS, 400] == [each.peak_nits for each in found if each]


@pytest.mark.parametrize(
    "primaries", [DISPLAY_P3, PROPHOTO, (*D65, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)]
)
def test_white_stays_white(primaries: Chromaticities) -> None:
    """Whatever white the primaries have."""
    found = of_power(2.2, primaries)

    assert found
    assert all(abs(sum(row) - 1) < 1e-9 for row in found.to_srgb)


def test_another_white_is_adapted() -> None:
    """ProPhoto's is D50; the matrix is that of CSS Color 4."""
    found = of_power(1.8, PROPHOTO)

    assert found
    assert is_near(
        found.to_srgb,
        ((2.0343, -0.7276, -0.3067), (-0.2288, 1.2317, -0.0029), (-0.0086, -0.1533, 1.1619)),
        tolerance=2e-3,
    )


@pytest.mark.parametrize(
    "primaries",
    [
        (*D65, 0.64, 0.33, 0.64, 0.33, 0.15, 0.06),
        (0.3127, 0.0, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06),
        (0.9, 0.05, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06),
        (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    ],
)
def test_primaries_that_span_no_colours_say_nothing(primaries: Chromaticities) -> None:
    """Red that is green, white that is black or outside, nothing at all."""
    assert of_power(2.2, primaries) is None


@given(st.tuples(*[_POINTS] * 8))
def test_any_chromaticities_are_a_matrix_or_nothing(primaries: Chromaticities) -> None:
    """All that cHRM can hold; never an error, never a number that is none."""
    found = of_power(2.2, primaries)

    assert found is None or all(abs(value) < 1e30 for value in sum(found.to_srgb, ()))
