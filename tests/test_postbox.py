"""Letters that wait: one after the other, in some attempts, and never more than may wait."""

from collections.abc import Awaitable, Callable

import pytest
from structlog.testing import capture_logs

from likeness.errors import Mistake, ServiceUnavailable
from likeness.mail.port import Letter, Undelivered
from likeness.postbox import ATTEMPTS_MAX, JOBS_MAX, Postbox
from support.post import Outbox, running

pytestmark = pytest.mark.anyio

LATER = Undelivered("away", is_final=False)
NEVER = Undelivered("no such mailbox", is_final=True)


def letter(number: int = 1) -> Letter:
    """One of several."""
    return Letter(f"p{number}@example.org", "Hello", "Hello\n")


def writes(*letters: Letter) -> Callable[[], Awaitable[list[Letter]]]:
    """Somebody who has these written."""

    async def writing() -> list[Letter]:
        return list(letters)

    return writing


async def sent(outbox: Outbox, *jobs: Callable[[], Awaitable[list[Letter]]]) -> list[str]:
    """To whom letters went of these jobs."""
    async with running(Postbox(outbox, retry_interval_s=0)) as postbox:
        for job in jobs:
            postbox.post(job)
        await postbox.empty()
    return [each.to for each in outbox.letters]


async def test_all_letters_go_in_turn() -> None:
    """Also several of one who asked, and none of another."""
    jobs = writes(letter(1), letter(2)), writes(), writes(letter(3))

    assert await sent(Outbox(), *jobs) == [f"p{each}@example.org" for each in (1, 2, 3)]


async def test_a_server_that_is_away_is_tried_again() -> None:
    """For a while."""
    outbox = Outbox(failures=[LATER] * (ATTEMPTS_MAX - 1))

    assert await sent(outbox, writes(letter())) == ["p1@example.org"]


@pytest.mark.parametrize(("failure", "attempts"), [(LATER, ATTEMPTS_MAX), (NEVER, 1)])
async def test_a_letter_is_given_up_and_the_next_one_goes(
    failure: Undelivered, attempts: int
) -> None:
    """The log says why, and neither to whom nor what."""
    outbox = Outbox(failures=[failure] * attempts)

    with capture_logs() as lines:
        assert await sent(outbox, writes(letter(1)), writes(letter(2))) == ["p2@example.org"]

    assert outbox.attempts == attempts + 1
    [line] = lines
    assert (line["event"], line["reason"]) == ("letter_not_sent", str(failure))
    assert "p1@" not in str(lines)


@pytest.mark.parametrize("error", [Mistake("nobody"), ServiceUnavailable("away"), KeyError("x")])
async def test_what_cannot_be_written_keeps_no_other_from_going(error: Exception) -> None:
    async def failing() -> list[Letter]:
        raise error

    assert await sent(Outbox(), failing, writes(letter(2))) == ["p2@example.org"]


async def test_no_more_wait_than_may() -> None:
    """Whoever comes then is told to come again."""
    postbox = Postbox(Outbox())
    for _ in range(JOBS_MAX):
        postbox.post(writes(letter()))

    with pytest.raises(ServiceUnavailable, match="try again soon"):
        postbox.post(writes(letter()))
