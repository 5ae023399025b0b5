"""The directory of the settings: how it is named here, and how a service reads it by itself."""

import asyncio
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from likeness.app import directory
from likeness.app.directory import DirectoryRounds, open_connection, source_of, terms_of
from likeness.app.directory_figures import DONE, FAILED, FAMILIES, READ_AT, RUNS
from likeness.config import load
from likeness.directory.port import DirectoryError
from likeness.errors import Mistake
from likeness.events import ACTOR_LENGTH_MAX
from likeness.figures import Sheet
from likeness.model import Source
from likeness.precedence import Offer, Policy
from support import web
from support.directory import in_step
from support.live import LiveServer
from support.organisation import picture
from support.patience import until, wait_until
from support.slapd import person
from support.studio import Studio

pytestmark = pytest.mark.anyio

NAMED = {"LIKENESS_LDAP_URL": "ldap://localhost", "LIKENESS_LDAP_BASE": "ou=a,dc=example,dc=org"}


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("dc=example,dc=org", "ldap:example.org"),
        ("OU=People, DC=Example,DC=org", "ldap:example.org"),
        ("ou=people,o=Example", "ldap:ou=people,o=example"),
        ("o=" + "x" * 200, ("ldap:o=" + "x" * 200)[:ACTOR_LENGTH_MAX]),
    ],
)
def test_a_directory_is_known_by_its_domain(base: str, expected: str) -> None:
    """Its servers and branches may change."""
    assert source_of(base) == expected


def test_photos_come_by_the_policy_of_directories() -> None:
    terms = terms_of(load(NAMED | {"LIKENESS_DIRECTORY_PHOTOS": "always"}))
    assert terms.offer == Offer(Source.DIRECTORY, Policy.ALWAYS, set_by="ldap:example.org")
    for none in ({"LIKENESS_DIRECTORY_PHOTOS": "never"}, {"LIKENESS_LDAP_PHOTO": ""}):
        assert terms_of(load(NAMED | none)).asked_for == ()


def test_without_a_directory_there_is_none_to_open() -> None:
    with pytest.raises(Mistake, match="set LIKENESS_LDAP_URL"):
        open_connection(load({}))


def test_a_missing_library_is_told_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "anyldap", None)
    monkeypatch.delitem(sys.modules, "likeness.directory.ldap", raising=False)
    with pytest.raises(DirectoryError, match=r"likeness-avatars\[ldap\]"):
        open_connection(load(NAMED))


def test_a_service_without_a_directory_imports_nothing_of_one() -> None:
    """A start is as quick as before."""
    code = "import sys, likeness.app.web; print(*sorted(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    modules = run.stdout.split()
    assert "likeness.app.web" in modules
    assert [each for each in modules if each.startswith(("anyldap", "likeness.syncing"))] == []


async def test_a_failing_directory_ends_no_service(
    work: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each round that fails is told, and another one comes."""
    monkeypatch.setattr(directory, "LOOK_S", 0)
    failures = iter([Mistake("away"), ValueError("a bug")])
    done = list[str]()

    async def failing(_: DirectoryRounds) -> None:
        for failure in failures:
            done.append(str(failure))
            raise failure
        done.append("well")
        await until(lambda: False)

    monkeypatch.setattr(DirectoryRounds, "round", failing)
    sheet = Sheet.alone(*FAMILIES)
    job = asyncio.create_task(DirectoryRounds(work.service, sheet).run())
    await until(lambda: "well" in done)
    job.cancel()
    assert done == ["away", "a bug", "well"]
    assert sheet.get(RUNS, FAILED) == 2


@pytest.mark.slow
async def test_of_several_nodes_one_has_each_round(tmp_path: Path) -> None:
    """Each LIKENESS_LDAP_EVERY, and no sooner."""
    async with in_step(tmp_path, person(0), ldap_every="2h") as step:
        sheet, service = Sheet.alone(*FAMILIES), step.work.service
        first, second = DirectoryRounds(service, sheet), DirectoryRounds(service, sheet)
        assert await first.round()
        assert await second.round() is None
        step.work.clock.advance(hours=1)
        assert await first.round() is None
        step.work.clock.advance(hours=1)
        assert await second.round()
        assert sheet.get(RUNS, DONE) == 2
        assert sheet.get(READ_AT) == step.work.clock().timestamp()


@pytest.mark.slow
async def test_a_service_reads_it_by_itself(tmp_path: Path) -> None:
    """And shows a photo that came in, by its URL."""
    async with in_step(tmp_path, person(0, jpegPhoto=picture(7))) as step:
        settings = {name.upper(): value for name, value in step.directory.settings().items()}
        with LiveServer(step.work.service.config.data, settings) as server:
            wait_until(lambda: any(row[-1] for row in step.everybody()), server.log)
            digest = sha256(b"person0@example.org").hexdigest()
            found = web.get(f"{server.url}/avatar/{digest}?d=404&s=48")
            assert found.status_code == 200
            assert found.headers["content-type"].startswith("image/")
