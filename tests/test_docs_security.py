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
    assert stated(name, phase) == int(number) * _UNITS[unit]


def test_every_bound_is_read() -> None:
    """A row that is written in another way would not be looked at."""
    table = page("SECURITY.md").partition("## Bounds")[2].partition("\n## ")[0]

    assert len(BOUNDS) == sum(line.startswith("| ") for line in table.splitlines()) - 2
    named = {phase for _, _, _, phase in BOUNDS} | {"IDLE"}
    assert {phase.name for phase in DEADLINES} == named - {""}
