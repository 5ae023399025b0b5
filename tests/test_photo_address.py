"""URLs of photos: which file one names, and which files answer where that was never made."""

import pytest

from likeness.photo_address import PhotoAddress, url_of
from support.rows import photo


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("1024.jpg", "500.jpg"),
        ("512.jpg", "500.jpg"),
        ("500.jpg", "500.jpg"),
        ("499.jpg", "192.jpg"),
        ("16.jpg", "24.jpg"),
        ("original.jpg", "original.jpg"),
        ("500.png", None),
        ("500_still.png", None),
    ],
)
def test_an_address_leads_to_the_largest_size_below_it(asked: str, shown: str | None) -> None:
    """Of the same photo, in the same format."""
    mine = photo(sizes=(24, 32, 48, 72, 192, 500))
    address = PhotoAddress.parse(mine.stem + asked)

    assert address
    assert address.key == mine.stem + asked
    assert address.keys_in(mine)[:1] == ([mine.stem + shown] if shown else [])


def test_after_what_answers_come_the_smaller_sizes() -> None:
    """For a file that is lost; a size that was not made has those of the one that stands for it."""
    mine = photo(sizes=(24, 192, 500))
    keys = {}
    for asked in ("500", "1024", "original"):
        address = PhotoAddress.parse(mine.key(asked))
        assert address
        keys[asked] = [key.removeprefix(mine.stem) for key in address.keys_in(mine)]

    assert keys["500"] == keys["1024"] == ["500.jpg", "192.jpg", "24.jpg"]
    assert keys["original"] == ["original.jpg", *keys["500"]]


@pytest.mark.parametrize(("size", "name"), [("original", "original"), (192, "192"), (1024, "500")])
def test_the_url_of_a_size_is_that_of_the_one_below_it(size: int | str, name: str) -> None:
    mine = photo(sizes=(24, 192, 500))

    assert url_of("http://x", mine, size) == f"http://x/{mine.key(name)}"


@pytest.mark.parametrize(("frames", "expected"), [(1, "72"), (2, "72_still")])
def test_another_photo_has_the_same_size(frames: int, expected: str) -> None:
    """Still, if it moves; what does not move has no stills."""
    mine, other = photo(frames=2), photo(frames=frames)
    address = PhotoAddress.parse(mine.key("72_still"))

    assert address
    assert address.path_of(other) == other.key(expected)


@pytest.mark.parametrize(
    "path", ["", "avatars/", "avatars/2026-11-23/1_0_72.jpg", photo().key("0"), photo().key("x")]
)
def test_what_is_no_address_is_none(path: str) -> None:
    """Other paths, secrets that are too short, sizes that are no numbers."""
    assert PhotoAddress.parse(path) is None
