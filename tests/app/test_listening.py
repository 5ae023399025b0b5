"""From the database of others to the door of photos."""

from collections.abc import Callable
from pathlib import Path

import pytest

from likeness.app.listening import CHANGES, HEARS, listen
from likeness.avatars.by_hash import HashRules
from likeness.avatars.door import Avatars
from likeness.db import open_database
from likeness.figures import Sheet
from support.patience import until
from support.postgres import PostgresServer
from support.rows import team, user
from support.studio import Studio, studio

pytestmark = pytest.mark.anyio


async def nobody(*_: object) -> None:
    """Whoever is behind the door."""


def entrance(work: Studio) -> Avatars:
    """The door by itself."""
    rules = HashRules()
    delivery = work.service.delivery
    return Avatars(
        delivery, nobody, photo_url="http://photos", rules=rules, photo_cache_bytes_max=0
    )


async def test_figures_say_whether_others_are_heard(
    tmp_path: Path, server_of: Callable[[str], PostgresServer]
) -> None:
    """And how much there was to hear."""
    async with studio(tmp_path) as work:
        door = entrance(work)
        database = server_of("debian").open_emptied()
        sheet = Sheet.alone(CHANGES, HEARS)
        listener = listen(open_database(database.url), [door.changed], door.told, sheet)
        assert listener
        await until(lambda: bool(sheet.get(HEARS)))

        database.add_team(team())
        database.add_user(user())
        await until(lambda: sheet.get(CHANGES) > 0)

        listener.stop()
        database.close()


async def test_with_a_file_there_is_nothing_to_hear(tmp_path: Path) -> None:
    """Every process looks for itself, each second."""
    async with studio(tmp_path) as work:
        door = entrance(work)

        assert listen(work.service.database, [], door.told, Sheet.alone(HEARS)) is None
