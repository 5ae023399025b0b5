"""Who may read figures and the state of the walls: monitors on this machine, or with a token.

They say how busy the service is, how often each method is called, and which walls a hostile picture
would have to get through.
"""

import hmac
from typing import Final

from starlette.requests import Request

from likeness.model import Secret
from likeness.site.origin import is_named_here
from likeness.site.proxy import peer_of

LOOPBACK, OPEN, OFF = "loopback", "open", "off"
"""This machine's own monitors; everybody; nobody at all."""

_FORWARDED: Final = ("forwarded", "via", "x-real-ip", "x-forwarded-")
"""Prefixes of the headers of proxies: a request with one of them is forwarded for a client."""


class Monitors:
    """Access to metrics: `audience` is LOOPBACK, OPEN or OFF; an empty `token` admits nobody."""

    def __init__(self, audience: str, token: Secret) -> None:
        self._audience = audience
        self._token = token.reveal().encode()

    @property
    def are_refused(self) -> bool:
        """Whether nobody may read."""
        return self._audience == OFF

    def may_read(self, request: Request) -> bool:
        """Whether the sender of this request may read."""
        if self._audience == OFF:
            return False
        return self._audience == OPEN or self._brings_token(request) or _is_local(request)

    def _brings_token(self, request: Request) -> bool:
        scheme, _, said = request.headers.get("authorization", "").partition(" ")
        is_bearer = scheme.lower() == "bearer" and bool(self._token)
        return is_bearer and hmac.compare_digest(said.strip().encode("latin-1"), self._token)


def _is_local(request: Request) -> bool:
    """Whether a program on this machine asks for itself.

    A proxy on this machine has a loopback address as well. It is recognized by the headers that it
    adds, or by the host name that it hands on; so is a browser that a page of another name has
    led here (DNS rebinding).
    """
    peer = peer_of(request)
    is_forwarded = any(name.startswith(_FORWARDED) for name in request.headers)
    return peer is not None and peer.is_loopback and not is_forwarded and is_named_here(request)
