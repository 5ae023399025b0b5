"""The recipes for contributors are cooked: each in a copy of the tree, by its words alone."""

import ast
from pathlib import Path

import pytest

from support.docs import ROOT
from support.recipes import FOLDER, PAGES, copy_tree, recipe, run_in

every_page = pytest.mark.parametrize("page", PAGES)


def test_each_recipe_is_on_the_list() -> None:
    """And the list has no other."""
    listed = (FOLDER / "README.md").read_text()

    missing = [page for page in PAGES if f"]({page})" not in listed]
    assert missing == [], "give it a line in docs/contributing/README.md"


@every_page
def test_a_recipe_fits_the_tree_as_it_is(page: str) -> None:
    """Each line that it names is there once; what comes out is Python; it names a test to run."""
    made = recipe(page)
    texts: dict[str, str] = {}
    for step in made.steps:
        path = ROOT / step.file
        assert path.exists() == (step.where != "new"), f"docs/contributing/{page}: {step.file}"
        before = texts.get(step.file, path.read_text() if path.exists() else "")
        texts[step.file] = step.changed(before)

    for file, text in texts.items():
        if file.endswith(".py"):
            ast.parse(text)
    assert any(command.startswith("pytest ") for command in made.runs)


@pytest.fixture(scope="module")
def types_seen(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What mypy remembers from one recipe to the next, most of whose files are the same."""
    return str(tmp_path_factory.mktemp("mypy"))


@pytest.mark.slow
@every_page
def test_a_recipe_works(page: str, tmp_path: Path, types_seen: str) -> None:
    """Its commands, then ruff and mypy of what it touches, and the house checks."""
    tree, made = copy_tree(tmp_path), recipe(page)
    for step in made.steps:
        step.follow(tree)
    touched = " ".join(file for file in made.files() if file.endswith(".py"))

    for command in (
        *made.runs,
        f"ruff check {touched}",
        f"ruff format --check {touched}",
        f"mypy {touched}",
        "lint-imports",
        "python docs/generate.py --check",
        "pytest -q -n 0 tests/test_house.py",
    ):
        run = run_in(tree, command, MYPY_CACHE_DIR=types_seen)
        assert run.returncode == 0, f"{command}\n{run.stdout[-3000:]}\n{run.stderr[-3000:]}"
