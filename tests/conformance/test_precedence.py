"""Two faults in one request: the one that contract § 2.1 names first is answered."""

from collections.abc import Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

import anyio
import pytest

from likeness.app.service import Service
from likeness.errors import Refusal
from likeness.model import Secret
from likeness.scopes import ADMIN_SCOPE, SCOPES_DEFAULT
from likeness.webapi.methods import METHODS
from likeness.webapi.throttle import Throttle
from support.faults import FAULTS, Draft, Fault, possible_pairs
from support.live import LiveServer
from support.people import Cast
from support.scenarios import SET, Stage, broken_store
from support.wire import Reply, send_raw

WRITE = "users.profile:write"
WORKSPACE = "Cast"


@dataclass
class Office:
    """Where tokens of any kind are issued for one server, without starting a process for it."""

    server: LiveServer
    service: Service
    people: Cast

    def token(self, traits: frozenset[str]) -> str:
        """A new token of somebody new, with all these traits."""
        return anyio.run(self._issue, traits)

    def drain(self, token: str) -> None:
        """Take all calls that a token has for as long as a test can take, as a call takes one."""
        anyio.run(self._drain, token)

    async def _drain(self, token: str) -> None:
        later = datetime.now(UTC) + timedelta(hours=1)
        throttle = Throttle(self.service.database.take, lambda: later)
        # Who is not let in has nothing to take.
        with suppress(Refusal):
            caller = await self.service.accounts.authenticate(Secret(token))
            while True:
                await throttle.admit(_SET, caller)

    async def _issue(self, traits: frozenset[str]) -> str:
        people, accounts = self.service.people, self.service.accounts
        email = f"fault{next(_NUMBERS)}@cast.example"
        await people.add_user(email, WORKSPACE, is_bot="bot" in traits)
        scopes = set(SCOPES_DEFAULT) | ({ADMIN_SCOPE} if "admin" in traits else set())
        scopes -= {WRITE} if "unscoped" in traits else set()
        lifetime = timedelta(seconds=-1) if "expired" in traits else None
        issued = await accounts.issue_token(email, tuple(sorted(scopes)), lifetime, WORKSPACE)
        if "revoked" in traits:
            await accounts.revoke_text(issued.secret)
        if "gone" in traits:
            await people.deactivate(email, WORKSPACE)
        return issued.secret.reveal()


_NUMBERS = count()
_SET = METHODS[SET]


@pytest.fixture(scope="module")
def offices(stage: Stage) -> Iterator[tuple[Office, Office]]:
    """One for the server without rate limits, one for that with them."""
    both = (stage.server, stage.people), (stage.cramped, stage.cramped_people)
    patient, limited = (Office(server, server.service(), people) for server, people in both)
    yield patient, limited
    anyio.run(patient.service.close)
    anyio.run(limited.service.close)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_alone_is_refused_for_what_it_is(
    fault: Fault, offices: tuple[Office, Office]
) -> None:
    """Each fault spoils what it says that it spoils; else the pairs would prove nothing."""
    reply = sent(fault.spoil(Draft()), offices)

    assert fault.error == reply.error, reply.document


def test_without_a_fault_the_call_succeeds(offices: tuple[Office, Office]) -> None:
    """The draft itself has nothing wrong."""
    assert "" == sent(Draft(), offices).error


@pytest.mark.parametrize(
    ("first", "second"),
    possible_pairs(),
    ids=lambda fault: fault.name,
)
def test_of_two_faults_the_earlier_wins(
    first: Fault, second: Fault, offices: tuple[Office, Office]
) -> None:
    """However many things are wrong, callers can rely on which one they are told."""
    reply = sent(second.spoil(first.spoil(Draft())), offices)

    assert first.error == reply.error, reply.document


def sent(draft: Draft, offices: tuple[Office, Office]) -> Reply:
    """The answer to a draft, from the server that it needs."""
    office = offices[1] if draft.is_drained else offices[0]
    token = office.token(draft.traits)
    if draft.is_drained:
        office.drain(token)
    if "user" in draft.query:
        draft = draft.asking(user=office.people.gone_user.id)
    raw = draft.request(token).raw()
    with broken_store(office.server) if draft.is_store_broken else nullcontext():
        return send_raw(office.server, raw, half_close=draft.is_cut)
