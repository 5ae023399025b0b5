"""A client of the Web API in this process: the page has no other way to change anything."""

from collections.abc import Mapping
from typing import Any, Final

import httpx2
from starlette.requests import Request
from starlette.types import ASGIApp

from likeness.model import Secret
from likeness.site.proxy import FORWARDED_FOR

_HERE: Final = "http://likeness.invalid/api/"
"""A name that leads nowhere, should a request ever leave this process."""

_NOWHERE: Final = ("", 0)


class Api:
    """Calls to an application that answers below `/api/`.

    They come from the address `client`, with `headers` that tell for whom a proxy asks.
    """

    def __init__(
        self,
        application: ASGIApp,
        client: tuple[str, int] = _NOWHERE,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._application = application
        self._transport = httpx2.ASGITransport(application, client=client)
        self._headers = dict(headers or {})

    def on_behalf_of(self, request: Request) -> "Api":
        """A client that calls for the sender of a request, so that the log names their address."""
        client = (request.client.host, request.client.port) if request.client else _NOWHERE
        asked_for = ", ".join(request.headers.getlist(FORWARDED_FOR))
        return Api(self._application, client, {FORWARDED_FOR: asked_for} if asked_for else None)

    async def call(
        self,
        method: str,
        token: Secret,
        values: Mapping[str, str],
        image: bytes | None = None,
    ) -> dict[str, Any]:
        """The answer to a method as an object, whether `ok` or not. Empty values are left out."""
        # A client for each call: cookies of one visitor's answer cannot reach another's request.
        async with httpx2.AsyncClient(
            transport=self._transport, base_url=_HERE, trust_env=False, timeout=None
        ) as client:
            answer = await client.post(
                method,
                headers={**self._headers, "Authorization": f"Bearer {token.reveal()}"},
                data={name: value for name, value in values.items() if value},
                files=None if image is None else {"image": ("image", image)},
            )
            document: dict[str, Any] = answer.json()
            return document
