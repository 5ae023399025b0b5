"""Builds from the settings all that handles pictures: store, engine and their use cases."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from likeness.app.walls import needed_walls
from likeness.blobs import BlobStore, WatchedBlobs, open_blobs
from likeness.config import Config
from likeness.db import Database
from likeness.delivery import Delivery
from likeness.imaging.engine import WorkerEngine
from likeness.imaging.plan import Limits
from likeness.offers import Offers
from likeness.photo_writer import PhotoWriter
from likeness.photos import Photos
from likeness.upkeep.sweeping import Sweeper


@dataclass(frozen=True, slots=True)
class Pictures:
    """Everything that has to do with pictures, wired together once."""

    blobs: BlobStore
    engine: WorkerEngine
    writer: PhotoWriter
    photos: Photos
    offers: Offers
    sweeper: Sweeper
    delivery: Delivery


def wire_pictures(config: Config, database: Database, clock: Callable[[], datetime]) -> Pictures:
    """Build it. No process is started, and the store is not asked anything."""
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
    sweeper = Sweeper(
        database=database,
        blobs=blobs,
        writer=writer,
        clock=clock,
        keep_replaced=config.keep_replaced,
        keep_leavers=config.keep_leavers,
        keep_events=config.keep_events,
    )
    delivery = Delivery(
        database=database,
        blobs=blobs,
        engine=engine,
        clock=clock,
        photo_formats=config.photo_formats,
    )
    return Pictures(blobs, engine, writer, photos, offers, sweeper, delivery)


def picture_workers(config: Config) -> int:
    """How many pictures are made at once in each server process."""
    return config.picture_workers or max(1, (os.cpu_count() or 1) // config.workers)


def _engine(config: Config) -> WorkerEngine:
    return WorkerEngine(
        workers=picture_workers(config),
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
    # The real service was seen to take pictures of any size, whatever is written of it.
    is_any_size = config.contract == "observed" and "image_side_min" not in config.model_fields_set
    return Limits(
        side_px_min=1 if is_any_size else config.image_side_min,
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
