"""Initials of names: short, of any script, and never something that cannot be shown."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.imaging.portraits.letters import (
    LETTERS_MAX,
    initials_of,
    is_right_to_left,
    letters_of,
)

NAMES = {
    "": "",
    "  ": "",
    "!?": "",
    "🙂": "",
    "Ada Lovelace": "AL",
    "ada lovelace": "AL",
    "ada": "A",
    "Grace Brewster Murray Hopper": "GH",
    "Ludwig van Beethoven": "LB",
    "O'Neil": "O",
    "'t Hooft": "TH",
    "Jean-Luc Picard": "JP",
    "3M": "3",
    "🙂 Bob": "B",
    "1️⃣ Bob": "B",
    "Bob 🙂": "B",
    "Dr. Jane Q. Public": "JP",
    "prof dr Jane Public, Jr.": "JP",
    "Dr": "D",
    "Mr. Dr.": "D",
    "Jr. III": "J",
    "Louis XIV": "LX",
    "Henry Ford II": "HF",
    "Ada Lovelace (she/her)": "AL",
    "Ada [Analytical Engines] Lovelace <ada@example.org": "AL",
    "(Ada)": "A",
    "ada.lovelace": "AL",
    "ada_b_lovelace": "AL",
    "Ada\u00a0Lovelace\n": "AL",
    "Lovelace, Ada": "LA",
    # Other scripts.
    "李小龍": "李",
    "山田 太郎": "山太",
    "山田\u3000太郎": "山太",
    "レオナルド・ダ・ヴィンチ": "レヴ",
    "ｱｲ": "ア",
    "김철수": "김",
    "김철수"[:1] + " 수": "김수",
    "محمد علي": "مع",
    "דָּוִד לוי": "דל",
    "Ng Thị Minh": "NM",
    "Ελένη": "Ε",
    "юрий гагарин": "ЮГ",
    "किशोर कुमार": "कक",
    "क़मर": "क\u093c",
    "เอก ใจดี": "อจ",
    "ແສງ": "ສ",
    "թամար": "Թ",
    "თამარ": "თ",
    "እናት": "እ",
    # Letters that are special.
    "ßeta": "S",
    "ǆemal": "D",
    "ﬁona": "F",
    "և": "Ե",
    "ŉ": "N",
    "ｆｕｌｌ": "F",
    "𝔉𝔯𝔞𝔨": "F",
    "Ⓐda": "A",
    "e\u0301mile": "É",
    "x\u0302enia": "X\u0302",
    "ǰ": "J\u030c",
    "ọ\u0301la": "Ọ\u0301",
    "ıx": "I",
    "ʻiolani": "I",
    "ー": "",
    "\u0301": "",
    "\u3164": "",
    "A\u0336da": "A\u0336",
}


@pytest.mark.parametrize("name", NAMES)
def test_initials(name: str) -> None:
    """Names as people write them."""
    assert initials_of(name) == NAMES[name]


@given(st.text())
def test_whatever_a_name_is_its_initials_are_two_letters_at_most(name: str) -> None:
    """Each begins with a letter or a digit; accents are all that may follow it."""
    initials = initials_of(name)
    starts = [each for each in initials if not unicodedata.category(each).startswith("M")]

    assert len(starts) <= LETTERS_MAX
    assert len(initials) <= 8
    assert all(unicodedata.category(each)[0] in "LN" for each in starts)
    assert "".join(letters_of(initials)) == initials


@given(st.text(max_size=32))
def test_a_text_with_a_letter_has_an_initial(name: str) -> None:
    """And one without has none."""
    assert bool(initials_of(name)) == bool(letters_of(name))


@given(st.text("abÄéΣжя .'-"))
def test_case_does_not_matter_where_a_script_has_it(name: str) -> None:
    """Initials are what they are, however the name was typed."""
    assert initials_of(name.lower()) == initials_of(name.upper())


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("", ()),
        ("AL", ("A", "L")),
        ("al", ("a", "l")),
        ("A. L.", ("A", "L")),
        ("ABC", ("A", "B")),
        ("é", ("é",)),
        ("e\u0301x\u0302", ("é", "x\u0302")),
        ("क़ख", ("क\u093c", "ख")),
        ("\u202eA\u200dB\0", ("A", "B")),
        ("\ue000A\U0010ffff", ("A",)),
        ("\ud800A", ("A",)),
        ("🙂👍🏽🇩🇪A", ("A",)),
        ("1️⃣ℹ️", ()),
        ("x" + "\u0301" * 50, ("x\u0301\u0301\u0301",)),
        ("🙂" * 40 + "A", ()),
    ],
)
def test_letters_that_somebody_asks_for(text: str, letters: tuple[str, ...]) -> None:
    """As they are, two at most, and nothing that is no letter."""
    assert letters_of(text) == letters


@given(st.text())
def test_a_strangers_text_is_bounded(text: str) -> None:
    """Eight characters at most, none of them a control, private, unassigned or a picture."""
    letters = letters_of(text)

    assert len("".join(letters)) <= 8
    assert all(unicodedata.category(each)[0] in "LNM" for each in "".join(letters))


@pytest.mark.parametrize(("letter", "expected"), [("א", True), ("ع", True), ("A", False)])
def test_directions(letter: str, expected: bool) -> None:
    """Hebrew and Arabic are written to the left."""
    assert is_right_to_left(letter) == expected
