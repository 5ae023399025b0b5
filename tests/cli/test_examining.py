"""What is found on bad days: each check for itself, without waiting, and nothing changed by it."""

import os
import socket
import subprocess
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest
from sqlalchemy import text

from likeness.app.preparing import prepare_alone
from likeness.cli import examining
from likeness.cli.examining import examine
from likeness.cli.finding import Finding, Level, aside, finding_of
from likeness.config import Config, load
from likeness.db import Database, newest, open_database
from support.disks import fill, forbid_changes, small_disk
from support.live import free_port
from support.patience import PATIENCE_S
from support.postgres import PostgresServer, postgres_server
from support.users import NOBODY, acting_as, folder_of


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server of a test is on this machine, which may be busy."""
    monkeypatch.setattr("likeness.cli.finding.ANSWER_TIMEOUT_S", PATIENCE_S)


def settings(data: Path, **others: str) -> Config:
    """Settings with a data folder."""
    own = {f"LIKENESS_{name.upper()}": value for name, value in others.items()}
    return load({"LIKENESS_DATA": str(data), **own})


def begun(data: Path, **others: str) -> Config:
    """The settings of an installation that is there."""
    config = settings(data, **others)
    prepare_alone(config)
    (data / "blobs").mkdir(0o700, exist_ok=True)
    return config


def look(config: Config) -> dict[str, Finding]:
    """All findings by their names; nothing is made, removed or written by looking."""
    before = contents(config.data)
    findings = {finding.name: finding for finding in anyio.run(examine, config)}
    assert before == contents(config.data)
    return findings


def contents(folder: Path) -> dict[Path, Any]:
    """What is in a folder, less where a store is tried, and what SQLite keeps beside a file."""
    found = folder.rglob("*") if folder.is_dir() else [folder]
    return {
        path: path.read_bytes() if path.is_file() else None
        for path in found
        if "staged" not in path.parts and path.suffix not in {".db-wal", ".db-shm"}
    }


def sick(findings: dict[str, Finding]) -> dict[str, str]:
    """What does not work, and why."""
    return {name: each.detail for name, each in findings.items() if not each.is_well}


def test_a_new_place_is_told_and_left_empty(tmp_path: Path) -> None:
    """With a slip in the folder that is what one sees."""
    findings = look(settings(tmp_path / "new"))

    for name in ("data folder", "secret key", "database", "photo store"):
        assert findings[name].level is Level.WARN
    assert f"there is no {tmp_path / 'new'} yet" in findings["data folder"].detail
    assert not (tmp_path / "new").exists()


def test_a_server_that_is_stopped_is_one_finding_of_many(tmp_path: Path) -> None:
    """Nobody waits for it: one attempt for each thing that it is asked for, none of them again."""
    port = free_port()
    findings = look(settings(tmp_path, database=f"postgresql://127.0.0.1:{port}/x"))

    assert {"database"} == sick(findings).keys()
    assert "Connection refused. Is the server" in findings["database"].detail
    assert f"127.0.0.1:{port}/x" in findings["database"].detail
    assert "not known" in findings["clock"].detail


@pytest.mark.parametrize("setting", ["database", "blobs"])
def test_what_takes_connections_and_says_nothing_is_named(
    setting: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that hangs, or a firewall: the doctor does not wait for what others would."""
    monkeypatch.setattr("likeness.cli.finding.ANSWER_TIMEOUT_S", 0.1)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    name = "database" if setting == "database" else "photo store"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        urls = {
            "database": f"postgresql://127.0.0.1:{port}/x",
            "blobs": f"s3://bucket?endpoint=http://127.0.0.1:{port}&region=x",
        }
        found = look(settings(tmp_path, **{setting: urls[setting]}))

    assert {name} == sick(found).keys()
    assert "has not answered for" in found[name].detail
    away = setting == "database"
    assert ["not known" in found[name].detail for name in ("secret key", "clock")] == [away] * 2


def test_a_wrong_name_is_told_by_the_server(
    server_of: Callable[[str], PostgresServer], tmp_path: Path
) -> None:
    """And is no reason to try again."""
    findings = look(settings(tmp_path, database=server_of("debian").url("nosuch")))

    assert {"database"} == sick(findings).keys()
    assert '"nosuch" does not exist. Start it, or correct' in findings["database"].detail


def test_an_empty_database_on_a_server_stays_empty(
    server_of: Callable[[str], PostgresServer], tmp_path: Path
) -> None:
    """A new version's doctor would migrate production otherwise."""
    config = settings(tmp_path, database=server_of("debian").new_database())

    findings = look(config)

    assert findings["database"].level is Level.WARN
    assert "it is empty" in findings["database"].detail
    with closing(open_database(config.database_url)) as database:
        assert "" == database.revision()


@dataclass(frozen=True)
class Revised:
    """A database at another revision than this program's."""

    revision: str
    told: str


@pytest.mark.parametrize(
    "case",
    [
        Revised("0003", f"revision 0003, 0 workspaces; {newest()} is needed"),
        Revised("9999", "it was used by a newer program"),
    ],
    ids=["older", "newer"],
)
def test_another_revision_is_told_and_kept(tmp_path: Path, case: Revised) -> None:
    """What to do with an older one is said; a newer one was made by a newer program."""
    config = begun(tmp_path)
    with closing(open_database(config.database_url)) as database, database._write() as connection:
        connection.execute(
            text("UPDATE alembic_version SET version_num = :to"), {"to": case.revision}
        )

    findings = look(config)

    assert findings["database"].level is Level.WARN
    assert case.told in findings["database"].detail
    with closing(open_database(config.database_url)) as database:
        assert case.revision == database.revision()


def test_a_full_disk_is_found_before_the_database(tmp_path: Path) -> None:
    """Each place is named with what is left; picture processes and walls are well."""
    with small_disk(tmp_path / "disk", 2**20) as disk:
        config = begun(disk)
        fill(disk)

        found = sick(look(config))

    assert ["data folder", "database", "photo store"] == list(found)
    assert "has 0 bytes left" in found["data folder"]
    assert "nothing can be changed: the disk of" in found["database"]
    assert "No space left" in found["photo store"]


def test_a_read_only_disk_is_named_in_each_place(tmp_path: Path) -> None:
    """The database can be read: its revision is told."""
    with small_disk(tmp_path / "disk", 2**20) as disk:
        config = begun(disk)
        forbid_changes(disk)

        found = sick(look(config))

    assert ["data folder", "database", "photo store"] == list(found)
    assert all("is mounted read-only" in reason for reason in found.values())
    assert f"revision {newest()}" in found["database"]


def test_files_of_somebody_else_are_named_with_their_owner(public_path: Path) -> None:
    """Key, database and photos, each with what to do."""
    folder = folder_of(NOBODY, public_path / "theirs")
    config = begun(folder)
    anyio.run(examine, config)  # Whatever is imported late is so by now.
    for name in ("secret.key", "likeness.db", "blobs"):
        os.chown(folder / name, 0, 0)

    with acting_as(NOBODY):
        findings = {finding.name: finding for finding in anyio.run(examine, config)}

    for name, path in (("secret key", "secret.key"), ("database", "likeness.db")):
        assert f"{folder / path} belongs to root (0) with mode 600" in findings[name].detail
        assert f"chown {NOBODY} {folder / path}" in findings[name].detail
    assert f"{folder / 'blobs'} belongs to root (0)" in findings["photo store"].detail


def test_a_file_where_the_folder_should_be_is_told_with_the_setting(tmp_path: Path) -> None:
    """Everything that belongs in it is sick too; the rest is well."""
    (tmp_path / "file").touch()

    found = sick(look(settings(tmp_path / "file")))

    assert {"data folder", "secret key", "database", "photo store"} == found.keys()
    assert "LIKENESS_DATA" in found["data folder"]


def test_what_is_no_database_is_told(tmp_path: Path) -> None:
    """A letter, where there should be rows."""
    (tmp_path / "likeness.db").write_bytes(b"Dear Sir or Madam, " * 500)

    assert "file is not a database" in sick(look(settings(tmp_path)))["database"]


def test_a_key_before_is_told_until_it_is_taken_away(tmp_path: Path) -> None:
    """Before the start that makes the new one, and afterwards."""
    begun(tmp_path)
    (tmp_path / "secret.key").rename(tmp_path / "secret.key.old")

    before = look(settings(tmp_path))["secret key"]
    prepare_alone(settings(tmp_path))
    after = look(settings(tmp_path))["secret key"]

    assert (before.level, after.level) == (Level.WARN, Level.OK)
    assert "a start goes on" in before.detail
    assert "tokens of the one before it are accepted as well" in after.detail


def test_another_key_is_told_with_where_it_came_from(tmp_path: Path) -> None:
    """And one that is missing, beside a database that had one."""
    begun(tmp_path)
    wrong = look(settings(tmp_path, secret_key="l" * 32))
    (tmp_path / "secret.key").unlink()
    missing = look(settings(tmp_path))

    assert "than that of LIKENESS_SECRET_KEY" in sick(wrong)["secret key"]
    assert f"there is no {tmp_path / 'secret.key'}" in sick(missing)["secret key"]
    assert not (tmp_path / "secret.key").exists()


@pytest.mark.parametrize("name", ["likeness.db", "faces.sqlite"])
def test_what_everybody_can_read_is_told_with_what_closes_it(tmp_path: Path, name: str) -> None:
    """As a command that can be copied; afterwards nothing is told."""
    file = tmp_path / "data" / name
    config = begun(tmp_path / "data", database=f"sqlite:///{file}")
    for path in (tmp_path / "data", file):
        path.chmod(path.stat().st_mode | 0o055)

    finding = look(config)["data folder"]
    command = finding.detail.partition("too: ")[2]
    subprocess.run(command, shell=True, check=True)  # noqa: S602 - It is to be copied into a shell.

    assert finding.level is Level.WARN
    assert f"chmod 700 {tmp_path / 'data'} && chmod 600 {file}*" in command
    assert look(config)["data folder"].level is Level.OK


def test_what_a_group_may_read_is_told_and_no_warning(tmp_path: Path) -> None:
    """Somebody wanted it so."""
    config = begun(tmp_path / "data")
    (tmp_path / "data").chmod(0o750)

    finding = look(config)["data folder"]

    assert finding.level is Level.OK
    assert finding.detail.endswith("open to the group root")


@pytest.mark.parametrize(("bits", "level"), [(0o755, Level.WARN), (0o750, Level.OK)])
def test_a_store_elsewhere_may_be_open_to_a_web_server(
    tmp_path: Path, bits: int, level: Level
) -> None:
    """To its group; to the world it is told, since prepared pictures are there too."""
    photos = tmp_path / "photos"
    photos.mkdir()
    photos.chmod(bits)
    config = begun(tmp_path / "data", blobs=photos.as_uri())

    finding = look(config)["photo store"]

    assert level is finding.level
    assert (f"chmod 700 {photos}" in finding.detail) is (level is Level.WARN)


@pytest.mark.parametrize("is_writable", [True, False])
def test_a_store_is_tried_and_left_as_it_was(tmp_path: Path, is_writable: bool) -> None:
    """It must take, give back, list and forget."""
    with small_disk(tmp_path / "disk", 2**20) as disk:
        (disk / "photos").mkdir(0o700)
        config = begun(tmp_path / "data", blobs=(disk / "photos").as_uri())
        if not is_writable:
            fill(disk)
        findings = look(config)
        left = [path for path in (disk / "photos").rglob("*") if path.is_file()]

    assert is_writable is findings["photo store"].is_well
    assert left == []


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_addresses_that_lead_nowhere_are_sick(tmp_path: Path, host: str) -> None:
    """Every photo would have one."""
    config = begun(tmp_path, host=host)

    assert "LIKENESS_PUBLIC_URL" in sick(look(config))["public address"]


def test_an_address_for_photos_is_shown_beside_the_other(tmp_path: Path) -> None:
    """As people will see them."""
    config = begun(tmp_path, public_url="HTTPS://Photos.example:443", cdn_url="https://cdn.test/a/")

    shown = look(config)["public address"].detail

    assert "https://photos.example, photos below https://cdn.test/a" == shown


def test_a_clock_that_is_wrong_is_sick(
    server_of: Callable[[str], PostgresServer], tmp_path: Path
) -> None:
    """Three days here, beside a database that is in time."""
    config = begun(tmp_path, database=server_of("debian").new_database())
    assert "within 0." in look(config)["clock"].detail

    class Tomorrow(Database):
        """A server of another time."""

        def now(self) -> datetime:
            return datetime.now(UTC) + timedelta(days=3)

    with closing(Tomorrow(config.database_url)) as database:
        finding = anyio.run(finding_of, "clock", aside(examining._Rows(config, database).clock))

    assert not finding.is_well
    assert "Run NTP" in finding.detail


def test_a_server_that_takes_no_changes_is_sick(tmp_path: Path) -> None:
    """A standby, which can be read."""
    with postgres_server("debian") as server:
        config = begun(tmp_path, database=server.new_database())
        server.ask("ALTER SYSTEM SET default_transaction_read_only = on")
        server.ask("SELECT pg_reload_conf()")

        found = sick(look(config))

    assert "takes no changes" in found["database"]


def test_when_no_picture_process_starts_the_walls_are_not_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The true reason is told: here, a Python that this user may not run."""
    (tmp_path / "python").touch(0o600)
    monkeypatch.setattr("likeness.imaging.pool.spawner._COMMAND", (str(tmp_path / "python"),))

    findings = look(begun(tmp_path / "data"))

    assert {"picture processes"} == sick(findings).keys()
    assert "Permission denied" in findings["picture processes"].detail
    assert findings["sandbox"].level is Level.WARN
    assert findings["sandbox"].detail.startswith("not known")


def test_a_node_that_keeps_nothing_needs_no_folder(
    server_of: Callable[[str], PostgresServer], tmp_path: Path
) -> None:
    """Whatever its settings say of one."""
    photos = tmp_path / "photos"
    photos.mkdir(0o700)
    config = begun(
        tmp_path,
        database=server_of("debian").new_database(),
        blobs=photos.as_uri(),
        secret_key="k" * 32,
    )

    findings = look(config.model_copy(update={"data": Path("/nowhere/at/all")}))

    assert {} == sick(findings)
    assert "none is needed" in findings["data folder"].detail
    assert "LIKENESS_SECRET_KEY" == findings["secret key"].detail
