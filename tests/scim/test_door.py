"""Who may come in as a directory, how often and with how much, and what is answered."""

import asyncio
import base64
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from likeness.errors import ServiceUnavailable
from likeness.events import Verb
from likeness.model import Source
from likeness.scim import door
from likeness.scopes import ADMIN_SCOPE, SCIM_SCOPE
from support.pictures import jpeg
from support.scim import PUBLIC_URL, Directory, directory, person

pytestmark = pytest.mark.anyio


def data_url(image: bytes) -> str:
    """A picture in a URL of its own."""
    return "data:image/jpeg;base64," + base64.b64encode(image).decode()


async def test_what_the_service_can_do_anybody_may_read(scim: Directory) -> None:
    """Nothing else."""
    assert (await scim.ask("GET", "/ServiceProviderConfig", token="")).status_code == 200
    for path in ("/Schemas", "/ResourceTypes", "/Users", "/Nothing"):
        refused = await scim.ask("GET", path, token="")
        assert refused.status_code == 401, path
        assert refused.headers["www-authenticate"] == 'Bearer realm="SCIM"'
        assert refused.headers["content-type"] == "application/scim+json"
        assert refused.json()["status"] == "401"


async def test_only_a_bot_with_the_scope_comes_in(scim: Directory) -> None:
    """Neither people, whatever their token may do, nor bots that may do something else."""
    bot = await scim.work.service.people.find("directory@example.org")
    for user, scopes, status in (
        (scim.work.ada, SCIM_SCOPE, 403),
        (bot, ADMIN_SCOPE, 403),
        (bot, "", 403),
        (bot, SCIM_SCOPE, 200),
    ):
        token = await scim.door.token(user, scopes)
        assert (await scim.ask("GET", "/Users", token=token)).status_code == status
    with capture_logs() as lines:
        assert (await scim.ask("GET", "/Users", token="xoxb-nonsense")).status_code == 401
    assert [("token_refused", "invalid_auth")] == [(each["event"], each["error"]) for each in lines]


async def test_two_tokens_are_none(scim: Directory) -> None:
    """Whichever of them another reader would take."""
    url, header = "http://likeness.invalid/scim/v2/Users", ("Authorization", f"Bearer {scim.token}")
    assert (await scim.client.get(url, headers=[header])).status_code == 200
    assert (await scim.client.get(url, headers=[header, header])).status_code == 401


async def test_the_bot_of_another_team_sees_nobody(scim: Directory) -> None:
    """Nor does it change anybody."""
    ada = await scim.add("ada@example.org")
    people = scim.work.service.people
    await people.add_team("Other")
    token = await scim.door.token(
        await people.add_user("bot@other.example", "Other", is_bot=True), SCIM_SCOPE
    )

    listed = await scim.ask("GET", "/Users", token=token)
    assert listed.json()["totalResults"] == 0
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        body = None if method in {"GET", "DELETE"} else person()
        answer = await scim.ask(method, f"/Users/{ada['id']}", body, token=token)
        assert answer.status_code in {400, 404}
    assert (await scim.get(ada["id"])) == ada


async def test_addresses_are_those_of_the_settings(scim: Directory) -> None:
    """Not of the host that the request names."""
    forged = {"Host": "evil.example", "X_Forwarded_Host": "evil.example"}
    made = await scim.ask("POST", "/Users", person("eve@example.org"), **forged)
    listed = await scim.ask("GET", "/Users", **forged)

    for answer in (made, listed):
        assert "evil.example" not in answer.text + str(answer.headers)
    location = f"{PUBLIC_URL}/scim/v2/Users/{made.json()['id']}"
    assert made.json()["meta"]["location"] == made.headers["location"] == location


async def test_too_many_requests_are_told_when_to_come_again(
    scim: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of one bot; 25 a second are welcome."""
    statuses = [(await scim.ask("GET", "/Users?count=0")).status_code for _ in range(25)]
    assert set(statuses) == {200}
    monkeypatch.setattr(door, "REQUESTS_A_MINUTE", 2)
    *_, refused = [await scim.ask("GET", "/Users") for _ in range(3)]
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 1
    assert refused.json()["detail"].startswith("2 requests a minute")


async def test_without_limits_nobody_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the setting says."""
    monkeypatch.setattr(door, "REQUESTS_A_MINUTE", 1)
    async with directory(tmp_path / "data", rate_limits="off") as scim:
        assert {200} == {(await scim.ask("GET", "/Users")).status_code for _ in range(3)}


async def test_a_body_has_a_bound(scim: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Announced or not; the length of a picture is one that our photos have."""
    monkeypatch.setattr(door, "BODY_LENGTH_MAX", 1000)
    assert (await scim.ask("POST", "/Users", b"x" * 1001)).status_code == 413

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(11):
            yield b"x" * 100

    headers = {"Authorization": f"Bearer {scim.token}"}
    url = "http://likeness.invalid/scim/v2/Users"
    answer = await scim.client.post(url, content=pieces(), headers=headers)
    assert (answer.status_code, answer.json()["status"]) == (413, "413")


async def test_a_body_has_to_arrive(tmp_path: Path) -> None:
    """Within the time that every request has."""

    async def slow() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    async with directory(tmp_path / "data", request_timeout_s="0.05") as scim:
        headers = {"Authorization": f"Bearer {scim.token}"}
        url = "http://likeness.invalid/scim/v2/Users"
        answer = await scim.client.post(url, content=slow(), headers=headers)
    assert answer.status_code == 408


async def test_a_busy_service_says_so(scim: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the form of the standard; a bug of ours says nothing of itself."""

    def away(*_: object, **__: object) -> None:
        raise ServiceUnavailable("the database cannot be used now")

    monkeypatch.setattr(scim.work.service.database, "enrolled_page", away)
    answer = await scim.ask("GET", "/Users")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")

    def broken(*_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(scim.work.service.database, "enrolled_page", broken)
    with capture_logs() as lines:
        answer = await scim.ask("GET", "/Users")
    assert (answer.status_code, "secret" in answer.text) == (500, False)
    assert ["scim_failed"] == [line["event"] for line in lines]
    monkeypatch.setattr(scim.work.service.database, "caller", away)
    assert (await scim.ask("GET", "/Users")).status_code == 503


async def test_without_the_extra_it_says_what_to_install(
    scim: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To whoever may come in, and once in the log."""
    monkeypatch.setitem(sys.modules, "likeness.scim.protocol", None)
    with capture_logs() as lines:
        answers = [await scim.ask("GET", "/Users") for _ in range(2)]
    assert {501} == {answer.status_code for answer in answers}
    assert "likeness-avatars[scim]" in answers[0].json()["detail"]
    assert ["scim_not_installed"] == [line["event"] for line in lines]


async def test_a_picture_within_comes_at_once(scim: Directory) -> None:
    """And is shown as our own URL, which changes nothing when it comes back."""
    said = [{"value": data_url(jpeg(600, 600)), "type": "photo", "primary": True}]
    made = await scim.add("eve@example.org", photos=said)
    eve = await scim.work.service.people.find("eve@example.org")
    assert eve.photo
    assert (eve.photo_source, eve.photo.set_by) == (Source.DIRECTORY, "scim")
    shown = await scim.get(made["id"])
    assert [each["value"] for each in shown["photos"]] == [f"{PUBLIC_URL}/{eve.photo.key('512')}"]

    scim.work.clock.advance(seconds=1)
    put = await scim.ask("PUT", f"/Users/{made['id']}", {**shown, "displayName": "Eve"})
    assert put.status_code == 200
    again = await scim.work.service.people.find("eve@example.org")
    assert (again.photo, again.real_name) == (eve.photo, "Eve")

    scim.work.clock.advance(seconds=1)
    await scim.patch(made["id"], {"op": "remove", "path": "photos"})
    assert (await scim.work.service.people.find("eve@example.org")).photo is None


async def test_a_photo_without_a_value_is_none(scim: Directory) -> None:
    """As is left where a path took the value alone away."""
    made = await scim.add("eve@example.org", photos=[{"value": data_url(jpeg(600, 600))}])
    scim.work.clock.advance(seconds=1)

    shown = {**await scim.get(made["id"]), "photos": [{"type": "thumbnail"}]}
    await scim.ask("PUT", f"/Users/{made['id']}", shown)

    assert (await scim.work.service.people.find("eve@example.org")).photo is None


async def test_what_cannot_be_used_holds_up_nobody(scim: Directory) -> None:
    """The person comes, and the log says why the photo did not; other URLs are shown back."""
    for number, (url, reason) in enumerate(
        (
            (data_url(b"no picture"), "bad_image"),
            ("data:text/html;base64,AAAA", "wrong_type"),
            ("https://elsewhere.example/eve.jpg", "host_not_named"),
            ("http://elsewhere.example/eve.jpg", "host_not_named"),
        )
    ):
        made = await scim.add(f"eve{number}@example.org", photos=[{"value": url}])
        eve = await scim.work.service.people.find(f"eve{number}@example.org")
        [told] = scim.work.service.database.events(user_id=eve.id, limit=1)
        assert (told.verb, told.detail) == (Verb.PHOTO_REFUSED, reason)
        assert eve.photo is None
        is_kept = not url.startswith("data:")
        assert ("photos" in await scim.get(made["id"])) is is_kept
        scim.work.clock.advance(seconds=1)
        name = {"op": "replace", "path": "displayName", "value": "Eve"}
        await scim.patch(made["id"], name)
        [newest] = scim.work.service.database.events(user_id=eve.id, limit=1)
        assert newest.verb is Verb.USER_RENAMED


async def test_a_picture_within_has_a_bound(scim: Directory) -> None:
    """Beyond it nothing of the request is done."""
    long = data_url(b"x" * (11 * 2**20))
    answer = await scim.ask("POST", "/Users", person("eve@example.org", photos=[{"value": long}]))

    assert answer.status_code == 413
    assert await scim.found('userName eq "eve@example.org"') == []


async def test_a_refusal_does_not_repeat_what_was_sent(scim: Directory) -> None:
    """Be it long."""
    nonsense = "https://[" + "x" * 10_000
    answer = await scim.ask("POST", "/Users", person("e@x.example", photos=[{"value": nonsense}]))

    assert len(answer.content) < 1000


async def test_a_filter_is_no_part_of_a_statement(scim: Directory) -> None:
    """Whatever stands in its text."""
    await scim.add("ada@example.org", externalId="1")

    for text in ("' OR 1=1 --", '\\" or userName pr or userName eq \\"', "%", "_", "x\\u0000"):
        for name in ("userName", "externalId", "id", "emails.value"):
            assert await scim.found(f'{name} eq "{text}"') == [], (name, text)


def test_a_start_without_a_directory_imports_nothing_of_it() -> None:
    """It takes half a second of CPU."""
    code = (
        "import sys; import likeness.app.web; "
        "print([name for name in sys.modules if name.startswith(('scim2', 'lark'))])"
    )
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert run.stdout.strip() == "[]"


async def test_many_requests_hold_up_nobody_else(scim: Directory) -> None:
    """They take turns; the service answers others meanwhile."""

    async def add(number: int) -> int:
        body = person(f"p{number}@example.org", externalId=str(number))
        return (await scim.ask("POST", "/Users", body)).status_code

    statuses = asyncio.gather(*(add(number) for number in range(40)))
    alive = await scim.client.get("http://likeness.invalid/healthz")
    assert alive.status_code == 200
    assert set(await statuses) == {201}
    listed = await scim.ask("GET", "/Users?count=0")
    assert json.loads(listed.text)["totalResults"] == 40
