"""Three nodes, a database server and a store, each of which dies under load: nothing is lost."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGINT, SIGKILL
from typing import Final

import httpx
import pytest

from support.cluster import cluster, kill
from support.crew import Crew, Member
from support.live import LiveServer, add_person
from support.load import check_set
from support.pictures import opened
from support.postgres import PostgresServer, postgres_server
from support.reading import NINE_KEYS

PEOPLE: Final = 4
MORE: Final = 6
"""Photos that have to be set between two faults: proof that all went on by itself."""

AWAY_S: Final = 2.0
SETTLED_S: Final = 60.0
"""A deleted photo is gone from every URL within this time (contract A8)."""


@dataclass
class Installation:
    """Everything that can fail."""

    url: str
    nodes: list[LiveServer]
    postgres: PostgresServer

    def kill_node(self, number: int) -> None:
        """A machine is gone; its replacement comes."""
        kill(self.nodes[number])
        time.sleep(AWAY_S / 2)
        self.nodes[number].start()

    def lose_postgres(self, how: int) -> None:
        """The database ends or crashes, and is back after a while."""
        self.postgres.stop(SIGINT if how == SIGINT else SIGKILL)
        time.sleep(AWAY_S)
        self.postgres.start()


@contextmanager
def installed(folder: Path) -> Iterator[Installation]:
    """Three nodes, ready."""
    with postgres_server("debian", durable=True) as postgres:
        settings = {"BLOBS": (folder / "photos").as_uri(), "PICTURE_WORKERS": "1"}
        with cluster(folder, postgres.new_database(), [settings] * 3) as (url, nodes):
            yield Installation(url, nodes, postgres)


def verify(crew: Crew) -> None:
    """Look at everything that was ever acknowledged: whole, or gone where that was acknowledged."""
    with httpx.Client(base_url=crew.url) as client:
        for member in crew.members:
            for turn, profile in member.acknowledged.items():
                replies = {url: client.get(url) for url in {profile[k] for k in NINE_KEYS[1:]}}
                statuses = {reply.status_code for reply in replies.values()}
                if turn in member.deleted or (turn in member.maybe_deleted and 404 in statuses):
                    assert statuses == {404}, f"a deleted photo is shown: {replies}"
                    continue
                assert statuses == {200}, f"an acknowledged photo is lost: {replies}"
                pictures = {url: opened(reply.content) for url, reply in replies.items()}
                assert turn == check_set(member, profile, pictures)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_whatever_dies_nothing_is_lost(tmp_path: Path) -> None:
    """One part after the other is killed, and all goes on without help."""
    with installed(tmp_path) as all_of_it:
        faults: dict[str, Callable[[], None]] = {
            "node 1 killed": lambda: all_of_it.kill_node(1),
            "postgres restarted": lambda: all_of_it.lose_postgres(SIGINT),
            "node 2 killed": lambda: all_of_it.kill_node(2),
            "postgres killed": lambda: all_of_it.lose_postgres(SIGKILL),
            "node 0 killed": lambda: all_of_it.kill_node(0),
        }
        people = [
            Member(add_person(all_of_it.nodes[0], f"crew-{number}@example.org"), number)
            for number in range(PEOPLE)
        ]
        with Crew(all_of_it.url, people) as crew:
            for strike in faults.values():
                crew.wait_for_more(MORE)
                strike()
            crew.wait_for_more(MORE)
        print(dict(crew.counts))  # noqa: T201 - The figures are what the test is run for.
        assert crew.faults == []
        verify(crew)
