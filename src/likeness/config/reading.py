"""Where settings come from: environment over TOML file over defaults, mistakes told at once."""

import os
import tomllib
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from likeness.config.settings import Config
from likeness.errors import UnusableSettings

PREFIX: Final = "LIKENESS_"
CONFIG_FILE: Final = "LIKENESS_CONFIG"
"""The one variable that is no setting: the path of a TOML file with settings."""

_FILE_SUFFIX: Final = "_FILE"
"""`LIKENESS_X_FILE` names a file that holds the value of `LIKENESS_X`, for secrets."""

_REASONS: Final = {
    "int_parsing": "{found!r} is no whole number",
    "float_parsing": "{found!r} is no number",
    "greater_than": "{found} is too small; it must be more than {gt}",
    "greater_than_equal": "{found} is too small; the least is {ge}",
    "less_than": "{found} is too large; it must be less than {lt}",
    "less_than_equal": "{found} is too large; the most is {le}",
    "literal_error": "{found!r} is none of {expected}",
    "string_pattern_mismatch": "{found!r} is not of the form {pattern}",
    "string_type": "is no text; put it in quotes",
}
"""Pydantic's kinds of problems in words. Those that name what was found befall no secret."""

_Found = dict[str, tuple[Any, str]]
"""Setting name to its value and the place that set it."""


def load(environment: Mapping[str, str] = os.environ) -> Config:
    """The settings in force: environment over TOML file over defaults.

    Raises UnusableSettings, naming all of them at once.
    """
    mistakes: list[str] = []
    found = _collect(environment, mistakes)
    try:
        config = Config(**{name: value for name, (value, _) in found.items()})
    except ValidationError as error:
        mistakes += [_explain(problem, found) for problem in error.errors()]
    if mistakes:
        raise UnusableSettings("\n".join(mistakes))
    return config


def origins(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """For each setting that is not a default, where its value came from."""
    return {name: source for name, (_, source) in _collect(environment, []).items()}


def variable(name: str) -> str:
    """The environment variable of a setting: `LIKENESS_` and its name in capitals."""
    return PREFIX + name.upper()


def _collect(environment: Mapping[str, str], mistakes: list[str]) -> _Found:
    """Every value that somebody set, with the place that set it; later places win."""
    return _from_toml(environment, mistakes) | _from_variables(environment, mistakes)


def _from_toml(environment: Mapping[str, str], mistakes: list[str]) -> _Found:
    path = environment.get(CONFIG_FILE)
    if not path:
        return {}
    try:
        table = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        mistakes.append(f"{CONFIG_FILE}: {path}: {error}")
        return {}
    mistakes += [f"{path}: {name}: {_no_such(name)}" for name in table.keys() - _names()]
    return {name: (table[name], f"{path}: {name}") for name in table.keys() & _names()}


def _from_variables(environment: Mapping[str, str], mistakes: list[str]) -> _Found:
    found: _Found = {}
    for key in sorted(environment):
        if not key.startswith(PREFIX) or key == CONFIG_FILE:
            continue
        name = key.removeprefix(PREFIX).lower()
        # A setting that is the path of a file, such as that of an authority, has such a name.
        of_file = name.removesuffix(_FILE_SUFFIX.lower()) if name not in _names() else name
        if of_file not in _names():
            mistakes.append(f"{key}: {_no_such(of_file, PREFIX, str.upper)}")
        elif of_file != name:
            found |= _from_file(of_file, key, environment[key], mistakes)
        else:
            found[name] = (environment[key], key)
    return found


def _from_file(name: str, key: str, path: str, mistakes: list[str]) -> _Found:
    try:
        return {name: (Path(path).read_text(encoding="utf-8").strip(), key)}
    except (OSError, ValueError) as error:
        mistakes.append(f"{key}: {path}: {error}")
        return {}


def _names() -> set[str]:
    return set(Config.model_fields)


def _no_such(name: str, prefix: str = "", spell: Callable[[str], str] = str) -> str:
    """The message about an unknown setting: the one that was meant, or where all are listed."""
    if meant := get_close_matches(name, _names(), n=1):
        return f"no such setting; did you mean {prefix}{spell(meant[0])}?"
    return "no such setting; take it away, and `likeness config` lists those that there are"


def _explain(problem: ErrorDetails, found: _Found) -> str:
    name = str(problem["loc"][0])
    source = found[name][1] if name in found else variable(name)
    return f"{source}: {_reason(problem)}"


def _reason(problem: ErrorDetails) -> str:
    """The value that was found and those that are allowed, in a sentence."""
    pattern = _REASONS.get(problem["type"])
    if pattern is None:
        return problem["msg"].removeprefix("Value error, ")
    return pattern.format(found=problem["input"], **problem.get("ctx", {}))
