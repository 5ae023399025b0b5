"""What one process changes, another one hears: when it is true, once, and about whom."""

import itertools
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from queue import Queue
from typing import Final

import pytest
from sqlalchemy import insert
from structlog.testing import capture_logs

from likeness.db import Database, open_database
from likeness.db.rows import photo_values
from likeness.db.schema import photos
from likeness.model import NOBODY, Address, Change
from support.patience import PATIENCE_S
from support.postgres import PostgresServer, postgres_server
from support.rows import NOW, at, photo, team, user

_numbers: Final = itertools.count(9000)
ENDED: Final = {"state": "replaced", "ended_at": NOW, "purged_at": None}


class Ear:
    """Somebody who listens to a database, in a process of their own for all it matters."""

    def __init__(self, url: str) -> None:
        self.heard: Queue[Change] = Queue()
        self.links: Queue[bool] = Queue()
        self.database = open_database(url)
        listener = self.database.listen(self.heard.put, self.links.put)
        assert listener
        self.listener = listener
        assert self.links.get(timeout=PATIENCE_S)

    def next(self) -> set[str]:
        """The subjects of the next change."""
        return set(self.heard.get(timeout=PATIENCE_S).subjects)

    def hears_nothing(self) -> bool:
        """Whether nothing was told: the next that comes is something that happens only now."""
        newcomer = user(next(_numbers))
        self.database.add_user(newcomer)
        return self.next() == {NOBODY, newcomer.id}


@pytest.fixture
def database(server_of: Callable[[str], PostgresServer]) -> Iterator[Database]:
    """A database with a team and two of its people."""
    opened = open_database(server_of("debian").new_with_tables())
    opened.add_team(team())
    for number in (1, 2):
        opened.add_user(user(number))
    yield opened
    opened.close()


@pytest.fixture
def ear(database: Database) -> Iterator[Ear]:
    """Somebody who listens."""
    listening = Ear(database.url)
    yield listening
    listening.listener.stop()
    listening.database.close()


def test_every_change_of_a_photo_is_told(database: Database, ear: Ear) -> None:
    """With its user; with the photo where its URLs end."""
    first, second = photo(), photo(set_at=at(5))
    database.set_photo(first)
    database.set_photo(second)
    database.restore_photo(user().id, first.id, at(6))
    told = [ear.next() for _ in range(3)]
    database.delete_photo(user().id, at(7))
    database.mark_purged([first.id], at(8))

    assert [{user().id}] * 3 == told
    assert {user().id, str(first.id)} == ear.next()
    assert {str(first.id)} == ear.next()
    assert ear.hears_nothing()


def test_more_ends_than_one_notice_can_hold_are_told_in_several(
    database: Database, ear: Ear
) -> None:
    """Of all photos of somebody who had hundreds."""
    made = [photo(set_at=at(number)) for number in range(700)]
    with database._write() as connection:
        connection.execute(insert(photos), [photo_values(one) | ENDED for one in made])

    database.delete_photos(user().id, at(1000))
    told: set[str] = set()
    while not ear.heard.empty() or len(told) <= len(made):
        told |= ear.next()

    assert told == {user().id, *(str(one.id) for one in made)}


def test_whoever_becomes_known_or_unknown_is_told(database: Database, ear: Ear) -> None:
    """Others may remember that nobody has this hash."""
    mine = Address(team().id, user().id, "ada@example.org", "ada@example.org", NOW)
    changes: list[tuple[Callable[[], None], set[str]]] = [
        (lambda: database.add_user(user(3)), {NOBODY, user(3).id}),
        (lambda: database.add_address(mine), {NOBODY, user().id}),
        (lambda: database.remove_address(mine, NOW), {user().id}),
        (lambda: database.set_listed(user().id, NOW, is_listed=False), {NOBODY, user().id}),
        (lambda: database.deactivate_user(user().id, NOW), {user().id}),
        (lambda: database.reactivate_user(user().id, NOW), {NOBODY, user().id}),
        (lambda: database.rename_user(user().id, "Ada", NOW), {NOBODY, user().id}),
        (lambda: database.change_email(user(), mine, forgets=True), {NOBODY, user().id}),
        (lambda: database.deactivate_team(team().id, NOW), set()),
    ]
    for change, subjects in changes:
        change()
        assert subjects == ear.next()


def test_those_who_share_an_address_are_told_of_together(database: Database, ear: Ear) -> None:
    """The hash leads to whoever of them set a photo last."""
    database.add_team(team(2))
    twin = user(3, team_id=team(2).id, email=user(1).email)
    database.add_user(twin)
    assert {NOBODY, twin.id, user(1).id} == ear.next()

    database.set_photo(photo(user_id=twin.id))

    assert {twin.id, user(1).id} == ear.next()


def test_what_did_not_become_true_is_not_told(database: Database, ear: Ear) -> None:
    """A change that fails, or that changes nothing."""
    mine = photo()
    database.set_photo(mine)
    assert {user().id} == ear.next()

    with suppress(Exception):
        database.set_photo(mine)
    database.delete_photo(user(2).id, NOW)
    database.mark_purged([], NOW)

    assert ear.hears_nothing()


def test_whoever_reconnects_says_so() -> None:
    """What was told meanwhile is lost, so that nothing may be believed."""
    with postgres_server("debian") as server:
        ear = Ear(server.new_database())
        ear.database.migrate()
        server.stop()
        assert ear.links.get(timeout=PATIENCE_S) is False
        server.start()
        with capture_logs() as lines:
            while not ear.links.get(timeout=PATIENCE_S):
                pass
        assert "listening_again" in [line["event"] for line in lines]
        ear.database.add_team(team())
        ear.database.add_user(user())

        assert {NOBODY, user().id} == ear.next()
        ear.listener.stop()
        ear.database.close()


def test_a_server_that_stays_away_is_told_once() -> None:
    """And not at each of the attempts, which are two a second; here it hangs up on three."""
    with socket.create_server(("127.0.0.1", 0)) as refusing, capture_logs() as lines:
        url = f"postgresql://127.0.0.1:{refusing.getsockname()[1]}/x?sslmode=disable"
        listener = open_database(url).listen(lambda _: None, lambda _: None)
        assert listener
        for _ in range(3):
            refusing.accept()[0].close()
        listener.stop()

    assert ["not_listening"] == [line["event"] for line in lines]


def test_a_listener_that_is_told_to_stop_does(ear: Ear) -> None:
    """It waits for its thread; nobody has to tell it anything first."""
    ear.listener.stop()

    assert not ear.listener._thread.is_alive()


def test_a_file_tells_nobody(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Then what is remembered lives for a second."""
    folder = tmp_path_factory.mktemp("alone")
    heard: Queue[Change] = Queue()

    assert open_database(f"sqlite:///{folder}/a.db").listen(heard.put, lambda _: None) is None
