"""What directories really send, by recorded shapes, and who is there after each."""

import json
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import pytest

from likeness.entries import NotEnrolled, Why
from likeness.events import OPERATOR
from likeness.merging import Merging
from likeness.scim.protocol import ATTEMPTS_MAX
from support.scim import PUBLIC_URL, Directory

pytestmark = pytest.mark.anyio

SHAPES: Final[list[dict[str, Any]]] = json.loads(
    (Path(__file__).parent / "shapes.json").read_text()
)
CLIENTS: Final = {
    client: list(steps) for client, steps in groupby(SHAPES, key=lambda step: step["client"])
}
TESTED: Final = {"ada@example.org", "bob@example.org", "directory@example.org"}
"""Those who are there before the directory comes."""


async def people(scim: Directory) -> list[list[Any]]:
    """Whom the directory brought: address, short name, name, and whether they are here."""
    page = await scim.work.service.accounts.users(scim.team.id, "", 100)
    return sorted(
        [user.email, user.name, user.real_name, user.deleted_at is None]
        for user in page.users
        if user.email not in TESTED
    )


@pytest.mark.parametrize("client", CLIENTS)
async def test_what_a_directory_sends_is_understood(scim: Directory, client: str) -> None:
    """Step by step, with the people after each."""
    user_id = ""
    for step in CLIENTS[client]:
        scim.work.clock.advance(seconds=1)
        path = step["path"].replace("{id}", user_id)
        answer = await scim.ask(step["method"], path, step.get("body"))
        assert answer.status_code == step["status"], (step["told"], answer.text)
        if step["method"] == "POST" and answer.status_code == 201:
            user_id = answer.json()["id"]
            assert answer.headers["location"] == f"{PUBLIC_URL}/scim/v2/Users/{user_id}"
        if "total" in step:
            assert answer.json()["totalResults"] == step["total"], step["told"]
        if "also" in step:
            assert await scim.found(f'emails.value eq "{step["also"]}"')
        assert await people(scim) == step["people"], step["told"]


async def test_values_come_back_as_they_were_sent(scim: Directory) -> None:
    """Entra compares them with what it has."""
    sent = {
        "externalId": "Ada",
        "userName": "ADA@Contoso.example",
        "displayName": "  Ada ",
        "name": {"givenName": "Ada", "familyName": "L"},
        "active": True,
        "emails": [
            {"value": "ADA@Contoso.example", "type": "work", "primary": True},
            {"value": "Other@x.example", "type": "home"},
        ],
    }
    made = await scim.add(sent.pop("userName"), **sent)  # type: ignore[arg-type] # - It is a text.

    again = await scim.get(made["id"])
    assert again == made
    assert {name: again[name] for name in sent} == sent
    assert again["userName"] == "ADA@Contoso.example"
    [listed] = (await scim.ask("GET", "/Users")).json()["Resources"]
    assert listed == again


async def test_who_is_here_already_is_bound_by_an_address(scim: Directory) -> None:
    """Until then the directory does not see them; it never sees bots."""
    assert await scim.found('userName eq "ada@example.org"') == []
    made = await scim.add("ada@example.org")

    assert made["id"] == scim.work.ada.id
    assert await scim.found("active eq true") == ["ada@example.org"]
    refused = await scim.ask(
        "POST", "/Users", {"userName": "robot", "emails": [{"value": "directory@example.org"}]}
    )
    assert (refused.status_code, refused.json()["scimType"]) == (409, "uniqueness")


async def test_whether_somebody_is_here_is_what_was_said_last(scim: Directory) -> None:
    """Silence means that they are, but for whom an operator deactivated."""
    eve = await scim.add("eve@example.org")
    assert "active" not in eve
    left = {"op": "replace", "path": "active", "value": False}
    await scim.patch(eve["id"], left)
    assert (await scim.get(eve["id"]))["active"] is False
    scim.work.clock.advance(seconds=1)
    await scim.patch(eve["id"], {"op": "remove", "path": "active"})
    assert "active" not in await scim.get(eve["id"])

    await scim.work.service.people.deactivate("eve@example.org")
    assert (await scim.get(eve["id"]))["active"] is False
    scim.work.clock.advance(seconds=1)
    await scim.patch(eve["id"], {"op": "replace", "path": "displayName", "value": "Eve"})
    assert (await scim.get(eve["id"]))["active"] is False


async def test_pages_have_bounds(scim: Directory) -> None:
    """From any beginning; a count of none gives the total alone."""
    for name in ("a", "b", "c"):
        await scim.add(f"{name}@example.org", externalId=name)

    async def page(query: str) -> tuple[int, list[str]]:
        body = (await scim.ask("GET", f"/Users?{query}")).json()
        names = [each["userName"] for each in body.get("Resources", [])]
        assert body["itemsPerPage"] == len(names)
        return body["totalResults"], names

    assert await page("count=2") == (3, ["a@example.org", "b@example.org"])
    assert await page("startIndex=3&count=2") == (3, ["c@example.org"])
    assert await page("startIndex=4") == (3, [])
    assert await page("startIndex=99999999999999999999999") == (3, [])
    assert await page("count=0") == (3, [])
    assert await page("startIndex=-5&count=-1") == (3, [])
    asked = {"filter": 'userName eq "b@example.org"', "count": 99999}
    found = await scim.ask("POST", "/Users/.search", asked)
    assert [each["userName"] for each in found.json()["Resources"]] == ["b@example.org"]


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("GET", '/Users?filter=userName co "x"', None, (400, "invalidFilter")),
        ("GET", f'/Users?filter=userName eq "{"x" * 1000}"', None, (400, "invalidFilter")),
        ("GET", "/Users?filter=nonsense", None, (400, "invalidFilter")),
        ("POST", "/Users/.search", {"filter": "x" * 2000}, (400, "invalidFilter")),
        ("POST", "/Users", b"no json", (400, "invalidSyntax")),
        ("POST", "/Users", [[[[[[[[[[[[1]]]]]]]]]]]], (400, "invalidValue")),
        ("POST", "/Users", {"userName": "nobody"}, (400, "invalidValue")),
        ("POST", "/Users", {}, (400, "invalidValue")),
        ("POST", "/Users", {"userName": "x" * 400}, (400, "invalidValue")),
        (
            "PATCH",
            "/Users/U0",
            {"Operations": [{"op": "add", "value": {'emails[type eq "work"].value': "x"}}]},
            (400, "invalidPath"),
        ),
        ("GET", "/Users?sortBy=userName", None, (501, None)),
        ("POST", "/Bulk", {"Operations": []}, (501, None)),
        ("GET", "/Groups", None, (404, None)),
        ("GET", "/Me", None, (501, None)),
        ("GET", "/Users/U0", None, (404, None)),
        ("DELETE", "/Users/U0", None, (404, None)),
        ("DELETE", "/Users", None, (405, None)),
    ],
)
async def test_what_is_not_offered_is_refused(
    scim: Directory, method: str, path: str, body: Any, expected: tuple[int, str | None]
) -> None:
    """In the form of the standard, which says why."""
    answer = await scim.ask(method, path, body)

    said = answer.json()
    assert (answer.status_code, said.get("scimType")) == expected
    assert said["status"] == str(answer.status_code)
    assert answer.headers["content-type"] == "application/scim+json"


async def test_somebody_elses_names_are_refused(scim: Directory) -> None:
    """By user name, id and address."""
    await scim.add("ada@example.org", externalId="1")
    bob = await scim.add("bob@example.org", externalId="2")

    for said in (
        {"userName": "ADA@example.org", "externalId": "2"},
        {"userName": "bob@example.org", "externalId": "1"},
        {"userName": "bob@example.org", "emails": [{"value": "ada@example.org"}]},
    ):
        answer = await scim.ask("PUT", f"/Users/{bob['id']}", said)
        assert (answer.status_code, answer.json()["scimType"]) == (409, "uniqueness"), said
    taken = {"userName": "new@example.org", "externalId": "1"}
    assert (await scim.ask("POST", "/Users", taken)).status_code == 409


async def test_who_was_merged_is_changed_by_either_id(scim: Directory) -> None:
    """Of the two that the directory has for them."""
    ada = await scim.add("ada@example.org", externalId="2")
    await scim.add("bob@example.org", externalId="1")
    service = scim.work.service
    merging = Merging(service.database, service.people, scim.work.clock)
    await merging.merge("bob@example.org", "ada@example.org", OPERATOR)

    for external_id, name in (("2", "Ada"), ("1", "Bob")):
        said = {
            "userName": f"{name}@example.org",
            "externalId": external_id,
            "displayName": name,
            "emails": [{"value": f"{name}@example.org"}],
        }
        put = await scim.ask("PUT", f"/Users/{ada['id']}", said)
        assert (put.status_code, put.json()["displayName"]) == (200, name), put.text


async def test_a_change_that_was_overtaken_is_made_again(
    scim: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the person as they are then; for ever it is not."""
    made = await scim.add("eve@example.org")
    enrolling, tries = scim.work.service.enrolling, list[int]()
    enrol = enrolling.enrol

    async def late(*args: Any) -> Any:
        tries.append(1)
        if len(tries) < ATTEMPTS_MAX:
            raise NotEnrolled(Why.OVERTAKEN, "too late")
        return await enrol(*args)

    monkeypatch.setattr(enrolling, "enrol", late)
    name = {"op": "replace", "path": "displayName", "value": "Eve"}
    assert (await scim.patch(made["id"], name)).status_code == 204
    assert (await scim.get(made["id"]))["displayName"] == "Eve"
    tries.clear()
    monkeypatch.setattr("likeness.scim.protocol.ATTEMPTS_MAX", 2)
    put = await scim.ask("PUT", f"/Users/{made['id']}", {"userName": "eve@example.org"})
    assert put.status_code == 412
