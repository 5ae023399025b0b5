"""Nodes are stopped and started under load, and nobody notices."""

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final

import httpx
import psutil
import pytest

from support import web
from support.fronts import caddy, nginx
from support.live import LiveServer, add_person, free_port
from support.load import Load, Uploader
from support.patience import PATIENCE_S, wait_until
from support.pictures import jpeg
from support.processes import server_processes, survivors, tree
from support.sitter import sit

TURNS: Final = 4
BETWEEN_S: Final = 3.0
"""nginx leaves a node that refused alone for a second, and counts whole ones: up to two."""

Front = Callable[..., AbstractContextManager[str]]


@contextmanager
def two_nodes(data: Path, front_port: int, delay_s: float) -> Iterator[list[LiveServer]]:
    """Two nodes on one folder; both give out the address of what stands in front of them."""
    settings = {
        "RATE_LIMITS": "off",
        "PUBLIC_URL": f"http://127.0.0.1:{front_port}",
        "SHUTDOWN_DELAY_S": str(delay_s),
        "PICTURE_WORKERS": "1",
    }
    nodes = [LiveServer(data, settings) for _ in range(2)]
    with nodes[0], nodes[1]:
        yield nodes


def restart(node: LiveServer, is_told: threading.Event | None = None) -> None:
    """End it as an operator would, and start it again; `is_told` is set between the two."""
    everybody = tree(node)
    assert node.process
    node.process.send_signal(signal.SIGTERM)
    if is_told:
        wait_until(lambda: not web.says_ok(f"{node.url}/readyz"))
        is_told.set()
    assert node.process.wait(PATIENCE_S) == 0
    assert survivors(everybody) == []
    node.start()


@pytest.mark.slow
@pytest.mark.parametrize(("front", "delay_s"), [(nginx, 0), (caddy, 6)], ids=["nginx", "caddy"])
def test_a_rolling_restart_loses_no_request(front: Front, delay_s: float, tmp_path: Path) -> None:
    """Reads and uploads go on through a balancer while its two nodes are restarted in turn.

    nginx learns of it by refused connections, Caddy by asking `/readyz` each second.
    """
    port = free_port()
    with two_nodes(tmp_path / "data", port, delay_s) as nodes:
        addresses = [f"127.0.0.1:{node.port}" for node in nodes]
        uploaders = [Uploader(add_person(nodes[0], f"r{n}@example.org"), n) for n in range(3)]
        behind = LiveServer(tmp_path / "data", port=port)
        with front(tmp_path, addresses, port=port), Load(behind, uploaders, readers=3) as load:
            for turn in range(TURNS):
                load.wait_for_more(3, sets_read=3)
                restart(nodes[turn % 2])
                time.sleep(BETWEEN_S)
            load.wait_for_more(3, sets_read=3)
        counts = Counter(
            restarts=TURNS,
            uploads=load.acknowledged,
            refused=sum(each.refused for each in uploaders),
            cut_off=sum(each.broken for each in uploaders),
            sets_read=load.sets_read,
            reads_cut_off=load.reads_broken,
        )
    print(dict(counts))  # noqa: T201 - The figures are what the test is run for.
    assert load.faults == []
    assert (0, 0, 0) == (counts["refused"], counts["cut_off"], counts["reads_cut_off"])
    assert min(counts["uploads"], counts["sets_read"]) > 3 * TURNS


def accepted(node: LiveServer) -> int:
    """How many connections its server processes have taken in."""
    taken = [each for process in server_processes(node) for each in process.net_connections()]
    return sum(each.status == psutil.CONN_ESTABLISHED for each in taken)


def upload_slowly(
    node: LiveServer, token: str, has_begun: threading.Event, is_told: threading.Event
) -> dict[str, object]:
    """Set a photo in two halves, the second one when the node has been told to stop."""

    def halves() -> Iterator[bytes]:
        picture = jpeg(900, 900)
        head = b'--x\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n\r\n'
        yield head + picture[: len(picture) // 2]
        has_begun.set()
        assert is_told.wait(PATIENCE_S)
        time.sleep(0.5)
        yield picture[len(picture) // 2 :] + b"\r\n--x--\r\n"

    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "multipart/form-data; boundary=x",
    }
    reply = web.post(f"{node.api}users.setPhoto", content=halves(), headers=headers)
    answer: dict[str, object] = reply.json()
    return answer | {"connection": reply.headers["connection"]}


@pytest.mark.slow
def test_uploads_under_way_are_finished(tmp_path: Path) -> None:
    """Half of each picture is there when the signal comes; the photos are whole afterwards."""
    with LiveServer(tmp_path, {"RATE_LIMITS": "off", "WORKERS": "2"}) as node:
        people = [add_person(node, f"half-{n}@example.org") for n in range(6)]
        begun, is_told = [threading.Event() for _ in people], threading.Event()
        with ThreadPoolExecutor(len(people)) as pool:
            jobs = [
                pool.submit(upload_slowly, node, person.token, event, is_told)
                for person, event in zip(people, begun, strict=True)
            ]
            assert all(event.wait(PATIENCE_S) for event in begun)
            wait_until(lambda: accepted(node) >= len(people))
            restart(node, is_told)
            answers = [job.result() for job in jobs]

        assert [(True, "close")] * 6 == [(each["ok"], each["connection"]) for each in answers]
        for person in people:
            headers = {"Authorization": f"Bearer {person.token}"}
            profile = web.get(f"{node.api}users.profile.get", headers=headers).json()["profile"]
            assert web.get(profile["image_512"]).status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize("delay_s", ["0", "1"])
def test_what_a_single_node_accepted_is_answered(tmp_path: Path, delay_s: str) -> None:
    """No reader is cut off between connection and answer, on kept connections or on new ones."""
    asked, answered = Counter[int](), Counter[int]()
    over = threading.Event()

    def read(number: int, url: str) -> None:
        with web.Client() as client:
            while not over.is_set():
                asked[number] += 1
                try:
                    assert client.get(url).status_code == 200
                except httpx.ConnectError:
                    # Nobody accepted it, so nobody owes an answer.
                    asked[number] -= 1
                    return
                answered[number] += 1

    with LiveServer(tmp_path, {"SHUTDOWN_DELAY_S": delay_s}) as node:
        photo = sit(node, add_person(node)).profile["image_72"]
        with ThreadPoolExecutor(8) as pool:
            jobs = [pool.submit(read, number, photo) for number in range(8)]
            wait_until(lambda: answered.total() > 100)
            restart(node)
            over.set()
            for job in jobs:
                job.result()
    print(asked.total())  # noqa: T201 - See above.
    assert asked == answered
