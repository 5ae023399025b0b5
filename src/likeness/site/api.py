"""The Web API as a client has it, in this process: the page has no other way to change anything."""

from collections.abc import Mapping
from typing import Any, Final

import httpx2
from starlette.types import ASGIApp

from likeness.model import Secret

_HERE: Final = "http://likeness.invalid/api/"
"""A name that leads nowhere, should a request ever leave this process."""


class Api:
    """Calls to an application that answers below `/api/`."""

    def __init__(self, application: ASGIApp) -> None:
        self._transport = httpx2.ASGITransport(application)

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
                headers={"Authorization": f"Bearer {token.reveal()}"},
                data={name: value for name, value in values.items() if value},
                files=None if image is None else {"image": ("image", image)},
            )
            document: dict[str, Any] = answer.json()
            return document
