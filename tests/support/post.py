"""Mail of a service in this process: what would be sent is kept, or fails as a test says."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from likeness.app.secret import keys_of
from likeness.mail.port import Letter, Undelivered
from likeness.mailing import Mailing
from likeness.postbox import Postbox
from support.studio import Studio


@dataclass
class Outbox:
    """A mailer that keeps letters. Each of `failures` is raised once, before any letter goes."""

    letters: list[Letter] = field(default_factory=list)
    failures: list[Undelivered] = field(default_factory=list)
    attempts: int = 0

    async def send(self, letter: Letter) -> None:
        """Keep it."""
        self.attempts += 1
        if self.failures:
            raise self.failures.pop(0)
        self.letters.append(letter)


def mailing_of(work: Studio, postbox: Postbox) -> Mailing:
    """The use case of a studio, whose letters go to a postbox."""
    service = work.service
    return Mailing(
        service.database,
        service.people,
        service.sessions,
        postbox=postbox,
        keys=keys_of(service.config),
        clock=work.clock,
        public_url="https://photos.example.org",
    )


@asynccontextmanager
async def running(postbox: Postbox) -> AsyncIterator[Postbox]:
    """The postbox, sending until the block ends."""
    job = asyncio.create_task(postbox.run())
    try:
        yield postbox
    finally:
        job.cancel()
        with suppress(asyncio.CancelledError):
            await job
