"""Who may read figures and the state of the walls: monitors on this machine, or with a token.

They say how busy the service is, how many people call what, and what a stranger's picture would
have to get through.
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
"""What the headers of proxies begin with: who sends one of them asks for somebody else."""


class Monitors:
    """Whom we tell: `audience` is LOOPBACK, OPEN or OFF; an empty `token` lets in nobody."""

    def __init__(self, audience: str, token: Secret) -> None:
        self._audience = audience
        self._token = token.reveal().encode()

    @property
    def are_refused(self) -> bool:
        """Whether there is nobody who may read."""
        return self._audience == OFF

    def may_read(self, request: Request) -> bool:
        """Whether whoever sends this request may be told."""
        if self._audience == OFF:
            return False
        return self._audience == OPEN or self._brings_token(request) or _is_local(request)

    def _brings_token(self, request: Request) -> bool:
        scheme, _, said = request.headers.get("authorization", "").partition(" ")
        is_bearer = scheme.lower() == "bearer" and bool(self._token)
        return is_bearer and hmac.compare_digest(said.strip().encode("latin-1"), self._token)


def _is_local(request: Request) -> bool:
    """Whether a program on this machine asks for itself.

    A proxy on this machine has a loopback address as well, whoever it asks for. It is known by what
    it adds, or by the name that it hands on; so is a browser that a page of another name has led
    here (DNS rebinding).
    """
    peer = peer_of(request)
    is_forwarded = any(name.startswith(_FORWARDED) for name in request.headers)
    return peer is not None and peer.is_loopback and not is_forwarded and is_named_here(request)
