"""What the documentation shows, for tests that do it."""

import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
README: Final = "README.md"
RECIPES: Final = "docs/recipes.md"

INSTALLED_AT: Final = "http://127.0.0.1:8080"
"""Where a fresh installation is, by what the documentation says."""

SOMEWHERE: Final = "https://avatars.example.org"
"""Where a public installation is, by what the documentation says."""


def page(name: str) -> str:
    """A page, by its path in the repository."""
    return (ROOT / name).read_text(encoding="utf-8")


def example(mark: str, name: str = README) -> str:
    """The code block that follows a mark in a page."""
    match = re.search(rf"<!-- {mark} -->\n```\w+\n(.*?)```", page(name), re.DOTALL)
    assert match, mark
    return match[1]


def blocks(language: str, name: str) -> list[str]:
    """Every code block of a page in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page(name), re.DOTALL | re.MULTILINE)


def here(text: str, url: str) -> str:
    """A text of the documentation, pointed at another server."""
    return text.replace(INSTALLED_AT, url).replace(SOMEWHERE, url)
