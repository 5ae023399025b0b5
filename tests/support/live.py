"""A real `likeness serve` in its own process, and an operator who adds people to it."""

import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import anyio

from likeness.app.service import Service, open_service
from likeness.config import load
from likeness.model import User
from likeness.scopes import SCOPES_DEFAULT
from support import web
from support.patience import PATIENCE_S, PATIENT, wait_until
from support.tables import write_tables


def free_port() -> int:
    """A loopback port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class LiveServer:
    """The service, started by its command line, on loopback, with its own data folder."""

    data: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def api(self) -> str:
        """The base URL that Slack clients are given."""
        return f"{self.url}/api/"

    @property
    def environment(self) -> dict[str, str]:
        """The variables it runs with: this process's, less any settings, plus its own."""
        inherited = {key: value for key, value in os.environ.items() if key[:9] != "LIKENESS_"}
        own = {"DATA": str(self.data), "PORT": str(self.port), **PATIENT, **self.settings}
        return inherited | {f"LIKENESS_{key}": value for key, value in own.items()}

    def start(self) -> None:
        """Start it and wait until it is ready."""
        self.begin()
        self._wait_until_ready()

    def begin(self) -> None:
        """Start it without waiting for it."""
        self.data.mkdir(parents=True, exist_ok=True)
        if not any(self.data.iterdir()) and "DATABASE" not in self.settings:
            # As the first start leaves it, which would take a quarter of a second for that.
            write_tables(self.data / "likeness.db")
        with (self.data / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "likeness", "serve"],
                env=self.environment,
                stdout=log,
                stderr=log,
            )

    def stop(self) -> None:
        """End it as an operator would."""
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(PATIENCE_S)
            self.process = None

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self.process
        self.process.kill()
        self.process.wait(PATIENCE_S)
        self.process = None

    def log(self) -> str:
        """Everything that it has written so far."""
        return (self.data / "server.log").read_text(errors="replace")

    def _wait_until_ready(self) -> None:
        wait_until(self._is_ready, self.log)

    def _is_ready(self) -> bool:
        assert self.process
        assert self.process.poll() is None, self.log()
        return web.says_ok(f"{self.url}/readyz")

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            # Nobody will stop it later, and what runs on makes a busy machine busier.
            self.kill()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def service(self) -> Service:
        """The same data folder, opened in this process, for operator's work."""
        return open_service(
            load({k: v for k, v in self.environment.items() if k[:9] == "LIKENESS_"})
        )


@dataclass(frozen=True)
class Person:
    """Somebody with a token."""

    user: User
    token: str


def add_person(
    server: LiveServer,
    email: str = "ada@example.org",
    *,
    scopes: tuple[str, ...] = SCOPES_DEFAULT,
    is_bot: bool = False,
    workspace: str = "Acme",
    real_name: str = "",
) -> Person:
    """Add somebody to the server's workspace, which is made at need, and issue their token."""

    async def work() -> Person:
        service = server.service()
        try:
            service.database.migrate()
            people, accounts = service.people, service.accounts
            if workspace not in [team.name for team in await people.teams()]:
                await people.add_team(workspace)
            user = await people.add_user(email, workspace, name=real_name, is_bot=is_bot)
            issued = await accounts.issue_token(email, scopes, None, workspace)
            return Person(user, issued.secret.reveal())
        finally:
            await service.close()

    return anyio.run(work)
