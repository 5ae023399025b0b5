"""The layer in front of the service: it keeps calls, and answers those that a test wants so."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Protocol

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from likeness.double.calls import Call, Calls, arguments_of, error_in, image_of
from likeness.double.demands import ERROR, WAIT, Demand, Demands, own_demand
from likeness.errors import InvalidArguments, Mistake, Refusal
from likeness.model import Secret
from likeness.webapi.form import Form
from likeness.webapi.limits import RequestLimits
from likeness.webapi.method import Method
from likeness.webapi.request import Reader
from likeness.webapi.response import refuse, request_headers

CONTROL_PREFIX: Final = "/double/"
"""Below it a test says what it demands, and asks what was called."""

_API_PREFIX: Final = "/api/"
_HEADERS: Final = {ERROR: "x-double-error", WAIT: "x-double-wait-s"}

Identify = Callable[[Secret | None], Awaitable[str]]
"""Gives the address of a token's owner, "" where there is none."""


class Service(Protocol):
    """The service behind: ASGI, and a look-up of answers in memory."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""

    def at_hand(
        self, method: str, path: str, query: bytes, headers: list[tuple[bytes, bytes]]
    ) -> tuple[bytes, bytes] | None:
        """See `server.shortcut.Find`."""


class Front:
    """Stands before `service` as an ASGI application; everything but API calls goes straight on.

    Calls are read here by the service's own reader, and then once more behind. A body is held as a
    whole, which `limits` bound.
    """

    def __init__(
        self,
        service: Service,
        control: ASGIApp,
        *,
        methods: Mapping[str, Method],
        limits: RequestLimits,
        demands: Demands,
        calls: Calls,
        identify: Identify,
    ) -> None:
        self._service = service
        self._control = control
        self._methods = methods
        self._reader = Reader(limits)
        self._timeout_s = limits.request_timeout_s
        self._length_max = 2 * limits.body_length_max("", limits.prepared_bytes_max)
        self._demands = demands
        self._calls = calls
        self._identify = identify
        self.at_hand = service.at_hand

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path: str = scope.get("path", "")
        if path.startswith(CONTROL_PREFIX):
            await self._control(scope, receive, send)
        elif path.startswith(_API_PREFIX) and scope["method"] in {"GET", "HEAD", "POST"}:
            await self._call(path.removeprefix(_API_PREFIX), scope, receive, send)
        else:
            await self._service(scope, receive, send)

    async def _call(self, name: str, scope: Scope, receive: Receive, send: Send) -> None:
        held = await self._held(receive)
        form = await self._form(name, scope, held)
        heard = _Heard(send)
        is_demanded = await self._answer_on_demand(name, scope, form, heard)
        if not is_demanded:
            await self._service(scope, _again(held, receive), heard)
        self._calls.add(
            Call(
                name,
                arguments_of(form),
                image_of(form),
                await self._identify(form.token),
                heard.status,
                error_in(heard.body),
                is_demanded,
            )
        )

    async def _held(self, receive: Receive) -> list[Message]:
        """The body, as far as it comes in time and is not longer than any may be."""
        messages, length = list[Message](), 0
        try:
            async with asyncio.timeout(self._timeout_s):
                while length <= self._length_max:
                    messages.append(await receive())
                    length += len(messages[-1].get("body", b""))
                    if not messages[-1].get("more_body", False):
                        break
        except TimeoutError:
            pass
        return messages

    async def _form(self, name: str, scope: Scope, held: list[Message]) -> Form:
        """What is in a call: nothing where the service will refuse it unread."""
        method, nothing = self._methods.get(name), Form({}, None)
        if method is None:
            return nothing
        try:
            request = Request(scope, _again(held, _nothing_more))
            async with self._reader.read(request, method, None) as form:
                return form
        except Refusal:
            return nothing

    async def _answer_on_demand(self, name: str, scope: Scope, form: Form, send: Send) -> bool:
        """Wait and answer as a test demands; False where the service is to answer."""
        try:
            demand = self._demand(name, scope, form)
        except Mistake as mistake:
            await _refuse(InvalidArguments(str(mistake), argument=ERROR), scope, send)
            return True
        if demand is None:
            return False
        await asyncio.sleep(demand.wait_s)
        if not demand.error:
            return False
        await _refuse(self._demands.refusal(demand), scope, send)
        return True

    def _demand(self, name: str, scope: Scope, form: Form) -> Demand | None:
        headers = Request(scope).headers
        told = {key: headers.get(header, "") for key, header in _HEADERS.items()}
        told |= {key: text for key, text in form.texts().items() if key in told}
        demand = own_demand(name, told)
        if demand is None:
            return self._demands.take(name)
        self._demands.check(demand)
        return demand


class _Heard:
    """`send`, which keeps the status and the body of the answer."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0
        self.body = b""

    async def __call__(self, message: Message) -> None:
        self.status = message.get("status", self.status)
        self.body += message.get("body", b"")
        await self._send(message)


def _again(held: list[Message], receive: Receive) -> Receive:
    """The messages that were held, and then whatever comes."""
    left = iter(held)

    async def following() -> Message:
        for message in left:
            return message
        return await receive()

    return following


async def _nothing_more() -> Message:
    return {"type": "http.disconnect"}


async def _refuse(refusal: Refusal, scope: Scope, send: Send) -> None:
    headers = request_headers(secrets.token_hex(16), is_https=False, scopes=None, accepted=None)
    await refuse(refusal, headers)(scope, _nothing_more, send)
