"""The one path of every call. The order of its steps is the order of refusals (decision 1)."""

import secrets
import time
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from likeness.accounts import Accounts
from likeness.errors import (
    InternalError,
    InvalidAuth,
    MissingScope,
    NotAllowedTokenType,
    Refusal,
    UnknownMethod,
    UserIsBot,
    let_go,
)
from likeness.figures import Sheet
from likeness.log import Log
from likeness.model import Caller, TokenKind
from likeness.photos import Photos
from likeness.webapi.bearer import Presented, bearer
from likeness.webapi.elsewhere import meant
from likeness.webapi.figures import UNKNOWN, CallFigures
from likeness.webapi.form import Form
from likeness.webapi.journal import RefusedTokens, peer
from likeness.webapi.limits import RequestLimits
from likeness.webapi.method import Answer, Audience, Call, Method
from likeness.webapi.request import Reader, drain, is_counted
from likeness.webapi.response import preflight, refuse, request_headers, succeed
from likeness.webapi.throttle import Throttle

_VERBS: Final = ("GET", "HEAD", "POST")
_SHOWN_LENGTH: Final = 60

_BODY_LEFT: Final = frozenset(
    {"too_large", "request_timeout", "invalid_post_type", "service_unavailable"}
)
"""Refusals after which there may be bytes on the wire that nobody will read."""

_log = Log(__name__)


class Contract(StrEnum):
    """Which contract is followed where Slack behaves otherwise than it documents."""

    DOCUMENTED = "documented"
    OBSERVED = "observed"


class WebApi:
    """Door 1: `/api/{method}`. `methods` is the table that everything follows from.

    Calls are counted on `sheet`, which has the families of `figures.families(methods)`. Lines of
    the log name the address that `client_of` tells. `contract` decides on bots and on tokens in the
    query string.
    """

    def __init__(
        self,
        methods: Mapping[str, Method],
        *,
        accounts: Accounts,
        photos: Photos,
        throttle: Throttle,
        limits: RequestLimits,
        sheet: Sheet | None = None,
        client_of: Callable[[Request], str] = peer,
        contract: Contract = Contract.DOCUMENTED,
    ) -> None:
        self._methods = methods
        self._accounts = accounts
        self._photos = photos
        self._throttle = throttle
        self.reader: Final = Reader(limits)
        self._figures = CallFigures(methods, sheet)
        self._client_of = client_of
        self._is_observed = contract is Contract.OBSERVED
        self._refusals = RefusedTokens()
        self._is_https = photos.public_url.startswith("https://")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """`answer` as an ASGI application, which a router gives requests of every verb."""
        response = await self.answer(Request(scope, receive))
        await response(scope, receive, send)

    async def answer(self, request: Request) -> Response:
        """Any request below `/api/` to a response; nothing escapes but a cancellation."""
        visit = _Visit(self._is_https)
        if request.method == "OPTIONS":
            return preflight(visit.headers())
        started = time.perf_counter()
        result, response = await self._result(request, visit)
        self._figures.count(visit.method_name, result, time.perf_counter() - started)
        return response

    async def _result(self, request: Request, visit: "_Visit") -> tuple[str, Response]:
        try:
            answer, warnings = await self._serve(request, visit)
        except Exception as error:  # noqa: BLE001 - Whatever it is, the caller gets an answer.
            refusal = visit.checked(error)
            self._figures.refused(refusal)
            self._refusals.note(refusal, self._client_of(request), visit.method_name)
            response = _refused(refusal, visit)
            let_go(error)
            return response
        result = "ok" if answer.payload.get("ok", True) else str(answer.payload["error"])
        return result, succeed(answer, warnings, visit.headers())

    async def _serve(self, request: Request, visit: "_Visit") -> tuple[Answer, tuple[str, ...]]:
        """The steps of contract § 2.1, each of which may refuse."""
        try:
            method = self._find(request, visit)
        except UnknownMethod:
            await drain(request)
            raise
        header = Presented(self._accounts, bearer(request.headers))
        sender = await header.sender() if is_counted(request) else None
        async with self.reader.read(request, method, sender) as form:
            caller = await self._authenticate(method, form, header, visit)
            if caller is not None:
                await self._throttle.admit(method, caller)
                self._admit(method, caller)
            arguments = method.bind(form.values)
            client = self._client_of(request)
            call = Call(caller, form.texts, self._accounts, self._photos, client)
            return await method.handler(call, **arguments), form.warnings

    def _find(self, request: Request, visit: "_Visit") -> Method:
        name = request.path_params["method"]
        method = self._methods.get(name)
        if method is None or request.method not in _VERBS:
            raise UnknownMethod(self._hint(request, name), req_method=name[:_SHOWN_LENGTH])
        visit.method = method
        return method

    def _hint(self, request: Request, name: str) -> str:
        """The answer to an unknown method, or to an HTTP method that is not accepted."""
        base, found = f"{self._photos.public_url}/api/", meant(name, self._methods)
        if request.method in _VERBS and found:
            return f"this address has no method; call {base}{found}, by the base URL {base}"
        if request.url.path[:5] != "/api/":
            return f"the methods are below {base}; give your client that base URL"
        shown = f"{request.method} {name[:_SHOWN_LENGTH]}" if name else "an empty name"
        return f"{shown} is no method here; `likeness methods` lists them, each for GET and POST"

    async def _authenticate(
        self, method: Method, form: Form, header: Presented, visit: "_Visit"
    ) -> Caller | None:
        if method.audience is Audience.ANYONE:
            return None
        token = form.token
        if form.query_token is not None:
            if not self._is_observed:
                raise InvalidAuth(
                    "a token in the query string ends up in logs and is not accepted; "
                    "send it as `Authorization: Bearer xoxp-...`"
                )
            token = token or form.query_token
        visit.caller = await header.caller(token)
        return visit.caller

    def _admit(self, method: Method, caller: Caller) -> None:
        """Refuse a bot where only people may call, then a token without the scope."""
        if method.audience is Audience.USERS and caller.token.kind is TokenKind.BOT:
            said = f"{method.name} is for people; call it with a token that begins xoxp-"
            if self._is_observed:
                raise NotAllowedTokenType(said)
            raise UserIsBot(said)
        provided = caller.token.scopes
        if method.scope is not None and method.scope not in provided:
            raise MissingScope(
                f"the token lacks the scope {method.scope}; issue one that has it",
                needed=method.scope,
                provided=",".join(provided),
            )


def _refused(refusal: Refusal, visit: "_Visit") -> tuple[str, Response]:
    response = refuse(refusal, visit.headers())
    if refusal.code in _BODY_LEFT:
        response.headers["Connection"] = "close"
    return refusal.code, response


class _Visit:
    """The facts about one request so far, for the headers of its answer and for the log."""

    def __init__(self, is_https: bool) -> None:  # noqa: FBT001 - Private, and called once.
        self.request_id = secrets.token_hex(16)
        self.method: Method | None = None
        self.caller: Caller | None = None
        self._is_https = is_https

    @property
    def method_name(self) -> str:
        """The name for metrics; unknown ones are not echoed there, since anybody invents them."""
        return self.method.name if self.method else UNKNOWN

    def headers(self) -> dict[str, str]:
        """The headers that only this call has."""
        return request_headers(
            self.request_id,
            is_https=self._is_https,
            scopes=self.caller.token.scopes if self.caller else None,
            accepted=self.method.scope if self.method else None,
        )

    def checked(self, error: Exception) -> Refusal:
        """The error itself when it is a refusal that the table declares; else it is a bug."""
        if isinstance(error, Refusal) and (not self.method or self.method.may_raise(error)):
            return error
        return self._unexpected(error)

    def _unexpected(self, error: Exception) -> Refusal:
        """Log the error under the request's id, and tell the caller only the id."""
        _log.error(
            "call_failed", method=self.method_name, request_id=self.request_id, exc_info=error
        )
        return InternalError(
            f"something failed here and nothing was changed; our log has it as {self.request_id}"
        )
