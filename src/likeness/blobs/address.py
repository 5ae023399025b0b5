"""Parses the URLs of stores.

Credentials are no part of a URL, since URLs are printed. They come from the variables, files and
machine roles that the tools of each provider use.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

_FORMS: Final = (
    "file:///ABSOLUTE/PATH, s3://BUCKET/PREFIX, gs://BUCKET/PREFIX or az://CONTAINER/PREFIX"
)
_ELSEWHERE: Final = "credentials belong in the environment, see docs/storage.md"

_OPTIONS: Final[dict[str, frozenset[str]]] = {
    "s3": frozenset({"endpoint", "region"}),
    "gs": frozenset(),
    "az": frozenset({"account", "endpoint"}),
}
"""Options allowed in the query, by scheme."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """A parsed URL: its scheme (`s3`, `gs`, `az`), the bucket, the prefix, further options."""

    scheme: str
    name: str
    prefix: str
    options: dict[str, str]


def parse(url: str) -> Path | Bucket:
    """The folder or bucket of a URL. Raises ValueError for an invalid URL or unknown options.

    The message never repeats the text: there may be a password in it.
    """
    parts = urlsplit(url)
    if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
        return Path(unquote(parts.path))
    if parts.scheme not in _OPTIONS or not parts.netloc or parts.fragment:
        raise ValueError(f"this is no blob store; write {_FORMS}")
    if "@" in parts.netloc or ":" in parts.netloc:
        raise ValueError(f"a bucket's URL has no user, password or port; {_ELSEWHERE}")
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    _check_options(parts.scheme, options)
    return Bucket(parts.scheme, parts.netloc, parts.path.strip("/"), options)


def _check_options(scheme: str, options: dict[str, str]) -> None:
    allowed = _OPTIONS[scheme]
    if options.keys() - allowed:
        names = " and ".join(sorted(allowed)) or "none"
        raise ValueError(f"options of {scheme}:// URLs are {names}; {_ELSEWHERE}")
    endpoint = options.get("endpoint", "https://")
    if not endpoint.startswith(("http://", "https://")) or "@" in endpoint:
        raise ValueError(f"an endpoint is http:// or https:// and a host; {_ELSEWHERE}")
