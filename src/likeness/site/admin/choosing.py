"""`/people/change`: a page that asks before something is done to many, and the form that does it.

The choice comes by a link of its own, so that check boxes need no script; nothing is done by it.
"""

from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from likeness.errors import NotAdmitted
from likeness.imports.reports import table
from likeness.model import Caller, Secret, User
from likeness.people import REASON_LENGTH_MAX
from likeness.photos import Photos
from likeness.roster import Roster, Search
from likeness.sessions import sign_in_url
from likeness.site.admin.acts import ACTS, DONE, LINK_LIVES, TOLD, Act, Acts, Done, Wish
from likeness.site.admin.people import searched
from likeness.site.admin.rights import check_administrator
from likeness.site.room import PEOPLE_PATH, Posted, Room

CHANGE_PATH: Final = f"{PEOPLE_PATH}/change"

CHOSEN_MAX: Final = 2000
"""People that one request changes: some seconds of work. More are narrowed by the search."""

NAMED_MAX: Final = 20
"""People whose names are repeated on the page that asks, and of those who could not be changed."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Whom a request means: some by their ids, or all that a search finds.

    `expected` is the number that the visitor was told, None where they are named one by one.
    """

    ids: tuple[str, ...] = ()
    search: Search | None = None
    expected: int | None = None


class Choosing:
    """Changes many people of one workspace, and never of another."""

    def __init__(self, room: Room, roster: Roster, acts: Acts, photos: Photos) -> None:
        self._room = room
        self._roster = roster
        self._acts = acts
        self._home = photos.public_url

    def routes(self) -> list[Route]:
        """The page that asks, and its form."""
        guarded = self._room.views.guarded
        return [
            Route(CHANGE_PATH, guarded(self.ask), methods=["GET"]),
            Route(CHANGE_PATH, guarded(self.change), methods=["POST"]),
        ]

    async def ask(self, request: Request) -> Response:
        """Say what would be done to whom."""
        visit, caller, token = await self._room.visited(request)
        check_administrator(caller)
        query = request.query_params
        choice = Choice(tuple(query.getlist("chosen")[:CHOSEN_MAX]))
        if query.get("all"):
            choice = Choice(search=searched(query.get("q", ""), query.get("state", "")))
        act = _act(query.get("do", ""))
        users = await self._users(caller, choice)
        page = self._asking(caller, token, act, choice, users)
        return self._room.visitors.remember(visit, page)

    async def change(self, request: Request) -> Response:
        """Do it, and say what became of it; links come as a file."""
        async with self._room.posted(request) as sent:
            caller, token = sent.caller, sent.token
            check_administrator(caller)
            wish, choice = _wish(sent), _choice(sent)
        users = await self._users(caller, choice)
        if choice.expected is not None and choice.expected != len(users):
            return self._asking(caller, token, wish.act, choice, users)
        done = await self._acts.each(users, wish)
        self._roster.forget_counts(caller.team)
        if wish.act is Act.LINKS:
            return self._room.views.file(_links(done, self._home), "sign-in-links.csv", "text/csv")
        return self._told(wish.act, done)

    async def _users(self, caller: Caller, choice: Choice) -> list[User]:
        """Those who are meant. Raises NotAdmitted for nobody, and for too many."""
        if choice.search is None:
            users = await self._roster.members(caller.team, choice.ids)
        else:
            users = await self._roster.found(caller.team, choice.search, limit=CHOSEN_MAX + 1)
        if not users:
            raise NotAdmitted("Nobody was chosen. Go back and tick somebody, or choose all.")
        if len(users) > CHOSEN_MAX:
            raise NotAdmitted(
                f"More than {CHOSEN_MAX:,} people match, and at most {CHOSEN_MAX:,} can be changed "
                "at once. Narrow the search, or use the command line."
            )
        return users

    def _asking(
        self, caller: Caller, token: Secret, act: Act, choice: Choice, users: list[User]
    ) -> Response:
        context: dict[str, Any] = {
            "token": token.reveal(),
            "team": caller.team,
            "act": act.value,
            "title": ACTS[act],
            "told": TOLD[act],
            "users": users[:NAMED_MAX],
            "more": max(0, len(users) - NAMED_MAX),
            "count": len(users),
            "ids": " ".join(user.id for user in users) if choice.search is None else "",
            "search": choice.search,
            "is_recounted": choice.expected is not None,
            "reason_length_max": REASON_LENGTH_MAX,
            "lives": list(LINK_LIVES),
            "change_path": CHANGE_PATH,
            "people_path": PEOPLE_PATH,
        }
        return self._room.views.page("choosing.html", context)

    def _told(self, act: Act, done: list[Done]) -> Response:
        troubled = [each for each in done if each.trouble]
        context: dict[str, Any] = {
            "title": ACTS[act],
            "done": len(done) - len(troubled),
            "word": DONE[act],
            "troubled": troubled[:NAMED_MAX],
            "more": max(0, len(troubled) - NAMED_MAX),
            "people_path": PEOPLE_PATH,
        }
        return self._room.views.page("chosen.html", context)


def _act(name: str) -> Act:
    """The act of a name. Raises NotAdmitted for none."""
    if name not in set(Act):
        raise NotAdmitted("Say what is to be done with the people whom you chose.")
    return Act(name)


def _wish(sent: Posted) -> Wish:
    life = LINK_LIVES.get(sent.text("days"), LINK_LIVES["1"])
    return Wish(_act(sent.text("do")), sent.caller, sent.client, sent.text("reason"), life)


def _choice(sent: Posted) -> Choice:
    if not sent.text("all"):
        return Choice(tuple(sent.text("chosen").split()[: CHOSEN_MAX + 1]))
    counted = sent.text("count")
    expected = int(counted) if counted.isascii() and counted.isdecimal() else -1
    return Choice(search=searched(sent.text("q"), sent.text("state")), expected=expected)


def _links(done: list[Done], home: str) -> bytes:
    """A line for each person: address, name, the link, when it ends, or why there is none."""
    rows = []
    for each in done:
        link = each.link
        url = sign_in_url(home, link.code) if link else ""
        ends = link.expires_at.isoformat(timespec="seconds") if link else ""
        rows.append([each.user.email, each.user.real_name, url, ends, each.trouble])
    return table(["email", "name", "link", "expires_at", "trouble"], rows)
