"""What the real object stores of the tests have in common: processes, buckets, and their ends."""

import os
import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import urlencode

import httpx
import obstore
from obstore.store import S3Store

from support import web
from support.patience import PATIENCE_S, wait_until

SECRET: Final = "a-secret-of-the-tests"
REGION: Final = "us-east-1"

_numbers = count()


class Servers:
    """Processes of one store, by name; each has a file for what it has to say."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def run(self, name: str, *command: str, environment: Mapping[str, str] | None = None) -> None:
        """Start a server that stays in the foreground, and dies with this process."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *command],
                stdout=log,
                stderr=log,
                env={**os.environ, **(environment or {})},
            )

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to one of them."""
        self.running[name].send_signal(number)

    def kill(self, *names: str) -> None:
        """Kill -9 for these, or all, one directly after the other."""
        killed = {name: self.running.pop(name) for name in names or list(self.running)}
        for process in killed.values():
            process.kill()
        for process in killed.values():
            process.wait(PATIENCE_S)

    def log(self) -> str:
        """The last words of each."""
        texts = {path.name: path.read_text(errors="replace") for path in self.folder.glob("*.log")}
        return "\n".join(f"{name}:\n{text[-2000:]}" for name, text in texts.items())

    def wait_until(self, is_ready: Callable[[], bool]) -> None:
        """Wait for what they do together. Raises AssertionError with their logs."""

        def are_ready() -> bool:
            assert all(each.poll() is None for each in self.running.values()), self.log()
            return is_ready()

        wait_until(are_ready, self.log)


class Store(Protocol):
    """A running store, whose servers can fail one by one."""

    servers: Servers
    environment: Mapping[str, str]
    """The variables with the credentials."""

    def new_bucket(self) -> str:
        """The URL of an empty bucket."""

    def start(self) -> None:
        """Run all servers, on what they have stored before."""


@dataclass
class S3Door:
    """Where a store speaks S3, and how it is let in there."""

    endpoint: str
    access_key: str
    environment: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.environment = {
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": SECRET,
        }

    def url(self, bucket: str) -> str:
        """The URL of a bucket there, and a prefix in it."""
        return f"s3://{bucket}/likeness?{urlencode({'endpoint': self.endpoint, 'region': REGION})}"

    def new_bucket(self) -> str:
        """Make a bucket, which is a PUT with a signature and no body, and say its URL."""
        name = f"photos-{os.getpid()}-{next(_numbers)}"
        client = S3Store(
            name,
            endpoint=self.endpoint,
            region=REGION,
            access_key_id=self.access_key,
            secret_access_key=SECRET,
            client_options={"allow_http": True},
        )

        def is_made() -> bool:
            """A server that was asked too early, on a busy machine, is passed over for a second."""
            answer = web.put(obstore.sign(client, "PUT", "", timedelta(minutes=1)))
            if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
                return False
            # By a conflict it says that an earlier attempt made it after all.
            if answer.status_code != httpx.codes.CONFLICT:
                answer.raise_for_status()
            return True

        wait_until(is_made)
        return self.url(name)


def answers(url: str) -> bool:
    """Whether somebody speaks HTTP there and is well."""
    try:
        return web.get(url).status_code < httpx.codes.INTERNAL_SERVER_ERROR
    except httpx.TransportError:
        return False
