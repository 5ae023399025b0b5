"""Copies while everything dies: nothing is lost, and what comes twice has the same id."""

import random
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest

from likeness.copies import Copies
from likeness.db import Database
from likeness.elsewhere import CopyState, Result, Target
from likeness.model import Photo
from likeness.targets.port import News, Picture, Wants
from support import web
from support.cluster import kill, node
from support.holders import Ear
from support.live import LiveServer, Person, add_person
from support.patience import wait_until
from support.pictures import jpeg
from support.postgres import PostgresServer
from support.rows import NOW, photo, team, user
from support.tables import open_with_tables
from support.webhook_server import Told, webhook_server

KILLS = 1000
PEOPLE = 8
ROUNDS = 6
"""Of real kills, two nodes in each, on each kind of database."""

SEED = 20261129


class Killed(BaseException):
    """The process is gone, from one step to the next."""


class Dying(Ear):
    """A receiver whose teller may die before the request or after it."""

    dies = ""

    async def tell(self, news: News) -> str:
        """As it is, unless somebody dies."""
        if self.dies == "before the request":
            raise Killed
        said = await super().tell(news)
        if self.dies == "before the settling":
            raise Killed
        return said


class DyingDatabase:
    """The database of a process that dies right before one of its statements."""

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self._name = name

    def __getattr__(self, name: str) -> Any:
        def die(*_: Any, **__: Any) -> None:
            raise Killed

        return die if name == self._name else getattr(self._database, name)


@pytest.fixture(params=["sqlite", "debian"])
def database(
    request: pytest.FixtureRequest, tmp_path: Path, server_of: Callable[[str], PostgresServer]
) -> Iterator[Database]:
    """With a target and some people."""
    if request.param == "sqlite":
        opened = open_with_tables(tmp_path / "likeness.db")
    else:
        opened = server_of(request.param).open_emptied()
    opened.add_team(team())
    for number in range(PEOPLE):
        opened.add_user(user(number))
    opened.add_target(Target("tg1", "hook", "webhook", "https://h.example.org/", NOW))
    yield opened
    opened.close()


async def _no_picture(_photo: Photo, _wants: Wants) -> Picture:
    raise AssertionError("a receiver is given none")


@pytest.mark.slow
@pytest.mark.anyio
async def test_a_thousand_deaths_between_any_two_steps_lose_nothing(database: Database) -> None:
    """Three nodes share the work; each round one of them dies somewhere, and its lease ends."""
    chance = random.Random(SEED)
    ear, now = Dying(), NOW
    [target] = database.targets()
    points = ["after the lease", "before the request", "before the settling", *_STATEMENTS]
    for round_ in range(KILLS):
        _change(database, chance, round_)
        where = points[round_ % len(points)]
        for is_dying in (True, False):
            dying = DyingDatabase(database, where) if is_dying else database
            ear.dies = where if is_dying else ""
            clock = partial(_the, now)
            copies = Copies(cast("Database", dying), _no_picture, clock)
            leased = database.lease_copies("tg1", now, now + timedelta(minutes=1), 3)
            if is_dying and where == "after the lease":
                leased = []
            await _until_death([partial(copies.bring, target, ear, copy) for copy in leased])
        now += timedelta(seconds=61)
    ear.dies = ""
    copies = Copies(database, _no_picture, lambda: now)
    for _ in range(10):
        now += timedelta(seconds=61)
        for copy in database.lease_copies("tg1", now, now + timedelta(minutes=1), 99):
            assert await copies.bring(target, ear, copy) in {Result.DONE, Result.UNCHANGED}

    _see_that_all_is_there(database, ear)


_STATEMENTS = ("begin_copy", "settle_copy", "add_delivery", "users_among")


def _the(moment: datetime) -> datetime:
    return moment


async def _until_death(steps: list[Callable[[], Awaitable[Result]]]) -> None:
    """Run them until one dies."""
    try:
        for step in steps:
            await step()
    except Killed:
        pass


def _change(database: Database, chance: random.Random, round_: int) -> None:
    """One change of somebody's, of any kind."""
    who = user(chance.randrange(PEOPLE)).id
    at = NOW + timedelta(seconds=round_)
    if chance.random() < 0.3:
        database.delete_photo(who, at)
    elif chance.random() < 0.2:
        database.set_listed(who, at, is_listed=chance.random() < 0.5)
    else:
        secret = f"{round_:020x}"
        database.set_photo(photo(user_id=who, secret=secret[::-1], set_at=at))


def _see_that_all_is_there(database: Database, ear: Ear) -> None:
    """Every person as they are now, by what was heard last; equal ids told equal states."""
    by_id: dict[str, set[str | None]] = {}
    last: dict[str, str | None] = {}
    for news in ear.heard:
        shown = news.photo.avatar_hash if news.photo else None
        by_id.setdefault(news.message_id, set()).add(shown)
        last[news.user_id] = shown
    for number in range(PEOPLE):
        person = database.users_among([user(number).id])[user(number).id]
        shows = person.photo.avatar_hash if person.photo and person.is_listed else None
        assert last.get(person.id) == shows
        for copy in database.copies_of_user(person.id):
            assert (copy.state, copy.shown or None) == (CopyState.CURRENT, shows)
    assert len(ear.heard) - len(by_id) < KILLS


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "debian"])
def test_three_nodes_that_are_killed_lose_nothing(
    kind: str, tmp_path: Path, server_of: Callable[[str], PostgresServer]
) -> None:
    """Kill -9 of all processes of one after the other, while photos change."""
    settings = {"TARGET_NETWORKS": "127.0.0.0/8"}
    folder = tmp_path / "files"
    url = (
        f"sqlite:///{tmp_path}/likeness.db"
        if kind == "sqlite"
        else server_of("debian").new_database()
    )
    settings["BLOBS"] = f"file://{folder}"
    with webhook_server() as told, ExitStack() as up:
        nodes = [node(tmp_path, f"node-{number}", url, settings) for number in range(3)]
        for each in nodes:
            up.enter_context(each)
        people = [add_person(nodes[0], f"p{number}@example.org") for number in range(4)]
        _aim(nodes[0], told)
        hashes = _change_while_killing(nodes, people)
        wait_until(lambda: _last_of(told) == hashes, lambda: f"{_last_of(told)} {hashes}")
        _see_equal_ids(told)


def _aim(server: LiveServer, told: Told) -> None:
    words = ["target", "add", "webhook", "hook", "--url", told.url]
    subprocess.run(
        [sys.executable, "-m", "likeness", *words],
        env=server.environment,
        check=True,
        capture_output=True,
    )


def _change_while_killing(nodes: list[LiveServer], people: list[Person]) -> dict[str, str]:
    """The avatar_hash that each person has in the end."""
    chance = random.Random(SEED)
    hashes = dict[str, str]()
    for round_ in range(ROUNDS):
        alive = [each for each in nodes if each.process]
        for person in chance.sample(people, 2):
            answer = web.post(
                alive[round_ % len(alive)].api + "users.setPhoto",
                headers={"Authorization": f"Bearer {person.token}"},
                files={"image": jpeg(512, 512, round_)},
            ).json()
            assert answer["ok"], answer
            hashes[person.user.id] = answer["profile"]["avatar_hash"]
        time.sleep(chance.random() * 0.3)
        victims = [each for number, each in enumerate(nodes) if number != round_ % 3]
        for victim in victims:
            kill(victim)
            victim.begin()
        for victim in victims:
            victim._wait_until_ready()
    return hashes


def _last_of(told: Told) -> dict[str, str]:
    """What the receiver has of each person, by the highest version."""
    newest: dict[str, tuple[int, str]] = {}
    for message in told.messages:
        data = message["data"]
        mine = (data["version"], data["photo"]["avatar_hash"])
        newest[data["user"]["id"]] = max(mine, newest.get(data["user"]["id"], (0, "")))
    return {user_id: shown for user_id, (_, shown) in newest.items()}


def _see_equal_ids(told: Told) -> None:
    """Two messages of one id are of one version."""
    versions: dict[str, set[int]] = {}
    for message, headers in zip(told.messages, told.headers[1:], strict=True):
        versions.setdefault(headers["webhook-id"], set()).add(message["data"]["version"])
    assert all(len(each) == 1 for each in versions.values())
