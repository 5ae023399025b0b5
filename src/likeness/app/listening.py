"""Hands changes of other processes to the cache of photos, and the figures about it."""

import asyncio
from typing import Final

from prometheus_client import Counter, Gauge

from likeness.avatars.door import Avatars
from likeness.db import Database, Listener
from likeness.model import Change

HEARS: Final = Gauge(
    "likeness_hears_others", "Whether this process hears at once what others change (0 or 1)."
)
CHANGES: Final = Counter("likeness_changes_heard", "Changes that were heard of.")


def listen(database: Database, avatars: Avatars) -> Listener | None:
    """Tell `avatars` of every change, on the running event loop; None where nobody tells."""
    loop = asyncio.get_running_loop()

    def heard(change: Change) -> None:
        CHANGES.inc()
        loop.call_soon_threadsafe(avatars.changed, change)

    def linked(is_linked: bool) -> None:  # noqa: FBT001 - see Database.listen.
        HEARS.set(is_linked)
        loop.call_soon_threadsafe(avatars.told, is_linked)

    return database.listen(heard, linked)
