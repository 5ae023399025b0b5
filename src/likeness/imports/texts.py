"""Decodes a text file: UTF-8, or UTF-16 with a byte order mark. Pure."""

import codecs
from typing import Final

from likeness.errors import Mistake

TEXT_LENGTH_MAX: Final = 64 * 2**20
"""Bytes of a table: more than 100,000 long rows have. It is held in memory as a whole."""

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decoded(data: bytes) -> str:
    """UTF-8 with or without its mark, or UTF-16 with it, as text without the mark.

    Raises Mistake for other bytes, and for more than `TEXT_LENGTH_MAX`.
    """
    if len(data) > TEXT_LENGTH_MAX:
        raise Mistake(
            f"the file has {len(data)} bytes; at most {TEXT_LENGTH_MAX} are read; part it"
        )
    mark, encoding = next((each for each in _MARKS if data.startswith(each[0])), (b"", "utf-8"))
    try:
        return data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start + len(mark)) + 1
        raise Mistake(
            f"line {line} of the file is not {encoding.upper()}; save it as UTF-8 "
            "(in Excel: CSV UTF-8)"
        ) from error
