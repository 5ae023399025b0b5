"""Starts the servers of pictures that `reads.py` compares, each on one core; what each is asked.

All of them serve the very files that Likeness stored for one person with one photograph.
"""

import http.client
import json
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from load import BOUNDARY, Target, form
from photos import uploads
from processes import free_port
from servers import PEERS, Server, likeness, peer_python, pinned, running
from wrk import Question

KIND: Final = "jpeg-1024x1024"
EMAIL: Final = "person0@example.com"
"""Whom `servers.likeness` adds first."""

SMALL, LARGE, KNOWN = "photo, 72 px", "photo, 512 px", "photo not changed, 304"
HASH, DRAWN, MISS = "by hash, 80 px", "by hash, drawn", "by hash, 404"
HASHED_PATH: Final = "/by-hash.jpg"
"""Where nginx has the very bytes that Likeness answers by hash."""

NEW_MISS, NEW_DRAWN = "new hash each time, 404", "new hash each time, drawn"

LIKENESS, NGINX, NGINX_OPEN = "Likeness", "nginx", "nginx, open_file_cache"
NGINX_CACHE = "nginx, a cache before Likeness"
STARLETTE, SYNAPSE = "Starlette FileResponse", "Synapse"
IVATAR, IVATAR_CACHED = "ivatar-style", "ivatar-style, cached"

START_TIMEOUT_S: Final = 60
_STRANGER: Final = sha256(b"nobody@example.com").hexdigest()
_SECRET: Final = "benchmark"  # noqa: S105 - Of a server that lives for minutes.


@dataclass(frozen=True, slots=True)
class Stored:
    """The photo that all serve: the folder of files, the paths of its sizes, the hash it has."""

    blobs: Path
    paths: Mapping[int, str]
    digest: str

    def file(self, size: int) -> Path:
        """The file of a size."""
        return self.blobs / self.paths[size].lstrip("/")


@dataclass(frozen=True, slots=True)
class Subject:
    """A running server and what it can be asked, by the name of the case."""

    server: Server
    questions: Mapping[str, Question]

    @property
    def name(self) -> str:
        """What tables call it."""
        return self.server.target.name


@contextmanager
def likeness_reading(
    folder: Path, core: int | None, people: int = 1
) -> Iterator[tuple[Subject, Stored]]:
    """Likeness, with one worker and default settings, and the photo that it has made."""
    with likeness(folder, people, core) as server:
        stored = Stored(
            folder / "data" / "blobs", set_photo(server.target), sha256(EMAIL.encode()).hexdigest()
        )
        hashed = f"/avatar/{stored.digest}?s=80"
        picture = ask("GET", server.target.port, hashed)[2]
        (stored.blobs / HASHED_PATH.lstrip("/")).write_bytes(picture)
        questions = _by_url(server.target.port, stored.paths) | {
            HASH: Question(hashed),
            DRAWN: Question(f"/avatar/{_STRANGER}?s=80&d=identicon"),
            MISS: Question(f"/avatar/{_STRANGER}?s=80&d=404", 404),
            NEW_MISS: Question("/avatar/", 404, fresh="?s=80&d=404"),
            NEW_DRAWN: Question("/avatar/", fresh="?s=80&d=identicon"),
        }
        yield Subject(server, questions), stored


@contextmanager
def nginx(
    folder: Path, stored: Stored, core: int | None, *, keeps_open: bool = False
) -> Iterator[Subject]:
    """The same files by nginx; with `keeps_open` it keeps their descriptors open."""
    name, option = (NGINX_OPEN, "open_file_cache max=1000;") if keeps_open else (NGINX, "")
    port = free_port()
    with _nginx(name, port, folder, stored, core, option=option) as server:
        hashed = Question(HASHED_PATH)
        yield Subject(server, _by_url(port, stored.paths) | {HASH: hashed})


@contextmanager
def nginx_in_front(folder: Path, own: Subject, stored: Stored, core: int) -> Iterator[Subject]:
    """A cache of nginx as `deploy/` has it, before Likeness; only its own CPU is counted.

    The folder of the cache and the addresses are other ones.
    """
    port = free_port()
    part = (PEERS.parents[1] / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    for text, here in (
        ("127.0.0.1:8080", f"127.0.0.1:{own.server.target.port}"),
        ("/var/cache/nginx-likeness", str(folder / "cache")),
        ("listen 80;", f"listen 127.0.0.1:{port};"),
    ):
        if text not in part:
            raise RuntimeError(f"deploy/nginx.conf does not say {text!r} any more")
        part = part.replace(text, here)
    with _nginx(NGINX_CACHE, port, folder, stored, core, option=part) as server:
        yield Subject(server, _by_url(port, stored.paths) | {HASH: own.questions[HASH]})


@contextmanager
def starlette_file(folder: Path, stored: Stored, core: int) -> Iterator[Subject]:
    """A route and a FileResponse, under uvicorn with its fastest parts."""
    peer, port = PEERS / "starlette_file", free_port()
    command = [
        *(*pinned(core), str(peer_python(peer)), "-m", "uvicorn", "starlette_file:app"),
        *("--app-dir", str(peer), "--port", str(port)),
        *("--no-access-log", "--log-level", "warning"),
    ]
    environment = {"FOLDER": str(stored.blobs)}
    with running(Target(STARLETTE, port, "", ()), command, folder, environment) as server:
        # It knows no If-None-Match outside of StaticFiles, so that there is no 304 to ask for.
        yield Subject(server, _sizes(stored.paths))


@contextmanager
def ivatar_style(folder: Path, stored: Stored, core: int, *, cached: bool) -> Iterator[Subject]:
    """The view of `peers/ivatar_style`, under gunicorn with threads, which keep connections."""
    peer, port = PEERS / "ivatar_style", free_port()
    command = [
        *(*pinned(core), str(peer_python(peer)), "-m", "gunicorn", "ivatar_style:application"),
        *("--chdir", str(peer), "--bind", f"127.0.0.1:{port}", "--log-level", "warning"),
        *("--worker-class", "gthread", "--threads", "4"),
    ]
    environment = {
        "FOLDER": str(folder),
        "PICTURE": str(stored.file(512)),
        "DIGEST": stored.digest,
        "CACHE": "on" if cached else "off",
    }
    target = Target(IVATAR_CACHED if cached else IVATAR, port, "", ())
    with running(target, command, folder, environment) as server:
        yield Subject(server, {HASH: Question(f"/avatar/{stored.digest}?s=80")})


@contextmanager
def synapse(folder: Path, stored: Stored, core: int) -> Iterator[Subject]:
    """The real Synapse with SQLite; the files were uploaded to it as a user's media."""
    python, port = str(peer_python(PEERS / "synapse")), free_port()
    folder.mkdir(parents=True)
    configuration = folder / "homeserver.yaml"
    # JSON is YAML too.
    configuration.write_text(json.dumps(_homeserver(folder, port)), encoding="utf-8")
    module = [python, "-m", "synapse.app.homeserver", "-c", str(configuration)]
    subprocess.run([*module, "--generate-keys"], check=True, stdout=sys.stderr)
    with running(Target(SYNAPSE, port, "", ()), [*pinned(core), *module], folder, {}) as server:
        token = _matrix_user(python, port)
        media = {
            size: _matrix_upload(port, token, stored.file(size).read_bytes()) for size in (72, 512)
        }
        yield Subject(server, _by_url(port, media))


@contextmanager
def _nginx(
    name: str, port: int, folder: Path, stored: Stored, core: int | None, *, option: str
) -> Iterator[Server]:
    """An nginx whose configuration has a further part; without a server in it, it serves files."""
    words = {
        "USER": pwd.getpwuid(os.getuid()).pw_name,
        "FOLDER": str(folder),
        "OPTION": option,
        # The files are of no use to who serves something else at the port.
        "PORT": str(free_port() if "listen " in option else port),
        "BLOBS": str(stored.blobs),
    }
    filled = (PEERS / "nginx" / "nginx.conf").read_text(encoding="utf-8")
    for word, value in words.items():
        filled = filled.replace(f"@{word}@", value)
    folder.mkdir(parents=True)
    configuration = folder / "nginx.conf"
    configuration.write_text(filled, encoding="utf-8")
    command = [*pinned(core), "nginx", "-p", str(folder), "-c", str(configuration)]
    with running(Target(name, port, "", ()), command, folder, {}) as server:
        yield server


def nginx_is_here() -> bool:
    """Whether nginx is installed; Debian's package has that name."""
    return shutil.which("nginx") is not None


def _by_url(port: int, paths: Mapping[int, str]) -> dict[str, Question]:
    """The questions about a photo by its URL, of a server that says a tag."""
    tag = ask("GET", port, paths[72])[1]["etag"]
    again = Question(paths[72], 304, (f"If-None-Match: {tag}",))
    return _sizes(paths) | {KNOWN: again}


def _sizes(paths: Mapping[int, str]) -> dict[str, Question]:
    return {SMALL: Question(paths[72]), LARGE: Question(paths[512])}


def ask(
    verb: str, port: int, path: str, body: bytes | None = None, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """One request on a connection of its own: status, headers by their names in small, body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_TIMEOUT_S)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(verb, path, body, named)
        response = connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        return response.status, found, response.read()
    finally:
        connection.close()


def set_photo(target: Target) -> dict[int, str]:
    """Set a photograph; the paths of the sizes that came of it."""
    body = form(uploads(KIND)[0])
    status, _, answer = ask(
        "POST",
        target.port,
        target.path,
        body,
        Content_Type=f"multipart/form-data; boundary={BOUNDARY}",
        Authorization=f"Bearer {target.tokens[0]}",
    )
    if status != http.client.OK or not json.loads(answer)["ok"]:
        raise RuntimeError(f"the photo was refused: {answer[:500]!r}")
    profile = json.loads(answer)["profile"]
    return {size: urlsplit(profile[f"image_{size}"]).path for size in (72, 512)}


def _homeserver(folder: Path, port: int) -> dict[str, Any]:
    """The smallest configuration that serves media to everybody, and asks nobody else."""
    listener = {"port": port, "type": "http", "bind_addresses": ["127.0.0.1"]}
    return {
        "server_name": "localhost",
        "listeners": [listener | {"resources": [{"names": ["client"]}]}],
        "database": {"name": "sqlite3", "args": {"database": str(folder / "homeserver.db")}},
        "media_store_path": str(folder / "media"),
        "signing_key_path": str(folder / "signing.key"),
        "registration_shared_secret": _SECRET,
        "macaroon_secret_key": _SECRET,
        "form_secret": _SECRET,
        "report_stats": False,
        "trusted_key_servers": [],
        # Its older door, which asks for no token; the newer one would cost more.
        "enable_authenticated_media": False,
    }


def _matrix_user(python: str, port: int) -> str:
    """Register somebody; their access token."""
    url = f"http://127.0.0.1:{port}"
    register = ("-m", "synapse._scripts.register_new_matrix_user", "--no-admin")
    subprocess.run(
        [python, *register, "-u", "reader", "-p", _SECRET, "-k", _SECRET, url],
        check=True,
        stdout=sys.stderr,
    )
    login = {
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": "reader"},
        "password": _SECRET,
    }
    answer = ask("POST", port, "/_matrix/client/v3/login", json.dumps(login).encode())[2]
    return str(json.loads(answer)["access_token"])


def _matrix_upload(port: int, token: str, data: bytes) -> str:
    """Upload a picture; the path that it is shown at."""
    path = "/_matrix/media/v3/upload?filename=photo.jpg"
    headers = {"Authorization": f"Bearer {token}", "Content_Type": "image/jpeg"}
    answer = ask("POST", port, path, data, **headers)[2]
    media = str(json.loads(answer)["content_uri"]).removeprefix("mxc://")
    return f"/_matrix/media/v3/download/{media}"
