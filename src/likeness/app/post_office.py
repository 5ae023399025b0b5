"""Letters of a running service: the mail server of the settings, and the jobs that send."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from likeness.app.secret import keys_of
from likeness.app.service import Service
from likeness.change_letters import ChangeLetters
from likeness.config.web_address import is_this_machine
from likeness.db import Database
from likeness.errors import ServiceUnavailable
from likeness.mail.server_url import parse
from likeness.mailing import Mailing
from likeness.postbox import Postbox
from likeness.seldom import SeldomLog
from likeness.threads import in_thread

ROUND_INTERVAL_S: Final = 30.0
"""How often the log is looked through for changes that people are told of."""


@dataclass(frozen=True)
class PostOffice:
    """What has letters written and sent, and the way to ask for one."""

    mailing: Mailing
    postbox: Postbox
    changes: ChangeLetters
    database: Database
    clock: Callable[[], datetime]

    async def run(self) -> None:
        """Go on for ever."""
        async with asyncio.TaskGroup() as jobs:
            jobs.create_task(self.postbox.run())
            jobs.create_task(self._tell_changes())

    async def _tell_changes(self) -> None:
        log = SeldomLog()
        while True:
            await asyncio.sleep(ROUND_INTERVAL_S)
            try:
                # Of all processes of an installation one looks in each round.
                now_s = self.clock().timestamp()
                take = self.database.take
                if await in_thread(take, "change letters", ROUND_INTERVAL_S, 1, now_s) == 0:
                    await self.changes.round()
            except ServiceUnavailable as error:
                log.warning("letters_postponed", reason=str(error))


def post_offices(service: Service) -> list[PostOffice]:
    """The letters of a service: one office, or none where the settings name no mail server."""
    config = service.config
    url = config.smtp_url.get_secret_value()
    if not url:
        return []
    # The client is needed only where there is a server to ask.
    from likeness.mail.smtp import SmtpMailer  # noqa: PLC0415 - see above

    server = parse(url)
    mailer = SmtpMailer(server, config.mail_from, is_loopback=is_this_machine(server.host))
    postbox, base_url = Postbox(mailer), config.base_url
    database, people, clock = service.database, service.people, service.clock
    mailing = Mailing(
        database,
        people,
        service.sessions,
        postbox=postbox,
        keys=keys_of(config),
        clock=clock,
        public_url=base_url,
    )
    changes = ChangeLetters(database, people, postbox, clock, public_url=base_url)
    return [PostOffice(mailing, postbox, changes, database, clock)]
