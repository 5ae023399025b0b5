"""A whole service in this process, and a browser in front of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from likeness.app.web import build
from likeness.model import Photo
from support.pictures import jpeg
from support.studio import Studio, studio


@pytest.fixture
def settings() -> dict[str, str]:
    """Settings of the service; a test file may have its own."""
    return {}


@pytest.fixture
async def work(tmp_path: Path, settings: dict[str, str]) -> AsyncIterator[Studio]:
    """A fresh service."""
    async with studio(tmp_path, **settings) as fresh:
        yield fresh


@pytest.fixture
async def client(work: Studio) -> AsyncIterator[httpx.AsyncClient]:
    """A browser in front of it."""
    transport = httpx.ASGITransport(build(work.service))
    async with httpx.AsyncClient(transport=transport, base_url="http://photos") as browser:
        yield browser


@pytest.fixture
async def photo(work: Studio) -> Photo:
    """A photo of Ada's, of 600 pixels."""
    return (await work.service.photos.set(work.ada, jpeg(600, 600), None)).photo
