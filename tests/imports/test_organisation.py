"""A generated organisation comes in by a table and a zip, again, and goes back."""

from collections.abc import Callable
from pathlib import Path

import pytest

from likeness.db import open_database
from support.commands import CommandLine
from support.organisation import Organisation
from support.postgres import PostgresServer


def shown(cli: CommandLine) -> dict[str, bytes | None]:
    """The SHA-256 of the upload that each person shows, by their address."""
    own = cli.settings.get("LIKENESS_DATABASE")
    database = open_database(own or f"sqlite:///{cli.data / 'likeness.db'}")
    try:
        [team] = database.teams()
        ids = [each.id for each in database.team_members(team.id)]
        users = database.users_among(ids).values()
        return {each.email: each.photo.upload_digest if each.photo else None for each in users}
    finally:
        database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def cli(
    request: pytest.FixtureRequest, tmp_path: Path, server_of: Callable[[str], PostgresServer]
) -> CommandLine:
    """The command line on each database."""
    if request.param == "sqlite":
        return CommandLine(tmp_path / "data")
    url = server_of("wheel").new_database()
    return CommandLine(tmp_path / "data", {"LIKENESS_DATABASE": url})


@pytest.mark.parametrize("people", [30, pytest.param(500, marks=pytest.mark.slow)])
def test_an_organisation_comes_in_again_and_goes_back(
    cli: CommandLine, tmp_path: Path, people: int
) -> None:
    """People by the table, photos by the zip; a second run of both changes nothing."""
    cli.json("workspace", "add", "Acme")
    organisation = Organisation(tmp_path / "organisation", people).write()
    table, photos = str(organisation.table), str(organisation.zip)

    assert cli.json("user", "import", table)["counts"] == {"new": people}
    assert cli.json("user", "import", table, "--apply")["counts"] == {"new": people}
    before = shown(cli)
    assert cli.json("photo", "import", photos)["counts"] == {"new": people}
    done = cli.json("photo", "import", photos, "--apply")
    assert done["counts"] == {"new": people}
    assert shown(cli) == organisation.digests()

    assert cli.json("user", "import", table, "--apply")["counts"] == {"unchanged": people}
    again = cli.json("photo", "import", photos, "--apply")
    assert (again["counts"], again["batch"]) == ({"unchanged": people}, None)
    folder = cli.json("photo", "import", str(organisation.photos))
    assert folder["counts"] == {"unchanged": people}

    assert cli.json("photo", "undo", done["batch"])["put_back"] == people
    assert shown(cli) == before == dict.fromkeys(before)
    assert cli.run("check").exit_code == 0
