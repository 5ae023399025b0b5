"""The commands of docs/scim.md are run as they stand, and what it says is so."""

import re
import shlex
from pathlib import Path
from typing import Final

from likeness.config import load
from likeness.entries import DOCUMENT_BYTES_MAX
from likeness.fetching import LENGTH_MAX
from likeness.scim.door import BODY_LENGTH_MAX, PATH, REQUESTS_A_MINUTE
from likeness.scim.shape import DEPTH_MAX, VALUES_MAX
from likeness.scopes import SCIM_SCOPE
from support.commands import CommandLine
from support.docs import blocks, page

PAGE: Final = "docs/scim.md"


def test_every_command_of_the_page_does_what_it_says(tmp_path: Path) -> None:
    """One after the other, on an installation that begins with the first."""
    cli = CommandLine(tmp_path)
    said = {}

    for line in "".join(blocks("sh", PAGE)).splitlines():
        program, *words = shlex.split(line)
        result = cli.run(*words)
        assert (program, result.exit_code) == ("likeness", 0), (line, result.output)
        said[line] = result.output

    issued = next(text for line, text in said.items() if SCIM_SCOPE in line)
    assert re.search("xoxb-[0-9A-Za-z]{49}", issued)
    assert "access.given" in said["likeness log --workspace Acme"]


def test_people_cannot_have_the_scope(tmp_path: Path) -> None:
    """Whoever asks is told what to do."""
    cli = CommandLine(tmp_path)
    cli.run("workspace", "add", "Acme")
    cli.run("user", "add", "ada@example.org")

    refused = cli.run("token", "issue", "ada@example.org", "--scope", SCIM_SCOPE)
    assert refused.exit_code != 0
    assert "--bot" in str(refused.exception)


def test_the_page_has_the_bounds_of_the_source() -> None:
    """And each value of the setting."""
    text = page(PAGE)

    assert f"`{PATH}`" in text
    assert f"{REQUESTS_A_MINUTE:,} requests a minute" in text
    assert f"{BODY_LENGTH_MAX // 2**20} MiB, {VALUES_MAX:,} values or {DEPTH_MAX} levels" in text
    assert f"{DOCUMENT_BYTES_MAX // 1024} KiB kept of one person" in text
    assert f"at most {LENGTH_MAX // 2**20} MiB" in text
    for value in ("if-not-own", "if-empty", "always", "never"):
        assert f"| `{value}` |" in text
        assert load({"LIKENESS_DIRECTORY_PHOTOS": value}).directory_photos == value
