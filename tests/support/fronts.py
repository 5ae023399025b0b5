"""nginx and Caddy with the files of `deploy/`, in front of nodes on loopback."""

import os
import pwd
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from support import web
from support.certificates import write_certificate
from support.docs import ROOT, example
from support.live import free_port
from support.patience import PATIENCE_S, wait_until

NGINX_FILE = "deploy/nginx.conf"
CADDY_FILE = "deploy/Caddyfile"
SIGNING_IN = "docs/signing-in.md"
_NODE = "127.0.0.1:8080"


def program(name: str) -> str:
    """Where a program is: on the path, or among the packages of the environment."""
    found = shutil.which(name) or shutil.which(name, path=Path(sys.executable).parent)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def nginx_text(folder: Path, nodes: Sequence[str], port: int) -> str:
    """A whole configuration with our file in it, its addresses and folders changed."""
    ours = (ROOT / NGINX_FILE).read_text(encoding="utf-8")
    line = re.search(rf"^ *server {_NODE} .*;$", ours, re.MULTILINE)
    assert line
    ours = ours.replace(line[0], "\n".join(line[0].replace(_NODE, node) for node in nodes))
    # There is no folder but that of all caches, as Debian has it.
    ours = ours.replace("/var/cache/", f"{folder}/")
    ours = ours.replace("listen 80;", f"listen 127.0.0.1:{port};")
    return nginx_around(folder, ours)


def with_tls(configuration: str, folder: Path, port: int) -> str:
    """Our configuration with what it has for TLS, and a certificate made for it."""
    write_certificate(folder, "avatars.example.org")
    taken = re.sub(r"^( *)#(listen|ssl_|if )", r"\1\2", configuration, flags=re.MULTILINE)
    taken = taken.replace("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;")
    return taken.replace("/etc/letsencrypt/live/avatars.example.org", str(folder))


def with_oauth2(configuration: str, port: int) -> str:
    """Our configuration with what it has for oauth2-proxy, as docs/signing-in.md changes it."""
    [script] = re.findall(r"^sed -i '(s/.*/)'", example("oauth2", SIGNING_IN), re.MULTILINE)
    run = subprocess.run(
        ["sed", script], input=configuration, capture_output=True, text=True, check=True
    )
    return run.stdout.replace("127.0.0.1:4180", f"127.0.0.1:{port}")


def nginx_around(folder: Path, inside: str, error_log: str = "stderr") -> str:
    """A whole configuration that writes into a folder, with this as what it does."""
    paths = "".join(
        f"{name}_temp_path {folder}/{name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = pwd.getpwuid(os.getuid()).pw_name
    return (
        f"daemon off; user {user}; pid {folder}/nginx.pid; error_log {error_log}; events {{}}\n"
        f"http {{ access_log off; {paths}\n{inside}\n}}\n"
    )


def caddy_text() -> str:
    """Our file, without certificates and the socket for orders."""
    ours = (ROOT / CADDY_FILE).read_text(encoding="utf-8")
    return f"{{\n\tadmin off\n\tauto_https off\n\tpersist_config off\n}}\n{ours}"


@contextmanager
def nginx(
    folder: Path,
    nodes: Sequence[str],
    *,
    port: int = 0,
    kept: str = "30s",
    changed: Callable[[str], str] = str,
) -> Iterator[str]:
    """Run nginx; gives its address. `kept` is how long it takes photos for fresh.

    `changed` is what is done to our file before.
    """
    port = port or free_port()
    path = folder / "nginx.conf"
    text = changed(nginx_text(folder, nodes, port))
    path.write_text(text.replace("200 302 404 30s", f"200 302 404 {kept}"))
    with running([program("nginx"), "-p", str(folder), "-c", str(path)], port, {}) as url:
        yield url


@contextmanager
def caddy(folder: Path, nodes: Sequence[str], *, port: int = 0) -> Iterator[str]:
    """Run Caddy; gives its address."""
    port = port or free_port()
    path = folder / "Caddyfile"
    path.write_text(caddy_text())
    words = [program("caddy"), "run", "--adapter", "caddyfile", "--config", str(path)]
    variables = {name: str(folder) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
    variables |= {"SITE": f"http://127.0.0.1:{port}", "NODES": " ".join(nodes)}
    with running(words, port, variables) as url:
        yield url


@contextmanager
def running(words: list[str], port: int, variables: dict[str, str]) -> Iterator[str]:
    """Run a front that passes on to nodes which are there; gives its address."""
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(words, env=os.environ | variables)
    try:
        wait_until(lambda: web.says_ok(f"{url}/healthz"), lambda: url)
        yield url
    finally:
        process.terminate()
        process.wait(PATIENCE_S)
