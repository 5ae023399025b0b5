"""Several machines on one PostgreSQL and one store: what one of them did, all show soon."""

import itertools
import math
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import pytest

from likeness.avatars.door import HEARD_LIFE_S
from support import cluster, web
from support.live import LiveServer, Person, add_person
from support.patience import PATIENCE_S, wait_until
from support.pictures import jpeg
from support.postgres import PostgresServer, postgres_server
from support.reading import fetch
from support.sitter import sha256_of

SHOWN_S_MAX: Final = HEARD_LIFE_S / 2
"""Where changes are told, what a node remembers would end by itself after twice this time; whatever
shows before was told. It takes a tenth of a second, and more on a busy machine."""


def node(folder: Path, name: str, database: str, **settings: str) -> LiveServer:
    """One machine: a data folder of its own, and the database and store that all have."""
    blobs = (folder / "photos").as_uri()
    return cluster.node(folder, name, database, {"BLOBS": blobs, **settings})


@pytest.fixture
def database(server_of: Callable[[str], PostgresServer]) -> str:
    """The URL of an empty database."""
    return server_of("debian").new_database()


@pytest.fixture
def nodes(tmp_path: Path, database: str) -> Iterator[list[LiveServer]]:
    """Two of them, running."""
    with ExitStack() as running:
        yield [running.enter_context(node(tmp_path, name, database)) for name in ("one", "two")]


def call(
    server: LiveServer, person: Person, method: str, image: bytes = b"", **data: str
) -> dict[str, Any]:
    """The answer to a call."""
    answer: dict[str, Any] = web.post(
        server.api + method,
        data=data,
        files={"image": image} if image else None,
        headers={"Authorization": f"Bearer {person.token}"},
    ).json()
    return answer


def assert_soon(is_so: Callable[[], bool]) -> None:
    """It is so before it would be so untold."""
    deadline = time.monotonic() + SHOWN_S_MAX
    wait_until(is_so)
    assert time.monotonic() < deadline


def test_what_one_node_did_all_are_told(nodes: list[LiveServer]) -> None:
    """A first photo where there was none, others, and none again, by URL and by hash."""
    here, there = nodes
    ada = add_person(here)
    by_hash = f"{there.url}/avatar/{sha256_of(ada.user.email)}?s=72&d=404"
    assert fetch(by_hash).status_code == 404

    first = call(here, ada, "users.setPhoto", jpeg(seed=1))
    assert_soon(lambda: fetch(by_hash).status_code == 200)
    before = fetch(by_hash).headers["etag"]
    cut = {"crop_x": "0", "crop_y": "0", "crop_w": "400"}
    photos = [call(here, ada, "users.setPhoto", jpeg(seed=2), **crop) for crop in (cut, {})]
    assert_soon(lambda: fetch(by_hash).headers["etag"] != before)
    staged = call(here, ada, "users.preparePhoto", jpeg(seed=2))["url"]
    urls = [*(each["profile"]["image_72"] for each in photos), staged]
    elsewhere = [url.replace(here.url, there.url) for url in urls]
    assert [200] * 3 == [fetch(url).status_code for url in elsewhere]
    call(here, ada, "users.deletePhoto")

    assert first["ok"]
    assert_soon(lambda: fetch(by_hash).status_code == 404)
    assert_soon(lambda: {404} == {fetch(url).status_code for url in elsewhere})


@pytest.mark.slow
def test_of_somebody_who_is_erased_all_nodes_are_told(nodes: list[LiveServer]) -> None:
    """By an operator, in a process that is none of theirs."""
    here, there = nodes
    ada = add_person(here)
    profile = call(here, ada, "users.setPhoto", jpeg(seed=1))["profile"]
    by_hash = f"/avatar/{sha256_of(ada.user.email)}?s=72&d=404"
    paths = [by_hash, profile["image_72"].removeprefix(here.url)]
    urls = [each.url + path for each in nodes for path in paths]
    assert_soon(lambda: {200} == {fetch(url).status_code for url in urls})

    words = ["user", "erase", ada.user.email, "--yes"]
    verb = [sys.executable, "-m", "likeness", *words]
    subprocess.run(verb, env=there.environment, capture_output=True, check=True)

    assert_soon(lambda: {404} == {fetch(url).status_code for url in urls})
    assert call(here, ada, "auth.test")["error"] == "invalid_auth"


@pytest.mark.slow
def test_of_two_who_become_one_all_nodes_are_told(nodes: list[LiveServer]) -> None:
    """Both addresses lead to the photo that only one of them had, and so do those of the other."""
    here, there = nodes
    ada, byron = add_person(here), add_person(here, "ada.byron@example.org")
    first, second = (
        call(here, ada, "users.setPhoto", jpeg(seed=seed))["profile"] for seed in (1, 2)
    )
    hashes = [f"/avatar/{sha256_of(each.user.email)}?s=72&d=404" for each in (ada, byron)]
    urls = [each.url + path for each in nodes for path in hashes]
    assert_soon(lambda: [200, 404] * 2 == [fetch(url).status_code for url in urls])

    words = ["user", "merge", ada.user.email, byron.user.email]
    verb = [sys.executable, "-m", "likeness", *words]
    subprocess.run(verb, env=there.environment, capture_output=True, check=True)

    assert_soon(lambda: [200] * 4 == [fetch(url).status_code for url in urls])
    assert 1 == len({fetch(url).headers["etag"] for url in urls})
    assert [200] * 2 == [fetch(each["image_72"]).status_code for each in (first, second)]
    told = call(there, byron, "users.profile.get")["profile"]["image_72"]
    assert second["image_72"].removeprefix(here.url) == told.removeprefix(there.url)
    assert call(there, ada, "auth.test")["error"] == "invalid_auth"


@pytest.mark.slow
def test_a_photo_is_prepared_on_one_node_and_set_on_another(nodes: list[LiveServer]) -> None:
    """And tokens, limits and people are those of all."""
    here, there = nodes
    ada = add_person(here)

    staged = call(here, ada, "users.preparePhoto", jpeg(2000, 1500))
    answer = call(there, ada, "users.setPhoto", id=staged["id"])

    assert answer["ok"], answer
    assert call(here, ada, "users.profile.get")["profile"] == {
        **call(there, ada, "users.profile.get")["profile"],
        **{
            key: url.replace(there.url, here.url)
            for key, url in answer["profile"].items()
            if key.startswith("image_")
        },
    }
    call(here, ada, "auth.revoke")
    assert call(there, ada, "auth.test")["error"] == "token_revoked"


@pytest.mark.slow
def test_limits_are_those_of_all_nodes_together(tmp_path: Path, database: str) -> None:
    """Slack's 20 calls a minute, wherever they arrive."""
    with ExitStack() as running:
        nodes = [
            running.enter_context(node(tmp_path, name, database, RATE_LIMITS="on"))
            for name in ("one", "two")
        ]
        ada = add_person(nodes[0])
        headers = {"Authorization": f"Bearer {ada.token}"}

        began, allowed = time.monotonic(), 0
        for turn in itertools.count():
            reply = web.post(f"{nodes[turn % 2].api}users.deletePhoto", headers=headers)
            if reply.status_code == 429:
                break
            allowed += 1
        regained = math.ceil((time.monotonic() - began) / 3)

    assert 20 <= allowed <= 20 + regained


@pytest.mark.slow
def test_a_node_with_another_key_is_told_so(tmp_path: Path, database: str) -> None:
    """Before it gives out tokens that the others do not know."""
    with node(tmp_path, "one", database):
        stranger = node(tmp_path, "two", database, SECRET_KEY="l" * 32)
        run = subprocess.run(
            [sys.executable, "-m", "likeness", "serve"],
            env=stranger.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_S,
        )

    assert run.returncode == 1
    assert "LIKENESS_SECRET_KEY" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.slow
def test_nodes_that_start_together_make_the_tables_once(tmp_path: Path, database: str) -> None:
    """Whichever comes first; the others wait for it."""
    starting = [node(tmp_path, f"node-{number}", database) for number in range(3)]
    with ExitStack() as running:
        for each in starting:
            running.callback(each.stop)
            each.begin()
        for each in starting:
            each._wait_until_ready()

        assert add_person(starting[0]).token


@pytest.mark.slow
def test_a_start_waits_for_its_database(tmp_path: Path) -> None:
    """As when a whole machine comes up: PostgreSQL may take longer than we do."""
    with postgres_server("debian") as server, ExitStack() as running:
        database = server.new_database()
        server.stop()
        late = node(tmp_path, "late", database)
        running.callback(late.stop)
        late.begin()
        wait_until(lambda: "waiting_for_the_database" in late.log(), late.log)

        server.start()

        late._wait_until_ready()
