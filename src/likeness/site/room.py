"""What the site's pages share, and the page that asks visitors to sign in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from likeness.model import Caller, Secret
from likeness.sessions import Session
from likeness.site.admin.rights import is_administrator
from likeness.site.forms import NO_FILE, Forms, PostedForm, text
from likeness.site.origin import OwnOrigin
from likeness.site.returning import ReturnPath
from likeness.site.session import Visit, Visitors, check_form_token
from likeness.site.views import Instead, Views

PEOPLE_PATH: Final = "/people"
"""Where everybody of a workspace is."""

SIGN_OUT_PATH: Final = "/sign-out"

_FORBIDDEN: Final = 403


@dataclass(frozen=True, slots=True)
class WaysIn:
    """How people come in besides a link that somebody gives them, and whom they ask who cannot.

    `oidc_name` is what the provider is called, "" without one; `has_mail`: links come in letters.
    """

    oidc_name: str = ""
    has_mail: bool = False
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Posted:
    """A form and who sends it: their session's token, and the network address that they are at."""

    caller: Caller
    token: Secret
    form: PostedForm
    client: str

    def text(self, name: str) -> str:
        """A field as text; "" when it is not there."""
        return text(self.form, name)


@dataclass(frozen=True, slots=True)
class Room:
    """The dependencies of pages.

    With `has_open_people` everybody sees the faces of their workspace, else administrators alone.
    """

    views: Views
    visitors: Visitors
    origin: OwnOrigin
    forms: Forms
    returning: ReturnPath
    ways: WaysIn = WaysIn()
    has_open_people: bool = False

    def people_path(self, caller: Caller) -> str:
        """Where somebody sees the people of their workspace; "" where they may not."""
        return PEOPLE_PATH if self.has_open_people or is_administrator(caller) else ""

    def context(self, caller: Caller, token: Secret) -> dict[str, Any]:
        """What the top of a page shows of its visitor, and what signs forms of theirs."""
        return {
            "token": token.reveal(),
            "viewer": caller.user,
            "team": caller.team,
            "people_path": self.people_path(caller),
            "sign_out_url": SIGN_OUT_PATH,
        }

    async def enter(self, request: Request, session: Session) -> Response:
        """Have the browser keep a new session, and go to the page that was asked for first."""
        wanted = self.views.redirect(self.returning.path(request))
        self.returning.forget(wanted)
        return await self.visitors.enter(request, session, wanted)

    def sign_in(self, reason: str, status: int = 200) -> Response:
        """The page with the ways in; `reason` says why somebody is on it, "" where they know."""
        return self.views.page("sign_in.html", {"reason": reason, "ways": self.ways}, status)

    async def visited(self, request: Request, status: int = 200) -> tuple[Visit, Caller, Secret]:
        """Who opens a page. Raises Instead, with the ways in, for a visitor who is not signed in.

        `status` is that of the page with the ways in.
        """
        visit = await self.visitors.of(request)
        if visit.caller is None or visit.token is None:
            raise Instead(self.way_in(request, visit, status))
        return visit, visit.caller, visit.token

    @asynccontextmanager
    async def posted(self, request: Request, length_max: int = NO_FILE) -> AsyncIterator[Posted]:
        """A form of a page of ours, with a file of at most so many bytes, and who sends it.

        Raises NotAdmitted for a form of another site or of another session. The form of a visitor
        who is not signed in is discarded: raises Instead, with the ways in.
        """
        self.origin.check(request)
        visit = await self.visitors.of(request)
        if visit.caller is None:
            await self.forms.discard(request, length_max)
            raise Instead(self.way_in(request, visit, _FORBIDDEN))
        async with self.forms.read_form(request, length_max, visit.caller) as form:
            caller, token = check_form_token(visit, form.token)
            yield Posted(caller, token, form, self.visitors.client(request))

    def way_in(self, request: Request, visit: Visit, status: int = 200) -> Response:
        """The ways in for a visitor who is not signed in, and returns to this page afterwards."""
        page = self.sign_in(visit.reason, status)
        self.returning.keep(request, page)
        return self.visitors.remember(visit, page)
