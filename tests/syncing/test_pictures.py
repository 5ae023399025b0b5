"""Which of an entry's pictures is somebody's photo."""

import pytest

from likeness.directory.port import Values
from likeness.syncing.pictures import PICTURES_MAX, largest
from support.organisation import picture
from support.pictures import jpeg

NAMES = ("thumbnailPhoto", "jpegPhoto")
SMALL, LARGE = picture(1), jpeg(300, 300)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"thumbnailphoto": [SMALL], "jpegphoto": [LARGE]}, LARGE),
        ({"thumbnailphoto": [LARGE], "jpegphoto": [SMALL]}, LARGE),
        ({"jpegphoto": [SMALL, LARGE]}, LARGE),
        ({"jpegphoto": [b"no picture", SMALL]}, SMALL),
        ({"jpegphoto": [b"no picture"]}, b"no picture"),
        ({"photo": [LARGE], "jpegphoto": [b""]}, None),
        ({}, None),
    ],
)
def test_the_larger_picture_is_taken(values: Values, expected: bytes | None) -> None:
    """What is no picture is taken only where there is none, so that it is told."""
    assert largest(values, NAMES) == expected


def test_very_many_pictures_are_not_looked_at() -> None:
    assert largest({"jpegphoto": [SMALL] * PICTURES_MAX + [LARGE]}, NAMES) == SMALL
