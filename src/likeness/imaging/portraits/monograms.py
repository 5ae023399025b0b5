"""One or two letters on somebody's colour, centred by their ink and not by their metrics."""

import unicodedata
from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from PIL import Image, ImageDraw, ImageFont

from likeness.imaging.portraits import fonts
from likeness.imaging.portraits.canvas import Canvas
from likeness.imaging.portraits.colours import WHITE, plain_colour
from likeness.imaging.portraits.letters import is_right_to_left, letters_of
from likeness.imaging.portraits.nobody import silhouette
from likeness.imaging.portraits.palette import Palette, png
from likeness.imaging.portraits.patterns import emblem
from likeness.imaging.portraits.traits import Traits
from likeness.imaging.portraits.typefaces import BY_SCRIPT, FontFile

_PAPER, _INK = 0, 255
_STEPS: Final = 16
_EM: Final = (1.15, 0.92)
"""The size of one letter and of two, in parts of the circle's radius."""

_REACH: Final = 0.74
"""How far from the centre ink may lie; wide and tall letters are drawn smaller to stay within."""

_GAP: Final = 0.09
"""Between the ink of two letters, in parts of an em."""

_SCALE_MAX: Final = 4
_CANVAS_PX: Final = 1024
"""The edges of letters are smooth as they come; only small ones gain from being drawn larger, since
that places them by parts of a pixel."""

_ABOVE, _BELOW = 230, 220
"""Combining classes of the marks whose place depends on how high or deep a letter is."""

_CLEAR: Final = 0.05
"""Between a letter and such a mark, in parts of an em."""


class _Ink(NamedTuple):
    """The ink of a character, and its offset from the origin, in pixels."""

    mask: Image.Image
    left: int
    top: int

    @property
    def right(self) -> int:
        return self.left + self.mask.width

    @property
    def bottom(self) -> int:
        return self.top + self.mask.height


def monogram(digest: str, side_px: int, text: str, typefaces: fonts.Typefaces = BY_SCRIPT) -> bytes:
    """A PNG of `side_px` pixels square: the first two letters of `text` on the digest's colour.

    Letters that no font here has are left out. If none is left, the digest's pattern stands there;
    a text without letters gives the silhouette.
    """
    letters = letters_of(text)
    if not letters:
        return silhouette(side_px)
    drawn = [(letter, file) for letter, file in _with_files(letters, typefaces) if file]
    if not drawn:
        return emblem(digest, side_px)
    if all(is_right_to_left(letter) for letter, _ in drawn):
        drawn.reverse()
    canvas = Canvas(side_px, _PAPER, max(1, min(_SCALE_MAX, _CANVAS_PX // side_px)))
    canvas.stamp(_line(drawn, _EM[len(drawn) - 1] * canvas.unit_px), _REACH, _INK)
    colours = {_PAPER: plain_colour(Traits(digest)), _INK: WHITE}
    return png(canvas.finished(), Palette(colours, _STEPS))


def can_be_drawn(text: str, typefaces: fonts.Typefaces = BY_SCRIPT) -> bool:
    """Whether each of the letters that `monogram` is to draw is in a font here."""
    return all(file for _, file in _with_files(letters_of(text), typefaces))


def _with_files(
    letters: Sequence[str], typefaces: fonts.Typefaces
) -> list[tuple[str, FontFile | None]]:
    return [(letter, fonts.file_of(letter, typefaces)) for letter in letters]


def _line(drawn: Sequence[tuple[str, FontFile]], em_px: float) -> Image.Image:
    """The letters, each in its font, beside each other on one base line; nothing around them."""
    opened = {file: fonts.opened(file, em_px) for _, file in drawn}
    inks = [_letter(opened[file], letter, em_px) for letter, file in drawn]
    placed = inks[:1]
    for before, ink in pairwise(inks):
        gap = round(_GAP * em_px)
        placed.append(ink._replace(left=before.right - before.left + gap + placed[0].left))
    return _together(placed).mask


def _letter(font: ImageFont.FreeTypeFont, letter: str, em_px: float) -> _Ink:
    """A letter and its marks, each mark centred above, below or on what is there already.

    A shaping library would know it better from the font, but most machines lack it.
    """
    whole = base = _ink(font, letter[0])
    for mark in letter[1:]:
        ink = _ink(font, mark)
        left = base.left + (base.mask.width - ink.mask.width) // 2
        top = _top(mark, ink, whole, round(_CLEAR * em_px))
        whole = _together([whole, ink._replace(left=left, top=top)])
    return whole


def _top(mark: str, ink: _Ink, whole: _Ink, clear_px: int) -> int:
    """Where a mark has to begin so as to stand clear of the letter."""
    place = unicodedata.combining(mark)
    if place == _ABOVE:
        return min(ink.top, whole.top - clear_px - ink.mask.height)
    if place == _BELOW:
        return max(ink.top, whole.bottom + clear_px)
    return ink.top


def _ink(font: ImageFont.FreeTypeFont, character: str) -> _Ink:
    """A character's ink; the font's own box of it is larger, by the room left to neighbours."""
    left, top, right, bottom = (round(edge) for edge in font.getbbox(character, anchor="ls"))
    paper = Image.new("L", (right - left + 2, bottom - top + 2))
    ImageDraw.Draw(paper).text((1 - left, 1 - top), character, _INK, font, anchor="ls")
    box = paper.getbbox() or (0, 0, 1, 1)
    return _Ink(paper.crop(box), left - 1 + box[0], top - 1 + box[1])


def _together(inks: Sequence[_Ink]) -> _Ink:
    """Several inks as one."""
    if len(inks) == 1:
        return inks[0]
    left, top = min(ink.left for ink in inks), min(ink.top for ink in inks)
    right, bottom = max(ink.right for ink in inks), max(ink.bottom for ink in inks)
    paper = Image.new("L", (right - left, bottom - top))
    for ink in inks:
        paper.paste(_INK, (ink.left - left, ink.top - top), ink.mask)
    return _Ink(paper, left, top)
