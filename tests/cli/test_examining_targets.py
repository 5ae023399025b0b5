"""The doctor asks each target, and what is wrong with one is a warning."""

from collections.abc import Iterator

import pytest

from support.commands import CommandLine
from support.patience import PATIENCE_S
from support.webhook_server import Told, webhook_server

HERE = {"LIKENESS_TARGET_NETWORKS": "127.0.0.0/8"}


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """The receiver is on this machine, which may be busy."""
    monkeypatch.setattr("likeness.cli.examining_targets.ANSWER_TIMEOUT_S", PATIENCE_S)
    monkeypatch.setattr("likeness.cli.examining_targets.TARGET_TIMEOUT_S", PATIENCE_S)


@pytest.fixture
def told() -> Iterator[Told]:
    """The receiver."""
    with webhook_server() as running:
        yield running


def found(line: CommandLine) -> list[tuple[str, str]]:
    """Level and detail of what is found of targets."""
    findings = line.json("doctor")
    return [(each["level"], each["detail"]) for each in findings if "target" in each["name"]]


def test_each_target_is_asked(cli: CommandLine, told: Told) -> None:
    line = CommandLine(cli.data, HERE)
    assert found(line) == []
    line.json("target", "add", "webhook", "hook", "--url", told.url)

    assert found(line) == [("ok", "200 ok")]
    told.status = 500
    assert found(line) == [("warn", "webhook at its address: it answered 500: ok")]
    line.json("target", "pause", "hook")
    assert found(line) == [("warn", "it is paused: by the command line")]
