"""Fonts: every script that is promised is there, and what is not there is known."""

import resource

import pytest

from likeness.imaging.portraits import fonts

ALPHABETS = {
    "Latin": "AZÅØẞĐŁŊƏỆẴȘɃ019",
    "Greek": "ΑΩΆΏἈϏ",
    "Cyrillic": "АЯЁЙЂЄҐҒӘӨ",
    "Armenian": "ԱՖ",
    "Hebrew": "אתםש",
    "Arabic": "ايمعگپڤٹ۴",
    "Devanagari": "अकह९",
    "Bengali": "অকহ",
    "Gurmukhi": "ਅਕਹ",
    "Gujarati": "અકહ",
    "Oriya": "ଅକହ",
    "Tamil": "அகஹ",
    "Telugu": "అకహ",
    "Kannada": "ಅಕಹ",
    "Malayalam": "അകഹ",
    "Sinhala": "අකහ",
    "Thai": "กฮอ",
    "Lao": "ກຮອ",
    "Myanmar": "ကအဟ",
    "Khmer": "កហអ",
    "Georgian": "აჰⴀᲐ",
    "Ethiopic": "ሀፐⶀ",
    "Han": "李山骨直王們龍国國\U00020bb7",
    "Kana": "あアンヴ",
    "Hangul": "김힣ᄀ",
    "Bopomofo": "ㄅㄩ",
}
ABSENT = {
    "Cherokee": "Ꭰ",
    "Tifinagh": "ⴰ",
    "Thaana": "ހ",
    "N'Ko": "ߊ",
    "Tibetan": "ཀ",
    "Canadian syllabics": "ᐁ",
    "Mongolian": "ᠠ",
    "Yi": "ꀀ",
    "Adlam": "\U0001e900",
    "Syriac": "ܐ",
}


@pytest.mark.parametrize("script", ALPHABETS)
def test_a_script_that_is_promised_can_be_drawn(script: str) -> None:
    """First and last letters, and some in between: ink, and not the box of what is missing."""
    assert [letter for letter in ALPHABETS[script] if not fonts.has(letter)] == []


@pytest.mark.parametrize("script", ABSENT)
def test_a_script_that_no_font_has_is_known(script: str) -> None:
    """Nobody is shown a box."""
    assert not fonts.has(ABSENT[script])


@pytest.mark.parametrize("invisible", ["\u115f", "\u3164", " ", "\u200b", "\ue000", "\U0010ffff"])
def test_what_leaves_no_ink_is_known(invisible: str) -> None:
    """Nor an empty colour."""
    assert not fonts.has(invisible)


def test_marks_count_too() -> None:
    """A letter whose accent is missing is another letter."""
    assert fonts.has("X\u0302")
    assert not fonts.has("李\u07eb")


def test_fonts_are_mapped_and_not_read() -> None:
    """The largest has 17 MB, of which a tenth is in memory while a picture is drawn."""
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    kept = [fonts.opened(fonts.file_of("李"), 20 + size) for size in range(100)]
    after_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    assert (after_kib - before_kib) / len(kept) < 3_000
