"""Pictures with nothing on them: one colour, or none at all."""

import io

from PIL import Image

from likeness.imaging.portraits.colours import WHITE, Rgb, plain_colour
from likeness.imaging.portraits.traits import Traits


def plain(digest: str, side_px: int) -> bytes:
    """A PNG of `side_px` pixels square, all in the digest's colour."""
    return _filled(plain_colour(Traits(digest)), side_px)


def blank(side_px: int) -> bytes:
    """A PNG of `side_px` pixels square through which everything is seen."""
    return _filled(WHITE, side_px, transparency=0)


def _filled(colour: Rgb, side_px: int, **options: int) -> bytes:
    picture = Image.new("P", (side_px, side_px))
    picture.putpalette(colour)
    stream = io.BytesIO()
    picture.save(stream, "PNG", **options)
    return stream.getvalue()
