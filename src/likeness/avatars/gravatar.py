"""Parses requests in the manner of Gravatar and Libravatar. Pure; any bytes give a result.

The facts behind each rule are those that clients rely on: docs/gravatar.md lists them. Unknown
arguments and invalid values are ignored, as both services do, so that no page breaks.
"""

import re
from collections.abc import Collection, Mapping
from hashlib import md5, sha256
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from likeness.email_address import normal_email
from likeness.errors import Mistake
from likeness.model import FORMAT_OF_SUFFIX, DefaultStyle, Format

SIDE_PX_DEFAULT: Final = 80
SIDE_PX_MAX: Final = 2048

QUERY_LENGTH_MAX: Final = 4096
"""Bytes; queries of clients have some dozens. Longer ones are refused before they come here."""

_FIELDS_MAX: Final = 64
"""Clients send seven at most."""

_TEXT_LENGTH_MAX: Final = 200
_HASH: Final = re.compile(r"[0-9a-f]{32}|[0-9a-f]{64}")
_SUFFIX: Final = re.compile(r"(?P<name>.*)\.(?P<suffix>jpe?g|png|gif|webp)", re.IGNORECASE)
_NUMBER: Final = re.compile(r"\d+", re.ASCII)
_FORMATS: Final = FORMAT_OF_SUFFIX | {"jpeg": Format.JPEG}

_STYLES: Final[Mapping[str, DefaultStyle]] = {
    **{style.value: style for style in DefaultStyle},
    "mm": DefaultStyle.MP,
    "mystery": DefaultStyle.MP,
    "mysteryman": DefaultStyle.MP,
    "mmng": DefaultStyle.MP,
    "pagan": DefaultStyle.MONSTERID,
    "colour": DefaultStyle.COLOR,
}
"""Also other services' names, mapped to the nearest style; any other word means identicon."""

_NOT_FOUND: Final = "404"


class Wanted(NamedTuple):
    """The parsed request: the hash, side and format, and the default where there is no photo.

    `digest` is None for a text that is no hash; `seed` are hex digits to draw by in any case.
    `called` is a name or an id that stood in place of a hash, where that is allowed.
    `style` is None where the site's own default is wanted, `fallback_url` a page's own picture.
    """

    digest: bytes | None
    seed: str
    side: int = SIDE_PX_DEFAULT
    format: Format | None = None
    style: DefaultStyle | None = None
    fallback_url: str = ""
    is_missing_404: bool = False
    is_default_forced: bool = False
    name: str = ""
    initials: str = ""
    called: str = ""

    @property
    def is_lost(self) -> bool:
        """Whether it can mean nobody, since it holds neither a hash nor a name."""
        return self.digest is None and not self.called


def wanted(path: str, query: bytes, default_urls: Collection[str] = ()) -> Wanted:
    """Parse `/avatar/{path}?{query}`.

    `default_urls` are the addresses below which a page's own default picture may lie.
    """
    name, form = _name(path)
    hexadecimal = name.lower()
    digest = bytes.fromhex(hexadecimal) if _HASH.fullmatch(hexadecimal) else None
    seed = hexadecimal if digest else md5(name.encode(), usedforsecurity=False).hexdigest()
    fields = _fields(query)
    default = fields.get("default", fields.get("d", ""))
    forced = fields.get("forcedefault", fields.get("f", ""))
    return Wanted(
        digest=digest,
        seed=seed,
        side=_side(fields.get("size", fields.get("s", ""))),
        format=form,
        style=_style(default),
        fallback_url=_fallback_url(default, default_urls),
        is_missing_404=default == _NOT_FOUND,
        is_default_forced=forced.lower() == "y",
        name=fields.get("name", "")[:_TEXT_LENGTH_MAX],
        initials=fields.get("initials", "")[:_TEXT_LENGTH_MAX],
    )


def wanted_by_name(path: str, query: bytes, default_urls: Collection[str] = ()) -> Wanted:
    """Parse `/u/{path}?{query}`, where an address, a name or an id stands in place of a hash."""
    asked, (name, _) = wanted(path, query, default_urls), _name(path)
    digest = digest_of(name) if "@" in name else None
    seed = md5(name.encode(), usedforsecurity=False).hexdigest()
    return asked._replace(digest=digest, seed=seed, called="" if "@" in name else name)


def digest_of(address: str) -> bytes | None:
    """The SHA-256 of an address in its normal form; None where the text is no address."""
    try:
        return sha256(normal_email(address).encode()).digest()
    except Mistake:
        return None


def _name(path: str) -> tuple[str, Format | None]:
    """The hash, or the text in its place, and the format of the suffix."""
    path = path.strip("/")
    match = _SUFFIX.fullmatch(path)
    return (match["name"], _FORMATS[match["suffix"].lower()]) if match else (path, None)


def _fields(query: bytes) -> dict[str, str]:
    """The parameters, the first of each name; none of a query with more than anybody sends."""
    try:
        pairs = parse_qsl(query.decode("utf-8", "replace"), max_num_fields=_FIELDS_MAX)
    except ValueError:
        return {}
    return dict(reversed(pairs))


def _side(text: str) -> int:
    """The side in pixels: the default for an invalid number, the largest for too large ones."""
    side = int(text) if _NUMBER.fullmatch(text) else 0
    return min(side, SIDE_PX_MAX) or SIDE_PX_DEFAULT


def _style(default: str) -> DefaultStyle | None:
    if default in {"", _NOT_FOUND} or "/" in default:
        return None
    return _STYLES.get(default.lower(), DefaultStyle.IDENTICON)


def _fallback_url(default: str, default_urls: Collection[str]) -> str:
    """The URL to lead to, if it lies below one that the operator allows; else ""."""
    if any(_lies_below(default, each) for each in default_urls):
        # Characters that could end a header or be read in two ways are percent-encoded.
        return quote(default, safe=":/?#[]@!$&'()*+,;=%~")
    return ""


def _lies_below(url: str, fallback: str) -> bool:
    try:
        asked, allowed = urlsplit(url), urlsplit(fallback)
    except ValueError:
        return False
    same_host = (asked.scheme, asked.netloc) == (allowed.scheme, allowed.netloc)
    folder = allowed.path.removesuffix("/") + "/"
    path = unquote(asked.path)
    has_steps = ".." in path or "\\" in path
    return same_host and asked.path.startswith(folder) and not has_steps
