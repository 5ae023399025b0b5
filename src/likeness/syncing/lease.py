"""One node at a time reads a directory: a lease, which ends by itself if its holder is killed."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Final

from likeness.db import Database
from likeness.errors import Mistake, ServiceUnavailable
from likeness.threads import in_thread

LEASE: Final = timedelta(seconds=60)
"""How long a run may be silent until another one may begin."""

RENEWAL_S: Final = LEASE.total_seconds() / 4


class Held:
    """A lease that somebody has. `check` raises Mistake once it is another's."""

    def __init__(self) -> None:
        self.is_lost = False

    def check(self) -> None:
        """Raise Mistake where another run may have begun."""
        if self.is_lost:
            raise Mistake("another node reads the directory now; what was done is done")


@asynccontextmanager
async def leased(
    database: Database, name: str, clock: Callable[[], datetime]
) -> AsyncIterator[Held]:
    """Have a lease while the block runs. Raises Mistake where another node has it."""
    holder = f"{os.getpid()}-{secrets.token_hex(8)}"
    now = clock()
    ends = await in_thread(database.hold, name, holder, now, now + LEASE)
    if ends is not None:
        raise Mistake(
            "another process reads the directory at this moment; run this again when it is done, "
            f"or after {ends:%H:%M:%S} UTC if it was killed"
        )
    held = Held()
    renewing = asyncio.create_task(_renew(database, name, holder, clock, held))
    try:
        yield held
    finally:
        renewing.cancel()
        with suppress(asyncio.CancelledError):
            await renewing
        with suppress(ServiceUnavailable):
            await in_thread(database.let_go, name, holder)


async def _renew(
    database: Database, name: str, holder: str, clock: Callable[[], datetime], held: Held
) -> None:
    """Renew the lease for ever, or until it is lost."""
    ends = clock() + LEASE
    while not held.is_lost:
        await asyncio.sleep(RENEWAL_S)
        now = clock()
        try:
            others = await in_thread(database.hold, name, holder, now, now + LEASE)
        except ServiceUnavailable:
            held.is_lost = now >= ends
            continue
        ends = now + LEASE
        held.is_lost = others is not None
