"""Starts the servers that are compared, on loopback ports that were free, and reads their costs.

Each server is a tree of processes; what it cost is what the whole tree cost, ended ones included.
"""

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

import processes
from load import Target
from processes import free_port

START_TIMEOUT_S: Final = 30
STOP_TIMEOUT_S: Final = 15
POLL_S: Final = 0.05
PEER_PNG_COMPRESSION: Final = 2
"""At this level of zlib's, PNGs of photographs are as short as ours."""

PEERS: Final = Path(__file__).resolve().parent / "peers"
EXPRESS: Final = PEERS / "express_sharp"
STARLETTE: Final = PEERS / "starlette_pillow"
NPM_CI: Final = ("npm", "ci", "--no-audit", "--no-fund")
LIKENESS: Final = (sys.executable, "-m", "likeness")


@dataclass(frozen=True, slots=True)
class Effort:
    """How the peers encode: like the service, so that nobody wins by smaller or larger files."""

    jpeg_quality: int
    png_compression: int


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: where uploads go, its root process and the folder it writes to."""

    target: Target
    process: psutil.Process
    folder: Path

    def cpu_s(self) -> float:
        """User and system time of the whole tree so far, with that of children that ended."""
        return processes.cpu_s(processes.tree(self.process))

    def pss_bytes(self) -> int:
        """Memory of the whole tree, each shared page divided among those who share it."""
        return processes.pss_bytes(processes.tree(self.process))

    def pictures(self) -> list[Path]:
        """The picture files that it has written."""
        return [*self.folder.rglob("*.jpg"), *self.folder.rglob("*.png")]

    def clear(self) -> None:
        """Remove the picture files, so that a long run does not fill the disk."""
        for picture in self.pictures():
            picture.unlink()


@contextmanager
def likeness(
    folder: Path,
    people: int,
    core: int | None = None,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """The service with its default settings, but for the rate limits; `people` may upload.

    With `core` all of it is kept on that one. `settings` are further variables of its environment.
    """
    port = free_port()
    environment = {"LIKENESS_DATA": str(folder / "data"), "LIKENESS_RATE_LIMITS": "off"}
    environment |= settings or {}
    tokens = _tokens(environment, people) if people else ()
    target = Target("Likeness", port, "/api/users.setPhoto", tokens)
    command = [*pinned(core), *LIKENESS, "serve", "--host", "127.0.0.1", "--port", str(port)]
    with running(target, command, folder, environment) as server:
        yield server


@contextmanager
def starlette_pillow(folder: Path, effort: Effort) -> Iterator[Server]:
    """The Python peer under uvicorn, one process a core, in an environment of its own."""
    port = free_port()
    target = Target("Starlette + Pillow", port, "/photo", ("",))
    command = [
        *(str(peer_python(STARLETTE)), "-m", "uvicorn", "starlette_pillow:app"),
        *("--app-dir", str(STARLETTE)),
        *("--port", str(port), "--workers", str(processes.CORES), "--no-access-log"),
        *("--log-level", "warning"),
    ]
    environment = {
        "FOLDER": str(folder),
        "JPEG_QUALITY": str(effort.jpeg_quality),
        "PNG_COMPRESSION": str(effort.png_compression),
    }
    with running(target, command, folder, environment) as server:
        yield server


@contextmanager
def express_sharp(folder: Path, effort: Effort) -> Iterator[Server]:
    """The Node peer, a cluster of one process a core; its packages are installed on first use."""
    if not (EXPRESS / "node_modules").is_dir():
        subprocess.run(NPM_CI, cwd=EXPRESS, check=True, stdout=sys.stderr)
    port = free_port()
    target = Target("Express + sharp", port, "/photo", ("",))
    arguments = (port, folder, processes.CORES, effort.jpeg_quality, effort.png_compression)
    command = ["node", str(EXPRESS / "server.js"), *map(str, arguments)]
    with running(target, command, folder, {"NODE_ENV": "production"}) as server:
        yield server


@contextmanager
def running(
    target: Target, command: list[str], folder: Path, environment: dict[str, str]
) -> Iterator[Server]:
    """`command` as a server that listens at the target's port; stopped with all its children."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, env=_only(environment), start_new_session=True
        )
    try:
        _await_answer(process, target, folder / "server.log")
        yield Server(target, psutil.Process(process.pid), folder)
    finally:
        _stop(process)


def peer_python(peer: Path) -> Path:
    """The Python of a peer's own environment, which is made from its requirements on first use.

    Peers need other versions than we, and even other libraries of the same module name.
    """
    folder = peer / ".venv"
    python = folder / "bin" / "python"
    if not python.exists():
        uv = os.environ.get("UV") or shutil.which("uv") or "uv"
        requirements = str(peer / "requirements.txt")
        for command in (
            [uv, "venv", "--quiet", "--python", sys.executable, str(folder)],
            [uv, "pip", "install", "--quiet", "--python", str(python), "-r", requirements],
        ):
            subprocess.run(command, check=True, stdout=sys.stderr)
    return python


def pinned(core: int | None) -> tuple[str, ...]:
    """The beginning of a command that is to stay on a core with all its threads and children."""
    return () if core is None else ("taskset", "-c", str(core))


def node_is_here() -> bool:
    """Whether the Node peer can be started."""
    return shutil.which("node") is not None and shutil.which("npm") is not None


def _tokens(environment: dict[str, str], people: int) -> tuple[str, ...]:
    """A workspace with `people` in it, made by the command line; a token for each of them."""
    _operate(environment, "workspace", "add", "Benchmark")
    with ThreadPoolExecutor() as pool:
        return tuple(pool.map(lambda number: _token(environment, number), range(people)))


def _token(environment: dict[str, str], number: int) -> str:
    email = f"person{number}@example.com"
    _operate(environment, "user", "add", email, "--workspace", "Benchmark")
    scope = "users.profile:write"
    issued = _operate(environment, "token", "issue", email, "--scope", scope, "--json")
    return str(json.loads(issued)["token"])


def _operate(environment: dict[str, str], *arguments: str) -> bytes:
    command = [*LIKENESS, *arguments]
    return subprocess.run(
        command, env=_only(environment), check=True, stdout=subprocess.PIPE
    ).stdout


def _only(environment: dict[str, str]) -> dict[str, str]:
    """These variables over the user's, whose own settings of Likeness are left out."""
    others = {name: value for name, value in os.environ.items() if name[:9] != "LIKENESS_"}
    return others | environment


def _await_answer(process: subprocess.Popen[bytes], target: Target, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        if _answers(target.port):
            return
        time.sleep(POLL_S)
    raise RuntimeError(f"{target.name} did not start:\n{log.read_text(errors='replace')[-2000:]}")


def _answers(port: int) -> bool:
    """Whether HTTP is spoken there. A bound port is not enough: supervisors bind it early."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_TIMEOUT_S)
    try:
        connection.request("GET", "/healthz")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
