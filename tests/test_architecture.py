"""ARCHITECTURE.md has a line for each module, and a module for each name in a line."""

import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[1]
SOURCE: Final = ROOT / "src" / "likeness"
MAP: Final = ROOT / "ARCHITECTURE.md"

PLACE: Final = re.compile(r"`([a-z0-9_/]+(?:\.py|/))`")
"""A module or a folder, in the first column of a table: `webapi/users.py`, `site/static/`."""


def places() -> list[str]:
    """Every module and folder that has a line of its own in a table."""
    rows = [line for line in MAP.read_text().splitlines() if line.startswith("| `")]
    return [place for row in rows for place in PLACE.findall(row.split(" | ")[0])]


def modules() -> list[str]:
    """Every source file that says something: a package's own file only if it holds code."""
    files = sorted(SOURCE.rglob("*.py"))
    return [
        file.relative_to(SOURCE).as_posix()
        for file in files
        if file.name != "__init__.py" or "import " in file.read_text()
    ]


@pytest.mark.parametrize("place", places())
def test_each_line_has_its_module(place: str) -> None:
    """Nobody is sent to a file that was moved."""
    assert (SOURCE / place).exists(), (
        f"ARCHITECTURE.md has a line for `{place}`, which is not in src/likeness: name the file as "
        "it is called now, or remove it from that line"
    )


@pytest.mark.parametrize("module", modules())
def test_each_module_has_its_line(module: str) -> None:
    """A folder's line stands for all that is in it."""
    folders = [place for place in places() if place.endswith("/")]
    has_line = module in places() or any(module.startswith(folder) for folder in folders)
    package = module.removesuffix("__init__.py") if module.endswith("__init__.py") else None
    assert has_line or package in folders, (
        f"nobody can find `{module}`: add it to the table in ARCHITECTURE.md, with what it is for"
    )


def test_a_line_is_not_said_twice() -> None:
    """A module that has two lines is described by neither."""
    named = places()
    twice = sorted({place for place in named if named.count(place) > 1})
    assert not twice, f"ARCHITECTURE.md names {twice} in more than one row: keep one of them"
