"""Signing in by a one-time link, and signing out."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from likeness.model import Secret
from likeness.sessions import Sessions
from likeness.site.forms import NO_FILE, text
from likeness.site.room import SIGN_OUT_PATH, Room
from likeness.site.session import check_form_token


class SigningIn:
    """`/sign-in?code=...` and `/sign-out`."""

    def __init__(self, room: Room, sessions: Sessions) -> None:
        self._room = room
        self._sessions = sessions

    def routes(self) -> list[Route]:
        """Asking whether to sign in, doing it, and going out."""
        guarded = self._room.views.guarded
        return [
            Route("/sign-in", guarded(self.ask), methods=["GET"]),
            Route("/sign-in", guarded(self.enter), methods=["POST"]),
            Route(SIGN_OUT_PATH, guarded(self.leave), methods=["POST"]),
        ]

    async def ask(self, request: Request) -> Response:
        """The user whom the link signs in, and a button.

        Mail programs open every link that they see, so that opening one changes nothing. The
        page also shows whose account it is, in case the link is a stranger's.
        """
        code = request.query_params.get("code", "")
        if not code:
            return self._room.sign_in(
                "You are signed out." if "out" in request.query_params else ""
            )
        user = await self._sessions.link_user(Secret(code))
        return self._room.views.page("link.html", {"user": user, "code": code})

    async def enter(self, request: Request) -> Response:
        """Use the link up, and sign in."""
        self._room.origin.check(request)
        async with self._room.forms.read_form(request, NO_FILE, None) as form:
            session = await self._sessions.use_link(Secret(text(form, "code")))
        return await self._room.enter(request, session)

    async def leave(self, request: Request) -> Response:
        """End the session."""
        self._room.origin.check(request)
        home = self._room.views.redirect("/sign-in?out")
        visit = await self._room.visitors.of(request)
        if visit.caller is None:
            await self._room.forms.discard(request, NO_FILE)
            return self._room.visitors.remember(visit, self._room.views.unread(request, home))
        async with self._room.forms.read_form(request, NO_FILE, visit.caller) as form:
            check_form_token(visit, form.token)
        return await self._room.visitors.leave(visit, home)
