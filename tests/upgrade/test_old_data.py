"""A data folder of an earlier version works: every photo as before, and what it lacked is made."""

import hashlib
import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from likeness.db import open_database
from likeness.model import Source
from likeness.precedence import Kept, Offer, Policy, Standing, judge
from support import web
from support.commands import CommandLine
from support.live import LiveServer
from support.pictures import opened

PACKED: Final = Path(__file__).with_name("old_data.tar.xz")
REMADE: Final = {"square": 800, "wide": 640, "clear": 600, "moving": 520}
"""The side of the square that each photo lacked. That of `cut` nobody knows."""

BETWEEN_PX: Final = 100
"""A side that no version stores, and that is made when it is asked for."""


@dataclass(frozen=True)
class OldFolder:
    """A copy of the old folder, what was in it, and what its version answered."""

    data: Path
    files: dict[str, bytes]
    answers: dict[str, Any]

    @property
    def cli(self) -> CommandLine:
        """Today's verbs for it."""
        return CommandLine(self.data)


@pytest.fixture
def old(tmp_path: Path) -> OldFolder:
    """Unpacked for one test."""
    with tarfile.open(PACKED) as archive:
        archive.extractall(tmp_path, filter="data")
    blobs = tmp_path / "data" / "blobs"
    files = {
        str(path.relative_to(blobs)): path.read_bytes()
        for path in blobs.rglob("*")
        if path.is_file()
    }
    return OldFolder(tmp_path / "data", files, json.loads((tmp_path / "answers.json").read_text()))


@pytest.fixture
def upgraded(old: OldFolder) -> Iterator[LiveServer]:
    """Today's service for it."""
    with LiveServer(old.data, {"RATE_LIMITS": "off"}) as live:
        yield live


def profile(server: LiveServer, old: OldFolder, whose: str) -> dict[str, str]:
    """The addresses of somebody's photo, without that of the service, by a token of then."""
    reply = web.get(
        f"{server.api}users.lookupByEmail",
        params={"email": f"{whose}@example.org"},
        headers={"Authorization": f"Bearer {old.answers['token']}"},
    ).json()
    assert reply["ok"], reply
    found = reply["user"]["profile"].items()
    return {key: url.removeprefix(server.url) for key, url in found if key.startswith("image_")}


def assert_as_before(server: LiveServer, old: OldFolder) -> None:
    """Each file at its own address, and each photo by the hash of an e-mail address."""
    assert old.files
    for key, data in old.files.items():
        reply = web.get(f"{server.url}/{key}")
        assert (reply.status_code, reply.content) == (httpx.codes.OK, data), key
    for path, digest in old.answers["by_hash"].items():
        shown = web.get(server.url + path).content
        assert hashlib.sha256(shown).hexdigest() == digest, path
        between = web.get(server.url + path.partition("?")[0], params={"s": BETWEEN_PX}).content
        assert opened(between).size == (BETWEEN_PX, BETWEEN_PX), path


def test_every_photo_is_answered_as_before(old: OldFolder, upgraded: LiveServer) -> None:
    """The same bytes at the same addresses, which the same token is told."""
    assert_as_before(upgraded, old)
    for whose, before in old.answers["profiles"].items():
        assert profile(upgraded, old, whose).items() >= before.items()


def test_what_photos_lacked_is_made(old: OldFolder) -> None:
    """By `photo remake`; what was there stays as it is, also for who looks at it."""
    assert old.cli.run("migrate").exit_code == 0
    assert old.cli.json("check", "--deep")["ok"]

    report = old.cli.json("photo", "remake")

    outcomes = {"complete": 0, "remade": len(REMADE), "cut": 1, "broken": 0}
    assert {key: report[key] for key in outcomes} == outcomes
    assert old.cli.json("check", "--deep")["ok"]
    with LiveServer(old.data, {"RATE_LIMITS": "off"}) as server:
        assert_as_before(server, old)
        for whose, side in REMADE.items():
            largest = web.get(server.url + profile(server, old, whose)["image_1024"]).content
            assert opened(largest).size == (side, side)
        cut = old.answers["profiles"]["cut"]
        assert profile(server, old, "cut").items() >= cut.items()


def test_every_photo_is_its_persons_own_choice(old: OldFolder) -> None:
    """So that no import replaces it, unless it is told to replace those too."""
    assert old.cli.run("migrate").exit_code == 0
    database = open_database(f"sqlite:///{old.data}/likeness.db")
    [team] = database.teams()
    people = database.users_page(team.id, "", len(old.answers["profiles"]) + 1)
    database.close()

    assert {person.name for person in people} >= set(old.answers["profiles"])
    for person in people:
        assert judge(Standing.of(person), Offer(Source.IMPORT)) is Kept.OWN
        assert judge(Standing.of(person), Offer(Source.IMPORT, Policy.ALWAYS)) is None


def test_a_check_asks_for_nothing_else(old: OldFolder) -> None:
    """Not even a migration by hand: any verb does it."""
    assert old.cli.json("check", "--deep", "--repair")["ok"]


def test_a_verb_says_that_it_brought_the_tables_up_to_date(old: OldFolder) -> None:
    """Once, beside its answer: whoever only wanted a list may have wanted to keep a copy first."""
    first, second = (old.cli.run("user", "list", "--json") for _ in range(2))

    assert "the tables were at revision 0004; now they are up to date" in first.stderr
    assert json.loads(first.stdout) == json.loads(second.stdout)
    assert "revision" not in second.stderr
