"""Three nodes, a database server and a store, each of which dies under load: nothing is lost."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from signal import SIGCONT, SIGINT, SIGKILL, SIGSTOP
from typing import Any, Final

import httpx
import pytest

from support import web
from support.ceph import Ceph
from support.cluster import cluster, kill
from support.commands import CommandLine
from support.crew import Crew, Member
from support.live import LiveServer, add_person
from support.load import check_set
from support.patience import wait_until
from support.pictures import opened
from support.postgres import PostgresServer, postgres_server
from support.reading import NINE_KEYS
from support.relay import Relay

PEOPLE: Final = 4
MORE: Final = 6
"""Photos that have to be set between two faults: proof that all went on by itself."""

AWAY_S: Final = 2.0
FROZEN_S: Final = 8.0


@dataclass
class Installation:
    """Everything that can fail. The last node reaches the store by a wire of its own."""

    url: str
    nodes: list[LiveServer]
    postgres: PostgresServer
    store: Ceph
    wire: Relay

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

    def kill_store(self) -> None:
        """All of it crashes, and is back after a while."""
        self.store.servers.kill()
        time.sleep(AWAY_S)
        self.store.start()

    def freeze_store(self) -> None:
        """It takes connections and says nothing, for longer than anybody waits for it."""
        self.store.servers.signal("gateway", SIGSTOP)
        time.sleep(FROZEN_S)
        self.store.servers.signal("gateway", SIGCONT)

    def cut_wire(self) -> None:
        """One node does not reach the store; the others do, and go on."""
        self.wire.cut()
        time.sleep(AWAY_S * 2)
        self.wire.mend()


@contextmanager
def installed(folder: Path, store: Ceph) -> Iterator[Installation]:
    """Three nodes, ready."""
    with postgres_server("debian", durable=True) as postgres, Relay(store.port) as wire:
        photos = store.new_bucket()
        by_wire = photos.replace(f"%3A{store.port}", f"%3A{wire.port}")
        assert by_wire != photos
        each = [{"BLOBS": url, "PICTURE_WORKERS": "1"} for url in (photos, photos, by_wire)]
        with cluster(folder, postgres.new_database(), each) as (url, nodes):
            yield Installation(url, nodes, postgres, store, wire)


def verify(crew: Crew) -> None:
    """Look at everything that was ever acknowledged: whole, or gone where that was acknowledged.

    What was deleted while the store was away has some time to go.
    """
    with web.Client(base_url=crew.url) as client:
        for member in crew.members:
            for turn, profile in member.acknowledged.items():
                if turn not in member.maybe_deleted:
                    replies = looked_at(client, profile)
                    assert {200} == statuses(replies), f"an acknowledged photo is lost: {replies}"
                    pictures = {url: opened(reply.content) for url, reply in replies.items()}
                    assert turn == check_set(member, profile, pictures)
                    continue
                if turn in member.deleted:
                    wait_until(partial(is_gone, client, profile), partial(str, profile))


def is_gone(client: httpx.Client, profile: dict[str, str]) -> bool:
    """Whether no URL of a photo shows anything."""
    return statuses(looked_at(client, profile)) == {404}


def compared(node: LiveServer) -> dict[str, Any]:
    """What `likeness check` finds when it reads every file."""
    settings = {name: text for name, text in node.environment.items() if name[:9] == "LIKENESS_"}
    result = CommandLine(node.data).run("check", "--deep", "--json", settings=settings)
    found: dict[str, Any] = json.loads(result.stdout)
    print({"photos": found["photos"], "files": found["files"], **found["found"]})  # noqa: T201 - See below.
    return found


def looked_at(client: httpx.Client, profile: dict[str, str]) -> dict[str, httpx.Response]:
    """What there is at each URL of a photo."""
    return {url: client.get(url) for url in {profile[key] for key in NINE_KEYS[1:]}}


def statuses(replies: dict[str, httpx.Response]) -> set[int]:
    """How they ended."""
    return {reply.status_code for reply in replies.values()}


@pytest.mark.slow
def test_whatever_dies_nothing_is_lost(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One part after the other is killed, frozen or cut off, and all goes on without help."""
    store = Ceph(tmp_path_factory.mktemp("ceph"))
    for name, value in store.environment.items():
        monkeypatch.setenv(name, value)
    with ExitStack() as running:
        running.callback(store.servers.kill)
        store.start()
        all_of_it = running.enter_context(installed(tmp_path, store))
        faults: dict[str, Callable[[], None]] = {
            "a node killed": lambda: all_of_it.kill_node(1),
            "the store frozen": all_of_it.freeze_store,
            "postgres restarted": lambda: all_of_it.lose_postgres(SIGINT),
            "a node cut off from the store": all_of_it.cut_wire,
            "another node killed": lambda: all_of_it.kill_node(2),
            "postgres killed": lambda: all_of_it.lose_postgres(SIGKILL),
            "the store killed": all_of_it.kill_store,
            "the last node killed": lambda: all_of_it.kill_node(0),
        }
        people = [
            Member(add_person(all_of_it.nodes[0], f"crew-{number}@example.org"), number)
            for number in range(PEOPLE)
        ]
        with Crew(all_of_it.url, people) as crew:
            for name, strike in faults.items():
                crew.wait_for_more(MORE)
                before = crew.counts.copy()
                strike()
                print(f"{name}: {dict(crew.counts - before)}")  # noqa: T201 - It is run for that.
            crew.wait_for_more(MORE)
        print(f"in all: {dict(crew.counts)}")  # noqa: T201 - See above.
        assert crew.faults == []
        verify(crew)
        assert compared(all_of_it.nodes[0])["ok"]
