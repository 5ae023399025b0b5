"""SECURITY.md: the bounds that it names are those of the source, with their figures."""

import re
from importlib import import_module
from typing import Final

import pytest

from likeness.config import Config
from likeness.server.deadlines import DEADLINES, Phase
from support.docs import page

_UNITS: Final = {"": 1, "s": 1, "KiB": 2**10, "MiB": 2**20}
_ROW: Final = re.compile(
    r"^\| [^|]+ \| (\d+) ?(\w*) \| `([\w.]+)(?:\[(\w+)\])?` \| [^|]+ \|$", re.MULTILINE
)

BOUNDS: Final = _ROW.findall(page("SECURITY.md").partition("## Bounds")[2].partition("\n## ")[0])


def stated(name: str, phase: str) -> float:
    """What the source says: the default of a setting, a deadline, or a constant."""
    if name.startswith("LIKENESS_"):
        return float(Config.model_fields[name.removeprefix("LIKENESS_").lower()].default)
    module, _, constant = name.rpartition(".")
    value = getattr(import_module(f"likeness.{module}"), constant)
    return float(value[Phase[phase]] if phase else value)


@pytest.mark.parametrize(("number", "unit", "name", "phase"), BOUNDS)
def test_a_bound_is_what_the_page_says(number: str, unit: str, name: str, phase: str) -> None:
    """In the unit that it is named in."""
    assert stated(name, phase) == int(number) * _UNITS[unit], (
        f"write the figure of {name} into the table Bounds of SECURITY.md"
    )


def test_every_bound_is_read() -> None:
    """A row that is written in another way would not be looked at."""
    table = page("SECURITY.md").partition("## Bounds")[2].partition("\n## ")[0]

    rows = [line for line in table.splitlines() if line.startswith("| ")][1:]
    unread = [row for row in rows if not _ROW.fullmatch(row) and not row.startswith("| ---")]
    assert unread == [], "write it as the other rows of SECURITY.md, or mend _ROW in this file"
    named = {phase for _, _, _, phase in BOUNDS} | {"IDLE"}
    deadlines = {phase.name for phase in DEADLINES}
    assert deadlines - named == set(), "give it a row in the table Bounds of SECURITY.md"
    assert named - deadlines == {""}, "no such deadline: take it out of SECURITY.md"
