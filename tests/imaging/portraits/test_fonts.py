"""Fonts: every script that is promised is there, and what is not there is known."""

import pytest

from likeness.imaging.portraits import fonts
from likeness.imaging.portraits.typefaces import BY_SCRIPT, PLAIN

ALWAYS = {
    "Latin": "AZÅØẞĐŁŊƏỆẴȘɃ019",
    "Greek": "ΑΩΆΏἈϏ",
    "Cyrillic": "АЯЁЙЂЄҐҒӘӨ",
    "Hebrew": "אתםש",
    "Arabic": "ايمعگپڤٹ۴",
    "Devanagari": "अकह९",
    "Thai": "กฮอ",
    "Georgian": "აჰ",
}
"""Drawn by every installation."""

SCRIPTS = {
    "rare Arabic": "ݐࢠ",
    "old Georgian": "ⴀᲐႠ",
    "Adlam": "\U0001e900\U0001e943",
    "Armenian": "ԱՖ",
    "Bengali": "অকহ",
    "Cherokee": "ᎠᏴꭰ",
    "Gurmukhi": "ਅਕਹ",
    "Gujarati": "અકહ",
    "Oriya": "ଅକହ",
    "Tamil": "அகஹ",
    "Telugu": "అకహ",
    "Kannada": "ಅಕಹ",
    "Malayalam": "അകഹ",
    "Sinhala": "අකහ",
    "Lao": "ກຮອ",
    "Myanmar": "ကအဟ",
    "Khmer": "កហអ",
    "Ethiopic": "ሀፐⶀ",
    "Tifinagh": "ⴰⵣ",
    "N'Ko": "ߊߒ",
    "Canadian syllabics": "ᐁᓇ",
    "Han": "李山骨直王們龍国國口\U00020bb7们",
    "Kana": "あアンヴロ",
    "Hangul": "김힣ᄀㅁ",
    "Bopomofo": "ㄅㄩ",
}
"""Drawn where `likeness-avatars[scripts]` is installed, as it is for tests."""

ABSENT = {
    "Thaana": "ހ",
    "Tibetan": "ཀ",
    "Mongolian": "ᠠ",
    "Yi": "ꀀ",
    "Syriac": "ܐ",
}


@pytest.mark.parametrize("script", ALWAYS)
def test_an_installation_without_extras_has_these_scripts(script: str) -> None:
    """First and last letters, and some in between: ink, and not the box of what is missing."""
    assert [each for each in ALWAYS[script] if not fonts.file_of(each, PLAIN)] == []


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_extra_adds_these_scripts_and_nothing_else_has_them(script: str) -> None:
    """What has no font without it is known to have none."""
    assert [each for each in SCRIPTS[script] if not fonts.file_of(each)] == []
    assert [each for each in SCRIPTS[script] if fonts.file_of(each, PLAIN)] == []


@pytest.mark.parametrize("letter", "".join(ALWAYS.values()))
def test_the_extra_changes_no_letter_that_was_there(letter: str) -> None:
    """Nobody has another picture by it, unless a pattern stood in for theirs."""
    assert fonts.file_of(letter) == fonts.file_of(letter, PLAIN)


@pytest.mark.parametrize("script", ABSENT)
def test_a_script_that_no_font_has_is_known(script: str) -> None:
    """Nobody is shown a box."""
    assert fonts.file_of(ABSENT[script]) is None


@pytest.mark.parametrize("invisible", ["\u115f", "\u3164", " ", "\u200b", "\ue000", "\U0010ffff"])
def test_what_leaves_no_ink_is_known(invisible: str) -> None:
    """Nor an empty colour."""
    assert fonts.file_of(invisible) is None


def test_marks_count_too() -> None:
    """A letter whose accent is missing is another letter."""
    assert fonts.file_of("X\u0302")
    assert fonts.file_of("李\u07eb") is None


def test_every_block_names_a_script_that_has_files() -> None:
    """And no file is there that no letter leads to."""
    assert {script for _, script in fonts._BLOCKS} == set(BY_SCRIPT)


def test_a_font_that_cannot_be_had_is_not_opened() -> None:
    """Whoever asks for it has not asked which file has the letter."""
    file = BY_SCRIPT["Latin"][0]._replace(sha256="0" * 64)

    with pytest.raises(LookupError, match=file.name):
        fonts.opened(file, 32)
