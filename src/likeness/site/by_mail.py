"""Signing in by a letter, and further addresses of one's own, each confirmed by one."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from likeness.errors import Mistake
from likeness.events import Actor
from likeness.letters import spelt
from likeness.mailing import LIFETIME, Mailing
from likeness.model import Caller, Secret
from likeness.people import People
from likeness.site.forms import NO_FILE, text
from likeness.site.room import Posted, Room

SIGN_IN_PATH: Final = "/sign-in/mail"
ADDRESSES_PATH: Final = "/addresses"
CONFIRM_PATH: Final = "/addresses/confirm"

_BAD: Final = 400


class ByMail:
    """`/sign-in/mail`, `/addresses` and `/addresses/confirm`."""

    def __init__(self, room: Room, people: People, mailing: Mailing) -> None:
        self._room = room
        self._people = people
        self._mailing = mailing

    def routes(self) -> list[Route]:
        """Asking for a link; the page of addresses, its form, and what a letter leads to."""
        guarded = self._room.views.guarded
        return [
            Route(SIGN_IN_PATH, guarded(self.ask_link), methods=["POST"]),
            Route(ADDRESSES_PATH, guarded(self.show), methods=["GET"]),
            Route(ADDRESSES_PATH, guarded(self.change), methods=["POST"]),
            Route(CONFIRM_PATH, guarded(self.ask), methods=["GET"]),
            Route(CONFIRM_PATH, guarded(self.confirm), methods=["POST"]),
        ]

    async def ask_link(self, request: Request) -> Response:
        """Have a link sent, and say so in the same words whoever asks."""
        self._room.origin.check(request)
        async with self._room.forms.read_form(request, NO_FILE, None) as form:
            typed = text(form, "email")
        try:
            address = await self._mailing.ask_link(typed, self._room.visitors.client(request))
        except Mistake as mistake:
            return self._room.sign_in(f"{mistake}.", _BAD)
        return self._room.views.page(
            "letter_sent.html", {"address": address, "life": spelt(LIFETIME), "is_sign_in": True}
        )

    async def show(self, request: Request) -> Response:
        """The addresses of the visitor."""
        visit, caller, token = await self._room.visited(request)
        page = await self._page(caller, token, "")
        return self._room.visitors.remember(visit, page)

    async def change(self, request: Request) -> Response:
        """Have a letter sent to a further address, or take one away."""
        async with self._room.posted(request) as sent:
            try:
                return await self._changed(sent)
            except Mistake as mistake:
                return await self._page(sent.caller, sent.token, f"{mistake}.", _BAD)

    async def ask(self, request: Request) -> Response:
        """The address that a letter's link confirms, and a button.

        Mail programs open every link that they see, so that opening one changes nothing.
        """
        visit, caller, token = await self._room.visited(request)
        code = request.query_params.get("code", "")
        address = self._mailing.confirmed(caller.user, Secret(code))
        context = {"address": address, "code": code, "token": token.reveal()}
        page = self._room.views.page("confirm.html", context | {"user": caller.user})
        return self._room.visitors.remember(visit, page)

    async def confirm(self, request: Request) -> Response:
        """Add the address that a letter's link confirms."""
        async with self._room.posted(request) as sent:
            code = Secret(sent.text("code"))
        try:
            await self._mailing.add_address(sent.caller.user, code, sent.client)
        except Mistake as mistake:
            return await self._page(sent.caller, sent.token, f"{mistake}.", _BAD)
        return self._room.views.redirect(ADDRESSES_PATH)

    async def _changed(self, sent: Posted) -> Response:
        """Do what the form says. Raises Mistake where that cannot be."""
        user = sent.caller.user
        if removed := sent.text("remove"):
            by = Actor.on(user, user, sent.client)
            await self._people.remove_address(user.email, removed, user.team_id, by)
            return self._room.views.redirect(ADDRESSES_PATH)
        address = await self._mailing.ask_address(user, sent.text("email"))
        return self._room.views.page(
            "letter_sent.html", {"address": address, "life": spelt(LIFETIME), "is_sign_in": False}
        )

    async def _page(
        self, caller: Caller, token: Secret, message: str, status: int = 200
    ) -> Response:
        user = caller.user
        context = {
            "user": user,
            "addresses": await self._people.addresses(user.email, user.team_id),
            "token": token.reveal(),
            "message": message,
        }
        return self._room.views.page("addresses.html", context, status)
