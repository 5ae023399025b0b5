"""Use case: people sign in, and add addresses of their own, by links in letters.

Nobody learns here who is known: each answer is given before that is looked up. What anybody may ask
for is limited for each network, for each address that is written to, and for each person.
"""

import base64
import hmac
import math
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote

from likeness import letters
from likeness.db import Database
from likeness.email_address import normal_email
from likeness.errors import Mistake, NotAdmitted, Ratelimited
from likeness.events import Actor, network_of
from likeness.keys import Keys
from likeness.mail.port import Letter
from likeness.model import Address, Secret, Team, User
from likeness.people import People
from likeness.postbox import Postbox
from likeness.sessions import Sessions, sign_in_url
from likeness.threads import in_thread

LIFETIME: Final = timedelta(minutes=15)
"""How long a link in a letter works."""

PEOPLE_MAX: Final = 10
"""Letters for one address that is somebody's in many workspaces."""

NETWORK_BURST: Final = 20
NETWORK_INTERVAL_S: Final = 60.0
"""Letters that one network may ask for at once, and after how long it may ask for one more."""

ADDRESS_BURST: Final = 3
ADDRESS_INTERVAL_S: Final = 600.0
"""The same for letters to one address: nobody's mailbox is filled by others."""

PERSON_BURST: Final = 5
PERSON_INTERVAL_S: Final = 600.0
"""The same for addresses that one person wants to add."""

ADDRESSES_MAX: Final = 10
"""Addresses that somebody may have who adds them without an administrator."""


class Mailing:
    """Has letters with links sent. `public_url` is where the links lead."""

    def __init__(
        self,
        database: Database,
        people: People,
        sessions: Sessions,
        *,
        postbox: Postbox,
        keys: Keys,
        clock: Callable[[], datetime],
        public_url: str,
    ) -> None:
        self._database = database
        self._people = people
        self._sessions = sessions
        self._postbox = postbox
        self._keys = keys
        self._clock = clock
        self._public_url = public_url

    async def ask_link(self, text: str, client: str) -> str:
        """Have a link sent to an address, if it is somebody's; gives the address as it is kept.

        Raises Mistake for what is no address, Ratelimited, and ServiceUnavailable.
        """
        address, network = normal_email(text), network_of(client)
        await self._admit(f"letters from {network}", NETWORK_INTERVAL_S, NETWORK_BURST)
        self._postbox.post(lambda: self._links(address, client))
        return address

    def invite(self, user: User, lifetime: timedelta, by: Actor) -> None:
        """Have a link sent to a person whom an administrator chose.

        Raises ServiceUnavailable where too many letters wait.
        """
        self._postbox.post(lambda: self._invitation(user, lifetime, by))

    async def ask_address(self, user: User, text: str) -> str:
        """Have a link sent to a further address of a person, which they have to open.

        Raises Mistake for what is no address, for one that is theirs already, and where they have
        as many as they may; Ratelimited, and ServiceUnavailable.
        """
        address = normal_email(text)
        theirs = await in_thread(self._database.addresses, user.id)
        if address in {each.email for each in theirs}:
            raise Mistake(f"{address} is an address of yours already")
        if len(theirs) >= ADDRESSES_MAX:
            raise Mistake(f"you have {len(theirs)} addresses, and may have {ADDRESSES_MAX}")
        await self._admit(f"addresses of {user.id}", PERSON_INTERVAL_S, PERSON_BURST)
        self._postbox.post(lambda: self._confirmation(user, address))
        return address

    def confirmed(self, user: User, code: Secret) -> str:
        """The address that a link confirms.

        Raises NotAdmitted where it is another person's link, or none of ours, or too old.
        """
        body, _, text = code.reveal().partition(".")
        sent = text.encode(errors="replace")
        if not any(hmac.compare_digest(each, sent) for each in self._signatures(user, body)):
            raise NotAdmitted(
                "This link is not for the account that you are signed in with, or is incomplete."
            )
        expires_s, _, address = _decoded(body).partition(" ")
        if int(expires_s) < self._clock().timestamp():
            raise NotAdmitted("This link is too old. Ask for a new one.")
        return address

    async def add_address(self, user: User, code: Secret, client: str) -> Address:
        """Let a person be found by the address that a link confirms.

        Raises NotAdmitted as `confirmed` does, and Mistake where it is somebody else's by now.
        """
        address, by = self.confirmed(user, code), Actor.on(user, user, client)
        return await self._people.add_address(user.email, address, user.team_id, by=by)

    async def _links(self, address: str, client: str) -> list[Letter]:
        """A letter for each workspace in which the address is somebody's who may sign in."""
        if await self._is_full(address):
            return []
        teams = {team.id: team for team in await self._people.teams() if team.deleted_at is None}
        found = await in_thread(self._database.users_by_address, address, list(teams))
        people = [user for user in found if user.deleted_at is None and not user.is_bot]
        return [
            await self._link(user, teams[user.team_id], address, client)
            for user in people[:PEOPLE_MAX]
        ]

    async def _link(self, user: User, team: Team, address: str, client: str) -> Letter:
        by = Actor.on(user, user, client)
        url = await self._sign_in_url(user, LIFETIME, by)
        return letters.sign_in(address, user, team, url, LIFETIME)

    async def _invitation(self, user: User, lifetime: timedelta, by: Actor) -> list[Letter]:
        team = await self._people.team(user.team_id)
        url = await self._sign_in_url(user, lifetime, by)
        return [letters.invitation(user, team, url, lifetime)]

    async def _confirmation(self, user: User, address: str) -> list[Letter]:
        if await self._is_full(address):
            return []
        team = await self._people.team(user.team_id)
        code = quote(self._code(user, address).reveal())
        url = f"{self._public_url}/addresses/confirm?code={code}"
        return [letters.confirm(address, user, team, url, LIFETIME)]

    async def _sign_in_url(self, user: User, lifetime: timedelta, by: Actor) -> str:
        issued = await self._sessions.issue_link(user.email, lifetime, user.team_id, by)
        return sign_in_url(self._public_url, issued.code)

    async def _is_full(self, address: str) -> bool:
        """Whether this mailbox got as many letters as it may; else one more is counted."""
        digest = self._keys.digest(f"letters to {address}".encode()).hex()
        return bool(await self._wait_s(f"letters to {digest}", ADDRESS_INTERVAL_S, ADDRESS_BURST))

    def _code(self, user: User, address: str) -> Secret:
        """What shows that somebody reads the mail of an address: nothing is kept of it here."""
        expires_s = math.ceil((self._clock() + LIFETIME).timestamp())
        body = base64.urlsafe_b64encode(f"{expires_s} {address}".encode()).decode()
        return Secret(f"{body}.{self._signatures(user, body)[0].decode()}")

    def _signatures(self, user: User, body: str) -> list[bytes]:
        """By the key in use, then by the one before it, where that is accepted."""
        text = f"address {user.id} {body}".encode(errors="replace")
        digests = [self._keys.digest(text), self._keys.old_digest(text)]
        return [each.hex().encode() for each in digests if each is not None]

    async def _admit(self, key: str, interval_s: float, burst: int) -> None:
        wait_s = await self._wait_s(key, interval_s, burst)
        if wait_s:
            minutes = math.ceil(wait_s / 60)
            raise Ratelimited(
                f"too many letters were asked for from here; try again in {minutes} min",
                math.ceil(wait_s),
            )

    async def _wait_s(self, key: str, interval_s: float, burst: int) -> float:
        now_s = self._clock().timestamp()
        return await in_thread(self._database.take, key, interval_s, burst, now_s)


def _decoded(body: str) -> str:
    return base64.urlsafe_b64decode(body).decode()
