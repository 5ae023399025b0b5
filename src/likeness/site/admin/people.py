"""The page `/people`: everybody of a workspace, as a table for administrators, or as faces."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from likeness.model import Caller, User
from likeness.photos import Photos
from likeness.roster import QUERY_LENGTH_MAX, ROWS, SMALL_BELOW_PX, Roster, Search, State
from likeness.site.admin.acts import offered
from likeness.site.admin.rights import check_administrator, is_administrator
from likeness.site.room import PEOPLE_PATH, Room

_FACE_PX: Final = 72
_FACES: Final = "faces"

STATES: Final = {
    State.ALL: "Everybody",
    State.NO_PHOTO: "Without a photo",
    State.TOO_SMALL: "Photo too small",
    State.OWN: "Own choice",
    State.IMPORTED: "Imported",
    State.DIRECTORY: "From the directory",
    State.LOCKED: "Locked",
    State.HIDDEN: "Hidden",
    State.LEFT: "Left",
}
"""The states in the words of the page."""

_SOURCES: Final = {
    "self": "Own choice",
    "administrator": "Administrator",
    "import": "Import",
    "directory": "Directory",
    "provider": "Sign-in provider",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of the page asks for."""

    search: Search
    after_id: str = ""
    is_faces: bool = False

    @classmethod
    def of(cls, request: Request, *, is_public: bool) -> "Asked":
        """As a request has it; what is not understood is not asked."""
        query = request.query_params
        is_faces = is_public or query.get("view", "") == _FACES
        return cls(
            searched(query.get("q", ""), query.get("state", ""), is_public=is_public),
            query.get("after", ""),
            is_faces,
        )

    def path(self, after_id: str = "") -> str:
        """The address of the same search, from behind somebody on."""
        search = self.search
        values = {
            "q": search.query,
            "state": search.state.value if search.state is not State.ALL else "",
            "view": _FACES if self.is_faces and not search.is_public else "",
            "after": after_id,
        }
        asked = urlencode({name: value for name, value in values.items() if value})
        return f"{PEOPLE_PATH}?{asked}" if asked else PEOPLE_PATH


def searched(query: str, state: str, *, is_public: bool = False) -> Search:
    """A search as forms have it. A state that there is not is everybody."""
    known = State(state) if state in set(State) else State.ALL
    return Search(query.strip()[:QUERY_LENGTH_MAX], known, is_public)


class PeoplePages:
    """`/people`. With `is_open` everybody of a workspace sees the faces of the others."""

    def __init__(self, room: Room, roster: Roster, photos: Photos) -> None:
        self._room = room
        self._roster = roster
        self._photos = photos

    def routes(self) -> list[Route]:
        """The page."""
        return [Route(PEOPLE_PATH, self._room.views.guarded(self.show), methods=["GET"])]

    async def show(self, request: Request) -> Response:
        """People by name, fifty at a time."""
        visit, caller, token = await self._room.visited(request)
        is_admin = is_administrator(caller)
        if not (is_admin or self._room.has_open_people):
            check_administrator(caller)
        asked = Asked.of(request, is_public=not is_admin)
        context = self._room.context(caller, token) | await self._found(caller, asked)
        name = "faces.html" if asked.is_faces else "people.html"
        if not asked.is_faces:
            context |= await self._numbers(caller, asked, context)
        return self._room.visitors.remember(visit, self._room.views.page(name, context))

    async def _found(self, caller: Caller, asked: Asked) -> dict[str, Any]:
        """What both views have."""
        limit = ROWS + 1
        people = await self._roster.found(caller.team, asked.search, asked.after_id, limit=limit)
        shown = people[:ROWS]
        return {
            "is_admin": not asked.search.is_public,
            "search": asked.search,
            "query_length_max": QUERY_LENGTH_MAX,
            "rows": [self._row(user) for user in shown],
            "is_later": bool(asked.after_id),
            "first_path": asked.path(),
            "next_path": asked.path(shown[-1].id) if len(people) > ROWS else "",
            "faces_path": Asked(asked.search, is_faces=True).path(),
            "table_path": Asked(asked.search).path(),
        }

    async def _numbers(
        self, caller: Caller, asked: Asked, context: dict[str, Any]
    ) -> dict[str, Any]:
        counts = await self._roster.counts(caller.team)
        return {
            "counts": counts,
            "states": STATES,
            "here": counts[State.ALL] - counts[State.LEFT],
            "matching": await self._matching(caller, asked, context),
            "acts": offered(has_mail=self._room.ways.has_mail),
        }

    async def _matching(self, caller: Caller, asked: Asked, context: dict[str, Any]) -> int:
        """How many the search means; counted only where the page does not show all of them."""
        if not (context["next_path"] or context["is_later"]):
            return len(context["rows"])
        if not asked.search.which.words:
            counts = await self._roster.counts(caller.team)
            return counts[asked.search.state]
        return await self._roster.count(caller.team, asked.search)

    def _row(self, user: User) -> dict[str, Any]:
        photos, photo = self._photos, user.photo
        sides = (_FACE_PX, 2 * _FACE_PX)
        return {
            "user": user,
            "urls": [
                photos.url(photo, side) if photo else photos.default_url(user, side)
                for side in sides
            ],
            "source": _SOURCES.get(user.photo_source or "", "") if photo else "",
            "is_small": photo is not None and min(photo.width, photo.height) < SMALL_BELOW_PX,
            "set_at": int(photo.set_at.timestamp()) if photo else None,
            "states": _states(user),
        }


def _states(user: User) -> list[str]:
    """What is not as with most people, in words."""
    states = {
        "Bot": user.is_bot,
        "Administrator": user.is_admin,
        "Locked": user.lock_reason is not None,
        "Hidden": not user.is_listed,
        "Left": user.deleted_at is not None,
        "No photo by choice": user.photo is None and user.photo_source is not None,
    }
    return [word for word, is_so in states.items() if is_so]
