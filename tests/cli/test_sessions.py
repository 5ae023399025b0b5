"""Verbs for sessions."""

from datetime import timedelta
from pathlib import Path

import anyio

from likeness.app.service import open_service
from likeness.config import load
from likeness.scopes import ADMIN_SCOPE
from likeness.sessions import SESSION_SCOPES
from support.commands import CommandLine


def sign_in(data: Path) -> None:
    """Open a session of Ada's, as a link does."""

    async def work() -> None:
        service = open_service(load({"LIKENESS_DATA": str(data)}))
        issued = await service.sessions.issue_link("ada@example.org", timedelta(hours=1))
        await service.sessions.use_link(issued.code)
        await service.close()

    anyio.run(work)


def test_somebody_is_signed_out_everywhere_and_their_scripts_go_on(
    cli: CommandLine, tmp_path: Path
) -> None:
    """Sessions of before and after they administered the workspace; a second time there is none."""
    sign_in(tmp_path)
    cli.json("user", "promote", "ada@example.org")
    sign_in(tmp_path)
    cli.json("token", "issue", "ada@example.org")
    cli.json("token", "issue", "ada@example.org", "--expires", "1d")
    before = cli.json("user", "show", "ada@example.org")

    assert cli.json("session", "end", "ada@example.org") == {"ended": 2}
    assert "ended 0" in cli.run("session", "end", "ada@example.org").output

    after = cli.json("user", "show", "ada@example.org")
    assert (before["sessions"], before["tokens"]) == (2, 2)
    assert (after["sessions"], after["tokens"]) == (0, 2)
    ended = [each for each in cli.json("token", "list", "ada@example.org") if each["revoked_at"]]
    assert {tuple(each["scopes"]) for each in ended} == {
        SESSION_SCOPES,
        (*SESSION_SCOPES, ADMIN_SCOPE),
    }
