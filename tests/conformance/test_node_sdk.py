"""Slack's own Node client, versions 7 and 8, unmodified, against a running server."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from support import pictures
from support.live import LiveServer, Person
from support.patience import PATIENCE_S
from support.reading import NINE_KEYS, fetch
from support.scenarios import CALLS_OF_TIER_2, Stage

SOURCES = Path(__file__).parent / "node"
VERSIONS = ("web-api-7", "web-api-8")
THANKED = {"github.com", "opencollective.com", "feross.org", "www.patreon.com"}
"""Where npm says that authors can be thanked."""


@dataclass(frozen=True)
class Node:
    """The driver, installed in a folder; `run` makes calls with one version of the client."""

    folder: Path
    version: str

    def run(self, url: str, token: str, *calls: dict[str, Any], **settings: Any) -> dict[str, Any]:
        """What the calls gave, in their order, and what the client logged."""
        job = {"package": self.version, "url": url, "token": token, "calls": calls, **settings}
        done = subprocess.run(
            ["node", "drive.mjs"],
            cwd=self.folder,
            input=json.dumps(job),
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        result: dict[str, Any] = json.loads(done.stdout)
        return result

    def outcomes(self, url: str, token: str, *calls: dict[str, Any]) -> list[dict[str, Any]]:
        """Only what the calls gave: `answer`, or `code` and `data`."""
        outcomes: list[dict[str, Any]] = self.run(url, token, *calls)["results"]
        return outcomes


@pytest.fixture(params=VERSIONS)
def node(request: pytest.FixtureRequest, node_driver: Path) -> Node:
    """The driver for one version."""
    return Node(node_driver, request.param)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A picture in a file."""
    path = tmp_path / "me.png"
    path.write_bytes(pictures.png(640, 600))
    return path


def test_the_lock_file_names_no_download_host() -> None:
    """Versions and digests pin everything; where it comes from is the machine's business."""
    lock = (SOURCES / "package-lock.json").read_text()

    assert '"resolved"' not in lock
    addresses = [line for line in lock.splitlines() if "://" in line]
    assert [line for line in addresses if not line.strip().startswith('"url": ')] == []
    hosts = {line.split("/")[2].rstrip('",') for line in addresses}
    assert hosts <= THANKED, "who may be thanked, and nobody else"


def test_node_sets_reads_and_deletes(
    node: Node, server: LiveServer, person: Person, photo: Path
) -> None:
    """The whole life of a photo, its upload from a Buffer with a crop box."""
    image = {"as": "buffer", "path": str(photo)}
    box = {"crop_x": 10, "crop_y": 15, "crop_w": 512}

    outcomes = node.outcomes(
        server.api,
        person.token,
        {"method": "users.setPhoto", "args": {"image": image, **box}},
        {"method": "users.profile.get"},
        {"method": "users.info", "args": {"user": person.user.id, "include_locale": True}},
        {"method": "users.list", "args": {"limit": 1}},
        {"method": "users.lookupByEmail", "args": {"email": person.user.email}},
        {"method": "auth.test"},
        {"method": "api.test", "args": {"foo": "bar"}},
        {"method": "users.deletePhoto"},
        {"method": "users.profile.get"},
    )

    assert all(outcome.get("answer", {}).get("ok") for outcome in outcomes), outcomes
    answers = [outcome["answer"] for outcome in outcomes]
    profile = answers[0]["profile"]
    assert set(NINE_KEYS) == set(profile)
    assert profile["image_512"] == answers[1]["profile"]["image_512"]
    assert profile["avatar_hash"] == answers[2]["user"]["profile"]["avatar_hash"]
    assert person.user.id == answers[4]["user"]["id"] == answers[5]["user_id"]
    assert "is_custom_image" not in answers[8]["profile"]
    assert 404 == fetch(profile["image_512"]).status_code


def test_node_7_sends_streams(
    node_driver: Path, server: LiveServer, person: Person, photo: Path
) -> None:
    """A stream of a file arrives as its bytes."""
    call = {
        "method": "users.setPhoto",
        "args": {"image": {"as": "stream", "path": str(photo)}, "crop_w": 512},
    }

    (outcome,) = Node(node_driver, "web-api-7").outcomes(server.api, person.token, call)

    assert (512, 512) == pictures.opened(
        fetch(outcome["answer"]["profile"]["image_512"]).content
    ).size


def test_node_8_is_told_that_it_sent_no_picture(
    node_driver: Path, server: LiveServer, person: Person, photo: Path
) -> None:
    """That version writes a stream as JSON text; the refusal says what to do instead."""
    call = {"method": "users.setPhoto", "args": {"image": {"as": "stream", "path": str(photo)}}}

    (outcome,) = Node(node_driver, "web-api-8").outcomes(server.api, person.token, call)

    assert "slack_webapi_platform_error" == outcome["code"]
    assert "bad_image" == outcome["data"]["error"]
    assert "text" in outcome["data"]["response_metadata"]["messages"][0]


def test_node_with_half_a_base_url_is_told_so_at_once(
    node: Node, server: LiveServer, person: Person
) -> None:
    """A 404 would have it try again for half an hour."""
    (outcome,) = node.outcomes(f"{server.url}/", person.token, {"method": "auth.test"})

    assert ("slack_webapi_platform_error", "unknown_method") == (
        outcome["code"],
        outcome["data"]["error"],
    )
    assert server.api in outcome["data"]["response_metadata"]["messages"][0]


def test_node_learns_of_errors(node: Node, server: LiveServer, person: Person) -> None:
    """Codes, messages and scopes where the client looks for them."""
    outcomes = node.outcomes(
        server.api,
        person.token,
        {"method": "users.info", "args": {"user": "U000000000"}},
        {"method": "users.setFoto"},
        {"method": "users.setPhoto", "args": {"crop_w": "wide"}},
    )
    (unknown,) = node.outcomes(server.api, "xoxp-nobody", {"method": "auth.test"})

    errors = [outcome["data"]["error"] for outcome in (*outcomes, unknown)]
    assert ["user_not_found", "unknown_method", "invalid_arguments", "invalid_auth"] == errors
    assert {"slack_webapi_platform_error"} == {outcome["code"] for outcome in outcomes}
    assert "users:read" in outcomes[0]["data"]["response_metadata"]["scopes"]


def test_node_logs_our_messages(
    node: Node, server: LiveServer, person: Person, photo: Path
) -> None:
    """A box that had to be moved is a warning in the caller's log."""
    image = {"as": "buffer", "path": str(photo)}
    call = {
        "method": "users.setPhoto",
        "args": {"image": image, "crop_x": 600, "crop_y": 0, "crop_w": 512},
    }

    logged = node.run(server.api, person.token, call)["logged"]

    assert any(level == "warn" and "crop" in words for level, words in logged), logged


def test_node_is_told_to_wait(node: Node, stage: Stage) -> None:
    """Told to reject, the client gives up on a 429 at once and knows how long to wait."""
    calls = [{"method": "users.list"}] * (3 * CALLS_OF_TIER_2)

    result = node.run(
        stage.cramped.api, stage.cramped_people.whole, *calls, rejectRateLimitedCalls=True
    )

    limited = [one for one in result["results"] if "answer" not in one]
    assert limited
    assert {"slack_webapi_rate_limited_error"} == {one["code"] for one in limited}
    assert all(1 <= one["retryAfter"] <= 60 for one in limited)
