"""Photos by a name, an address or an id, where that is allowed; and what is none of these."""

from hashlib import md5

import httpx
import pytest

from likeness import seldom
from likeness.avatars import by_hash
from likeness.avatars.by_hash import HINT
from likeness.model import Photo
from likeness.seldom import SeldomLog
from support.studio import Studio

pytestmark = pytest.mark.anyio


def md5_path(email: str) -> str:
    """Where older clients look."""
    return f"/avatar/{md5(email.encode(), usedforsecurity=False).hexdigest()}"


ADA = md5_path("ada@example.org")
STRANGER = md5_path("stranger@example.org")


@pytest.mark.parametrize("settings", [{"name_avatars": "on"}])
async def test_a_name_an_address_and_an_id_lead_to_the_photo(
    client: httpx.AsyncClient, work: Studio, photo: Photo
) -> None:
    """With all that may be asked of a hash; capitals make no difference."""
    usual = (await client.get(f"{ADA}?s=96")).content

    for name in ("ada", "ADA", "ada@example.org", "Ada%40Example.org", work.ada.id):
        assert (await client.get(f"/u/{name}?s=96")).content == usual
        assert (await client.get(f"/u/{name}.png?s=96")).headers["content-type"] == "image/png"
    assert (await client.get("/u/ada?f=y&d=404")).status_code == 404
    assert photo.sizes


@pytest.mark.parametrize("settings", [{"name_avatars": "on"}])
async def test_by_name_too_who_hides_is_like_nobody(
    client: httpx.AsyncClient, work: Studio, photo: Photo
) -> None:
    """So is who left, and a name that two people have. No side is asked for twice, nor cached."""
    people = work.service.people

    await people.set_listed("ada@example.org", is_listed=False)
    for name in ("ada", "ada@example.org", work.ada.id):
        hidden = await client.get(f"/u/{name}?d=404")
        assert hidden.status_code == 404
        assert hidden.headers == (await client.get("/u/nobody?d=404")).headers
    await people.set_listed("ada@example.org", is_listed=True)
    await people.add_user("ada@example.com", "Acme")
    assert (await client.get("/u/ada?d=404&s=81")).status_code == 404
    assert (await client.get("/u/ada@example.org?d=404&s=81")).status_code == 200
    await people.deactivate("ada@example.org")
    assert (await client.get(f"/u/{work.ada.id}?d=404&s=82")).status_code == 404
    assert photo.sizes


@pytest.mark.parametrize("settings", [{}, {"name_avatars": "on", "email_avatars": "off"}])
async def test_names_lead_nowhere_unless_that_is_wanted(
    client: httpx.AsyncClient, photo: Photo
) -> None:
    assert (await client.get("/u/ada")).status_code == 404
    assert photo.sizes


@pytest.mark.parametrize("text", ["ada@example.org", "abc", "d41d8cd98f00b204e9800998ecf8427"])
async def test_what_is_no_hash_is_told_apart(
    client: httpx.AsyncClient, photo: Photo, capfd: pytest.CaptureFixture[str], text: str
) -> None:
    """By a header, and in the log now and then, where no address stands; else like a stranger."""
    lost, stranger = await client.get(f"/avatar/{text}"), await client.get(STRANGER)

    assert "no MD5 or SHA-256" in lost.headers.pop(HINT)
    assert lost.content == stranger.content
    assert lost.headers == stranger.headers
    assert HINT not in (await client.get(ADA)).headers
    assert photo.sizes
    assert "ada@" not in capfd.readouterr().err


async def test_that_no_hash_was_sent_is_logged_without_it(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once a minute, since anybody can cause it."""
    lines = list[dict[str, str]]()
    monkeypatch.setattr(by_hash, "_seldom", SeldomLog())
    monkeypatch.setattr(seldom._log, "warning", lambda event, **facts: lines.append(facts))

    for path in ("/avatar/ada@example.org", "/avatar/abc", STRANGER):
        await client.get(path)

    assert [{"looks_like": "an e-mail address", "client": "127.0.0.1"}] == lines


async def test_a_slash_too_many_does_no_harm(client: httpx.AsyncClient, photo: Photo) -> None:
    """As base URLs with a slash at their end give it."""
    usual = await client.get(ADA)

    for path in (ADA.replace("/avatar/", "/avatar//"), f"{ADA}/"):
        assert (await client.get(path)).content == usual.content
    assert photo.sizes
