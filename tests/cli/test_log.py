"""The log of who did what to whom, over the command line."""

from pathlib import Path
from typing import Final

import pytest

from likeness.cli.verbs import loaded
from likeness.errors import Mistake
from likeness.events import Verb
from support.commands import CommandLine
from support.pictures import jpeg

ADA: Final = "ada@example.org"

ACTIONS: Final = {
    "workspace add Globex": Verb.WORKSPACE_ADDED,
    "workspace rename Acme Acme2": Verb.WORKSPACE_RENAMED,
    "workspace remove Acme --yes Acme": Verb.WORKSPACE_REMOVED,
    "user add new@example.org": Verb.USER_ADDED,
    f"user rename {ADA} Countess": Verb.USER_RENAMED,
    f"user email {ADA} king@example.org": Verb.USER_ADDRESSED,
    f"user hide {ADA}": Verb.USER_HIDDEN,
    f"user unhide {ADA}": Verb.USER_UNHIDDEN,
    f"user lock {ADA} --reason badge": Verb.USER_LOCKED,
    f"user unlock {ADA}": Verb.USER_UNLOCKED,
    f"user promote {ADA}": Verb.USER_PROMOTED,
    f"user demote {ADA}": Verb.USER_DEMOTED,
    f"user deactivate {ADA}": Verb.USER_DEACTIVATED,
    f"user reactivate {ADA}": Verb.USER_REACTIVATED,
    f"user link {ADA}": Verb.ACCESS_GIVEN,
    f"user merge bob@example.org {ADA}": Verb.USER_MERGED,
    f"user erase {ADA} --yes": Verb.USER_ERASED,
    f"address add {ADA} countess@example.org": Verb.USER_ADDRESSED,
    f"address remove {ADA} countess@example.org": Verb.USER_ADDRESSED,
    f"token issue {ADA}": Verb.ACCESS_GIVEN,
    "token revoke --id 1": Verb.ACCESS_ENDED,
    f"token revoke --all {ADA}": Verb.ACCESS_ENDED,
    f"session end {ADA}": Verb.ACCESS_ENDED,
    f"photo set {ADA} {{picture}}": Verb.PHOTO_SET,
    f"photo restore {ADA} 2": Verb.PHOTO_RESTORED,
    f"photo remove {ADA}": Verb.PHOTO_REMOVED,
}
"""Whatever can be done to somebody, as it is typed, and the word for it in the log."""

BEFORE: Final = {
    "user unhide": [f"user hide {ADA}"],
    "user unlock": [f"user lock {ADA} --reason badge"],
    "user demote": [f"user promote {ADA}"],
    "user reactivate": [f"user deactivate {ADA}"],
    "address remove": [f"address add {ADA} countess@example.org"],
    "token revoke": [f"token issue {ADA}"],
    "user merge": ["user add bob@example.org"],
    "photo restore": [f"photo set {ADA} {{picture}}", f"photo set {ADA} {{other}}"],
    "photo remove": [f"photo set {ADA} {{picture}}"],
}
"""What has to be done first, by the two words that a verb begins with."""


QUIET: Final = {
    *("address list", "photo history", "token list", "user list", "user show", "workspace list"),
    *("user export", "photo remake", "photo imports"),
}
"""Verbs that change nobody: they read, or make files anew of a photo that stays what it is."""

ELSEWHERE: Final = {"user bind", "user unbind", "user import", "photo import", "photo undo"}
"""Verbs whose entries the tests of providers and imports look at."""


@pytest.fixture
def pictures(tmp_path: Path) -> dict[str, str]:
    """Two files."""
    for number, name in enumerate(("picture", "other")):
        (tmp_path / f"{name}.jpg").write_bytes(jpeg(600 + number, 600))
    return {name: str(tmp_path / f"{name}.jpg") for name in ("picture", "other")}


def type_in(cli: CommandLine, line: str, names: dict[str, str]) -> None:
    """Run a line, with the names of files in their places."""
    cli.json(*(word.format(**names) for word in line.split()))


@pytest.mark.parametrize("action", ACTIONS)
def test_everything_that_is_done_to_somebody_is_logged(
    cli: CommandLine, action: str, pictures: dict[str, str]
) -> None:
    """As one entry, the newest, done by the command line."""
    for line in BEFORE.get(" ".join(action.split()[:2]), []):
        type_in(cli, line, pictures)
    before = [entry["id"] for entry in cli.json("log")]

    type_in(cli, action, pictures)

    entry, *earlier = cli.json("log")
    assert [each["id"] for each in earlier] == before
    assert (entry["verb"], entry["actor"], entry["source"]) == (
        ACTIONS[action],
        "cli",
        "administrator",
    )
    line = cli.run("log").stdout.splitlines()[0]
    assert line.split()[0] == str(entry["id"])
    assert f"  cli  {entry['user_name']}" in line
    assert f"  {ACTIONS[action]}  " in line


@pytest.mark.parametrize("group", ["address", "photo", "session", "token", "user", "workspace"])
def test_no_verb_is_forgotten(group: str) -> None:
    """Each that is there is tried here, or named with the reason why not."""
    tried = {" ".join(action.split()[:2]) for action in ACTIONS}
    there = {f"{group} {verb}" for verb in loaded(group).commands}

    assert there - tried - QUIET - ELSEWHERE == set(), "add these to ACTIONS in this file"


def test_the_log_of_one_person_is_read_page_by_page(cli: CommandLine) -> None:
    """Newest first; what is said on standard error is typed for the next page."""
    cli.json("user", "add", "bob@example.org")
    for name in ("One", "Two", "Three"):
        cli.json("user", "rename", ADA, name)
    cli.json("user", "rename", "bob@example.org", "Robert")

    first = cli.json("log", ADA, "--limit", "2")
    said = cli.run("log", ADA, "--limit", "2").stderr
    rest = cli.json("log", ADA, "--before", str(first[-1]["id"]))

    assert f"--before {first[-1]['id']}" in said
    verbs = [entry["verb"] for entry in [*first, *rest]]
    assert verbs == [*["user.renamed"] * 3, "user.added"]
    assert {entry["user_name"] for entry in [*first, *rest]} == {ADA}
    assert cli.run("log", ADA).stderr == ""


def test_the_log_of_a_workspace_has_its_people_and_itself(cli: CommandLine) -> None:
    """And nobody else's."""
    cli.json("workspace", "add", "Globex")
    cli.json("user", "add", "bob@example.org", "-w", "Globex")

    names = [entry["user_name"] for entry in cli.json("log", "-w", "Globex")]

    assert names == ["bob@example.org", "Globex"]


def test_somebody_is_found_in_the_log_by_their_id(cli: CommandLine) -> None:
    """Also where nobody has it: it outlives whoever was erased."""
    user = cli.json("user", "show", ADA)

    assert cli.json("log", user["id"]) == cli.json("log", ADA)
    assert cli.json("log", "U0000000000") == []


@pytest.mark.parametrize("words", [("--limit", "0"), ("--limit", "10001"), ("--before", "x")])
def test_the_log_is_read_in_pages_of_a_bounded_length(
    cli: CommandLine, words: tuple[str, ...]
) -> None:
    """Others are wrong usage."""
    assert cli.run("log", *words).exit_code == 2


def test_the_log_says_what_a_photo_of_an_import_replaced(cli: CommandLine, tmp_path: Path) -> None:
    """In words: the photo before and who had chosen it, or that there was none."""
    picture = tmp_path / "photos" / f"{ADA}.jpg"
    picture.parent.mkdir()
    ids = []
    for width in (600, 601):
        picture.write_bytes(jpeg(width, 600))
        cli.json("photo", "import", str(picture.parent), "--apply")
        ids.append(cli.json("log")[0]["photo_id"])

    newest, before, *_ = cli.run("log", ADA).stdout.splitlines()

    assert f"before: {ids[0]}, import; import " in newest
    assert "before: no photo; import " in before


def test_a_log_without_entries_prints_nothing(cli: CommandLine) -> None:
    """Not even an empty line, which a program would count."""
    assert cli.run("log", "--before", "1").stdout == ""


def test_nobody_has_no_log(cli: CommandLine) -> None:
    """The message has the address."""
    result = cli.run("log", "nobody@example.org")

    assert isinstance(result.exception, Mistake)
    assert "nobody@example.org" in str(result.exception)


def test_the_log_has_no_address_name_or_token_in_its_rows(cli: CommandLine, tmp_path: Path) -> None:
    """It outlives those whom it is about; addresses are looked up when it is read."""
    token = cli.json("token", "issue", ADA)["token"]
    cli.json("user", "email", ADA, "king@example.org", "--forget")
    cli.json("user", "deactivate", "king@example.org")
    cli.json("user", "add", "king@example.org", "--name", "Somebody Else")

    kept = [
        str({key: value for key, value in entry.items() if not key.endswith("_name")})
        for entry in cli.json("log")
    ]

    assert len(kept) == 7
    for text in (ADA, "king", "Ada", "Else", "Acme", token[5:]):
        assert not [row for row in kept if text in row]
