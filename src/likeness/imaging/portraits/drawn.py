"""The port of this folder: draws a default picture of any style, as a file."""

from collections.abc import Callable, Mapping
from typing import Final

from likeness.imaging.portraits.faces import face
from likeness.imaging.portraits.file_formats import in_format
from likeness.imaging.portraits.monograms import can_be_drawn, monogram
from likeness.imaging.portraits.monsters import monster
from likeness.imaging.portraits.nobody import silhouette
from likeness.imaging.portraits.patterns import pattern
from likeness.imaging.portraits.plain import blank, plain
from likeness.imaging.portraits.robots import robot
from likeness.imaging.portraits.sprites import sprite
from likeness.model import DefaultStyle, Format

SIDE_PX_MAX: Final = 2048

_BY_DIGEST: Final[Mapping[DefaultStyle, Callable[[str, int], bytes]]] = {
    DefaultStyle.IDENTICON: pattern,
    DefaultStyle.MONSTERID: monster,
    DefaultStyle.WAVATAR: face,
    DefaultStyle.RETRO: sprite,
    DefaultStyle.ROBOHASH: robot,
    DefaultStyle.COLOR: plain,
}


def draw(
    style: DefaultStyle, digest: str, side: int, letters: str = "", form: Format = Format.PNG
) -> bytes:
    """A picture of `side` x `side` pixels, from 1 to SIDE_PX_MAX, as a file.

    `digest`: 32 or 64 hex digits, in either case. `letters` matter for INITIALS only: the first two
    are drawn; emoji, controls and the like are passed over, and so are letters that no font here
    has. Where there is no letter at all, INITIALS gives what MP gives; where no font has any of
    them, a pattern of the digest on the same ground.
    """
    return in_format(_drawn(style, digest, side, letters), form)


def is_as_asked(style: DefaultStyle, letters: str) -> bool:
    """Whether `draw` shows all letters that it is asked for, which depends on the fonts here."""
    return style is not DefaultStyle.INITIALS or can_be_drawn(letters)


def _drawn(style: DefaultStyle, digest: str, side: int, letters: str) -> bytes:
    if style is DefaultStyle.INITIALS:
        return monogram(digest, side, letters)
    if style is DefaultStyle.MP:
        return silhouette(side)
    if style is DefaultStyle.BLANK:
        return blank(side)
    return _BY_DIGEST[style](digest, side)
