"""Addresses of directories: `ldaps://HOST`, or `ldap://HOST`, which becomes TLS before it is used.

Pure: names are not resolved.
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

_PORTS: Final = {"ldap": 389, "ldaps": 636}
_HOST: Final = re.compile(r"[A-Za-z0-9_.:-]{1,253}")
_EXAMPLE: Final = "write an address such as ldaps://ldap.example.org"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a directory is. With `is_tls` a connection is by TLS from its first byte."""

    host: str
    port: int
    is_tls: bool

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can be meant."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def __str__(self) -> str:
        scheme = "ldaps" if self.is_tls else "ldap"
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[scheme] else f":{self.port}"
        return f"{scheme}://{host}{port}"


def parse(text: str) -> Address:
    """The directory that a URL means. Raises ValueError, which never repeats the text.

    >>> str(parse("LDAPS://Ldap.example.org:636/"))
    'ldaps://ldap.example.org'
    """
    if not text.isprintable() or " " in text or "\\" in text:
        raise ValueError(f"has a space, a backslash or a control character in it; {_EXAMPLE}")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise ValueError(f"has no host and port that can be read; {_EXAMPLE}") from error
    if parts.scheme not in _PORTS:
        raise ValueError(f"must begin with ldaps:// or ldap://; {_EXAMPLE}")
    if "@" in parts.netloc:
        raise ValueError("has a user in it, which LIKENESS_LDAP_BIND_DN is for")
    if parts.path.strip("/") or "?" in text or "#" in text:
        raise ValueError("has more than a host and a port; LIKENESS_LDAP_BASE says where to look")
    if not _HOST.fullmatch(host) or port == 0:
        raise ValueError(f"has no host and port that can be; {_EXAMPLE}")
    return Address(host, port or _PORTS[parts.scheme], parts.scheme == "ldaps")
