"""What is downloaded for an installation: everything by version and SHA-256, from no named host."""

import subprocess
import tomllib
from importlib.metadata import requires
from pathlib import Path
from typing import Any, Final

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from likeness.imaging.portraits.typefaces import SCRIPTS
from likeness.version import DISTRIBUTION
from pins import EXTRAS
from support.docs import ROOT
from support.requirements import FOLDER, HASH, lines, pinned, pinned_here

FILES: Final = ["run.txt", "scripts.txt", "ldap.txt", "scim.txt", "build.txt"]


def project() -> dict[str, Any]:
    """What pyproject.toml says."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def needed(wanted: list[Requirement]) -> set[str]:
    """The packages that are installed for these on this machine, by what each of them asks for."""
    found: set[str] = set()
    open_ones = [(each, extra) for each in wanted for extra in ("", *each.extras)]
    seen = set()
    while open_ones:
        asked, extra = open_ones.pop()
        name = canonicalize_name(asked.name)
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        found.add(name)
        inner = [Requirement(text) for text in requires(name) or []]
        hold = [each for each in inner if not each.marker or each.marker.evaluate({"extra": extra})]
        open_ones += [(each, more) for each in hold for more in ("", *each.extras)]
    return found


@pytest.mark.parametrize("name", FILES)
def test_every_package_has_one_version_and_hashes(name: str) -> None:
    """Nothing else stands in such a file, and no address of a registry above all."""
    assert "://" not in (FOLDER / name).read_text()
    for line in lines(name):
        assert HASH.search(line), line
    for each in pinned(name):
        assert each.url is None
        assert [spec.operator for spec in each.specifier] == ["=="]


@pytest.mark.parametrize("name", FILES)
def test_versions_are_those_that_were_tested(name: str) -> None:
    """The tests run with the constraints of pyproject.toml."""
    constraints = map(Requirement, project()["tool"]["uv"]["constraint-dependencies"])
    tested = {(each.name, each.specifier) for each in constraints}

    untested = [str(each) for each in pinned(name) if (each.name, each.specifier) not in tested]
    assert untested == [], "run `just pins`"


def test_nothing_is_missing_and_nothing_is_too_much() -> None:
    """For this machine: each package that a dependency asks for, and no other."""
    wanted = [Requirement(text) for text in project()["project"]["dependencies"]]
    here = {canonicalize_name(each.name) for each in pinned_here("run.txt")}

    assert here == needed(wanted), "run `just pins`"


def test_an_extra_adds_what_it_says() -> None:
    """Each has a file of its own, but for those that no installation has."""
    extras = project()["project"]["optional-dependencies"]

    extra_names = {*EXTRAS, "pinned", "testing"}
    assert set(extras) == extra_names, "name it in EXTRAS of docs/pins.py, and in deploy/install"
    assert [str(each) for each in pinned("scripts.txt")] == extras["scripts"]
    for name in ("ldap", "scim"):
        theirs = {canonicalize_name(each.name) for each in pinned_here(f"{name}.txt")}
        missing = needed(list(map(Requirement, extras[name]))) - theirs
        assert missing <= {canonicalize_name(each.name) for each in pinned_here("run.txt")}
    assert {*map(Requirement, extras["pinned"])} == {*pinned("run.txt")}, "run `just pins`"


def test_developers_get_every_group_and_none_twice() -> None:
    """By `uv sync` alone all but benchmarks and what an installation is built with."""
    groups = project()["dependency-groups"]
    included = [each["include-group"] for each in groups.pop("dev")]
    named = [Requirement(each).name for name in included for each in groups[name]]

    assert set(groups) - set(included) == {"bench", "build"}, "add the group to `dev`"
    assert sorted(set(named)) == sorted(named)


def test_the_distribution_is_called_the_same_everywhere() -> None:
    """In the project, by the program, and in what is said where an extra is missing."""
    assert project()["project"]["name"] == DISTRIBUTION
    assert SCRIPTS.install == f"{DISTRIBUTION}[scripts]"


def test_the_builder_is_in_the_version_that_is_installed() -> None:
    """Else it would look for another build backend, whose hash nobody knows."""
    [backend] = [Requirement(text) for text in project()["build-system"]["requires"]]
    [uv] = [each for each in pinned("build.txt") if each.name == "uv"]
    [version] = [spec.version for spec in uv.specifier]

    assert backend.name == "uv_build"
    assert backend.specifier.contains(version)


def test_an_extra_that_is_none_is_refused(tmp_path: Path) -> None:
    """Before anything is downloaded."""
    command = ["sh", str(ROOT / "deploy/install"), str(tmp_path / "likeness"), "sripts"]
    run = subprocess.run(command, check=False, capture_output=True, text=True)

    assert run.returncode == 2
    assert "'sripts'" in run.stderr
    for name in EXTRAS:
        assert f"'{name}'" in run.stderr
    assert not list(tmp_path.iterdir())
