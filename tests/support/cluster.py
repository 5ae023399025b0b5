"""Several nodes of one installation, and a small proxy in front that tries the next one."""

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import httpx
import pytest

from support.live import START_TIMEOUT_S, STOP_TIMEOUT_S, LiveServer, free_port
from support.processes import cut_down, survivors, tree

KEY: Final = "k" * 32


def node(folder: Path, name: str, database: str, settings: Mapping[str, str]) -> LiveServer:
    """One machine: a data folder of its own, and the database that all have."""
    shared = {"RATE_LIMITS": "off", "SECRET_KEY": KEY, "DATABASE": database}
    return LiveServer(folder / name, {**shared, **settings})


def kill(server: LiveServer) -> None:
    """Kill -9 for all its processes at once, as when a machine is gone."""
    everybody = tree(server)
    cut_down(everybody)
    assert server.process
    server.process.wait(STOP_TIMEOUT_S)
    server.process = None
    assert survivors(everybody) == []


@contextmanager
def cluster(
    folder: Path, database: str, each: Sequence[Mapping[str, str]]
) -> Iterator[tuple[str, list[LiveServer]]]:
    """The address of the proxy, and a running node for each of these settings."""
    front = free_port()
    with ExitStack() as running:
        nodes = [
            node(
                folder,
                f"node-{number}",
                database,
                {"PUBLIC_URL": f"http://127.0.0.1:{front}", **settings},
            )
            for number, settings in enumerate(each)
        ]
        for server in nodes:
            running.enter_context(server)
        running.enter_context(_proxy(folder, [server.port for server in nodes], front))
        yield f"http://127.0.0.1:{front}", nodes


@contextmanager
def _proxy(folder: Path, ports: Sequence[int], front: int) -> Iterator[None]:
    if not shutil.which("nginx"):
        pytest.skip("nginx is not installed")
    path = folder / "proxy.conf"
    path.write_text(_configuration(folder, ports, front))
    process = subprocess.Popen(["nginx", "-p", str(folder), "-c", str(path)])
    try:
        _wait_until_ready(front)
        yield
    finally:
        process.terminate()
        process.wait(STOP_TIMEOUT_S)


def _configuration(folder: Path, ports: Sequence[int], front: int) -> str:
    """It remembers nothing: neither pictures nor which node was away."""
    servers = "".join(f"server 127.0.0.1:{port} max_fails=0; " for port in ports)
    user = pwd.getpwuid(os.getuid()).pw_name
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind}; "
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return f"""
        daemon off; user {user}; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
        events {{}}
        http {{
            access_log off; client_max_body_size 40m; {temporary}
            upstream nodes {{ {servers} }}
            server {{
                listen 127.0.0.1:{front};
                location / {{
                    proxy_pass http://nodes; proxy_set_header Host $http_host;
                    proxy_connect_timeout 1s; proxy_read_timeout 25s;
                    proxy_next_upstream error timeout non_idempotent;
                }}
            }}
        }}
    """


def _wait_until_ready(port: int) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("the proxy does not start")
