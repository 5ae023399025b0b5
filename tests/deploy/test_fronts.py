"""nginx and Caddy with our files: they start, keep photos no longer than they may, and forward."""

import re
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

import pytest

from likeness.cli.server import stop_timeout_s
from likeness.config import load
from likeness.server.wire import IDLE_S
from likeness.webapi.limits import FIELDS_LENGTH_MAX
from support import web
from support.certificates import write_certificate
from support.docs import ROOT
from support.fronts import (
    CADDY_FILE,
    NGINX_FILE,
    caddy,
    nginx,
    nginx_text,
    program,
    with_oauth2,
    with_tls,
)
from support.live import LiveServer, Person, add_person
from support.pictures import jpeg
from support.reading import fetch
from support.relay import Relay
from support.sitter import Sitter, sha256_of, sit

CROWD: Final = 24
GONE_S_MAX: Final = 60
"""Caches drop a deleted photo, and a 404 that is out of date, in a minute (contract § 6.2)."""

OTHERS_S_MAX: Final = 20
"""As long as another server process may still give out a deleted photo: docs/serving.md."""

Front = Callable[..., AbstractContextManager[str]]
BOTH: Final = pytest.mark.parametrize("front", [nginx, caddy], ids=["nginx", "caddy"])


@pytest.fixture
def sitter(server: LiveServer, person: Person) -> Sitter:
    """Somebody with a photo."""
    return sit(server, person)


def text(name: str) -> str:
    """A file of ours."""
    return (ROOT / name).read_text(encoding="utf-8")


def seconds(pattern: str, name: str) -> list[int]:
    """Every number of seconds that a file has in such a place."""
    found = [int(number) for number in re.findall(pattern, text(name))]
    assert found, pattern
    return found


@pytest.mark.parametrize("is_tls", [False, True])
@pytest.mark.parametrize("is_asking", [False, True], ids=["all", "oauth2"])
def test_nginx_takes_the_file(tmp_path: Path, is_tls: bool, is_asking: bool) -> None:
    """`nginx -t`, without a warning, with each and with both of what it has besides."""
    plain = nginx_text(tmp_path, ["127.0.0.1:9"], 9080)
    plain = with_oauth2(plain, 9180) if is_asking else plain
    taken = with_tls(plain, tmp_path, 9443) if is_tls else plain
    (tmp_path / "nginx.conf").write_text(taken)

    run = subprocess.run(
        [program("nginx"), "-t", "-p", tmp_path, "-c", tmp_path / "nginx.conf"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert ("listen 127.0.0.1:9443 ssl;" in taken) is is_tls
    assert ("\n        auth_request /oauth2/auth;" in taken) is is_asking
    assert "successful" in run.stderr
    assert "[warn]" not in run.stderr


def test_caddy_takes_the_file_as_it_stands() -> None:
    """`caddy adapt --validate`, and `caddy fmt` has nothing to change."""
    adapt = [
        program("caddy"),
        "adapt",
        "--adapter",
        "caddyfile",
        "--config",
        str(ROOT / CADDY_FILE),
    ]
    run = subprocess.run(adapt, capture_output=True, text=True, check=True)
    formatted = subprocess.run(
        [program("caddy"), "fmt", ROOT / CADDY_FILE], capture_output=True, text=True, check=True
    )

    assert "warn" not in run.stderr.lower()
    assert text(CADDY_FILE) == formatted.stdout


def test_caddy_takes_a_certificate_of_ones_own(tmp_path: Path) -> None:
    """By the line that the file has for it."""
    write_certificate(tmp_path, "avatars.example.org")
    taken = text(CADDY_FILE).replace("#tls /etc", "tls /etc")
    changed = taken.replace("/etc/ssl/avatars.example.org", str(tmp_path))
    (tmp_path / "Caddyfile").write_text(changed)

    validate = [program("caddy"), "validate", "--adapter", "caddyfile", "--config"]
    subprocess.run([*validate, tmp_path / "Caddyfile"], capture_output=True, check=True)

    assert f"\n\ttls {tmp_path}" in changed


def test_the_limits_of_the_files_follow_from_ours() -> None:
    """No front gives up before Likeness does, and none lets through what it would refuse."""
    config = load({})
    longest = config.prepared_bytes_max + FIELDS_LENGTH_MAX
    for name in (NGINX_FILE, CADDY_FILE):
        usual, imports = seconds(r"(?:max_body_size |max_size )(\d+)(?:m;|MiB)", name)
        assert longest < usual * 2**20 < 1.25 * longest
        assert config.import_bytes_max < imports * 2**20 < 1.25 * config.import_bytes_max
        assert min(seconds(r"(?:read_timeout|header_timeout) ([4-9]\d)s", name)) > stop_timeout_s(
            config
        )
    assert max(seconds(r"keepalive (\d+)s", CADDY_FILE)) < IDLE_S
    assert max(seconds(r"proxy_cache_valid .* (\d+)s;", NGINX_FILE)) + OTHERS_S_MAX < GONE_S_MAX
    assert min(seconds(r"proxy_cache_lock_\w+ (\d+)s;", NGINX_FILE)) > config.picture_timeout_s


def test_a_crowd_before_nginx_is_one_request_behind(
    server: LiveServer, sitter: Sitter, tmp_path: Path
) -> None:
    """Counted on the wire between them, for a photo that nobody asked for before."""
    path = f"/avatar/{sha256_of(sitter.email)}?s=77"
    with Relay(server.port) as relay, nginx(tmp_path, [relay.address]) as url:
        with ThreadPoolExecutor(CROWD) as pool:
            replies = list(pool.map(fetch, [url + path] * CROWD))

        assert {200} == {each.status_code for each in replies}
        assert 1 == len(relay.asked_for(path))
        assert sitter.is_in(replies[0].content, 77)


def test_a_404_is_forgotten(server: LiveServer, tmp_path: Path) -> None:
    """Who sets a first photo is shown soon; here after one second instead of thirty."""
    ada = add_person(server, "late@example.org")
    path = f"/avatar/{sha256_of('late@example.org')}?d=404&s=80"
    with nginx(tmp_path, [f"127.0.0.1:{server.port}"], kept="1s") as url:
        assert [404, 404] == [fetch(url + path).status_code for _ in range(2)]

        sit(server, ada)
        time.sleep(2.1)

        assert 200 == fetch(url + path).status_code


@pytest.mark.slow
def test_a_photo_is_shown_while_the_node_is_down(tmp_path: Path) -> None:
    """From the cache, although it is too old; what was never asked for is not there."""
    with LiveServer(tmp_path / "data", {"RATE_LIMITS": "off"}) as node:
        sitter = sit(node, add_person(node))
        photo = sitter.profile["image_192"].removeprefix(node.url)
        other = sitter.profile["image_72"].removeprefix(node.url)
        with nginx(tmp_path, [f"127.0.0.1:{node.port}"], kept="1s") as url:
            fresh = fetch(url + photo)
            node.stop()
            time.sleep(2.1)

            stale, missing = fetch(url + photo), fetch(url + other)

            assert (200, "STALE") == (stale.status_code, stale.headers["x-cache"])
            assert fresh.content == stale.content
            assert 502 == missing.status_code
            node.start()


@BOTH
def test_what_a_front_lets_through_and_says(
    front: Front, server: LiveServer, person: Person, tmp_path: Path
) -> None:
    """Uploads, the caller's address and scheme; no figures, and no header that names a user."""
    headers = {
        "Authorization": f"Bearer {person.token}",
        "X-Forwarded-Email": "boss@example.org",
        "X-Forwarded-Proto": "gopher",
    }
    with Relay(server.port) as relay, front(tmp_path, [relay.address]) as url:
        upload = web.post(
            f"{url}/api/users.setPhoto", files={"image": jpeg(600, 600)}, headers=headers
        )
        figures = fetch(f"{url}/metrics")
        too_much = web.post(f"{url}/api/users.setPhoto", content=bytes(45 * 2**20))

        assert upload.json()["ok"], upload.text
        assert 404 == figures.status_code
        assert 413 == too_much.status_code
        # Caddy passes bodies on as they come, so the start of the one that is too long as well.
        head = relay.asked_for("/api/users.setPhoto")[0].lower()
    assert b"\r\nx-forwarded-proto: http\r\n" in head
    assert b"\r\nx-forwarded-for: 127.0.0.1\r\n" in head
    assert f"\r\nhost: {url.removeprefix('http://')}".encode().rpartition(b":")[0] in head
    assert b"boss@example.org" not in head
