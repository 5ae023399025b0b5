"""Requests of directories: who asks, how much of it is read, and what is answered.

Nothing here imports scim2-server before a directory has shown a token that it may come with.
"""

import asyncio
import json
import math
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Protocol

from anyio import CapacityLimiter, to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from likeness.accounts import Accounts, token_in
from likeness.errors import Refusal, ServiceUnavailable, let_go
from likeness.events import Actor, network_of
from likeness.identities import SCIM
from likeness.log import Log
from likeness.model import Caller, Source
from likeness.scim.messages import Asked
from likeness.scopes import SCIM_SCOPE
from likeness.seldom import RationedLog, SeldomLog
from likeness.threads import in_thread

if TYPE_CHECKING:
    from likeness import directory_photos
    from likeness.scim import protocol

PATH: Final = "/scim/v2"

REQUESTS_A_MINUTE: Final = 3000
"""Of one bot, which may come at once: 50 a second, twice of what Microsoft Entra sends."""

BODY_LENGTH_MAX: Final = 14 * 2**20
"""Bytes of a body: a picture of 10 MiB in base64, and all else that is said of somebody."""

AT_ONCE_MAX: Final = 4
"""Requests of directories that are worked on at a time. Their work is Python's, so that more
threads would only take turns; and each waits for others of the threads that all of us share."""

REFUSED_LINES_MAX: Final = 100
CLIENT_LINES_MAX: Final = 10
"""Lines a minute about refused tokens, of all clients and of one."""

_MEDIA_TYPE: Final = "application/scim+json"
_ERROR: Final = "urn:ietf:params:scim:api:messages:2.0:Error"
_OPEN: Final = "ServiceProviderConfig"
"""What anybody may read (RFC 7643, section 5)."""

_WITHOUT_EXTRA: Final = (
    "this installation cannot speak SCIM; whoever runs it has to install likeness-avatars[scim]"
)
_NOT_PRESENTED: Final = "no token was sent; send a bot's as `Authorization: Bearer xoxb-...`"
_WITHOUT_BODY: Final = {204, 304}

_log = Log(__name__)

Take = Callable[[str, float, int, float], float]
"""Key, seconds between calls, burst, now in seconds; gives the seconds to wait, 0.0 for none."""


class Hold(Protocol):
    """What is counted of one body in memory."""

    def grow(self, length: int) -> None:
        """Count so many bytes so far. Raises ServiceUnavailable."""


class Budget(Protocol):
    """Bounds the bytes of all bodies in memory."""

    def hold(self, sender: Caller | None, address: str) -> AbstractContextManager[Hold]:
        """An empty hold, whose bytes are released when the context is left."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What of the protocol is there once it was asked for."""

    protocol: "protocol.Protocol"
    photos: "directory_photos.DirectoryPhotos"


class _Answer(Exception):
    """A request ends with an error."""

    def __init__(self, status: int, detail: str, **headers: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class Scim:
    """The door. `take` counts requests, None: nobody does. `load` gives the protocol, once.

    `client_of` says the network address that a request comes from.
    """

    def __init__(
        self,
        accounts: Accounts,
        *,
        budget: Budget,
        take: Take | None,
        clock: Callable[[], datetime],
        load: Callable[[], Parts],
        client_of: Callable[[Request], str],
        timeout_s: float,
    ) -> None:
        self._accounts = accounts
        self._budget = budget
        self._take = take
        self._clock = clock
        self._load = load
        self._client_of = client_of
        self._timeout_s = timeout_s
        self._turns = CapacityLimiter(AT_ONCE_MAX)
        self._loading = asyncio.Lock()
        self._parts: Parts | None = None
        self._refused = RationedLog(lines_max=REFUSED_LINES_MAX, client_lines_max=CLIENT_LINES_MAX)
        self._log = SeldomLog()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        try:
            response = await self._answered(request)
        except _Answer as answer:
            response = _error(answer)
        except ServiceUnavailable as refusal:
            response = _error(_Answer(503, refusal.message, Retry_After="5"))
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001 - a bug of ours, of which nobody learns more
            _log.error("scim_failed", method=request.method, exc_info=error)
            response = _error(_Answer(500, "something failed on our side"))
            let_go(error)
        await response(scope, receive, send)

    async def close(self) -> None:
        """End what is fetched."""
        if self._parts is not None:
            await self._parts.photos.close()

    async def _answered(self, request: Request) -> Response:
        path = request.scope["path"].removeprefix(PATH).removesuffix(".scim")
        caller = await self._caller(request, is_open=path.strip("/") == _OPEN)
        if caller is not None:
            await self._count(caller)
        parts = await self._protocol()
        client = self._client_of(request)
        with self._budget.hold(caller, client) as hold:
            asked = Asked(
                request.method,
                path,
                dict(request.query_params),
                request.headers.items(),
                await self._body(request, hold),
                Actor(SCIM, Source.DIRECTORY, network_of(client)),
                caller.team if caller else None,
            )
            return await self._done(asked, parts)

    async def _done(self, asked: Asked, parts: Parts) -> Response:
        """What the protocol says, once the photo is there that came with the request."""
        answer = parts.protocol.answer
        answered = await to_thread.run_sync(answer, asked, limiter=self._turns)
        if answered.photo is not None:
            await parts.photos.follow(answered.photo.who, answered.photo.url, asked.by)
        return _response(answered.status, answered.body, answered.headers)

    async def _caller(self, request: Request, *, is_open: bool) -> Caller | None:
        """The bot that asks; None where nobody has to say who they are. Raises _Answer."""
        secret = token_in(request.headers.getlist("authorization"))
        if secret is None and is_open:
            return None
        try:
            caller = await self._accounts.authenticate(secret)
        except ServiceUnavailable:
            raise
        except Refusal as refusal:
            if secret is not None:
                client = self._client_of(request)
                self._refused.warning(
                    "token_refused", client=client, error=refusal.code, method=SCIM
                )
            detail = _NOT_PRESENTED if secret is None else refusal.message
            challenge = 'Bearer realm="SCIM"'
            raise _Answer(401, detail, WWW_Authenticate=challenge) from refusal
        if not caller.user.is_bot:
            raise _Answer(403, "this is a person's token; directories come with that of a bot")
        if SCIM_SCOPE not in caller.token.scopes:
            raise _Answer(403, f"the token lacks the scope {SCIM_SCOPE}")
        return caller

    async def _count(self, caller: Caller) -> None:
        """Count a request. Raises _Answer where there are too many."""
        if self._take is None:
            return
        key = f"{SCIM} {caller.team.id} {caller.user.id}"
        interval_s, now_s = 60 / REQUESTS_A_MINUTE, self._clock().timestamp()
        wait_s = await in_thread(self._take, key, interval_s, REQUESTS_A_MINUTE, now_s)
        if wait_s > 0:
            after = str(max(1, math.ceil(wait_s)))
            detail = f"{REQUESTS_A_MINUTE} requests a minute are allowed; try again in {after} s"
            raise _Answer(429, detail, Retry_After=after)

    async def _body(self, request: Request, hold: Hold) -> bytes:
        """The body, within its bounds of length and time. Raises _Answer, ServiceUnavailable."""
        body, announced = bytearray(), request.headers.get("content-length", "")
        too_long = _Answer(413, f"the body has more than {BODY_LENGTH_MAX} bytes")
        if announced.isdecimal() and int(announced[:18]) > BODY_LENGTH_MAX:
            raise too_long
        try:
            async with asyncio.timeout(self._timeout_s):
                async for piece in request.stream():
                    hold.grow(len(body) + len(piece))
                    body += piece
                    if len(body) > BODY_LENGTH_MAX:
                        raise too_long
        except TimeoutError as late:
            detail = f"the body did not arrive within {self._timeout_s:g} s"
            raise _Answer(408, detail) from late
        return bytes(body)

    async def _protocol(self) -> Parts:
        """What speaks SCIM, imported once. Raises _Answer where it is not installed."""
        async with self._loading:
            if self._parts is None:
                try:
                    self._parts = await in_thread(self._load)
                except ModuleNotFoundError as missing:
                    self._log.warning("scim_not_installed", missing=missing.name)
                    raise _Answer(501, _WITHOUT_EXTRA) from missing
            return self._parts


def _error(answer: _Answer) -> Response:
    body = {"schemas": [_ERROR], "status": str(answer.status), "detail": answer.detail}
    return _response(answer.status, body, answer.headers)


def _response(status: int, body: dict[str, Any] | None, headers: Mapping[str, str]) -> Response:
    own = {"Content-Type": _MEDIA_TYPE, "Cache-Control": "no-store"}
    content = b"" if body is None else json.dumps(body).encode()
    response = Response(content, status, {**own, **headers})
    if status in _WITHOUT_BODY:
        del response.headers["content-type"]
    return response
