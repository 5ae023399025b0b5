"""Hands changes of other processes to the cache of photos, and the figures about it."""

import asyncio
from typing import Final

from likeness.avatars.door import Avatars
from likeness.db import Database, Listener
from likeness.figures import Family, Kind, Sheet
from likeness.model import Change

HEARS: Final = Family(
    "likeness_hears_others",
    "Whether every process hears at once what others change (0 or 1); 0 with SQLite, which tells "
    "nobody.",
    Kind.LEAST,
)
CHANGES: Final = Family(
    "likeness_changes_heard", "Changes that were heard of, by each process.", Kind.COUNTER
)


def listen(database: Database, avatars: Avatars, sheet: Sheet) -> Listener | None:
    """Tell `avatars` of every change, on the running event loop; None where nobody tells."""
    loop = asyncio.get_running_loop()

    def heard(change: Change) -> None:
        sheet.add(CHANGES)
        loop.call_soon_threadsafe(avatars.changed, change)

    def linked(is_linked: bool) -> None:  # noqa: FBT001 - see Database.listen.
        sheet.set(HEARS, is_linked)
        loop.call_soon_threadsafe(avatars.told, is_linked)

    return database.listen(heard, linked)
