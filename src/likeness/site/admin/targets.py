"""The page `/targets`: how each program elsewhere stands that shows our photos. It changes nothing.

Targets are added and mended on the command line, since their addresses are asked by the service.
"""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from likeness.showings import Showings
from likeness.site.admin.rights import check_administrator
from likeness.site.room import Room

TARGETS_PATH: Final = "/targets"


class TargetPages:
    """A table of the targets of a workspace, for its administrators."""

    def __init__(self, room: Room, showings: Showings) -> None:
        self._room = room
        self._showings = showings

    def routes(self) -> list[Route]:
        """The page."""
        return [Route(TARGETS_PATH, self._room.views.guarded(self.show), methods=["GET"])]

    async def show(self, request: Request) -> Response:
        """The table; for visitors who are not signed in, the ways in."""
        visit, caller, token = await self._room.visited(request)
        check_administrator(caller)
        lines = await self._showings.lines(caller.team.id)
        context = self._room.context(caller, token) | {"lines": lines}
        return self._room.visitors.remember(visit, self._room.views.page("targets.html", context))
