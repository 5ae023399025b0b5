"""Who a reverse proxy says is signed in, if it is one whose word counts."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

from starlette.requests import Request

from likeness.errors import NotAdmitted
from likeness.seldom import SeldomLog


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
        """The e-mail address of whoever the proxy let through; "" when it says nothing.

        Raises NotAdmitted for an address that is not written in UTF-8.
        """
        if not self._header or request.client is None:
            return ""
        said = request.headers.getlist(self._header)
        if not said or not said[0].strip():
            return ""
        if len(said) > 1 or not self._is_trusted(request.client.host):
            self._log.warning(
                "proxy_header_ignored", address=request.client.host, headers=len(said)
            )
            return ""
        return _decoded(said[0]).strip()

    def _is_trusted(self, host: str) -> bool:
        try:
            address = ip_address(host)
        except ValueError:
            return False
        if isinstance(address, IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        return any(address in network for network in self._networks)


def _decoded(header: str) -> str:
    """What the bytes of a header say, which Starlette takes for Latin-1. Raises NotAdmitted."""
    try:
        return header.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotAdmitted("The proxy names you in other letters than UTF-8.") from error
