"""What has to be so before anything is served."""

import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from likeness.app.preparing import (
    OF_A_START,
    Patience,
    check_begun,
    prepare,
    prepare_alone,
    take_key,
)
from likeness.config import Config, load
from likeness.db import open_database
from likeness.errors import Mistake
from support.disks import fill, forbid_changes, small_disk
from support.live import free_port
from support.postgres import PostgresServer, postgres_server
from support.rows import NOW
from support.users import NOBODY, acting_as, folder_of, mode, owner


def settings(data: Path, **others: str) -> Config:
    """Settings with a data folder."""
    own = {f"LIKENESS_{name.upper()}": value for name, value in others.items()}
    return load({"LIKENESS_DATA": str(data), **own})


class Steps:
    """Time that goes by only where somebody waits, without anybody waiting."""

    def __init__(self, then: Callable[[int], None] = lambda _: None) -> None:
        self.taken: list[float] = []
        self._then = then

    def sleep(self, step_s: float) -> None:
        """Let time pass, and `then` happen, which is told how often somebody has waited."""
        self.taken.append(step_s)
        self._then(len(self.taken))

    def patience(self, limit_s: float = OF_A_START.limit_s) -> Patience:
        """So many seconds of it."""
        return Patience(limit_s, lambda: sum(self.taken), self.sleep)


def told(lines: list[EventDict], event: str) -> list[str]:
    """The reasons that were logged with an event."""
    return [str(line["reason"]) for line in lines if line["event"] == event]


def refusal(config: Config) -> str:
    """Why a start ends at once, without having waited for anything."""
    steps = Steps()
    with pytest.raises(Mistake) as caught:
        prepare_alone(config, patience=steps.patience())
    assert [] == steps.taken
    return str(caught.value)


def test_an_empty_folder_becomes_an_installation(tmp_path: Path) -> None:
    """With a key of its own; a second time changes nothing."""
    config = settings(tmp_path / "new")

    prepare_alone(config)
    key = (tmp_path / "new" / "secret.key").read_bytes()
    prepare_alone(config)

    assert key == (tmp_path / "new" / "secret.key").read_bytes()
    with closing(open_database(config.database_url)) as database:
        assert database.revision()
        with pytest.raises(Mistake, match="another secret key than that of LIKENESS_SECRET_KEY"):
            prepare(database, settings(tmp_path / "new", secret_key="l" * 32))


def test_another_key_is_taken_where_that_is_wanted(tmp_path: Path) -> None:
    """It is the right one from then on."""
    first, second = (settings(tmp_path, secret_key=letter * 32) for letter in "kl")
    prepare_alone(first)

    take_key(second, NOW)

    prepare_alone(second)
    with pytest.raises(Mistake):
        prepare_alone(first)


def test_no_second_key_is_made_beside_a_database_that_has_one(tmp_path: Path) -> None:
    """With a slip in the folder all tokens would end; to go on without it has to be said."""
    database = f"sqlite:///{tmp_path}/likeness.db"
    prepare_alone(settings(tmp_path / "right", database=database))
    wrong = settings(tmp_path / "wrong", database=database)

    with pytest.raises(Mistake, match=f"there is no {tmp_path / 'wrong/secret.key'}"):
        prepare_alone(wrong)
    assert not (tmp_path / "wrong/secret.key").exists()

    take_key(wrong, NOW)
    prepare_alone(wrong)


def test_a_new_key_is_made_beside_the_one_before(tmp_path: Path) -> None:
    """Where that was kept under its name; once it is gone too, the new one alone is right."""
    config, key = settings(tmp_path), tmp_path / "secret.key"
    prepare_alone(config)
    first = key.read_bytes()
    key.rename(tmp_path / "secret.key.old")

    prepare_alone(config)

    assert key.read_bytes() != first
    (tmp_path / "secret.key.old").unlink()
    prepare_alone(config)
    key.write_bytes(first)
    with pytest.raises(Mistake, match="another secret key"):
        prepare_alone(config)


def test_a_key_before_that_is_not_the_installations_lets_no_new_one_be_made(
    tmp_path: Path,
) -> None:
    """All tokens would end by it."""
    prepare_alone(settings(tmp_path))
    (tmp_path / "secret.key").unlink()
    (tmp_path / "secret.key.old").write_bytes(b"x" * 32)

    with pytest.raises(Mistake, match=r"there is no .*secret\.key"):
        prepare_alone(settings(tmp_path))


def test_a_server_that_is_not_there_yet_is_waited_for() -> None:
    """For a minute, in which it is said once; then a service manager may say that it has failed."""
    port, steps = free_port(), Steps()
    config = load({"LIKENESS_DATABASE": f"postgresql://ada:open-sesame@127.0.0.1:{port}/away"})

    with (
        closing(open_database(config.database_url)) as database,
        capture_logs() as lines,
        pytest.raises(Mistake, match=f"127.0.0.1:{port}/away cannot be used: ") as caught,
    ):
        prepare(database, config, patience=steps.patience())

    assert sum(steps.taken) == pytest.approx(60, abs=1)
    assert len(steps.taken) > 100
    assert 1 == len(told(lines, "database_away"))
    assert 2 == len(told(lines, "waiting_for_the_database")), "at once, and after a minute"
    assert "open-sesame" not in f"{lines} {caught.value}"


def test_a_server_that_comes_up_is_used(tmp_path: Path) -> None:
    """As soon as it takes connections; here somebody starts it while it is waited for."""
    with postgres_server("debian") as server:
        config = settings(tmp_path, database=server.new_database(), secret_key="k" * 32)
        server.stop()
        steps = Steps(lambda waits: server.start() if waits == 2 else None)

        prepare_alone(config, patience=steps.patience())

        assert 2 == len(steps.taken)
        with closing(open_database(config.database_url)) as database:
            assert database.revision()


@pytest.mark.parametrize(
    ("name", "word"), [("nosuch", "nosuch"), ("postgres?user=stranger", "stranger")]
)
def test_what_waiting_does_not_mend_is_said_at_once(
    server_of: Callable[[str], PostgresServer], tmp_path: Path, name: str, word: str
) -> None:
    """A database or a user that the server does not know, in its own words."""
    config = settings(tmp_path, database=server_of("debian").url(name))

    assert word in refusal(config)


def test_a_database_in_which_no_tables_may_be_made_is_said_at_once(
    server_of: Callable[[str], PostgresServer], tmp_path: Path
) -> None:
    """As since PostgreSQL 15 for everybody but the owner of a database."""
    server = server_of("debian")
    url = server.new_database()
    name = url.rpartition("/")[2].partition("?")[0]
    server.ask(f"CREATE ROLE stranger_{name} LOGIN")
    stranger = url.replace("postgres@", f"stranger_{name}@")

    assert "permission denied for schema public" in refusal(settings(tmp_path, database=stranger))


def test_a_file_where_the_folder_should_be_is_named_with_its_setting(tmp_path: Path) -> None:
    """The folder itself, or one above it."""
    (tmp_path / "file").touch()

    for path in (tmp_path / "file", tmp_path / "file/data"):
        text = refusal(settings(path))
        assert "LIKENESS_DATA" in text
        assert f"{tmp_path / 'file'} is no folder" in text


def test_a_folder_that_cannot_be_made_is_named_with_its_owner(public_path: Path) -> None:
    """The one above it is what is in the way."""
    folder = folder_of(NOBODY, public_path / "theirs")
    (folder / "shut").mkdir(0o755)
    config = settings(folder / "shut/data")

    with acting_as(NOBODY):
        text = refusal(config)

    assert f"{folder / 'shut'} belongs to root (0) with mode 755" in text


def test_a_database_of_somebody_else_is_named_with_its_owner(public_path: Path) -> None:
    """As root left it that restored a backup: nobody waits for that to change."""
    folder = folder_of(NOBODY, public_path / "theirs")
    config = settings(folder, secret_key="k" * 32)
    prepare_alone(config)
    os.chown(folder / "likeness.db", 0, 0)

    with acting_as(NOBODY):
        text = refusal(config)

    assert f"{folder / 'likeness.db'} belongs to root (0) with mode 600" in text


def test_a_full_disk_is_said_at_once_where_a_start_has_to_write(tmp_path: Path) -> None:
    """There are no tables yet."""
    with small_disk(tmp_path / "disk", 2**20) as disk:
        config = settings(disk, secret_key="k" * 32)
        fill(disk)

        assert f"the disk of {disk / 'likeness.db'} is full" in refusal(config)


@pytest.mark.parametrize("trouble", ["full", "read-only"])
def test_a_start_that_has_nothing_to_write_goes_on(tmp_path: Path, trouble: str) -> None:
    """And says that nothing can be changed, with the reason."""
    with small_disk(tmp_path / "disk", 2**20) as disk:
        config = settings(disk)
        prepare_alone(config)
        fill(disk) if trouble == "full" else forbid_changes(disk)

        with capture_logs() as lines:
            prepare_alone(config)

        [reason] = told(lines, "nothing_can_be_written")
        assert str(disk / "likeness.db") in reason
        assert trouble in reason


def test_what_root_begins_belongs_to_the_owner_of_the_folder(public_path: Path) -> None:
    """Whose service starts afterwards, and makes nothing that is there already."""
    folder = folder_of(NOBODY, public_path / "theirs")
    config = settings(folder / "data")

    prepare_alone(config)

    made = [folder / "data", *(folder / "data").iterdir()]
    assert {"data", "likeness.db", "secret.key"} == {path.name for path in made}
    assert {(NOBODY, NOBODY)} == {owner(path) for path in made}
    with acting_as(NOBODY):
        prepare_alone(config)


def test_what_was_open_to_everybody_is_closed(tmp_path: Path) -> None:
    """As earlier versions and other umasks left it. Photos are shut in by their folder."""
    config = settings(tmp_path / "data")
    prepare_alone(config)
    day = tmp_path / "data/blobs/avatars"
    day.mkdir(parents=True)
    (day / "photo.jpg").touch()
    for path in (tmp_path / "data", *(tmp_path / "data").rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)

    with capture_logs() as lines:
        prepare_alone(config)

    names = ("", "likeness.db", "secret.key", "blobs")
    assert [0o700, 0o600, 0o600, 0o700] == [mode(tmp_path / "data" / name) for name in names]
    assert (0o755, 0o644) == (mode(day), mode(day / "photo.jpg"))
    [closed] = [line["paths"] for line in lines if line["event"] == "closed_to_others"]
    assert 4 == len(closed)
    with capture_logs() as lines:
        prepare_alone(config)
    assert [] == lines


def test_a_folder_with_things_of_others_in_it_stays_open(tmp_path: Path) -> None:
    """It may be anybody's, such as /srv or /tmp; what is ours in it is closed."""
    tmp_path.chmod(0o755)
    (tmp_path / "notes.txt").touch(0o644)
    config = settings(tmp_path)
    prepare_alone(config)
    (tmp_path / "likeness.db").chmod(0o644)

    prepare_alone(config)

    assert (0o755, 0o644) == (mode(tmp_path), mode(tmp_path / "notes.txt"))
    assert 0o600 == mode(tmp_path / "likeness.db")


def test_what_a_group_may_read_stays_so(tmp_path: Path) -> None:
    """Somebody let those in who make backups."""
    config = settings(tmp_path / "data")
    prepare_alone(config)
    (tmp_path / "data").chmod(0o750)
    (tmp_path / "data/likeness.db").chmod(0o640)

    prepare_alone(config)

    assert (0o750, 0o640) == (mode(tmp_path / "data"), mode(tmp_path / "data/likeness.db"))


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_addresses_that_lead_nowhere_are_warned_about(tmp_path: Path, host: str) -> None:
    """Once at the start, with the setting that mends it."""
    with capture_logs() as lines:
        prepare_alone(settings(tmp_path, host=host))
        prepare_alone(settings(tmp_path, host=host, public_url="https://photos.example.org"))

    [reason] = told(lines, "public_url_is_missing")
    assert "LIKENESS_PUBLIC_URL" in reason


def test_an_installation_is_known_by_its_database_and_its_key(tmp_path: Path) -> None:
    """The folder that was looked in is named, and nothing is made in it."""
    config = settings(tmp_path / "data")
    with pytest.raises(Mistake, match=f"no {tmp_path / 'data/likeness.db'}"):
        check_begun(config)
    assert not (tmp_path / "data").exists()
    prepare_alone(config)
    check_begun(config)

    (tmp_path / "data/secret.key").unlink()
    with pytest.raises(Mistake, match=f"no {tmp_path / 'data/secret.key'}"):
        check_begun(config)
    (tmp_path / "data/likeness.db").write_bytes(b"")
    with pytest.raises(Mistake, match=r"no .*likeness\.db"):
        check_begun(config)


def test_a_database_without_tables_is_no_installation(
    server_of: Callable[[str], PostgresServer], tmp_path: Path
) -> None:
    """For who is not to begin one; on a server, that is known only when it is asked."""
    config = settings(tmp_path, database=server_of("debian").new_database(), secret_key="k" * 32)
    check_begun(config)

    with closing(open_database(config.database_url)) as database:
        with pytest.raises(Mistake, match="LIKENESS_DATABASE names has no installation in it"):
            prepare(database, config, begins=False)
        assert "" == database.revision()
        prepare(database, config)
        prepare(database, config, begins=False)
