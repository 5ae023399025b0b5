"""Addresses of web servers in settings: each is read once, into the one form that browsers send."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

_PORTS: Final = {"http": 80, "https": 443}
"""The schemes, each with the port that browsers leave out of an origin."""

_EXAMPLE: Final = "write an address such as https://photos.example.org"

_NETWORK_LOCATION: Final = re.compile(
    r"(?:\[(?P<address>[^\]]*)\]|(?P<name>[^:\[\]]*))(?::(?P<port>[0-9]*))?"
)
"""A host, or an address of IPv6 in brackets, and perhaps a port."""

_VERSION_4: Final = 4
_PORT_MAX: Final = 65535

_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
"""One part of a host's name. The underscore is no letter of the DNS, but of container networks."""

_PATH: Final = re.compile(r"(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9._~!$&'()*+,;=:@%-]+)*")
"""A path by RFC 3986, without empty segments and without `..`."""


@dataclass(frozen=True, slots=True)
class WebAddress:
    """An address in its normal form: no capitals in scheme and host, no default port, no `/` last.

    Without a path, `str()` of it is an `Origin` as browsers send it.
    """

    scheme: str
    host: str
    port: int | None
    path: str

    def __str__(self) -> str:
        port = "" if self.port is None else f":{self.port}"
        return f"{self.scheme}://{host_in_url(self.host)}{port}{self.path}"


def parse(text: str) -> WebAddress:
    """The address that a text means. Raises ValueError where none is meant, or more than that.

    The text is never repeated, since a password may stand in it.
    """
    parts = _split(text)
    if parts.scheme not in _PORTS:
        raise ValueError(f"must begin with http:// or https://; {_EXAMPLE}")
    if "@" in parts.netloc:
        raise ValueError(f"has a user or a password in it, which everybody would see; {_EXAMPLE}")
    if "?" in text or "#" in text:
        raise ValueError(f"has a ? or # in it, after which no path can follow; {_EXAMPLE}")
    found = _NETWORK_LOCATION.fullmatch(parts.netloc)
    path = parts.path.rstrip("/")
    if not found:
        raise ValueError(f"has no host that can be read; {_EXAMPLE}")
    if not _PATH.fullmatch(path):
        raise ValueError("has a path that no URL can have; write other characters as % and digits")
    host = _name(found["name"]) if found["address"] is None else _address6(found["address"])
    return WebAddress(parts.scheme, host, _port(found["port"] or "", parts.scheme), path)


def host_in_url(host: str) -> str:
    """A host as it stands in a URL: addresses of IPv6 have brackets there."""
    literal = _literal(host)
    return f"[{host}]" if literal is not None and literal.version != _VERSION_4 else host


def is_any_address(host: str) -> bool:
    """Whether to listen on this host means on every address of the machine: no browser calls it."""
    literal = _literal(host)
    return not host or (literal is not None and literal.is_unspecified)


def is_path(host: str) -> bool:
    """Whether to listen on this host means at a path of this machine, as `unix:/run/a.sock` is."""
    return host.startswith("unix:")


def is_this_machine(host: str) -> bool:
    """Whether only programs of this machine can connect to it. Names are not resolved."""
    if is_path(host) or host == "localhost" or host.endswith(".localhost"):
        return True
    literal = _literal(host)
    return literal is not None and literal.is_loopback


def _split(text: str) -> SplitResult:
    # `urlsplit` drops some of these without a word, and browsers take a backslash for a slash.
    if not text.isprintable() or " " in text or "\\" in text:
        raise ValueError(f"has a space, a backslash or a control character in it; {_EXAMPLE}")
    try:
        return urlsplit(text)
    except ValueError as error:
        raise ValueError(f"has no host that can be read; {_EXAMPLE}") from error


def _port(digits: str, scheme: str) -> int | None:
    """The port, None for the one that a scheme has anyway."""
    port = int(digits) if digits else _PORTS[scheme]
    if not 0 < port <= _PORT_MAX:
        raise ValueError(f"has a port that is no number from 1 to {_PORT_MAX}")
    return None if port == _PORTS[scheme] else port


def _name(text: str) -> str:
    """A host in the form that browsers send. Raises ValueError for an invalid one."""
    host = _ascii(text)
    labels = host.removesuffix(".").split(".")
    if not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError(f"has no host, or one that cannot be; {_EXAMPLE}")
    if labels[-1].isdecimal() and _literal(host) is None:
        raise ValueError("has a host that ends in a number and is no IPv4 address")
    return host


def _address6(text: str) -> str:
    literal = None if "%" in text else _literal(text)
    if literal is None or literal.version == _VERSION_4:
        raise ValueError("has an address in brackets that is none of IPv6, or one with a zone")
    return literal.compressed


def _ascii(name: str) -> str:
    """A name of other letters as the DNS has it: `bücher.example` is `xn--bcher-kva.example`."""
    if name.isascii():
        return name.lower()
    # Most verbs have no such name, and need no tables of Unicode.
    import idna  # noqa: PLC0415 - see above

    try:
        return idna.encode(name, uts46=True).decode("ascii")
    except idna.IDNAError as error:
        raise ValueError(
            "has a host that no name can be; write its ASCII form, whose parts begin with xn--"
        ) from error


def _literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
