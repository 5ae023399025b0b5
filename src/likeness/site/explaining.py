"""The page that shows where one's photo is seen, and that hides one from look-ups."""

from collections.abc import Awaitable, Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from likeness.accounts import Accounts
from likeness.events import Actor
from likeness.explanation import Explanation
from likeness.model import User
from likeness.people import People
from likeness.site.owners import owner_of
from likeness.site.room import Room

EXPLAIN_PATH: Final = "/explain"

Explain = Callable[[User], Awaitable[Explanation]]
"""Says what programs show of a user, and why."""


class Explaining:
    """`/explain`: for people about themselves, for administrators about everybody.

    Hiding is everybody's own, also of who is locked: no lock forces a face to be public.
    """

    def __init__(self, room: Room, accounts: Accounts, people: People, explain: Explain) -> None:
        self._room = room
        self._accounts = accounts
        self._people = people
        self._explain = explain

    def routes(self) -> list[Route]:
        """The page, and its form."""
        guarded = self._room.views.guarded
        return [
            Route(EXPLAIN_PATH, guarded(self.show), methods=["GET"]),
            Route(EXPLAIN_PATH, guarded(self.change), methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """What programs show of somebody; for visitors who are not signed in, the ways in."""
        visit, caller, token = await self._room.visited(request)
        named = request.query_params.get("user", "")
        owner = await owner_of(self._accounts, caller, named)
        context = {
            "told": await self._explain(owner),
            "is_own": owner.id == caller.user.id,
            "has_mail": self._room.ways.has_mail,
            "token": token.reveal(),
        }
        return self._room.visitors.remember(visit, self._room.views.page("explain.html", context))

    async def change(self, request: Request) -> Response:
        """Hide the visitor from look-ups by address, or let them be found again."""
        async with self._room.posted(request) as sent:
            user, is_listed = sent.caller.user, sent.text("listed") == "yes"
        by = Actor.on(user, user, sent.client)
        await self._people.set_listed(user.email, user.team_id, is_listed=is_listed, by=by)
        return self._room.views.redirect(EXPLAIN_PATH)
