"""Likeness as it is installed for others: from a folder of its own, as a user who owns nothing."""

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from support import web
from support.live import LiveServer
from support.pictures import jpeg

EMAIL: Final = "ada@example.org"


@dataclass
class Deployed(LiveServer):
    """A service that runs as `user`, with `own` variables and no others."""

    program: Path = Path("likeness")
    user: int = 65534
    own: dict[str, str] = field(default_factory=dict)
    wrapper: list[str] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """What a service manager gives: no variable of this process."""
        return {**self.own, "LIKENESS_PORT": str(self.port), "LIKENESS_HOST": "127.0.0.1"}

    def start(self) -> None:
        """Start it and wait until it is ready."""
        with (self.data.parent / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*self.wrapper, str(self.program), "serve"],
                env=self.environment,
                stdout=log,
                stderr=log,
                cwd="/",
                **self._as_user(),
            )
        self._wait_until_ready()

    def log(self) -> str:
        """Everything that it has written so far."""
        return (self.data.parent / "server.log").read_text(errors="replace")

    def verb(self, *words: str) -> str:
        """What a verb of the command line prints, run as the same user."""
        printed: str = subprocess.run(
            [str(self.program), *words],
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
            cwd="/",
            **self._as_user(),
        ).stdout
        return printed

    def _as_user(self) -> dict[str, Any]:
        return {"user": self.user, "group": self.user, "extra_groups": []}


def set_a_photo(server: Deployed) -> httpx.Response:
    """Somebody is added by the command line, sets a photo, and it is fetched."""
    server.verb("workspace", "add", "Acme")
    server.verb("user", "add", EMAIL, "--workspace", "Acme")
    token = httpx.Response(200, text=server.verb("token", "issue", EMAIL, "--json")).json()["token"]
    answer = web.post(
        f"{server.api}users.setPhoto",
        files={"image": jpeg(800, 700)},
        headers={"Authorization": f"Bearer {token}"},
    ).json()
    assert answer["ok"], answer
    path = answer["profile"]["image_192"].partition("/avatars/")[2]
    return web.get(f"{server.url}/avatars/{path}")


def owned_by(folder: Path, user: int) -> Path:
    """A new folder of somebody's."""
    folder.mkdir(parents=True)
    os.chown(folder, user, user)
    return folder


def files_of(folder: Path, user: int) -> list[Path]:
    """What somebody could change below a folder."""
    return [path for path in folder.rglob("*") if path.lstat().st_uid == user]
