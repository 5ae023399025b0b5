"""How long bodies may be, and that each share of the memory is enough for a call."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.webapi.budget import Shares
from likeness.webapi.content_type import JSON, MULTIPART, TEXT, URLENCODED
from likeness.webapi.json_object import JSON_LENGTH_MAX
from likeness.webapi.limits import FIELDS_LENGTH_MAX, RequestLimits
from likeness.webapi.methods import METHODS

MIB = 2**20


def test_only_methods_with_a_file_get_room_for_one() -> None:
    limits = RequestLimits()
    assert limits.upload_length_max(METHODS["users.info"]) == 0
    assert limits.upload_length_max(METHODS["users.setPhoto"]) == 10 * MIB
    assert limits.upload_length_max(METHODS["users.preparePhoto"]) == 32 * MIB


@pytest.mark.parametrize(
    ("media", "upload_mib", "length_max"),
    [
        (MULTIPART, 0, FIELDS_LENGTH_MAX),
        (MULTIPART, 10, FIELDS_LENGTH_MAX + 10 * MIB),
        (MULTIPART, 32, FIELDS_LENGTH_MAX + 32 * MIB),
        (URLENCODED, 0, FIELDS_LENGTH_MAX),
        (URLENCODED, 10, FIELDS_LENGTH_MAX + 30 * MIB),
        (URLENCODED, 32, FIELDS_LENGTH_MAX + 30 * MIB),
        (TEXT, 10, FIELDS_LENGTH_MAX + 10 * MIB),
        ("", 0, FIELDS_LENGTH_MAX),
        (JSON, 0, JSON_LENGTH_MAX),
        (JSON, 32, JSON_LENGTH_MAX),
    ],
)
def test_the_length_of_a_body_follows_from_its_type_and_picture(
    media: str, upload_mib: int, length_max: int
) -> None:
    """Percent signs make three bytes of one; JSON has no picture."""
    assert RequestLimits().body_length_max(media, upload_mib * MIB) == length_max


def test_shares_are_parts_of_the_whole() -> None:
    """A quarter, an eighth and a sixteenth of 256 MiB."""
    assert RequestLimits().shares == Shares(256 * MIB, 64 * MIB, 32 * MIB, 16 * MIB)


@given(st.integers(1, 300 * MIB), st.integers(1, 50 * MIB), st.integers(1, 50 * MIB))
def test_each_share_is_enough_for_a_call(whole: int, image: int, prepared: int) -> None:
    """Whatever the settings are; the whole alone is what the operator says."""
    limits = RequestLimits(30, image, prepared, whole)
    shares = limits.shares

    assert shares.whole == whole
    assert shares.person >= 2 * max(image, prepared)
    assert shares.address >= limits.body_length_max(MULTIPART, image)
    assert shares.strangers == 2 * shares.address
