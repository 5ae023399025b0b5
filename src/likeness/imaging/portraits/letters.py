"""Chooses the initials of a name: text in, at most two letters out. Pure, without pixels.

A letter here is what a reader calls one: a character with the accents on it. What cannot stand for
a name is left out: emoji, marks that belong to no letter, whatever is invisible, private or not yet
assigned. How many characters are looked at is bounded, since the text may be a stranger's.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

LETTERS_MAX: Final = 2

_NAME_LENGTH_MAX: Final = 200
_TEXT_LENGTH_MAX: Final = 32
"""Of letters that somebody asks for by themselves. Two of them have at most eight characters."""

_MARKS_MAX: Final = 3
"""On one letter. Vietnamese and the scholars' Greek need no more."""

_KINDS: Final = frozenset({"Lu", "Ll", "Lt", "Lo", "Nd"})
"""Letters and digits. Modifiers (`Lm`), such as the long vowel of Kana, begin no name."""

_NO_INITIALS: Final = frozenset("เแโใไເແໂໃໄ\u115f\u1160")
"""Thai and Lao write these vowels before the consonant that a name begins with. The last two are
Hangul that is not there."""

_OVERLAY, _NUKTA, _ACCENT_MIN = 1, 7, 200
"""Combining classes of marks that make another letter. The classes between 7 and 200 are the vowel
points of single scripts, which initials do without; vowel signs of the Indian scripts have none."""

_EMOJI: Final = re.compile(r".\ufe0f\u20e3?", re.DOTALL)
"""A character that asks to be shown as a picture, such as a digit on a key."""

_ASIDE: Final = re.compile(r"[(\[{<][^)\]}>]*[)\]}>]?")
"""What stands in brackets: pronouns, a company, a nickname."""

_SPACES: Final = re.compile(r"[\s\u30fb]+")
_SIGNS: Final = re.compile(r"[._]+")
"""They part the words of an account name, which has no spaces."""

_TITLES: Final = frozenset({"dr", "mr", "mrs", "ms", "mx", "prof", "sir"})
_SUFFIXES: Final = frozenset({"jr", "sr", "phd", "md", "ii", "iii", "iv"})


def initials_of(name: str) -> str:
    """At most two letters: the first of the first word and the first of the last, as capitals.

    One where the name is one word, as names in Han, Kana and Hangul often are. "" where the name
    has no letter or digit. Titles before it, suffixes after it and what is in brackets do
    not count.
    """
    words = _words(name[:_NAME_LENGTH_MAX])
    return "".join(_capital(next(_letters(word))) for word in [*words[:1], *words[1:][-1:]])


def letters_of(text: str) -> tuple[str, ...]:
    """The first two letters of a text, as they are: at most eight characters."""
    found = _letters(_plain(text[:_TEXT_LENGTH_MAX]))
    return tuple(letter for _, letter in zip(range(LETTERS_MAX), found, strict=False))


def is_right_to_left(letter: str) -> bool:
    """Whether the letter's script is written towards the left."""
    return unicodedata.bidirectional(letter[0]) in {"R", "AL"}


def _plain(text: str) -> str:
    """Without emoji, and with fancy, wide and joined letters taken for what they stand for."""
    return unicodedata.normalize("NFKC", _EMOJI.sub("", text))


def _words(name: str) -> list[str]:
    """The words of a name that have a letter, without titles and suffixes."""
    text = _plain(name)
    words = _with_letters(_SPACES.split(_ASIDE.sub(" ", text))) or _with_letters([text])
    if len(words) == 1:
        return _with_letters(_SIGNS.split(words[0]))
    while len(words) > 1 and _bare(words[0]) in _TITLES:
        words = words[1:]
    while len(words) > 1 and _bare(words[-1]) in _SUFFIXES:
        words = words[:-1]
    return words


def _with_letters(words: list[str]) -> list[str]:
    return [word for word in words if any(_letters(word))]


def _bare(word: str) -> str:
    return word.replace(".", "").strip(",").casefold()


def _letters(text: str) -> Iterator[str]:
    """Each letter or digit with its marks, in their order."""
    place = 0
    while place < len(text):
        first = text[place]
        place += 1
        if unicodedata.category(first) in _KINDS and first not in _NO_INITIALS:
            end = _marks_end(text, place)
            yield first + "".join(filter(_is_kept, text[place:end]))[:_MARKS_MAX]
            place = end


def _marks_end(text: str, place: int) -> int:
    """Where the marks that begin at a place have ended."""
    while place < len(text) and unicodedata.category(text[place]).startswith("M"):
        place += 1
    return place


def _is_kept(mark: str) -> bool:
    kind = unicodedata.combining(mark)
    return kind in {_OVERLAY, _NUKTA} or kind >= _ACCENT_MIN


def _capital(letter: str) -> str:
    """The capital where the script begins names with one: Georgian, for all its capitals, does not.

    Where two letters stand for one capital, such as SS, the first of them.
    """
    capital = unicodedata.normalize("NFKC", letter[0].title() + letter[1:])
    return next(_letters(capital))
