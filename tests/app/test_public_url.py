"""Where the service is reached: noted by a server, and used by verbs that do not say it."""

from pathlib import Path

import pytest

from likeness.app.public_url import at_its_public_url, note_public_url
from likeness.app.service import Service
from likeness.config import load
from likeness.errors import ServiceUnavailable
from support.studio import Studio, studio

pytestmark = pytest.mark.anyio

URL = "https://photos.example.org"


def served_at(work: Studio, url: str) -> None:
    """Another process serves it there."""
    config = load({"LIKENESS_DATA": str(work.service.config.data), "LIKENESS_PUBLIC_URL": url})
    note_public_url(work.service.database, config)


def reached_at(service: Service) -> str:
    """Where a verb's links lead."""
    return at_its_public_url(service).config.base_url


async def test_links_lead_to_where_a_server_was_last(work: Studio) -> None:
    """Also the URLs of photos."""
    assert reached_at(work.service) == work.service.config.base_url

    served_at(work, "https://before.example.org")
    served_at(work, URL)

    assert reached_at(work.service) == URL
    assert at_its_public_url(work.service).config.photo_url == URL


@pytest.mark.parametrize(
    "setting", [{"public_url": "http://mine.test"}, {"port": "8080"}, {"host": "127.0.0.1"}]
)
async def test_what_a_shell_says_itself_counts(tmp_path: Path, setting: dict[str, str]) -> None:
    """Somebody there knows better."""
    async with studio(tmp_path, **setting) as work:
        served_at(work, URL)

        assert reached_at(work.service) == work.service.config.base_url != URL


async def test_a_database_that_takes_no_changes_keeps_no_server_from_starting(
    work: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Photos can be read all the same."""

    def full(*_: str) -> None:
        raise ServiceUnavailable("the disk is full")

    monkeypatch.setattr(type(work.service.database), "note", full)

    served_at(work, URL)

    assert reached_at(work.service) != URL
