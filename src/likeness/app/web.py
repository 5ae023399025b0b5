"""The ASGI application around a service: its routes, and the jobs that run beside them."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING, Final, Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route, Router

from likeness.app.counting import Counting
from likeness.app.explaining import Explaining
from likeness.app.health import Health
from likeness.app.importing import undoing_of, uploading_of
from likeness.app.installation import Installation
from likeness.app.listening import listen
from likeness.app.logs import configure_logs
from likeness.app.metrics import PictureFigures, families
from likeness.app.monitors import Monitors
from likeness.app.photo_door import photo_door
from likeness.app.pictures import prepared_limits
from likeness.app.post_office import PostOffice, post_offices
from likeness.app.public_url import note_public_url
from likeness.app.pushing import Pushing
from likeness.app.service import Service, open_service, utc_now
from likeness.app.target_figures import TargetFigures
from likeness.app.tidying import Tidying
from likeness.app.walls import sandbox_level, start_pictures
from likeness.avatars.answer import STALE_S_MAX
from likeness.avatars.door import Avatars
from likeness.config import Config, load
from likeness.config.web_address import is_this_machine, parse
from likeness.elsewhere import Target
from likeness.explanation import Explanation
from likeness.figures import Sheet
from likeness.imaging.sandbox import die_with_parent
from likeness.imports.uploading import Uploading
from likeness.log import Log
from likeness.model import Secret, User
from likeness.scim.door import PATH as SCIM_PATH
from likeness.scim.door import Parts, Scim
from likeness.server.compression import Compressing, Fixed
from likeness.server.draining import Draining
from likeness.showings import Showings
from likeness.site import Site
from likeness.site.api import Api
from likeness.site.explaining import Explain
from likeness.site.pages import PageFacts
from likeness.site.proxy import Proxies
from likeness.site.room import WaysIn
from likeness.threads import in_thread
from likeness.version import VERSION
from likeness.webapi.dispatch import Contract, WebApi
from likeness.webapi.elsewhere import Elsewhere
from likeness.webapi.limits import RequestLimits
from likeness.webapi.methods import METHODS
from likeness.webapi.openapi import openapi
from likeness.webapi.throttle import Take, Throttle

if TYPE_CHECKING:
    from likeness.app.directory import DirectoryRounds
    from likeness.app.lane import Lane
    from likeness.provider_photos import ProviderPhotos
    from likeness.site.oidc import Provider

FAMILIES: Final = families(METHODS)
"""All that is counted for monitors."""

_MINUTES_AN_HOUR: Final = 60
_MINUTES_A_DAY: Final = 24 * _MINUTES_AN_HOUR

_log = Log(__name__)


class Runs(Protocol):
    """A job that goes on for ever."""

    async def run(self) -> None:
        """Do it."""


def create(sheet: Sheet | None = None, draining: Draining | None = None) -> Avatars:
    """The ASGI application as the environment configures it, for a server process to run.

    What it does is counted on a sheet of FAMILIES.
    """
    # When the supervisor is killed, no orphan may serve on.
    die_with_parent(signal.SIGTERM)
    config = load()
    configure_logs(config.log_format, config.log_level)
    return build(open_service(config), draining, sheet)


def build(
    service: Service, draining: Draining | None = None, sheet: Sheet | None = None
) -> Avatars:
    """The ASGI application around a service; its lifespan starts and ends the service."""
    sheet = sheet or Sheet.alone(*FAMILIES)

    @asynccontextmanager
    async def lifespan(_: Router) -> AsyncIterator[None]:
        await service.prepare()
        await in_thread(note_public_url, service.database, service.config)
        await start_pictures(service.engine, service.config)
        pushing = _pushing(service, sheet)
        service.photos.watch(pushing.wake)
        running: list[Runs] = [_tidying(service, sheet), pushing]
        running += [*_directory_rounds(service, sheet), *offices]
        jobs = [asyncio.create_task(each.run()) for each in running]
        listener = listen(service.database, (avatars.changed, pushing.wake), avatars.told, sheet)
        _say_started(service)
        yield
        await pushing.stop()
        await uploading.close()
        await _ended(*jobs)
        if listener:
            await in_thread(listener.stop)
        if arrivals is not None:
            await arrivals.close()
        await scim.close()
        await service.close()

    async def explain(user: User) -> Explanation:
        return await Explaining(service, avatars).explain(user)

    PictureFigures(service.engine, sheet)
    arrivals, offices = _provider_photos(service), post_offices(service)
    uploading = uploading_of(service)
    health = _health(service, draining or Draining(), sheet)
    web = _web_api(service, sheet)
    api = Route("/api/{method:path}", web)
    scim = _scim(service, web)
    routes = [
        api,
        Mount(SCIM_PATH, scim),
        Route("/healthz", health.alive, methods=["GET"]),
        Route("/readyz", health.ready, methods=["GET"]),
        Route("/metrics", health.metrics, methods=["GET"]),
        Route("/openapi.json", _document(service), methods=["GET"]),
        *_site(
            service, web, api, explain, arrivals=arrivals, offices=offices, uploading=uploading
        ).routes(),
    ]
    router = Router(
        routes=routes, redirect_slashes=False, lifespan=lifespan, default=Elsewhere(web, METHODS)
    )
    avatars = photo_door(service, Compressing(router), sheet)
    return avatars


async def _ended(*jobs: asyncio.Task[None]) -> None:
    """End jobs that go on for ever."""
    for job in jobs:
        job.cancel()
        with suppress(asyncio.CancelledError):
            await job


def _say_started(service: Service) -> None:
    _log.info(
        "started",
        version=VERSION,
        data=str(service.config.data),
        url=service.config.base_url,
        sandbox=sandbox_level(service.engine.layers),
    )


def _health(service: Service, draining: Draining, sheet: Sheet) -> Health:
    config = service.config
    token = Secret(config.metrics_token.get_secret_value())
    return Health(
        service.people,
        service.delivery,
        service.engine,
        draining=draining,
        monitors=Monitors(config.metrics, token),
        installation=Installation(
            service.database, service.people, service.delivery, sheet, utc_now
        ),
        targets=TargetFigures(service.database, utc_now),
        board=sheet.board,
    )


def _tidying(service: Service, sheet: Sheet) -> Tidying:
    return Tidying(service.database, service.sweeper, service.sessions, utc_now, sheet)


def _pushing(service: Service, sheet: Sheet) -> Pushing:
    def lane_of(target: Target) -> "Lane":
        # Importing the kinds of targets takes 0.1 s, which a start without targets saves.
        from likeness.app.targets import lane_of as made  # noqa: PLC0415 - see above

        return made(service, target, sheet)

    return Pushing(service.database, lane_of, utc_now, service.config.deliveries_kept)


def _directory_rounds(service: Service, sheet: Sheet) -> "list[DirectoryRounds]":
    """The job that reads the directory of the settings, if they name one."""
    if not service.config.ldap_url:
        return []
    # What reads a directory is needed only where there is one.
    from likeness.app.directory import DirectoryRounds  # noqa: PLC0415 - see above

    return [DirectoryRounds(service, sheet)]


def _take(service: Service) -> Take | None:
    """What counts calls; None where the settings have no limits."""
    is_on = service.config.rate_limits == "on"
    return Counting(service.database.take).take if is_on else None


def _web_api(service: Service, sheet: Sheet) -> WebApi:
    config = service.config
    return WebApi(
        METHODS,
        accounts=service.accounts,
        photos=service.photos,
        throttle=Throttle(_take(service), utc_now),
        limits=request_limits(config),
        sheet=sheet,
        client_of=_proxies(config).client,
        contract=Contract(config.contract),
    )


def _scim(service: Service, web: WebApi) -> Scim:
    config = service.config

    def load() -> Parts:
        # Importing it takes half a second, which a start without a directory saves.
        from likeness.directory_photos import DirectoryPhotos  # noqa: PLC0415 - see above
        from likeness.fetching import Fetcher  # noqa: PLC0415 - see above
        from likeness.scim.protocol import Protocol  # noqa: PLC0415 - see above

        fetcher = Fetcher(config.picture_hosts)
        photos = DirectoryPhotos(service.database, service.enrolling, fetcher, utc_now)
        base_url = config.base_url + SCIM_PATH
        return Parts(Protocol(service.enrolling, base_url, config.photo_url), photos)

    return Scim(
        service.accounts,
        budget=web.reader.budget,
        take=_take(service),
        clock=utc_now,
        load=load,
        client_of=_proxies(config).client,
        timeout_s=config.request_timeout_s,
    )


def request_limits(config: Config) -> RequestLimits:
    """What a request may take."""
    return RequestLimits(
        request_timeout_s=config.request_timeout_s,
        image_bytes_max=config.image_bytes_max,
        prepared_bytes_max=config.prepared_bytes_max,
        request_buffer_bytes_max=config.request_buffer_bytes_max,
    )


def _proxies(config: Config) -> Proxies:
    return Proxies(config.proxy_user_header, config.proxy_addresses)


def _site(
    service: Service,
    web: WebApi,
    api: Route,
    explain: Explain,
    *,
    arrivals: "ProviderPhotos | None",
    offices: list[PostOffice],
    uploading: Uploading,
) -> Site:
    config = service.config
    limits = prepared_limits(config)
    facts = PageFacts(
        side_px_min=limits.side_px_min,
        side_px_max=limits.side_px_max,
        length_max=limits.length_max,
        pixels_max=limits.pixels_max,
        frames_max=limits.frames_max,
        letterbox_colour=config.letterbox_colour,
        kept=in_words(config.photo_max_age + timedelta(seconds=STALE_S_MAX)),
    )
    return Site(
        service.accounts,
        service.people,
        service.admission,
        service.sessions,
        service.photos,
        roster=service.roster,
        showings=Showings(service.database),
        uploading=uploading,
        undoing=undoing_of(service),
        # The page's own calls go the way of everybody's.
        api=Api(Router(routes=[api])),
        forms=web.reader,
        facts=facts,
        proxies=_proxies(config),
        provider=_provider(config),
        ways=WaysIn(
            oidc_name=config.oidc_name if config.oidc_issuer else "",
            has_mail=bool(offices),
            contact=config.contact,
        ),
        mailing=offices[0].mailing if offices else None,
        provider_photos=arrivals,
        has_hashes=config.email_avatars != "off",
        has_open_people=config.people_page == "everybody",
        explain=explain,
    )


def in_words(span: timedelta) -> str:
    """A span as people say it: the next whole number of minutes, or of hours or days from two on.

    >>> in_words(timedelta(seconds=301))
    '6 minutes'
    """
    minutes = ceil(span / timedelta(minutes=1))
    for unit, length in (("day", _MINUTES_A_DAY), ("hour", _MINUTES_AN_HOUR)):
        if minutes >= 2 * length:
            return f"{ceil(minutes / length)} {unit}s"
    return "a minute" if minutes <= 1 else f"{minutes} minutes"


def _provider(config: Config) -> "Provider | None":
    if not config.oidc_issuer:
        return None
    # Importing Authlib takes 0.2 s, which a start without a provider saves.
    from likeness.provider_photos import claims_for, scopes_for  # noqa: PLC0415 - see above
    from likeness.site.claims import ClaimRules  # noqa: PLC0415 - see above
    from likeness.site.oidc import Provider, ProviderSettings  # noqa: PLC0415 - see above
    from likeness.site.single_sign_on import CALLBACK_PATH  # noqa: PLC0415 - see above

    return Provider(
        ProviderSettings(
            issuer=config.oidc_issuer,
            client_id=config.oidc_client_id,
            client_secret=Secret(config.oidc_client_secret.get_secret_value()),
            redirect_uri=config.base_url + CALLBACK_PATH,
            scopes=scopes_for(config.oidc_issuer, config.picture_hosts, config.oidc_scopes),
            rules=ClaimRules(
                config.oidc_email == "trusted",
                config.admin_claims,
                claims_for(config.oidc_issuer, config.picture_hosts),
            ),
        )
    )


def _provider_photos(service: Service) -> "ProviderPhotos | None":
    config = service.config
    if not config.oidc_issuer:
        return None
    # As `_provider`: an HTTP client is needed only where there is somebody to ask.
    from likeness.fetching import Fetcher  # noqa: PLC0415 - see above
    from likeness.provider_photos import ProviderPhotos  # noqa: PLC0415 - see above

    is_here = is_this_machine(parse(config.oidc_issuer).host)
    fetcher = Fetcher(config.picture_hosts, has_loopback=is_here)
    return ProviderPhotos(service.database, service.offers, fetcher, utc_now)


def _document(service: Service) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint of the OpenAPI document, which is made once."""
    document = openapi(METHODS, service.config.base_url)
    fixed = Fixed(json.dumps(document, separators=(",", ":")).encode())

    async def answer(request: Request) -> Response:
        return fixed.response(request, {}, "application/json")

    return answer
