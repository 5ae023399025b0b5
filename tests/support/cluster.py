"""Several nodes of one installation, and a small proxy in front that tries the next one."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from support.fronts import nginx_around, program, running
from support.live import LiveServer, free_port
from support.patience import PATIENCE_S
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
    server.process.wait(PATIENCE_S)
    server.process = None
    assert survivors(everybody) == []


@contextmanager
def cluster(
    folder: Path, database: str, each: Sequence[Mapping[str, str]]
) -> Iterator[tuple[str, list[LiveServer]]]:
    """The address of the proxy, and a running node for each of these settings."""
    front = free_port()
    with ExitStack() as up:
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
            up.enter_context(server)
        yield up.enter_context(_proxy(folder, [server.port for server in nodes], front)), nodes


@contextmanager
def _proxy(folder: Path, ports: Sequence[int], front: int) -> Iterator[str]:
    """It remembers nothing: neither pictures nor which node was away."""
    servers = "".join(f"server 127.0.0.1:{port} max_fails=0; " for port in ports)
    inside = f"""
        client_max_body_size 40m;
        upstream nodes {{ {servers} }}
        server {{
            listen 127.0.0.1:{front};
            location / {{
                proxy_pass http://nodes; proxy_set_header Host $http_host;
                proxy_connect_timeout 1s; proxy_read_timeout 25s;
                proxy_next_upstream error timeout non_idempotent;
            }}
        }}
    """
    path = folder / "proxy.conf"
    path.write_text(nginx_around(folder, inside, f"{folder}/nginx.log"))
    with running([program("nginx"), "-p", str(folder), "-c", str(path)], front, {}) as url:
        yield url
