"""What a check of `likeness doctor` found, and how a check runs: in a thread, with a time limit."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from dataclasses import dataclass
from enum import StrEnum
from threading import Thread
from typing import Final, TypeVar, TypeVarTuple

from anyio import fail_after

from likeness.errors import Mistake, Refusal, ServiceUnavailable
from likeness.ownership import explain

ANSWER_TIMEOUT_S: Final = 1.0
"""How long a database or a store may say nothing: with its start the verb then ends within 2 s."""


_T = TypeVar("_T")
_Ts = TypeVarTuple("_Ts")
Check = Callable[[], Awaitable[str]]
"""Gives what was seen. Raises CaveatError for a warning, and anything else for what is BAD."""


class Level(StrEnum):
    """How well something is: it works, it works and will not do, it does not work."""

    OK = "ok"
    WARN = "warn"
    BAD = "BAD"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, how well it is, and what was seen or is to be done."""

    name: str
    level: Level
    detail: str

    @property
    def is_well(self) -> bool:
        """Whether it works."""
        return self.level is not Level.BAD


class CaveatError(Exception):
    """Something works and will not do, or will be made by a start. The text says what to do."""


def aside(look: Callable[[*_Ts], _T], *args: *_Ts) -> Callable[[], Awaitable[_T]]:
    """A check in a thread of its own, so that one that waits holds up none of the others.

    Nothing waits for such a thread: not this process either, when it ends.
    """

    async def check() -> _T:
        found: Future[_T] = Future()
        Thread(target=_settle, args=(found, look, *args), daemon=True).start()
        return await asyncio.wrap_future(found)

    return check


def _settle(found: "Future[_T]", look: Callable[[*_Ts], _T], *args: *_Ts) -> None:
    # Nobody may be there any more to see it.
    if found.set_running_or_notify_cancel():
        try:
            found.set_result(look(*args))
        except Exception as error:  # noqa: BLE001 - Raised again where it is waited for.
            found.set_exception(error)


def in_time(check: Check, silence: Exception) -> Check:
    """The check, which raises `silence` where it has not ended after ANSWER_TIMEOUT_S."""

    async def in_time() -> str:
        try:
            with fail_after(ANSWER_TIMEOUT_S):
                return await check()
        except TimeoutError as late:
            raise silence from late

    return in_time


async def finding_of(name: str, check: Check) -> Finding:
    """Run a check; whatever it raises is what it found."""
    try:
        return Finding(name, Level.OK, await check())
    except CaveatError as caveat:
        return Finding(name, Level.WARN, str(caveat))
    except ServiceUnavailable as refusal:
        return Finding(name, Level.BAD, refusal.reason)
    except (Mistake, Refusal) as error:
        return Finding(name, Level.BAD, str(error))
    except OSError as error:
        return Finding(name, Level.BAD, explain(error))
    except Exception as error:  # noqa: BLE001 - Whatever it is, it is what was found.
        return Finding(name, Level.BAD, f"{type(error).__name__}: {error}")
