"""The command of docs/targets.md for each program that keeps copies, run as it stands."""

import os
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Final

import anyio
import pytest

from support.commands import CommandLine, over_copy, with_ada_and_bob
from support.docs import example
from support.programs import Program, fresh_email

pytestmark = pytest.mark.anyio

PROGRAMS: Final = [
    pytest.param("synapse", "synapse", marks=pytest.mark.slow),
    pytest.param("ldap", "directory", marks=pytest.mark.slow),
    ("likeness", "likeness"),
    ("keycloak", "played keycloak"),
]
"""The mark of the command, and the program that it is run with."""

VARIABLES: Final = {
    "synapse": ("SYNAPSE", "SYNAPSE_TOKEN"),
    "ldap": ("LDAP", "LDAP_PASSWORD"),
    "likeness": ("OTHER", "OTHER_TOKEN"),
    "keycloak": ("KEYCLOAK", "KEYCLOAK_SECRET"),
}
"""Where the command finds the address and the credential."""


@pytest.fixture
def line(tmp_path: Path) -> CommandLine:
    """An installation with Ada and Bob in it."""
    return over_copy(with_ada_and_bob, tmp_path / "likeness-data")


@pytest.mark.parametrize(("mark", "name"), PROGRAMS)
async def test_a_target_is_added_by_the_command_of_the_page(
    line: CommandLine,
    program_of: Callable[[str], AbstractAsyncContextManager[Program]],
    mark: str,
    name: str,
) -> None:
    async with program_of(name) as program:
        await program.add(fresh_email())
        given = program.given()
        assert given.credential
        url, credential = VARIABLES[mark]
        inherited = {key: value for key, value in os.environ.items() if key[:9] != "LIKENESS_"}
        done = await anyio.run_process(
            ["bash", "-euo", "pipefail", "-c", example(mark, "docs/targets.md")],
            env=inherited
            | {
                "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
                "LIKENESS_DATA": str(line.data),
                "LIKENESS_TARGET_NETWORKS": "127.0.0.0/8",
                url: given.target.url,
                credential: given.credential.reveal(),
            },
            check=False,
        )

    assert done.returncode == 0, (done.stdout, done.stderr)
    assert b" answered: " in done.stdout
