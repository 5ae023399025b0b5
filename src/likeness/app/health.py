"""Answers to load balancers and monitors: alive, ready, and the figures."""

from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from likeness.app.installation import PROBED_KEY, Installation
from likeness.app.metrics import exposition
from likeness.app.monitors import Monitors
from likeness.app.target_figures import TargetFigures
from likeness.app.walls import sandbox_level
from likeness.delivery import Delivery
from likeness.errors import ServiceUnavailable
from likeness.figures import Board
from likeness.imaging.engine import WorkerEngine
from likeness.people import People
from likeness.seldom import SeldomLog
from likeness.server.draining import Draining
from likeness.version import VERSION

_RETRY_AFTER_S = "5"

_FOR_MONITORS: Final = (
    "These figures are for monitors on this machine, asking by a name of its own, and for whoever "
    "sends LIKENESS_METRICS_TOKEN as a bearer token. LIKENESS_METRICS says who else.\n"
)


def _unavailable(status: str) -> Response:
    return JSONResponse({"status": status}, 503, {"Retry-After": _RETRY_AFTER_S})


class Health:
    """The endpoints `/healthz`, `/readyz` and `/metrics`."""

    def __init__(
        self,
        people: People,
        delivery: Delivery,
        engine: WorkerEngine,
        *,
        draining: Draining,
        monitors: Monitors,
        installation: Installation,
        targets: TargetFigures,
        board: Board,
    ) -> None:
        self._draining = draining
        self._monitors = monitors
        self._people = people
        self._delivery = delivery
        self._engine = engine
        self._log = SeldomLog()
        self._installation = installation
        self._targets = targets
        self._board = board

    async def alive(self, request: Request) -> Response:
        """200 as long as the process answers; to monitors with its version and walls."""
        if not self._monitors.may_read(request):
            return JSONResponse({"status": "ok"})
        level = sandbox_level(self._engine.layers)
        walls = {"sandbox": level, "layers": self._engine.layers}
        return JSONResponse({"status": "ok", "version": VERSION, **walls})

    async def ready(self, _: Request) -> Response:
        """200 when the database and the photo store answer and we stay, else 503."""
        if self._draining.has_begun:
            return _unavailable("stopping")
        try:
            await self._people.teams()
            await self._delivery.read(PROBED_KEY)
        except (ServiceUnavailable, OSError) as error:
            self._log.warning("not_ready", reason=str(error))
            return _unavailable("unavailable")
        return JSONResponse({"status": "ok"})

    async def metrics(self, request: Request) -> Response:
        """The figures of all server processes, in the Prometheus format, for monitors alone."""
        if self._monitors.are_refused:
            return PlainTextResponse("not found\n", 404)
        if not self._monitors.may_read(request):
            return PlainTextResponse(_FOR_MONITORS, 403)
        await self._installation.look()
        figures = exposition(self._board, await self._targets.look())
        return Response(figures, headers={"Content-Type": CONTENT_TYPE_LATEST})
