"""Which hosts and network addresses may be asked for a document. Pure: nothing here connects.

URLs of documents come from others: a provider, a directory. They lead only to hosts that the
settings name, and a named host leads to no network address that means this machine or its link.
"""

import ipaddress
import re
from base64 import b64decode
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

DATA_SCHEME: Final = "data:"
"""What URLs begin with that hold the document themselves."""

_PICTURE: Final = re.compile(r"data:image/(?:png|jpe?g|webp|gif|heic|heif|avif);base64,", re.ASCII)

URL_LENGTH_MAX: Final = 8192
"""Characters; signed addresses of buckets have about 2,000."""

_PORTS: Final = {"http": 80, "https": 443}
_PORT_MAX: Final = 65535
_NETWORK_LOCATION: Final = re.compile(
    r"(?P<host>\[[0-9a-f:.]{2,45}\]|[a-z0-9_.-]{1,253})(?::(?P<port>[0-9]{1,5}))?"
)

_FORBIDDEN: Final = tuple(
    map(
        ipaddress.ip_network,
        (
            "0.0.0.0/8",  # This network; Linux connects 0.0.0.0 to itself.
            "100.100.100.200/32",  # Alibaba's cloud tells machines their secrets there.
            "127.0.0.0/8",  # This machine.
            "169.254.0.0/16",  # The link, where most clouds do.
            "192.0.0.0/24",  # Assignments of protocols, some of them of this machine's network.
            "224.0.0.0/4",  # Multicast, which Python calls global.
            "240.0.0.0/4",  # Reserved, and broadcast.
            # IPv6. What has an IPv4 address within would hide one of those above.
            "::/96",  # Unspecified, this machine, and IPv4-compatible.
            "::ffff:0:0/96",  # IPv4-mapped.
            "64:ff9b::/96",  # NAT64, which Python calls global.
            "64:ff9b:1::/48",  # NAT64 of a network's own.
            "2001::/32",  # Teredo.
            "2002::/16",  # 6to4, which Python calls global.
            "fd00:ec2::/32",  # Amazon's cloud does so there.
            "fe80::/10",  # The link.
            "fec0::/10",  # The site, as it once was.
            "ff00::/8",  # Multicast.
        ),
    )
)
"""Networks that no named host may lead to.

Private networks are not among them. Who names a host of their own network means it, and its
certificate has to be that of the name: a machine that is reached by mistake has none.
"""


Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Failure(StrEnum):
    """Why there is no document."""

    NOT_A_URL = "not_a_url"
    NOT_TLS = "not_tls"
    HOST_NOT_NAMED = "host_not_named"
    NAME_UNKNOWN = "name_unknown"
    ADDRESS_FORBIDDEN = "address_forbidden"
    UNREACHABLE = "unreachable"
    NOT_TRUSTED = "not_trusted"
    TOO_SLOW = "too_slow"
    REDIRECTED = "redirected"
    ABSENT = "absent"
    REFUSED = "refused"
    WRONG_TYPE = "wrong_type"
    COMPRESSED = "compressed"
    TOO_LARGE = "too_large"
    BROKEN_OFF = "broken_off"


class NotFetched(Exception):
    """There is no document. `detail` is for the log, and has nothing of the URL but its host."""

    def __init__(self, why: Failure, detail: str = "") -> None:
        super().__init__(why, detail)
        self.why = why
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Destination:
    """The target of a URL: its host, as the certificate has to name it, and path with query."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def name(self) -> str:
        """The host, and a port that is not the scheme's own: the header `Host`."""
        host = _in_url(self.host)
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def is_plain(self) -> bool:
        """Whether it is asked without TLS."""
        return self.scheme == "http"

    def url_at(self, address: str, port: int) -> str:
        """The URL with a network address in place of the host."""
        return f"{self.scheme}://{_in_url(address)}:{port}{self.target}"


def _in_url(host: str) -> str:
    """A name or an address as URLs have it."""
    return f"[{host}]" if ":" in host else host


def parsed(url: str) -> Destination:
    """Parse `url`, without judging whether it may be asked. Raises NotFetched if it is none."""
    # Whitespace and control characters are dropped by some readers of URLs and kept by others.
    if len(url) > URL_LENGTH_MAX or not url.isprintable() or " " in url:
        raise NotFetched(Failure.NOT_A_URL)
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise NotFetched(Failure.NOT_A_URL) from error
    found = _NETWORK_LOCATION.fullmatch(parts.netloc.lower())
    if parts.scheme not in _PORTS or found is None:
        raise NotFetched(Failure.NOT_A_URL)
    port = int(found["port"] or _PORTS[parts.scheme])
    if not 0 < port <= _PORT_MAX:
        raise NotFetched(Failure.NOT_A_URL)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Destination(parts.scheme, found["host"].strip("[]"), port, target)


def destination(url: str, hosts: Collection[str], *, has_loopback: bool = False) -> Destination:
    """Parse `url` and judge whether it may be asked.

    `hosts` are those that may be, each `HOST` or `HOST:PORT` in small letters. Plain HTTP is only
    for this machine, where `has_loopback` says that it may be asked. Raises NotFetched.
    """
    wanted = parsed(url)
    if wanted.name not in hosts:
        raise NotFetched(Failure.HOST_NOT_NAMED)
    if wanted.is_plain and not has_loopback:
        raise NotFetched(Failure.NOT_TLS)
    return wanted


def may_be_asked(address: str, wanted: Destination, *, has_loopback: bool = False) -> bool:
    """Whether a host may be connected to at this network address, to which its name leads."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        # One with a zone, of the link.
        return False
    if parsed.is_loopback:
        return has_loopback
    if wanted.is_plain:
        return False
    return not any(parsed in network for network in _FORBIDDEN)


def may_be_told(address: str, networks: Collection[Network], *, is_plain: bool) -> bool:
    """Whether a target may be connected to at this network address, to which its name leads.

    In `networks`, which the settings name, it may. Else the address has to be one of the public
    Internet, and is asked by TLS alone.
    """
    try:
        parsed_address = ipaddress.ip_address(address)
    except ValueError:
        # One with a zone, of the link.
        return False
    if any(parsed_address in network for network in networks):
        return True
    if is_plain or any(parsed_address in network for network in _FORBIDDEN):
        return False
    return parsed_address.is_global


def picture_in(url: str, length_max: int) -> bytes | Failure:
    """The picture in a `data:` URL, of at most so many bytes, as authentik and Slack have it.

    What it is, its bytes say: the type that is written there is not believed.
    """
    if len(url) > length_max // 3 * 4 + 64:
        return Failure.TOO_LARGE
    found = _PICTURE.match(url)
    if found is None:
        return Failure.WRONG_TYPE
    try:
        data = b64decode(url[found.end() :], validate=True)
    except ValueError:
        return Failure.BROKEN_OFF
    return data if len(data) <= length_max else Failure.TOO_LARGE
