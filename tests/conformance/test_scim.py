"""Clients and checks of other people's against the running service, by SCIM over a socket."""

import json
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_models import PatchOp, PatchOperation
from scim2_tester import Status, check_server

from likeness.scopes import SCIM_SCOPE
from support.live import LiveServer, add_person
from support.patience import PATIENCE_S
from support.postgres import PostgresServer

CHECKS_MIN: Final = 45
"""Of scim2-tester, with the schema that is published."""


@pytest.fixture(params=["sqlite", pytest.param("debian", marks=pytest.mark.slow)])
def running(
    request: pytest.FixtureRequest, tmp_path: Path, server_of: Callable[[str], PostgresServer]
) -> Iterator[LiveServer]:
    """A service on each kind of database."""
    settings = {"PUBLIC_URL": "https://photos.example.com"}
    if request.param != "sqlite":
        settings["DATABASE"] = server_of(request.param).new_database()
    with LiveServer(tmp_path / "data", settings) as server:
        yield server


@pytest.fixture
def client(running: LiveServer) -> Iterator[Client]:
    """HTTP with the token of a directory's bot."""
    bot = add_person(running, "directory@example.org", scopes=(SCIM_SCOPE,), is_bot=True)
    headers = {"Authorization": f"Bearer {bot.token}"}
    url = f"{running.url}/scim/v2"
    with Client(base_url=url, headers=headers, timeout=PATIENCE_S) as opened:
        yield opened


def test_the_checks_of_scim2_tester_pass(client: Client) -> None:
    """All of them; who they are about is what the schema says."""
    results = check_server(SyncSCIMClient(client))

    wrong = [
        (each.title, each.reason)
        for each in results
        if each.status not in {Status.SUCCESS, Status.SKIPPED}
    ]
    assert wrong == []
    assert Counter(each.status for each in results)[Status.SUCCESS] >= CHECKS_MIN


def test_a_client_brings_somebody_and_lets_them_go(running: LiveServer, client: Client) -> None:
    """Who discovers what there is, as scim2-client does."""
    scim: Any = SyncSCIMClient(client)
    scim.discover()
    user = scim.get_resource_model("User")
    made = scim.create(
        user(
            user_name="ada@example.org",
            display_name="Ada Lovelace",
            emails=[user.Emails(value="ada@example.org", primary=True)],
        )
    )
    assert made.id
    assert made.meta.location == f"https://photos.example.com/scim/v2/Users/{made.id}"
    patches: Any = PatchOp[user]  # type: ignore[valid-type] # - It is made as it runs.
    operation: Any = PatchOperation
    gone = operation(op="replace", path="active", value=False)
    scim.modify(user, made.id, patches(operations=[gone]))
    assert scim.query(user, made.id).active is False
    scim.delete(user, made.id)

    listed = subprocess.run(
        ["likeness", "user", "list", "--all", "--json"],
        env=running.environment,
        check=True,
        capture_output=True,
        text=True,
    )
    [ada] = [each for each in json.loads(listed.stdout) if each["email"] == "ada@example.org"]
    assert ada["id"] == made.id
