"""What a test says to the double, below `/double/`: demands, people, and what was called."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, Router

from likeness.double.calls import Calls
from likeness.double.demands import Demand, Demands
from likeness.double.front import CONTROL_PREFIX
from likeness.errors import Mistake

WORDS_LENGTH_MAX: Final = 64 * 1024
"""Bytes of what a test says at once."""

_BAD_REQUEST: Final = 400

AddPerson = Callable[[Mapping[str, Any]], Awaitable[dict[str, Any]]]
"""Adds somebody, with a token, and gives both. Raises Mistake."""


class Control:
    """The routes by which a test steers the double."""

    def __init__(self, demands: Demands, calls: Calls, add_person: AddPerson) -> None:
        self._demands = demands
        self._calls = calls
        self._add_person = add_person

    def router(self) -> Router:
        """An ASGI application for everything below CONTROL_PREFIX."""
        return Router(
            [
                Route(f"{CONTROL_PREFIX}calls", self.calls, methods=["GET"]),
                Route(f"{CONTROL_PREFIX}demands", self.demand, methods=["POST"]),
                Route(f"{CONTROL_PREFIX}people", self.person, methods=["POST"]),
                Route(f"{CONTROL_PREFIX}forget", self.forget, methods=["POST"]),
            ]
        )

    async def calls(self, request: Request) -> Response:
        """What was called so far, of one method or of all."""
        found = self._calls.documents(request.query_params.get("method", ""))
        return JSONResponse({"calls": found})

    async def demand(self, request: Request) -> Response:
        """Have the next calls of a method answered in some way."""

        async def add(said: Mapping[str, Any]) -> dict[str, Any]:
            self._demands.add(Demand(**said))
            return {}

        return await _done(request, add)

    async def person(self, request: Request) -> Response:
        """Add somebody new."""
        return await _done(request, self._add_person)

    async def forget(self, request: Request) -> Response:
        """Forget calls and demands; people and photos stay."""
        self._demands.forget()
        self._calls.forget()
        return await _done(request, _nothing)


async def _nothing(said: Mapping[str, Any]) -> dict[str, Any]:
    del said
    return {}


async def _done(request: Request, act: AddPerson) -> Response:
    """The answer of an act to what a test says, or why that cannot be."""
    try:
        return JSONResponse(await act(await _said(request)))
    except (Mistake, TypeError) as mistake:
        return JSONResponse({"error": str(mistake)}, _BAD_REQUEST)


async def _said(request: Request) -> dict[str, Any]:
    """The JSON object of a request, {} for no body. Raises Mistake."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > WORDS_LENGTH_MAX:
            raise Mistake(f"at most {WORDS_LENGTH_MAX} bytes can be said at once")
    try:
        said = json.loads(body or b"{}")
    except ValueError as error:
        raise Mistake(f"that is no JSON: {error}") from error
    if not isinstance(said, dict):
        raise Mistake("that is no JSON object")
    return said
