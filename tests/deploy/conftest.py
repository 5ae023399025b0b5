"""An installation that is made by the steps of the Dockerfile, once for all tests here."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.image import Image, done
from support.users import remove


@pytest.fixture(scope="session")
def image() -> Iterator[Image]:
    """Both stages, done by hand in one folder that everybody may read."""
    root = Path(tempfile.mkdtemp(prefix="likeness-image-"))
    root.chmod(0o755)
    try:
        yield Image(root, done(root))
    finally:
        remove(root)
