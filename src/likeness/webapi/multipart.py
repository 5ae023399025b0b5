"""The two forms of a form: multipart and urlencoded bodies to pairs of name and bytes."""

from typing import Final
from urllib.parse import unquote_to_bytes

from multipart import MultipartError, ParserLimitReached, PushMultipartParser, parse_options_header

from likeness.errors import InvalidFormData, TooLarge
from likeness.webapi.form import Pairs

PARTS_MAX: Final = 32
"""Twice what the longest call of any client has; 100 000 parts would cost 243 ms of parsing."""

FIELD_LENGTH_MAX: Final = 64 * 1024
"""No argument but the picture needs more than a few characters."""

_HEADERS_MAX: Final = 8
_UPLOAD: Final = "image"
_CONTROLS: Final = frozenset(map(chr, range(32))) - {"\t"}


def parse_multipart(body: bytes, content_type: str, upload_length_max: int) -> Pairs:
    """The parts of a multipart body in their order.

    Accepts what clients send (contract B 6.2): an empty line before the first boundary, quoted or
    bare names, any headers. Raises InvalidFormData for a body that is broken or has no end, and
    TooLarge for a part above its limit.
    """
    parser = PushMultipartParser(
        _boundary(content_type), max_header_count=_HEADERS_MAX, max_segment_count=PARTS_MAX
    )
    pairs: Pairs = []
    pieces: list[bytes] = []
    try:
        with parser:
            for event in parser.parse(body) if body else ():
                if event is None:
                    pairs[-1] = (pairs[-1][0], b"".join(pieces))
                    check_length(*pairs[-1], upload_length_max)
                elif isinstance(event, bytes | bytearray):
                    pieces.append(bytes(event))
                else:
                    pairs.append((_name(event.headerlist), b""))
                    pieces = []
    except ParserLimitReached as error:
        raise InvalidFormData(
            f"{error}; a form has at most {PARTS_MAX} parts with {_HEADERS_MAX} headers each"
        ) from error
    except MultipartError as error:
        raise InvalidFormData(f"the multipart body is malformed: {error}") from error
    return pairs


def parse_urlencoded(body: bytes, upload_length_max: int) -> Pairs:
    """The fields of an urlencoded body. A picture may be among them, as percent-encoded bytes."""
    pairs: Pairs = []
    fields = body.split(b"&", PARTS_MAX) if body else []
    if len(fields) > PARTS_MAX:
        raise InvalidFormData(f"the form has more than {PARTS_MAX} fields")
    for item in filter(None, fields):
        name, _, value = item.partition(b"=")
        pair = (_plain(name).decode("utf-8", errors="replace"), _plain(value))
        check_length(*pair, upload_length_max)
        pairs.append(pair)
    return pairs


def check_length(name: str, value: bytes, upload_length_max: int) -> None:
    """Raises TooLarge for a picture, or InvalidFormData for another field, above its limit."""
    if name == _UPLOAD and len(value) > upload_length_max:
        raise TooLarge(
            f"the picture has {len(value)} bytes; at most {upload_length_max} are allowed",
            argument=name,
        )
    if name != _UPLOAD and len(value) > FIELD_LENGTH_MAX:
        raise InvalidFormData(
            f"{name[:40]} has {len(value)} bytes; at most {FIELD_LENGTH_MAX} are allowed"
        )


def _plain(encoded: bytes) -> bytes:
    return unquote_to_bytes(encoded.replace(b"+", b" "))


def _boundary(content_type: str) -> str:
    """The boundary, unquoted. Raises InvalidFormData when there is none, or more than one."""
    boundary: str = parse_options_header(content_type)[1].get("boundary", "")
    is_printable = boundary.isascii() and not _CONTROLS & set(boundary)
    if not boundary or not is_printable or content_type.lower().count("boundary=") != 1:
        raise InvalidFormData(
            "the Content-Type of a multipart body names exactly one boundary of ASCII characters"
        )
    return boundary


def _name(headers: list[tuple[str, str]]) -> str:
    """The name of a part.

    The parser lets control characters and repeated parameters through; a proxy in front might read
    them otherwise, so neither is accepted.
    """
    dispositions = [value for name, value in headers if name == "Content-Disposition"]
    options = parse_options_header(dispositions[0])[1]
    name = options.get("name")
    if len(dispositions) != 1 or not name:
        raise InvalidFormData("each part has one Content-Disposition with one name")
    if _CONTROLS & set("".join(value for _, value in headers)):
        raise InvalidFormData("the headers of a part have control characters")
    if _count_of_names(dispositions[0]) != 1:
        raise InvalidFormData("a part has two names")
    return str(name)


def _count_of_names(disposition: str) -> int:
    """How often `name=` stands outside of quotes."""
    outside = disposition.lower().split('"')[::2]
    return " ".join(outside).replace(" ", "").count(";name=")
