"""The service that verbs and doors use, wired from the settings. It knows every concrete class."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from likeness.accounts import Accounts
from likeness.admission import Admission
from likeness.app.preparing import OF_A_START, Patience, make_data_folder, prepare
from likeness.app.secret import keys_of
from likeness.app.walls import needed_walls
from likeness.blobs import BlobStore, WatchedBlobs, open_blobs
from likeness.config import Config
from likeness.db import Database, open_database
from likeness.delivery import Delivery
from likeness.imaging.engine import WorkerEngine
from likeness.imaging.plan import Limits
from likeness.offers import Offers
from likeness.people import People
from likeness.photo_writer import PhotoWriter
from likeness.photos import Photos
from likeness.sessions import Sessions
from likeness.threads import in_thread
from likeness.upkeep.sweeping import Sweeper


@dataclass(frozen=True, slots=True)
class Service:
    """Everything that runs, wired together once."""

    config: Config
    database: Database
    blobs: BlobStore
    engine: WorkerEngine
    people: People
    accounts: Accounts
    admission: Admission
    sessions: Sessions
    photos: Photos
    offers: Offers
    sweeper: Sweeper
    delivery: Delivery

    async def prepare(self, *, begins: bool = True, patience: Patience = OF_A_START) -> None:
        """Run `preparing.prepare` in a thread."""
        await in_thread(prepare, self.database, self.config, begins=begins, patience=patience)

    async def close(self) -> None:
        """End the picture workers and let go of the database."""
        await self.engine.close()
        self.database.close()


def utc_now() -> datetime:
    """The one clock of the service."""
    return datetime.now(UTC)


def open_service(config: Config, clock: Callable[[], datetime] = utc_now) -> Service:
    """Build the service. Creates the data folder and its secret when they are missing."""
    make_data_folder(config)
    database = open_database(config.database_url, config.database_connections_max)
    blobs = WatchedBlobs(open_blobs(config.blobs_url))
    engine = _engine(config)
    writer = PhotoWriter(database, blobs, clock)
    photos = Photos(
        database=database,
        blobs=blobs,
        engine=engine,
        writer=writer,
        clock=clock,
        public_url=config.base_url,
        photo_url=config.photo_url,
        limits=_limits(config),
        prepared_limits=prepared_limits(config),
        default_picture=config.default_picture,
        own_photos=config.own_photos == "on",
    )
    offers = Offers(database, engine, writer, clock, offered_limits(config))
    sweeper = _sweeper(config, database, blobs, writer, clock)
    delivery = Delivery(
        database=database,
        blobs=blobs,
        engine=engine,
        clock=clock,
        photo_formats=config.photo_formats,
    )
    keys = keys_of(config)
    people = People(database, clock)
    accounts = Accounts(database, people, keys, clock)
    admission = Admission(database, people, clock, workspaces=config.workspaces)
    sessions = Sessions(database, people, accounts, keys, clock, lifetime=config.session_lifetime)
    return Service(
        config,
        database,
        blobs,
        engine,
        people,
        accounts,
        admission,
        sessions,
        photos,
        offers,
        sweeper,
        delivery,
    )


def _sweeper(
    config: Config,
    database: Database,
    blobs: BlobStore,
    writer: PhotoWriter,
    clock: Callable[[], datetime],
) -> Sweeper:
    return Sweeper(
        database=database,
        blobs=blobs,
        writer=writer,
        clock=clock,
        keep_replaced=config.keep_replaced,
        keep_leavers=config.keep_leavers,
        keep_events=config.keep_events,
    )


def _engine(config: Config) -> WorkerEngine:
    cores = os.cpu_count() or 1
    return WorkerEngine(
        workers=config.picture_workers or max(1, cores // config.workers),
        queue_max=config.picture_queue_max,
        deadline_s=config.picture_timeout_s,
        letterbox_rgb=config.letterbox_rgb,
        cores=_cores_to_bind(config.workers),
        sandbox=needed_walls(config),
    )


def _cores_to_bind(server_processes: int) -> list[int]:
    """The cores that we may use. None where several server processes would choose the same."""
    if server_processes > 1 or not hasattr(os, "sched_getaffinity"):
        return []
    return sorted(os.sched_getaffinity(0))


def _limits(config: Config) -> Limits:
    return Limits(
        side_px_min=config.image_side_min,
        side_px_max=config.image_side_max,
        frames_max=config.frames_max,
        animation_pixels_max=config.animation_pixels_max,
        length_max=config.image_bytes_max,
        # A limit on sides is a limit on squares with such sides.
        pixels_max=config.image_side_max**2,
    )


def prepared_limits(config: Config) -> Limits:
    """The limits of uploads in two steps, by the API and on the page."""
    return replace(
        _limits(config),
        side_px_max=config.prepared_side_max,
        length_max=config.prepared_bytes_max,
        pixels_max=config.prepared_pixels_max,
        jpeg_pixels_max=config.prepared_jpeg_pixels_max,
    )


def offered_limits(config: Config) -> Limits:
    """The limits of what imports, directories and providers bring: small ones are welcome."""
    return replace(prepared_limits(config), side_px_min=config.import_side_min)
