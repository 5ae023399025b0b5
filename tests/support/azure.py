"""Azure's Blob Storage as its makers emulate it for developers, from its npm package."""

import base64
import hmac
import os
import shutil
from collections.abc import Mapping
from email.utils import formatdate
from itertools import count
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from support import web
from support.live import free_port
from support.node import installed
from support.stores import Servers, answers

SOURCES: Final = Path(__file__).parents[1] / "blobs" / "azurite"
ACCOUNT: Final = "likenesstests"
KEY: Final = base64.b64encode(b"a key of the tests").decode()
_VERSION: Final = "2021-08-06"

_numbers = count()


class Azurite:
    """Its one server in a folder, on a free loopback port; skips where Node is missing."""

    def __init__(self, folder: Path) -> None:
        self._port = free_port()
        self._folder = folder
        self._home = installed(SOURCES, folder / "node")
        self._endpoint = f"http://127.0.0.1:{self._port}/{ACCOUNT}"
        self.servers = Servers(folder / "logs")
        self.environment: Mapping[str, str] = {"AZURE_STORAGE_ACCOUNT_KEY": KEY}

    def start(self) -> None:
        """Run it, on what it has stored before."""
        program = self._home / "node_modules" / ".bin" / "azurite-blob"
        told = {"--blobPort": str(self._port), "--location": str(self._folder / "blobs")}
        words = [word for pair in told.items() for word in pair]
        quiet = ["--silent", "--disableTelemetry", "--skipApiVersionCheck"]
        node = shutil.which("node") or "node"
        accounts = {"AZURITE_ACCOUNTS": f"{ACCOUNT}:{KEY}", "HOME": os.environ.get("HOME", "/")}
        self.servers.run("blobs", node, str(program), *words, *quiet, environment=accounts)
        self.servers.wait_until(lambda: answers(self._endpoint))

    def new_bucket(self) -> str:
        """Make a container, and say the URL of a prefix in it."""
        name = f"photos-{os.getpid()}-{next(_numbers)}"
        moment = formatdate(usegmt=True)
        told = {"x-ms-date": moment, "x-ms-version": _VERSION}
        headers = "".join(f"{key}:{value}\n" for key, value in told.items())
        # Azure's own way to sign: the verb, eleven headers that we do not send, ours, and the path
        # after the account, with what is asked for.
        text = "PUT" + "\n" * 12 + f"{headers}/{ACCOUNT}/{ACCOUNT}/{name}\nrestype:container"
        mark = hmac.new(base64.b64decode(KEY), text.encode(), "sha256").digest()
        signature = f"SharedKey {ACCOUNT}:{base64.b64encode(mark).decode()}"
        answer = web.put(
            f"{self._endpoint}/{name}?restype=container",
            headers={**told, "Authorization": signature},
        )
        answer.raise_for_status()
        options = urlencode({"account": ACCOUNT, "endpoint": self._endpoint})
        return f"az://{name}/likeness?{options}"
