"""The walls around picture processes: which are required, and warnings about missing ones."""

from collections.abc import Collection
from contextlib import suppress
from typing import Final

from likeness.config import Config
from likeness.errors import ServiceUnavailable
from likeness.imaging.engine import WorkerEngine
from likeness.imaging.pool.spawner import Spawner
from likeness.imaging.sandbox import Layer, Mode
from likeness.imaging.sandbox.linux import IS_LINUX
from likeness.log import Log

TOO_LOW: Final = frozenset({"none", "weak"})
"""At these levels a compromised decoder reaches everything that the service's user reaches."""

_log = Log(__name__)


def sandbox_level(layers: Collection[str]) -> str:
    """`full` for every layer, `partial` without some, `weak` without seccomp, `none` at all."""
    walls = set(layers) - {Layer.LIMITS}
    if not walls:
        return "none"
    if Layer.SECCOMP not in walls:
        return "weak"
    return "full" if set(Layer) <= set(layers) else "partial"


def needed_walls(config: Config) -> Mode:
    """`auto` does without walls only where nobody but this machine can send pictures.

    Other systems than Linux have none, and are for developing.
    """
    mode = Mode(config.sandbox)
    return Mode.REQUIRE if mode is Mode.AUTO and config.is_exposed and IS_LINUX else mode


def check_walls(config: Config) -> None:
    """Check before a start that required walls stand. Raises Mistake.

    It leaves no process and no thread. A picture process that cannot start at all is no error.
    """
    if needed_walls(config) is not Mode.REQUIRE:
        return
    spawner = Spawner(Mode.REQUIRE)
    try:
        with suppress(ServiceUnavailable):
            spawner.worker().close()
    finally:
        spawner.close()


async def start_pictures(engine: WorkerEngine, config: Config) -> None:
    """Start the picture processes, and log their problems.

    Where none can be started photos are shown all the same, and each upload retries. Raises
    Mistake where walls are required that this machine does not have.
    """
    try:
        await engine.start()
    except ServiceUnavailable as refusal:
        _log.warning("no_picture_processes", reason=refusal.reason)
        return
    level = sandbox_level(engine.layers)
    if level in TOO_LOW:
        _log.warning(
            "walls_are_missing", sandbox=level, reason=without_walls(engine.layers, config)
        )


def without_walls(layers: Collection[str], config: Config) -> str:
    """The meaning of missing walls, and the remedy."""
    danger = (
        "pictures of strangers are decoded without walls, so that one which takes its decoder over "
        "reaches all that this user reaches"
    )
    if Mode(config.sandbox) is Mode.OFF:
        return f"{danger}, as LIKENESS_SANDBOX=off says"
    return (
        f"{danger}: this machine has only {', '.join(layers) or 'nothing'}; use Linux 5.13 or "
        "newer on x86_64 or arm64, not in gVisor"
    )
