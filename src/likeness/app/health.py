"""Answers to load balancers and monitors: alive, ready, and the figures."""

from collections.abc import Iterator
from typing import Final

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Info,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from likeness.accounts import Accounts
from likeness.app.monitors import Monitors
from likeness.app.walls import sandbox_level
from likeness.delivery import Delivery
from likeness.errors import ServiceUnavailable
from likeness.imaging.engine import WorkerEngine
from likeness.imaging.sandbox import Layer
from likeness.seldom import SeldomLog
from likeness.server.draining import Draining
from likeness.version import VERSION

_RETRY_AFTER_S = "5"
_PROBED_KEY = "avatars/ready"
"""A key that is never written; reading it asks the store without depending on a photo."""

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
        accounts: Accounts,
        delivery: Delivery,
        engine: WorkerEngine,
        draining: Draining,
        monitors: Monitors,
    ) -> None:
        self._draining = draining
        self._monitors = monitors
        self._accounts = accounts
        self._delivery = delivery
        self._engine = engine
        self._log = SeldomLog()
        self._own = CollectorRegistry()
        self._own.register(_Pictures(engine))
        Info("likeness_build", "Which version this is.", registry=self._own).info(
            {"version": VERSION}
        )

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
            await self._accounts.teams()
            await self._delivery.read(_PROBED_KEY)
        except (ServiceUnavailable, OSError) as error:
            self._log.warning("not_ready", reason=str(error))
            return _unavailable("unavailable")
        return JSONResponse({"status": "ok"})

    async def metrics(self, request: Request) -> Response:
        """The figures of this server process, in the Prometheus format, for monitors alone."""
        if self._monitors.are_refused:
            return PlainTextResponse("not found\n", 404)
        if not self._monitors.may_read(request):
            return PlainTextResponse(_FOR_MONITORS, 403)
        text = generate_latest(REGISTRY) + generate_latest(self._own)
        return Response(text, headers={"Content-Type": CONTENT_TYPE_LATEST})


class _Pictures(Collector):
    """The engine's own counts, read when they are asked for."""

    def __init__(self, engine: WorkerEngine) -> None:
        self._engine = engine

    def collect(self) -> Iterator[Metric]:
        """Pictures made and refused, workers that died and of what, their walls, and who waits."""
        counts = self._engine.counts
        made = CounterMetricFamily("likeness_pictures", "Pictures by outcome.", labels=["result"])
        made.add_metric(["ok"], counts.pictures)
        made.add_metric(["refused"], counts.refusals)
        deaths = CounterMetricFamily(
            "likeness_worker_deaths", "Picture workers that died.", labels=["reason"]
        )
        for reason, number in counts.deaths.items():
            deaths.add_metric([reason], number)
        walls = GaugeMetricFamily(
            "likeness_sandbox_layer", "Walls around picture workers.", labels=["layer"]
        )
        for layer in Layer:
            walls.add_metric([layer.value], float(layer in self._engine.layers))
        yield walls
        yield made
        yield deaths
        yield GaugeMetricFamily("likeness_pictures_busy", "Pictures being made.", counts.busy)
        yield GaugeMetricFamily("likeness_pictures_waiting", "Pictures waiting.", counts.waiting)
        yield self._views_waiting()

    def _views_waiting(self) -> Metric:
        """Where these wait, a picture that exists already stands in."""
        waiting = GaugeMetricFamily(
            "likeness_views_waiting", "Pictures that wait to be shown.", labels=["kind"]
        )
        engine = self._engine
        waiting.add_metric(["scaled"], engine.view_counts.waiting)
        waiting.add_metric(["scaled_costly"], engine.costly_view_counts.waiting)
        waiting.add_metric(["drawn"], engine.drawing_counts.waiting)
        return waiting
