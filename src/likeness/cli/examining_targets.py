"""What `likeness doctor` asks of targets: whether each answers, and believes who we are."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

from anyio import fail_after

from likeness.app.secret import known_key
from likeness.cli.finding import ANSWER_TIMEOUT_S, CaveatError, Check, aside
from likeness.config import Config
from likeness.db import Database, newest
from likeness.elsewhere import Target
from likeness.errors import Mistake
from likeness.keys import Keys
from likeness.targets.port import Away, Gone, Later, Refused

TARGET_TIMEOUT_S: Final = 5.0
"""How long the doctor waits for a target, which may be far away; all are asked at the same time."""


async def target_checks(config: Config, database: Database) -> dict[str, Check]:
    """A check for each target by its title; none where the database cannot say which there are.

    What is wrong with a target is a warning: the service works without it, and it will get
    everything once it is back.
    """
    found: list[Target] = []
    with suppress(Exception), fail_after(ANSWER_TIMEOUT_S):
        # Whatever it is, the check of the database says it.
        found = await aside(_targets, database)()
    key = known_key(config) if found else None
    if key is None:
        return {}
    return {f"target {each.name}": _check_of(config, Keys(key), each) for each in found}


def _targets(database: Database) -> list[Target]:
    return database.targets() if database.revision() == newest() else []


def _check_of(config: Config, keys: Keys, target: Target) -> Check:
    async def check() -> str:
        # An HTTP client is needed only where there is somebody to ask.
        from likeness.app.targets import TargetOpener  # noqa: PLC0415 - see above

        if target.paused_at is not None:
            raise CaveatError(f"it is paused: {target.pause_reason}")
        try:
            return await TargetOpener(config, keys, lambda: datetime.now(UTC)).open(target).check()
        except (Mistake, Refused, Later, Away, Gone) as refusal:
            raise CaveatError(f"{target.kind} at its address: {refusal}") from refusal

    async def in_time() -> str:
        try:
            with fail_after(TARGET_TIMEOUT_S):
                return await check()
        except TimeoutError as late:
            raise CaveatError(f"it has not answered within {TARGET_TIMEOUT_S:g} s") from late

    return in_time
