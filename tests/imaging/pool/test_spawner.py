"""The parent's end of the zygote: quick rebirth, no orphan, no zombie, clear words in trouble."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator

import psutil
import pytest

from likeness.errors import Mistake, ServiceUnavailable
from likeness.imaging.pool import spawner as spawner_module
from likeness.imaging.pool.spawner import Spawner
from likeness.imaging.sandbox import Layer, Mode
from likeness.imaging.worker.zygote import NAME as ZYGOTE
from likeness.imaging.worker.zygote import NICENESS
from support.developing import planned
from support.patience import PATIENCE_S, wait_until
from support.pictures import jpeg
from support.processes import name_of, own_workers, survivors
from support.starting import Started

Zygotes = Callable[[], list[psutil.Process]]

PICTURE = jpeg(64, 64)
PLAN = planned(PICTURE)


@pytest.fixture
def spawner() -> Iterator[Spawner]:
    """A spawner, which starts its zygote with the first worker."""
    made = Spawner(Mode.AUTO)
    yield made
    made.close()


def zygotes_here() -> list[psutil.Process]:
    """The zygotes of this very process."""
    return [each for each in psutil.Process().children() if name_of(each) == ZYGOTE]


@pytest.fixture
def zygotes() -> Zygotes:
    """Gives the zygotes that came since; other tests of this process may have left theirs."""
    before = zygotes_here()
    return lambda: [each for each in zygotes_here() if each not in before]


def gone(processes: list[psutil.Process]) -> bool:
    """Whether none of them runs in the end."""
    return survivors(processes) == []


def test_a_second_worker_has_nothing_to_import(spawner: Spawner, zygotes: Zygotes) -> None:
    """Both are forked from one zygote, which takes 0.01 s; a new interpreter takes 0.3 s."""
    first = spawner.worker()
    [zygote] = zygotes()
    second = spawner.worker()

    assert first.pid != second.pid
    assert [zygote] == zygotes()
    assert {zygote.pid} == {psutil.Process(each.pid).ppid() for each in (first, second)}
    for worker in (first, second):
        assert worker.develop(PICTURE, PLAN, time.monotonic() + PATIENCE_S)
        worker.close()


def test_a_worker_stays_on_the_core_that_it_is_given(spawner: Spawner) -> None:
    """Where there is such a core; a core that is not ours binds it to none."""
    ours = os.sched_getaffinity(0)
    for core, expected in ((max(ours), {max(ours)}), (None, ours), (max(ours) + 1000, ours)):
        made = spawner.worker(core)
        assert expected == os.sched_getaffinity(made.pid)
        made.close()


def test_a_worker_gives_way_with_all_its_threads(spawner: Spawner) -> None:
    """Those of libvips start with the first picture."""
    made = spawner.worker()
    made.develop(PICTURE, PLAN, time.monotonic() + PATIENCE_S)
    expected = os.getpriority(os.PRIO_PROCESS, 0) + NICENESS
    threads = [thread.id for thread in psutil.Process(made.pid).threads()]

    assert {min(19, expected)} == {os.getpriority(os.PRIO_PROCESS, thread) for thread in threads}
    made.close()


def test_how_a_worker_ended_is_told_once(spawner: Spawner) -> None:
    """Killed by us, killed by others, or unknown."""
    first, second = spawner.worker(), spawner.worker()
    os.kill(second.pid, signal.SIGTERM)
    # The zygote reaps it unasked.
    wait_until(lambda: not psutil.pid_exists(second.pid))

    assert -signal.SIGKILL == first.close()
    assert -signal.SIGTERM == second.close()
    assert spawner.end(second.pid) is None
    assert spawner.end(os.getpid()) is None


def test_a_dead_zygote_is_replaced(spawner: Spawner, zygotes: Zygotes) -> None:
    """Its workers die with it, the next one is the child of another."""
    orphan = spawner.worker()
    [zygote] = zygotes()
    workers = own_workers()

    zygote.kill()

    assert gone([zygote, *workers])
    # The last thread of a dead process lets go of its stream a moment after the first.
    wait_until(lambda: not orphan.is_alive())
    assert orphan.close() is None
    successor = spawner.worker()
    assert successor.develop(PICTURE, PLAN, time.monotonic() + PATIENCE_S)
    assert 1 == len([each for each in zygotes() if each.status() != psutil.STATUS_ZOMBIE])
    successor.close()


def test_closing_ends_everybody(spawner: Spawner, zygotes: Zygotes) -> None:
    """The zygote is reaped, its workers follow it."""
    handles = [spawner.worker(), spawner.worker()]
    family = [*zygotes(), *own_workers()]
    assert len(family) == 3

    spawner.close()

    assert gone(family)
    for handle in handles:
        handle.stream.close()


PARENT = """
import time
from likeness.imaging.sandbox import Mode
from likeness.imaging.pool.spawner import Spawner
spawner = Spawner(Mode.AUTO)
handle = spawner.worker()
print(handle.pid, flush=True)
time.sleep(600)
"""


def test_everybody_dies_with_the_parent() -> None:
    """Also a worker that cannot read its stream, as in the middle of a picture."""
    with Started([sys.executable, "-c", PARENT]) as parent:
        worker = psutil.Process(int(parent.first_line()))
        family = [worker, worker.parent()]
        worker.send_signal(signal.SIGSTOP)

        parent.kill()

    assert gone([each for each in family if each])


@pytest.mark.parametrize(
    "command", [("/nowhere/python",), (sys.executable, "-c", "raise SystemExit(1)")]
)
def test_a_zygote_that_cannot_start_makes_the_service_unavailable(
    command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, spawner: Spawner
) -> None:
    """No program, or one that ends before it says anything; afterwards all is well."""
    with monkeypatch.context() as patch:
        patch.setattr(spawner_module, "_COMMAND", command)
        with pytest.raises(ServiceUnavailable):
            spawner.worker()

    spawner.worker().close()


def test_without_a_sandbox_there_are_limits_only() -> None:
    """As an operator asks for it."""
    spawner = Spawner(Mode.OFF)
    worker = spawner.worker()

    assert spawner.layers == (Layer.LIMITS,)
    assert worker.develop(PICTURE, PLAN, time.monotonic() + PATIENCE_S)
    worker.close()
    spawner.close()


def test_a_sandbox_that_is_required_and_missing_is_a_mistake(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Said in words that tell the operator what to do; here a layer is required that nobody has."""
    monkeypatch.setattr(spawner_module, "ESSENTIAL", "walls of gold")
    spawner = Spawner(Mode.REQUIRE)

    with pytest.raises(Mistake, match="LIKENESS_SANDBOX=off"):
        spawner.worker()

    assert own_workers() == []
    spawner.close()
