"""Opening targets: credentials from where the operator said, never repeated, and each kind."""

from dataclasses import replace
from pathlib import Path

import pytest

from likeness.app.lane import Lane
from likeness.app.target_figures import FAMILIES
from likeness.app.targets import CREDENTIAL_LENGTH_MAX, credential_of, lane_of, opener_of
from likeness.elsewhere import Target
from likeness.errors import Mistake
from likeness.figures import Sheet
from likeness.targets.port import Away, Receiver
from support.receivers import receiving_host
from support.rows import NOW
from support.studio import studio

pytestmark = pytest.mark.anyio

HOOK = Target("tg1", "hook", "webhook", "https://hook.example.org/", NOW)


def test_a_credential_is_in_the_environment_or_in_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "token"
    file.write_text("  geheim\n")
    monkeypatch.setenv("TOKEN_OF_MINE", "secret")

    assert credential_of(f"file:{file}").reveal() == "geheim"
    assert credential_of("env:TOKEN_OF_MINE").reveal() == "secret"


@pytest.mark.parametrize(
    ("secret_from", "told"),
    [
        ("env:NOT_SET_ANYWHERE", "NOT_SET_ANYWHERE is not set"),
        ("file:/nowhere/token", "cannot be read"),
        ("geheim", "env:NAME or file:PATH"),
        ("env:", "env:NAME or file:PATH"),
        ("vault:x", "env:NAME or file:PATH"),
    ],
)
def test_a_credential_that_is_not_there_is_a_mistake(secret_from: str, told: str) -> None:
    with pytest.raises(Mistake, match=told):
        credential_of(secret_from)


def test_a_file_that_is_no_credential_is_a_mistake(tmp_path: Path) -> None:
    file = tmp_path / "token"
    for content, told in (
        (b"x" * (CREDENTIAL_LENGTH_MAX + 1), "more than"),
        (b"\xff", "UTF-8"),
        (b" \n", "is empty"),
    ):
        file.write_bytes(content)
        with pytest.raises(Mistake, match=told):
            credential_of(f"file:{file}")


async def test_a_target_opens_as_its_kind(tmp_path: Path) -> None:
    async with studio(tmp_path) as work:
        opener = opener_of(work.service)

        assert isinstance(opener.open(HOOK), Receiver)
        with pytest.raises(Mistake, match="knows no kind 'fax'"):
            opener.open(replace(HOOK, kind="fax"))
        with pytest.raises(Mistake, match="no credential"):
            opener.open(replace(HOOK, secret_from="env:NOT_SET_ANYWHERE"))
        assert isinstance(lane_of(work.service, HOOK, Sheet.alone(*FAMILIES)), Lane)


@pytest.mark.parametrize(("networks", "is_asked"), [("", False), ("127.0.0.0/8", True)])
async def test_this_machine_is_asked_only_where_its_network_is_named(
    tmp_path: Path, networks: str, is_asked: bool
) -> None:
    async with studio(tmp_path, target_networks=networks) as work, receiving_host() as host:
        port = opener_of(work.service).open(replace(HOOK, url=host.url))
        if is_asked:
            assert await port.check() == "200"
        else:
            with pytest.raises(Away, match="address forbidden"):
                await port.check()
        assert len(host.got) == is_asked
