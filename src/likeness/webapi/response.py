"""Writes Slack's envelope: `ok`, `error`, warnings, messages, and the headers of answers."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from likeness.errors import NotAuthed, Ratelimited, Refusal
from likeness.webapi.method import Answer

_BASE: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "x-slack-req-id, retry-after",
    "Access-Control-Allow-Headers": "slack-route, x-slack-version-ts, content-type",
    "Cache-Control": "private, no-cache, no-store, must-revalidate",
    "Content-Type": "application/json; charset=utf-8",
    "Expires": "Sat, 26 Jul 1997 05:00:00 GMT",
    "Pragma": "no-cache",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
    "X-XSS-Protection": "0",
}
"""Recorded from the real service (contract § 1.4), without the headers that name its machines."""

_HSTS: Final = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload"}
_TOO_MANY: Final = 429


def succeed(answer: Answer, warnings: Sequence[str], headers: Mapping[str, str]) -> Response:
    """A method's answer. Warnings stand at the end of the object, as recorded."""
    body: dict[str, Any] = {"ok": True, **answer.payload}
    metadata = dict(body.pop("response_metadata", {}))
    if warnings:
        body["warning"] = ",".join(warnings)
    if answer.notes:
        metadata["messages"] = [f"[WARN] {note}" for note in answer.notes]
    if warnings:
        metadata["warnings"] = list(warnings)
    if metadata:
        body["response_metadata"] = metadata
    return _json(body, 200, headers)


def refuse(refusal: Refusal, headers: Mapping[str, str]) -> Response:
    """A refusal: HTTP 200, but 429 with whole seconds to wait for `ratelimited`."""
    body: dict[str, Any] = {"ok": False, "error": refusal.code, **refusal.details}
    body["response_metadata"] = {"messages": [_message(refusal)]}
    if isinstance(refusal, Ratelimited):
        wait = {"Retry-After": str(refusal.retry_after_s)}
        return _json(body, _TOO_MANY, {**headers, **wait})
    if isinstance(refusal, NotAuthed):
        return _json(body, 200, {**headers, "X-Robots-Tag": "noindex,nofollow"})
    return _json(body, 200, headers)


def preflight(headers: Mapping[str, str]) -> Response:
    """The answer to a browser that asks whether it may call."""
    allowed = {"Access-Control-Allow-Methods": "GET, POST", "Access-Control-Max-Age": "86400"}
    return Response(b"", 200, {**_BASE, **headers, **allowed})


def request_headers(
    request_id: str, *, is_https: bool, scopes: Sequence[str] | None, accepted: str | None
) -> dict[str, str]:
    """The headers of this call: its id, the token's scopes and the scope that was needed."""
    headers = {"X-Slack-Req-Id": request_id, **(_HSTS if is_https else {})}
    if scopes is not None:
        headers["X-OAuth-Scopes"] = ",".join(scopes)
        if accepted is not None:
            headers["X-Accepted-OAuth-Scopes"] = accepted
    return headers


def _message(refusal: Refusal) -> str:
    where = f" [json-pointer:/{refusal.argument}]" if refusal.argument else ""
    return f"[ERROR] {refusal.message}{where}"


def _json(body: Mapping[str, Any], status: int, headers: Mapping[str, str]) -> Response:
    data = json.dumps(body, separators=(",", ":")).encode()
    return Response(data, status, {**_BASE, **headers})
