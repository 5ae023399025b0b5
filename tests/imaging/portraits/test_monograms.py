"""Initials: drawn in every script, in the middle, and read by everybody."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.imaging.portraits.colours import WHITE, contrast, plain_colour
from likeness.imaging.portraits.letters import initials_of
from likeness.imaging.portraits.monograms import can_be_drawn, monogram
from likeness.imaging.portraits.nobody import silhouette
from likeness.imaging.portraits.patterns import emblem
from likeness.imaging.portraits.traits import Traits
from likeness.imaging.portraits.typefaces import PLAIN
from support.portraits import digest, is_plain_outside, pixels

SIDE = 96
NAMES = [
    "Ada Lovelace", "O'Neil", "3M", "Ng Thị Minh", "Åsa Öberg", "Ṩ Ḕ", "İpek Iş", "Wm Mw", "J Q",
    "Ελένη Παπαδοπούλου", "Юрий Гагарин", "Արամ Խաչատրյան", "თამარ მეფე", "דוד לוי", "محمد علي",
    "अमिताभ बच्चन", "ক্ষমা রায়", "ਪੰਜਾਬੀ", "ગુજરાતી", "ଓଡ଼ିଆ", "தமிழ்", "తెలుగు రావు",
    "ಕನ್ನಡ", "മലയാളം", "සිංහල", "สมชาย ใจดี", "ຄຳ", "မြန်မာ", "ភាសា ខ្មែរ", "አበበ ቢቂላ",
    "李小龍", "山田 太郎", "さくら", "김철수", "क़मर", "Ọ́lá", "X̂enia", "J̌",
]  # fmt: skip


def ink(data: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """How white each pixel is: 0 for the ground, 1 for a letter."""
    shown = pixels(data)[:, :, 0].astype(np.float64)
    ground = shown[0, 0]
    return np.asarray((shown - ground) / (255 - ground))


@pytest.mark.parametrize("name", NAMES)
def test_letters_of_every_script_are_drawn_in_the_middle(name: str) -> None:
    """Enough ink to be read, as far from the left as from the right, from above as from below."""
    data = monogram(digest("ada"), SIDE, initials_of(name))
    rows, columns = np.nonzero(ink(data) > 0.5)

    assert ink(data).max() == 1
    assert len(rows) > 0.015 * SIDE**2
    assert abs(rows.min() + rows.max() - (SIDE - 1)) <= 2
    assert abs(columns.min() + columns.max() - (SIDE - 1)) <= 2


def test_all_of_them_look_different() -> None:
    """Which they would not if some were the box of what a font lacks."""
    letters = {initials_of(name) for name in NAMES}

    assert len({monogram(digest("ada"), SIDE, each) for each in letters}) == len(letters)


@given(st.text(max_size=10))
def test_whatever_is_asked_for_stays_within_the_circle(text: str) -> None:
    """The ground alone is outside of it, or it is the silhouette."""
    data = monogram(digest("ada"), SIDE, text)

    assert data == silhouette(SIDE) or is_plain_outside(data)


def test_letters_are_read_on_every_ground() -> None:
    """The file has the very colours whose contrast is promised."""
    for number in range(200):
        shown = pixels(monogram(digest(number), 48, "HI"))
        ground = plain_colour(Traits(digest(number)))

        assert tuple(shown[0, 0]) == ground
        assert (shown == 255).all(axis=2).any()
        assert contrast(ground, WHITE) >= 4.5


def test_letters_without_a_font_are_left_out() -> None:
    """One that is there is shown alone; with none, a pattern stands there."""
    alone = monogram(digest("ada"), SIDE, "A")

    assert monogram(digest("ada"), SIDE, "Aཀ") == alone
    assert monogram(digest("ada"), SIDE, "ཀཁ") == emblem(digest("ada"), SIDE)
    assert monogram(digest("ada"), SIDE, "李", PLAIN) == emblem(digest("ada"), SIDE)


@pytest.mark.parametrize("text", ["", " ", "🙂", "--"])
def test_without_a_letter_nobody_is_shown(text: str) -> None:
    """There was nothing to draw, whatever the fonts."""
    assert monogram(digest("ada"), SIDE, text) == silhouette(SIDE)


@pytest.mark.parametrize(
    ("text", "is_whole", "is_whole_without_extras"),
    [
        ("AL", True, True),
        ("A李", True, False),
        ("Aཀ", False, False),
        ("ཀ", False, False),
        ("", True, True),
    ],
)
def test_what_cannot_be_drawn_is_known(
    text: str, is_whole: bool, is_whole_without_extras: bool
) -> None:
    """One letter that is left out is enough."""
    assert can_be_drawn(text) == is_whole
    assert can_be_drawn(text, PLAIN) == is_whole_without_extras


def test_scripts_written_to_the_left_begin_on_the_right() -> None:
    """Alef has more ink than yod, so that its side is the darker one."""
    columns = ink(monogram(digest("ada"), SIDE, "שי")).sum(axis=0)
    left, right = columns[: SIDE // 2].sum(), columns[SIDE // 2 :].sum()

    assert right > left


def test_accents_stand_above_and_below() -> None:
    """Even those that fonts have no single letter for."""
    plain, above, below = (
        ink(monogram(digest("ada"), SIDE, text)) > 0.5 for text in ("X", "X\u0302", "X\u0332")
    )

    # A clear row parts the mark from the letter.
    for shown in (above, below):
        rows = np.flatnonzero(shown.any(axis=1))
        assert (np.diff(rows) > 1).sum() == 1
        columns = np.flatnonzero(shown.any(axis=0))
        assert abs(columns.min() + columns.max() - (SIDE - 1)) <= 2
    assert (np.diff(np.flatnonzero(plain.any(axis=1))) == 1).all()


def test_letters_are_large() -> None:
    """Two capitals take half the width of the frame."""
    columns = np.flatnonzero(ink(monogram(digest("ada"), 192, "AL")).max(axis=0) > 0.5)

    assert columns[-1] - columns[0] > 0.5 * 192


@pytest.mark.parametrize("side", [1, 2, 16, 24, 1500])
def test_any_side(side: int) -> None:
    """From one pixel on."""
    assert pixels(monogram(digest("ada"), side, "AL")).shape == (side, side, 3)
