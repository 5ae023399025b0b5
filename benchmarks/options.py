"""The command line that the scripts share: a full run by default, or a smoke run by `--quick`."""

import argparse
from collections.abc import Mapping
from typing import Any


def parser(doc: str | None) -> argparse.ArgumentParser:
    """A parser that says what the first line of a script's docstring says."""
    made = argparse.ArgumentParser(description=(doc or "").partition("\n")[0])
    made.add_argument("--quick", action="store_true", help="a smoke run: its figures prove little")
    made.add_argument("--json", action="store_true", help="print one JSON document")
    return made


def parsed(
    made: argparse.ArgumentParser, full: Mapping[str, Any], quick: Mapping[str, Any]
) -> argparse.Namespace:
    """The options as given; the others are those of a full run, or of a quick one."""
    is_quick = made.parse_known_args()[0].quick
    made.set_defaults(**(quick if is_quick else full))
    return made.parse_args()
