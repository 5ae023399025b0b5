"""kill -9 in mid-upload: what was acknowledged is whole, and nobody saw a mixture."""

import os
import random
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil
import pytest

from likeness.server.listening import CannotListenError, open_slots
from support import web
from support.commands import CommandLine
from support.live import LiveServer, add_person
from support.load import Load, Uploader, read_set, stored_set
from support.patience import wait_until
from support.processes import (
    cut_down,
    picture_workers,
    server_processes,
    survivors,
    tree,
    zombies,
)

LONG_AGO_S: Final = 48 * 3600
"""Twice the grace that keeps the sweep away from uploads under way."""

KILLS: Final = {"whole": 14, "supervisor": 8, "server": 12, "worker": 16}
KILLS_QUICK: Final = dict.fromkeys(KILLS, 1)
DELAY_MAX_S: Final = 0.25
"""Some uploads long: kills fall anywhere between the first byte in and the answer."""


@dataclass
class Executioner:
    """Kills parts of the service, and sees to it that it runs again."""

    server: LiveServer
    random: random.Random

    def strike(self, part: str) -> None:
        """Wait for a moment of its own, kill, and wait until the service answers."""
        time.sleep(self.random.uniform(0, DELAY_MAX_S))
        strikes: dict[str, Callable[[], None]] = {
            "whole": lambda: self._end(tree(self.server)),
            "supervisor": lambda: self._end(tree(self.server)[:1]),
            "server": lambda: cut_down(server_processes(self.server)),
            "worker": lambda: cut_down(self.random.sample(picture_workers(self.server), 1)),
        }
        strikes[part]()
        wait_until_ready(self.server)

    def _end(self, victims: list[psutil.Process]) -> None:
        everybody = tree(self.server)
        cut_down(victims)
        assert self.server.process
        self.server.process.wait()
        assert survivors(everybody) == [], "a child outlives its supervisor"
        wait_until(lambda: is_port_free(self.server))
        self.server.start()


def wait_until_ready(server: LiveServer) -> None:
    """Return when the service answers again; start it as a service manager would, if it gave up.

    Two deaths of a server process within 5.5 s are a crash loop to its supervisor, which leaves.
    """

    def answers() -> bool:
        if server.process and server.process.poll() is not None:
            assert server.process.returncode != 0
            server.start()
        return web.says_ok(f"{server.url}/readyz")

    wait_until(answers, lambda: server.log()[-3000:])


def is_port_free(server: LiveServer) -> bool:
    """By what `serve` itself checks before it starts.

    A server process that was being born when its supervisor died ends once it notices that.
    """
    try:
        [[listening]] = open_slots("127.0.0.1", server.port, 1)
    except CannotListenError:
        return False
    listening.close()
    return True


def with_people(server: LiveServer, number: int) -> list[Uploader]:
    """That many people who upload."""
    return [
        Uploader(add_person(server, f"killed-{each}@example.org"), each) for each in range(number)
    ]


def rows(data: Path) -> set[str]:
    """The stems of all photos that the database knows, after an integrity check."""
    with closing(sqlite3.connect(data / "likeness.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        found = connection.execute("SELECT id, secret FROM photos").fetchall()
    return {f"{number}_{secret}" for number, secret in found}


def files(data: Path) -> set[Path]:
    """Every file of the store."""
    return {path for path in (data / "blobs").rglob("*") if path.is_file()}


def of_rows(paths: set[Path], stems: set[str]) -> set[Path]:
    """The files among them that some row refers to."""
    return {path for path in paths if path.name.rpartition("_")[0] in stems}


def assert_sweep_takes_orphans_only(data: Path) -> int:
    """Age all files, sweep dry and for real, compare with the database; the number of orphans."""
    before, stems = files(data), rows(data)
    referenced = of_rows(before, stems)
    aged = time.time() - LONG_AGO_S
    for path in before:
        os.utime(path, (aged, aged))
    orphans = len(before - referenced)

    dry = CommandLine(data).json("sweep", "--dry-run")
    assert (orphans, before) == (dry["orphans"], files(data))

    wet = CommandLine(data).json("sweep")
    assert (orphans, 0, 0) == (wet["orphans"], wet["photos"], wet["prepared"])
    assert referenced == files(data)
    return orphans


def assert_everything_acknowledged_is_whole(server: LiveServer, uploaders: list[Uploader]) -> None:
    """Every photo that was ever acknowledged has all its files; the newest are the current ones."""
    with web.Client(base_url=server.url) as client:
        for uploader in uploaders:
            newest = max(uploader.acknowledged, default=0)
            assert newest <= read_set(client, uploader) <= uploader.turn
    for uploader in uploaders:
        for turn, profile in uploader.acknowledged.items():
            assert turn == stored_set(uploader, profile, server.data / "blobs")


def ordeal(server: LiveServer, kills: dict[str, int], seed: int) -> Counter[str]:
    """Load, kills in a random order, a last restart, and all checks; what happened, counted."""
    chance = random.Random(seed)
    plan = [part for part, times in kills.items() for _ in range(times)]
    chance.shuffle(plan)
    executioner = Executioner(server, chance)
    uploaders = with_people(server, 4)
    with Load(server, uploaders) as load:
        for part in plan:
            load.wait_for_more(1, sets_read=1)
            executioner.strike(part)
            assert load.faults == []
        load.wait_for_more(4)
    assert load.faults == []
    assert zombies(server) == []
    executioner.strike("whole")
    assert_everything_acknowledged_is_whole(server, uploaders)
    server.stop()
    return Counter(
        kills=len(plan),
        acknowledged=load.acknowledged,
        refused=sum(each.refused for each in uploaders),
        cut_off=sum(each.broken for each in uploaders),
        sets_read=load.sets_read,
        reads_cut_off=load.reads_broken,
        orphans=assert_sweep_takes_orphans_only(server.data),
        mixed=0,
    )


@pytest.fixture
def victim(tmp_path: Path) -> LiveServer:
    """A service that nobody else uses."""
    return LiveServer(tmp_path / "data", {"RATE_LIMITS": "off"})


@pytest.mark.slow
def test_a_few_kills_under_load_lose_nothing(victim: LiveServer) -> None:
    """Each part of the service once."""
    with victim:
        counts = ordeal(victim, KILLS_QUICK, seed=1)

    print(dict(counts))  # noqa: T201 - The figures are what the test is run for.
    assert 4 == counts["kills"]
    assert counts["sets_read"] > 0


@pytest.mark.slow
def test_fifty_kills_under_load_lose_nothing(victim: LiveServer) -> None:
    """The whole service, its supervisor, its server process, and picture workers."""
    with victim:
        counts = ordeal(victim, KILLS, seed=50)

    print(dict(counts))  # noqa: T201 - See above.
    assert 50 == counts["kills"]
    assert counts["cut_off"] > 10
    assert counts["sets_read"] >= 50


def test_a_killed_server_process_is_replaced_by_itself(victim: LiveServer) -> None:
    """The supervisor stays, the port answers, the dead are reaped."""
    with victim:
        [before] = server_processes(victim)

        cut_down([before])
        wait_until_ready(victim)

        [after] = server_processes(victim)
        assert before.pid != after.pid
        assert zombies(victim) == []


@pytest.mark.slow
def test_a_killed_supervisor_takes_everybody_with_it(victim: LiveServer) -> None:
    """Nothing keeps the port, and a restart there works."""
    with victim:
        everybody = tree(victim)

        victim.kill()

        assert survivors(everybody) == []
        wait_until(lambda: is_port_free(victim))
        victim.start()
        assert not is_port_free(victim)
