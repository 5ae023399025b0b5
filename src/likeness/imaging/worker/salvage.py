"""Accepts a damaged file when every pixel of it can be read: a cut end, a wrong checksum.

Decoders disagree about them: the one for JPEG paints missing rows grey, the one for PNG refuses
whole pixels. Here each row is checked before the picture is rendered.
"""

import io
import zlib
from collections.abc import Callable, Iterator
from typing import Final

import pyvips
from isal import isal_zlib
from PIL.GifImagePlugin import GifImageFile

from likeness.errors import BadImage
from likeness.imaging.formats import Probe, png
from likeness.imaging.formats.steps import Steps
from likeness.imaging.worker.decode import LOADERS
from likeness.imaging.worker.plain import DamagedError
from likeness.model import Format

ROWS_LENGTH: Final = 2**20
"""Bytes of rows that are unpacked at a time."""

_PACKING_LEVEL: Final = 1
_BEYOND_A_SCAN: Final = "extraneous bytes before marker"
"""libjpeg's message for a trailer, which leaves all pixels whole."""

_ZLIB_HEAD_LENGTH: Final = 2
_CHECKSUM_LENGTH: Final = 4
_RAW: Final = -zlib.MAX_WBITS


def salvaged(data: bytes, source: Probe) -> bytes:
    """The same pixels as a file without damage. Raises DamagedError where one is missing."""
    return _SALVAGED[source.format](data)


def whole_png(data: bytes) -> bytes:
    """A PNG with the same rows, packed anew. Raises DamagedError.

    Pixels have two checksums, one by PNG and one by zlib; one of them may be wrong.
    """
    try:
        packed = png.packed_pixels(data, Steps())
    except BadImage as error:
        raise DamagedError from error
    unpacker = _Unpacker(packed.data[_ZLIB_HEAD_LENGTH:])
    packer = isal_zlib.compressobj(_PACKING_LEVEL)
    rows = [packer.compress(rows) for rows in unpacker.rows(packed.length)]
    if not packed.is_sound and not unpacker.is_vouched_for():
        raise DamagedError
    return packed.replaced(b"".join((*rows, packer.flush())))


class _Unpacker:
    """The bytes that zlib packed; the checksum is ignored."""

    def __init__(self, packed: bytes) -> None:
        self._unpacker = zlib.decompressobj(_RAW)
        self._rest = packed
        self._checksum = 1

    def rows(self, length: int) -> Iterator[bytes]:
        """Yield that many bytes, in pieces. Raises DamagedError where there are fewer."""
        while length:
            rows = self._unpacked(min(length, ROWS_LENGTH))
            if not rows:
                raise DamagedError
            self._checksum = zlib.adler32(rows, self._checksum)
            length -= len(rows)
            yield rows

    def is_vouched_for(self) -> bool:
        """Whether nothing follows the rows but their checksum."""
        said = self._checksum.to_bytes(_CHECKSUM_LENGTH, "big")
        is_all = not self._unpacked(1) and self._unpacker.eof
        return is_all and self._unpacker.unused_data[:_CHECKSUM_LENGTH] == said

    def _unpacked(self, length_max: int) -> bytes:
        try:
            rows = self._unpacker.decompress(self._rest, length_max)
        except zlib.error as error:
            raise DamagedError from error
        self._rest = self._unpacker.unconsumed_tail
        return rows


def _whole_jpeg(data: bytes) -> bytes:
    """The JPEG itself. Raises DamagedError where libjpeg misses pixels, which it only mentions."""
    _complaints()
    loader = LOADERS[Format.JPEG]
    pyvips.Operation.call(loader, data, access="sequential", fail_on="error").avg()
    if any(_BEYOND_A_SCAN not in complaint for complaint in _complaints()):
        raise DamagedError
    return data


def _complaints() -> list[str]:
    """The warnings of libvips since the last call, or the last pyvips.Error, which took them."""
    return str(pyvips.Error("").detail).splitlines()


def _whole_gif(data: bytes) -> bytes:
    """The GIF itself. libnsgif leaves clear what is missing; Pillow says so."""
    try:
        GifImageFile(io.BytesIO(data)).load()
    except (OSError, EOFError, SyntaxError, ValueError) as error:
        raise DamagedError from error
    return data


_SALVAGED: Final[dict[Format, Callable[[bytes], bytes]]] = {
    Format.JPEG: _whole_jpeg,
    Format.PNG: whole_png,
    Format.GIF: _whole_gif,
}
