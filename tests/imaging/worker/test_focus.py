"""Where pictures draw the eye."""

import pytest
from PIL import Image, ImageDraw

from likeness.imaging.worker.focus import focus, focus_of_file
from likeness.model import Format
from support.pictures import encode, opened


def face_at(x: int, y: int, width: int = 1600, height: int = 1200) -> bytes:
    """A skin-coloured disc with eyes, on grey."""
    picture = Image.new("RGB", (width, height), (96, 100, 104))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((x - 160, y - 200, x + 160, y + 200), fill=(224, 172, 140))
    for eye in (-60, 60):
        draw.ellipse((x + eye - 24, y - 70, x + eye + 24, y - 30), fill=(30, 20, 20))
    return encode(picture, "JPEG", quality=90)


@pytest.mark.parametrize(("x", "y"), [(300, 400), (1300, 800), (800, 300)])
def test_a_face_is_found(x: int, y: int) -> None:
    """Within a fifth of the picture's sides."""
    data = face_at(x, y)

    for found in (focus(opened(data)), focus_of_file(data, Format.JPEG)):
        assert found
        assert abs(found[0] - x * 1000 // 1600) < 200
        assert abs(found[1] - y * 1000 // 1200) < 200


@pytest.mark.parametrize("size", [(512, 512), (513, 2000), (4096, 512)])
def test_any_shape_has_a_focus_inside(size: tuple[int, int]) -> None:
    """In thousandths."""
    picture = Image.new("RGB", size, (9, 99, 200))

    for found in (focus(picture), focus_of_file(encode(picture, "JPEG"), Format.JPEG)):
        assert found
        assert all(0 <= place <= 1000 for place in found)


def test_a_large_picture_is_looked_at_by_samples() -> None:
    """Each fourth pixel of each fourth row, with the same result."""
    found = focus(opened(face_at(1300, 800)).resize((6400, 4800)))

    assert found
    assert abs(found[0] - 812) < 200
    assert abs(found[1] - 667) < 200


def test_without_a_jpeg_there_is_no_focus() -> None:
    """And what is damaged is no reason to refuse a picture that is made already."""
    assert focus_of_file(encode(Image.new("RGB", (512, 512)), "PNG"), Format.PNG) is None
    assert focus_of_file(face_at(300, 400)[:200], Format.JPEG) is None
