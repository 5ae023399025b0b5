"""Reads from an `Accept` header which of the offered image formats a browser names. Pure."""

from collections.abc import Iterable
from typing import Final

from likeness.model import Format

_NOT_AT_ALL: Final = frozenset({"q=0", "q=0.0", "q=0.00", "q=0.000"})


def accepted(
    headers: Iterable[tuple[bytes, bytes]], offered: Iterable[Format]
) -> tuple[Format, ...]:
    """Those of `offered` that the header names; `*/*` names none, since every old browser says it.

    Weights are only read for zero: a browser that names a format can show it, and the files in
    formats offered are the smaller ones.
    """
    named = {
        media_type
        for name, value in headers
        if name == b"accept"
        for part in value.decode("latin-1").lower().split(",")
        if (media_type := _media_type(part))
    }
    return tuple(form for form in offered if form.media_type in named)


def _media_type(part: str) -> str:
    """The type in one part of the header; "" where it is refused."""
    media_type, *parameters = (piece.strip() for piece in part.split(";"))
    return "" if _NOT_AT_ALL & set(parameters) else media_type
