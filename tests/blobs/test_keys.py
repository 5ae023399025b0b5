"""The grammar of keys; tests/contract/test_blobs.py tries it on every store."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.blobs.keys import KEY_LENGTH_MAX, check_key, check_prefix, is_key
from support.rows import photo


@given(
    segments=st.lists(
        st.from_regex(r"[0-9a-z_-][0-9a-z._-]{0,20}", fullmatch=True), min_size=2, max_size=6
    )
)
def test_two_segments_and_more_are_a_key(segments: list[str]) -> None:
    """As long as it is not too long."""
    key = "/".join(segments)

    assert is_key(key) == (len(key) <= KEY_LENGTH_MAX)


@given(text=st.text(max_size=40))
def test_no_key_leads_out_of_a_store(text: str) -> None:
    """Whatever it says: no segment is empty or begins with a dot."""
    if is_key(text):
        assert all(segment and segment[0] != "." for segment in text.split("/"))
    else:
        with pytest.raises(ValueError, match="no blob key"):
            check_key(text)


def test_every_key_of_ours_is_one() -> None:
    """Also in the year 9999."""
    late = photo(day=date(9999, 12, 31), id=999_999_999_999)

    for key in (*late.blob_keys(), *late.copy_keys()):
        check_key(key)


@pytest.mark.parametrize(("prefix", "is_right"), [("a", True), ("a/b", True), ("a/", False)])
def test_a_prefix_is_whole_segments(prefix: str, is_right: bool) -> None:
    """What a key can begin with."""
    if is_right:
        check_prefix(prefix)
        return
    with pytest.raises(ValueError, match="no blob key"):
        check_prefix(prefix)
