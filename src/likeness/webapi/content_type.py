"""The Content-Type of a request, checked against the conventions (contract § 1.7)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from multipart import parse_options_header
from starlette.datastructures import Headers

from likeness.errors import InvalidCharset, InvalidPostType, MissingPostType

JSON: Final = "application/json"
URLENCODED: Final = "application/x-www-form-urlencoded"
MULTIPART: Final = "multipart/form-data"
TEXT: Final = "text/plain"

_FORMS: Final = (URLENCODED, MULTIPART)
_TYPES: Final = (JSON, *_FORMS, TEXT)
_CHARSETS: Final = ("utf-8", "iso-8859-1")
_SHOWN_LENGTH: Final = 60

_BARE_BOUNDARY: Final = re.compile(r'(; *boundary=)([^";\\]*[^";\\ ])', re.IGNORECASE)
"""A boundary without quotes. Programs write characters into it that RFC 2045 wants to be quoted, as
`=` and `/`, and other servers understand them."""


@dataclass(frozen=True, slots=True)
class ContentType:
    """The media type and the charset, both in small letters; "" for what is absent.

    `header` is the whole line, with its other parameters; `count` is the number of such lines.
    """

    media: str
    charset: str
    header: str
    count: int

    @classmethod
    def of(cls, headers: Headers) -> Self:
        """The type that a request announces."""
        lines = headers.getlist("content-type")
        header = lines[0] if lines else ""
        media, options = parse_content_type(header)
        return cls(media, options.get("charset", "").lower(), header, len(lines))

    @property
    def is_form(self) -> bool:
        """Whether the body is a form, which is where a token may be besides the header."""
        return self.media in _FORMS

    def check(self) -> tuple[str, ...]:
        """The warnings that the type and its charset deserve.

        Raises MissingPostType, InvalidPostType or InvalidCharset.
        """
        if self.count > 1:
            raise InvalidPostType(f"the request has {self.count} Content-Types; send one")
        if not self.media:
            raise MissingPostType(f"the body came without a Content-Type; send {_either(_TYPES)}")
        if self.media not in _TYPES:
            shown = self.media[:_SHOWN_LENGTH]
            raise InvalidPostType(f"the Content-Type is {shown!r}; send {_either(_TYPES)}")
        if self.charset and self.charset not in _CHARSETS:
            shown = self.charset[:_SHOWN_LENGTH]
            raise InvalidCharset(f"the charset is {shown!r}; it may be {_either(_CHARSETS)}")
        if self.is_form:
            return ("superfluous_charset",) if self.charset else ()
        return () if self.charset else ("missing_charset",)


def parse_content_type(header: str) -> tuple[str, Mapping[str, str]]:
    """The media type and the parameters, whose names are in small letters.

    A tab around `;` is as good as a space (RFC 9110, 5.6.6): folded lines have it.
    """
    spaced = header.replace("\t", " ")
    media, options = parse_options_header(_BARE_BOUNDARY.sub(r'\1"\2"', spaced))
    return media, options


def _either(words: tuple[str, ...]) -> str:
    """`a, b or c`."""
    return f"{', '.join(words[:-1])} or {words[-1]}"
