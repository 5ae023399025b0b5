"""Invalidates the cache of photos when another process announces a change; counts these."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

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


def listen(
    database: Database,
    changed: Iterable[Callable[[Change], None]],
    told: Callable[[bool], None],
    sheet: Sheet,
) -> Listener | None:
    """Call each of `changed` with every change, on the running event loop; None if nobody tells.

    `told` hears whether changes are heard of.
    """
    loop = asyncio.get_running_loop()

    def heard(change: Change) -> None:
        sheet.add(CHANGES)
        for hears in changed:
            loop.call_soon_threadsafe(hears, change)

    def linked(is_linked: bool) -> None:  # noqa: FBT001 - see Database.listen.
        sheet.set(HEARS, is_linked)
        loop.call_soon_threadsafe(told, is_linked)

    return database.listen(heard, linked)
