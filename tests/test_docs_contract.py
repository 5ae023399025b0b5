"""The contract in docs/contract.md: what cites it, what holds it, and that it names each error."""

import re
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from likeness.errors import Refusal
from support.docs import ROOT, page

CONTRACT: Final = "docs/contract.md"
FOLDERS: Final = ("src", "tests", "docs", "benchmarks")
NOT_OURS: Final = frozenset({"node_modules", ".venv"})

HEADING: Final = re.compile(r"^##+ § (\d+(?:\.\d+)?) ", re.MULTILINE)
CITATION: Final = re.compile(r"§ (\d+(?:\.\d+)?)")
OLD_CITATION: Final = re.compile(r"\bcontract [AB](?: ?\d|\b)", re.IGNORECASE)
HOLDER: Final = re.compile(r"`(tests/[\w./-]+\.py)(?:::(\w+))?`")


def sections() -> list[str]:
    """The numbers of all sections in their order: chapters such as 2, rules such as 2.1."""
    return HEADING.findall(page(CONTRACT))


def rules() -> dict[str, str]:
    """Each rule's number with its text."""
    parts = re.split(r"^##+ § ", page(CONTRACT), flags=re.MULTILINE)[1:]
    numbered = {part.split(" ", 1)[0]: part for part in parts}
    return {number: text for number, text in numbered.items() if "." in number}


def texts() -> dict[str, str]:
    """Every file that may cite the contract, by its path."""
    found = [
        path
        for folder in FOLDERS
        for suffix in ("py", "md", "mjs", "js", "lua")
        for path in (ROOT / folder).rglob(f"*.{suffix}")
        if not NOT_OURS & set(path.parts) and path != Path(__file__)
    ]
    found += ROOT.glob("*.md")
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in found}


def test_every_section_has_a_number_of_its_own() -> None:
    """So that a citation means one rule, and rules stand in the order of their numbers."""
    twice = [number for number, count in Counter(sections()).items() if count > 1]
    ordered = sorted(sections(), key=lambda number: [int(part) for part in number.split(".")])

    assert twice == [], f"give each section of {CONTRACT} a number of its own: {twice}"
    assert sections() == ordered, f"put the sections of {CONTRACT} into the order of their numbers"


def test_every_citation_names_a_section_that_exists() -> None:
    """Anywhere in the tree `§ 1.2` is a section of the contract, and nothing cites another one."""
    known = set(sections())
    cited = {name: CITATION.findall(text) for name, text in texts().items()}
    wrong = [
        f"{name} cites § {number}: cite a section of {CONTRACT}, or add one there"
        for name, numbers in cited.items()
        for number in numbers
        if number not in known
    ]

    assert any(cited[name] for name in cited if name.startswith("src/"))
    assert wrong == []


def test_nothing_cites_a_document_that_is_not_here() -> None:
    """Citations were once of the form `contract A4`, of a document outside the repository."""
    old = [
        f"{name}: cite {CONTRACT} as `contract § 1.2` instead of {match[0]!r}"
        for name, text in texts().items()
        for match in OLD_CITATION.finditer(text)
    ]

    assert old == []


@pytest.mark.parametrize("number", rules())
def test_a_rule_names_the_tests_that_hold_it(number: str) -> None:
    """At least one, each a file of tests, or a test in it, that exists."""
    held_by = rules()[number].partition("\nHeld by ")[2]
    holders = HOLDER.findall(held_by)

    assert holders, f"end § {number} of {CONTRACT} with a line `Held by` that names its tests"
    for name, test in holders:
        path = ROOT / name
        assert path.is_file(), f"§ {number} of {CONTRACT} names {name}, which is gone: name another"
        has_test = not test or re.search(
            rf"^(?:async )?def {test}\(", path.read_text(), re.MULTILINE
        )
        assert has_test, f"§ {number} of {CONTRACT} names {name}::{test}, which is gone"


def test_every_error_is_in_the_contract() -> None:
    """Each code stands in the order of refusals, so that it has its place there."""
    order = rules()["2.1"]
    missing = [cls.code for cls in Refusal.__subclasses__() if f"`{cls.code}`" not in order]

    assert missing == [], f"add these errors to their step in § 2.1 of {CONTRACT}: {missing}"
