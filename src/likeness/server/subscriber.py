"""Groups the addresses of one client, so that shared resources are divided fairly."""

from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

_IPV6_BITS: Final = 64
"""A client with one IPv6 address can have all those with the same first 64 bits."""

_REMEMBERED_MAX: Final = 4096
"""Addresses; to read one takes longer than to answer a hot photo."""


@lru_cache(_REMEMBERED_MAX)
def subscriber(address: str) -> str:
    """The prefix that all addresses of a client share; a text that is no address stays as it is."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ip_network((parsed.packed, _IPV6_BITS), strict=False))
