"""The user that a reverse proxy names, if it is a trusted one."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

from starlette.requests import Request

from likeness.errors import NotAdmitted
from likeness.seldom import SeldomLog

FORWARDED_FOR: Final = "X-Forwarded-For"


class Proxies:
    """The header in which proxies name people, and where those proxies are.

    Without a header nobody's word counts. It is ignored from any other address, since everybody
    can send it, and when it is there twice, since one of the two may be a stranger's.
    """

    def __init__(self, header: str, networks: Sequence[IPv4Network | IPv6Network]) -> None:
        self._header = header
        self._networks = networks
        self._log = SeldomLog()

    def user(self, request: Request) -> str:
        """The e-mail address that the proxy names; "" when it names none.

        Raises NotAdmitted for an address that is not written in UTF-8.
        """
        said = request.headers.getlist(self._header) if self._header else []
        if not said or not said[0].strip():
            return ""
        peer = peer_of(request)
        is_trusted = peer is not None and any(peer in network for network in self._networks)
        if len(said) > 1 or not is_trusted:
            self._log.warning("proxy_header_ignored", address=str(peer), headers=len(said))
            return ""
        return _decoded(said[0]).strip()

    def client(self, request: Request) -> str:
        """The address of the client: as a trusted proxy says, else that of the connection.

        Of several addresses the last one counts, since anybody may have sent those before it.
        """
        peer = peer_of(request)
        if peer is None:
            return ""
        said = request.headers.getlist(FORWARDED_FOR)
        if not said or not any(peer in network for network in self._networks):
            return str(peer)
        try:
            return str(ip_address(said[-1].rpartition(",")[2].strip()))
        except ValueError:
            return str(peer)


def peer_of(request: Request) -> IPv4Address | IPv6Address | None:
    """The address at the other end of the connection, headers ignored; None for no address.

    One of IPv4 that is written as IPv6 is that of IPv4.
    """
    try:
        address = ip_address(request.client.host if request.client else "")
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _decoded(header: str) -> str:
    """The text of a header in UTF-8, which Starlette took for Latin-1. Raises NotAdmitted."""
    try:
        return header.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotAdmitted("The proxy names you in other letters than UTF-8.") from error
