"""What talks to a double in this process; a run of pytest in another, with the fixtures of one."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from support.patience import PATIENCE_S


def passes(folder: Path, said: str) -> None:
    """See that the tests in a folder pass, and that pytest says so, such as `3 passed`."""
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "."],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert said in run.stdout


@dataclass(frozen=True)
class DoubleDoor:
    """A client of a double."""

    client: httpx.AsyncClient

    async def tell(self, path: str, **said: Any) -> httpx.Response:
        """Say something to the double, as a test does."""
        return await self.client.post(f"/double/{path}", json=said)

    async def person(self, **about: Any) -> dict[str, Any]:
        """Somebody new."""
        answer = await self.tell("people", **about)
        assert answer.status_code == 200, answer.text
        person: dict[str, Any] = answer.json()
        return person

    async def call(self, method: str, token: str = "", **more: Any) -> httpx.Response:
        """Call a method."""
        if token:
            more["headers"] = {"Authorization": f"Bearer {token}"}
        return await self.client.post(f"/api/{method}", **more)

    async def calls(self, method: str = "") -> list[dict[str, Any]]:
        """What was called."""
        answer = await self.client.get("/double/calls", params={"method": method})
        found: list[dict[str, Any]] = answer.json()["calls"]
        return found
