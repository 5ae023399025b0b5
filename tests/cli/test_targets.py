"""Verbs for targets, with a receiver that runs."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from likeness.errors import Mistake
from support.commands import CommandLine
from support.pictures import jpeg
from support.webhook_server import Told, webhook_server

ADA = "ada@example.org"
HERE = {"LIKENESS_TARGET_NETWORKS": "127.0.0.0/8"}


@pytest.fixture
def told() -> Iterator[Told]:
    """The receiver."""
    with webhook_server() as running:
        yield running


@pytest.fixture
def line(cli: CommandLine, tmp_path: Path) -> CommandLine:
    """The command line, which may reach this machine; Ada has a photo."""
    own = CommandLine(cli.data, HERE)
    (tmp_path / "ada.jpg").write_bytes(jpeg(600, 600))
    assert own.run("photo", "set", ADA, str(tmp_path / "ada.jpg")).exit_code == 0
    return own


def add(line: CommandLine, told: Told, *words: str) -> str:
    """Add the target `hook`; gives its secret."""
    secret: str = line.json("target", "add", "webhook", "hook", "--url", told.url, *words)["secret"]
    return secret


def mistake(line: CommandLine, *words: str) -> str:
    """What a verb refuses with."""
    result = line.run("target", *words)
    assert isinstance(result.exception, Mistake), (result.output, result.exception)
    return str(result.exception)


def test_a_target_is_added_after_it_answered_and_its_secret_is_shown(
    line: CommandLine, told: Told
) -> None:
    secret = add(line, told, "--for-existing", "--scope", "users:read.email")

    assert Webhook(secret).verify(told.bodies[0], told.headers[0])
    [shown] = line.json("target", "list")
    assert (shown["name"], shown["kind"], shown["copies"]["due"]) == ("hook", "webhook", 1)
    assert "secret" not in shown
    assert "hook  webhook  0        1" in line.run("target", "list").output


def test_a_target_that_does_not_answer_is_not_added(line: CommandLine, told: Told) -> None:
    told.status = 500

    assert "500" in mistake(line, "add", "webhook", "hook", "--url", told.url)
    assert line.json("target", "list") == []
    assert line.run("target", "list").output == ""


def test_this_machine_has_to_be_named(line: CommandLine, told: Told) -> None:
    plain = CommandLine(line.data)

    refused = mistake(plain, "add", "webhook", "hook", "--url", told.url)

    assert "LIKENESS_TARGET_NETWORKS" in refused
    assert told.bodies == []


@pytest.mark.parametrize(
    ("words", "refused"),
    [
        (("fax", "hook", "--url", "https://h"), "there is no kind of target 'fax'"),
        (("webhook", "Hook!", "--url", "https://h"), "no name for a target"),
        (("webhook", "hook", "--url", "ftp://h/"), "https://HOST/PATH"),
        (("webhook", "hook", "--url", "https://a:b@h/"), "no user name"),
        (("webhook", "hook", "--url", "https://h", "--secret-from", "geheim"), "env:NAME or file"),
        (("webhook", "hook", "--url", "https://h", "--scope", "admin"), "one of users:read.email"),
        (("webhook", "hook", "--url", "https://h", "--event", "x"), "this kind has none"),
        (("webhook", "hook", "--url", "https://h", "--option", "x=y"), "write KEY=VALUE"),
        (("webhook", "hook", "--url", "https://h", "--option", "per_minute=0"), "from 1 to"),
        (
            ("webhook", "hook", "--url", "https://h", "--option", "if_changed_there=x"),
            "ours or keep",
        ),
        (("slack_events", "app", "--url", "https://h"), "bound to a bot"),
        (("slack_events", "app", "--url", "https://h", "--bot", ADA), "no bot"),
    ],
)
def test_what_is_not_meant_so_is_refused_with_what_is(
    line: CommandLine, words: tuple[str, ...], refused: str
) -> None:
    assert refused in mistake(line, "add", *words)


def test_an_app_of_slacks_is_bound_to_a_bot(line: CommandLine, told: Told) -> None:
    """It answers the challenge, and its secret has 32 hex digits."""
    line.json("user", "add", "bot@example.org", "--bot")

    added = line.json(
        "target", "add", "slack_events", "app", "--url", told.url, "--bot", "bot@example.org"
    )

    assert len(bytes.fromhex(added["secret"])) == 16
    assert set(added["options"]) == {"bot_user_id", "team_id"}
    assert added["answer"] == "200, with the challenge"


def test_names_are_unique_and_known(line: CommandLine, told: Told) -> None:
    add(line, told)

    assert "already" in mistake(line, "add", "webhook", "hook", "--url", told.url)
    for verb in ("show", "test", "people", "resync", "retry", "pause", "rotate", "deliveries"):
        assert "there are: hook" in mistake(line, verb, "nook")


def test_a_target_is_paused_and_resumed(line: CommandLine, told: Told) -> None:
    add(line, told)

    assert line.json("target", "pause", "hook")["pause_reason"] == "by the command line"
    assert "paused since" in line.run("target", "show", "hook").output
    assert line.json("target", "resume", "hook")["paused_at"] is None
    assert "state    well" in line.run("target", "show", "hook").output


def test_a_secret_is_turned(line: CommandLine, told: Told) -> None:
    """Both sign what is sent meanwhile."""
    old = add(line, told)
    new = line.json("target", "rotate", "hook")["secret"]
    assert len(base64.b64decode(new.removeprefix("whsec_"))) == 32

    assert line.run("target", "test", "hook").exit_code == 0

    for secret in (old, new):
        assert Webhook(secret).verify(told.bodies[-1], told.headers[-1])


def test_people_are_listed_resynced_and_tried_again(line: CommandLine, told: Told) -> None:
    add(line, told)
    assert line.json("target", "people", "hook") == []

    assert line.json("target", "resync", "hook")["people"] == 1
    assert line.json("target", "test", "hook", ADA)["people"] == 1
    assert line.json("target", "resync", "hook", ADA)["people"] == 1

    [shown] = line.json("target", "people", "hook", "--state", "old")
    assert (shown["email"], shown["state"], shown["shown"]) == (ADA, "due", None)
    assert line.json("target", "people", "hook", "--state", "current") == []
    assert line.run("target", "people", "hook", "--state", "odd").exit_code == 2
    assert f"{ADA}  due  -  never" in line.run("target", "people", "hook").output
    assert line.json("target", "retry", "hook")["people"] == 1
    assert line.json("target", "show", "hook")["oldest_due"]
    assert "behind   since" in line.run("target", "show", "hook").output


def test_a_target_is_removed_after_what_it_shows_was_taken_away(
    line: CommandLine, told: Told
) -> None:
    """By the verb itself, whether the service runs or not."""
    add(line, told, "--for-existing")
    removed = line.run("target", "remove", "hook", "--clear")
    # It was never told of Ada, so that nothing had to be taken away.
    assert removed.exit_code == 0, removed.exception
    assert told.messages == []
    assert line.json("target", "list") == []


def test_deliveries_are_listed(line: CommandLine, told: Told) -> None:
    add(line, told)

    assert line.json("target", "deliveries", "hook") == []
    assert line.run("target", "deliveries", "hook").output == ""
