"""Templates to responses: their headers, their common variables, and error pages."""

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from likeness.errors import NotAdmitted, Refusal, let_go
from likeness.log import Log
from likeness.site.assets import Assets

Endpoint = Callable[[Request], Awaitable[Response]]

_STATUSES: Final = {
    "request_timeout": 408,
    "too_large": 413,
    "ratelimited": 429,
    "user_not_found": 404,
    "users_not_found": 404,
    "internal_error": 500,
    "service_unavailable": 503,
}
_FORBIDDEN: Final = 403
_FAILED: Final = 500
_log = Log(__name__)


def status_of(code: str) -> int:
    """The HTTP status of a page that tells of a refusal, by its code."""
    return _STATUSES.get(code, 400)


class Instead(Exception):
    """Another page is the answer: the visitor has to do something else first."""

    def __init__(self, page: Response) -> None:
        super().__init__("another page is the answer")
        self.page = page


class Views:
    """Everything that the site answers with.

    `urls` are the public address, then others that pictures of ours are at.
    """

    def __init__(self, urls: Sequence[str], assets: Assets) -> None:
        self._templates = Environment(
            loader=PackageLoader("likeness.site"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=StrictUndefined,
        )
        self._templates.globals["asset"] = assets.url
        self._templates.filters["day"] = _day
        self._templates.filters["moment"] = _moment
        self._templates.filters["sentence"] = sentence
        self._headers = _headers(urls)

    def page(self, name: str, context: Mapping[str, Any], status: int = 200) -> Response:
        """A template, filled in."""
        text = self._templates.get_template(name).render(context)
        return HTMLResponse(text, status, self._headers)

    def message(self, text: str, status: int, code: str = "") -> Response:
        """A page with one sentence and the way back; `code` is for error reports."""
        return self.page("message.html", {"text": text, "code": code}, status)

    def file(self, data: bytes, name: str, media_type: str) -> Response:
        """A file that browsers store under a name and never show."""
        headers = {"Content-Disposition": f'attachment; filename="{name}"', **self._headers}
        return Response(data, headers=headers, media_type=media_type)

    def redirect(self, path: str) -> Response:
        """The way to a page of ours or a provider, by GET; never to where a request says."""
        return RedirectResponse(path, 303, self._headers)

    def guarded(self, endpoint: Endpoint) -> Endpoint:
        """The endpoint, with a page for each exception that it raises."""

        async def answer(request: Request) -> Response:
            try:
                return await endpoint(request)
            except Exception as error:  # noqa: BLE001 - Whatever it is, the visitor gets a page.
                page = self.unread(request, self._page_of(error))
                let_go(error)
                return page

        return answer

    def _page_of(self, error: Exception) -> Response:
        if isinstance(error, Instead):
            return error.page
        if isinstance(error, NotAdmitted):
            return self.message(str(error), _FORBIDDEN)
        if isinstance(error, Refusal):
            return self.message(sentence(error.message), status_of(error.code), error.code)
        return self._failed(error)

    def _failed(self, error: Exception) -> Response:
        number = secrets.token_hex(16)
        _log.error("page_failed", request_id=number, exc_info=error)
        text = f"Something failed here and nothing was changed. Our log has it as {number}."
        return self.message(text, _FAILED, "internal_error")

    def unread(self, request: Request, response: Response) -> Response:
        """Bytes that nobody has read may be on the wire, so that nothing can follow them."""
        if request.method == "POST":
            response.headers["Connection"] = "close"
        return response


def _day(seconds: float) -> str:
    """The day of a moment, by the calendar of UTC: `2026-11-25`."""
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def _moment(seconds: float) -> str:
    """A moment by UTC, as HTML has it: `2026-11-25T12:00:00+00:00`."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def sentence(text: str) -> str:
    """Messages of the API begin small, as clauses do after a colon."""
    return text[:1].upper() + text[1:]


def _headers(urls: Sequence[str]) -> dict[str, str]:
    """No script, style or frame but our own; pictures also from where photos are said to be.

    `strict-origin` tells nobody the path that somebody comes from, which may hold a code. With
    `no-referrer` browsers would send our own forms as `Origin: null`, like anybody's.
    """
    parts = [urlsplit(url) for url in urls]
    origins = dict.fromkeys(f"{part.scheme}://{part.netloc}" for part in parts)
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        f"img-src 'self' blob: {' '.join(origins)}; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    hsts = {"Strict-Transport-Security": "max-age=31536000"} if parts[0].scheme == "https" else {}
    return {
        "Cache-Control": "no-store",
        "Content-Security-Policy": policy,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(self)",
        "Referrer-Policy": "strict-origin",
        "X-Content-Type-Options": "nosniff",
        **hsts,
    }
