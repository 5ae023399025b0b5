"""Write down exactly what is installed: versions for developers, and SHA-256 for everybody.

Run it with `uv run python docs/pins.py` after a change of dependencies, or an upgrade that passed
all tests. It takes what uv resolved, since `uv.lock` itself writes the addresses of a registry and
stays out of the repository:

- `[tool.uv] constraint-dependencies` of pyproject.toml has the version of every package,
- the extra `pinned` there has those of what an installation runs, and comes with the wheel,
- deploy/requirements/run.txt has what an installation runs, with the SHA-256 of every file of it,
- deploy/requirements/scripts.txt, ldap.txt and scim.txt have what the extras of these names add,
- deploy/requirements/build.txt has what deploy/install itself needs.

Who upgrades a package by hand changes its version in both lists of pyproject.toml first.

With `--check` it writes nothing and fails where one of these is not what uv resolves now. That a
registry has got more files of a version since is no difference.
"""

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parents[1]
PROJECT: Final = ROOT / "pyproject.toml"
FOLDER: Final = ROOT / "deploy/requirements"
CONSTRAINTS: Final = "[tool.uv]\nconstraint-dependencies = [\n"
PINNED: Final = "pinned = [\n"
END: Final = "]\n"
HEAD: Final = "# Written by docs/pins.py. For `--require-hashes`.\n"
EXTRAS: Final = ("scripts", "ldap", "scim")
HASH: Final = re.compile(r"--hash=(sha256:[0-9a-f]{64})")


class Requirement(NamedTuple):
    """A package as `name==version`, perhaps with a marker, and the hashes of its files."""

    pin: str
    hashes: frozenset[str]

    def text(self) -> str:
        """As it stands in a file of requirements."""
        return " \\\n    ".join([self.pin, *(f"--hash={each}" for each in sorted(self.hashes))])


def read(listing: str) -> list[Requirement]:
    """The requirements of such a file."""
    lines = listing.replace("\\\n", " ").splitlines()
    return [
        Requirement(HASH.sub("", line).strip(), frozenset(HASH.findall(line)))
        for line in lines
        if line[:1].isalnum()
    ]


def exported(*options: str) -> list[Requirement]:
    """What uv resolves for some groups and extras."""
    command = ["uv", "export", "--quiet", "--no-emit-project", "--no-header", "--no-annotate"]
    run = subprocess.run([*command, *options], cwd=ROOT, check=True, capture_output=True, text=True)
    return read(run.stdout)


def requirements() -> dict[str, Sequence[Requirement]]:
    """What each file in the folder has to say."""
    always = exported("--no-dev")
    extras = {name: exported("--no-dev", "--extra", name) for name in EXTRAS}
    return {
        "run.txt": always,
        **{
            f"{name}.txt": [each for each in extra if each not in always]
            for name, extra in extras.items()
        },
        "build.txt": exported("--only-group", "build"),
    }


def with_list(text: str, begin: str, requirements: Sequence[Requirement]) -> str:
    """The text of pyproject.toml with the list that begins so made of these."""
    head, _, rest = text.partition(begin)
    tail = rest.partition(END)[2]
    pins = sorted(each.pin.replace('"', "'") for each in requirements)
    listed = "".join(f'    "{pin}",\n' for pin in pins)
    return f"{head}{begin}{listed}{END}{tail}"


def constrained() -> str:
    """The text of pyproject.toml with every package of all groups and extras as it is resolved."""
    text = with_list(PROJECT.read_text(encoding="utf-8"), PINNED, exported("--no-dev"))
    return with_list(text, CONSTRAINTS, exported("--all-groups", "--all-extras"))


def stale() -> Iterator[str]:
    """The names of files that have to be written again."""
    if constrained() != PROJECT.read_text(encoding="utf-8"):
        yield PROJECT.name
    for name, resolved in requirements().items():
        kept = read((FOLDER / name).read_text(encoding="utf-8"))
        are_same = [each.pin for each in kept] == [each.pin for each in resolved]
        if not are_same or not all(
            one.hashes and one.hashes <= other.hashes
            for one, other in zip(kept, resolved, strict=True)
        ):
            yield name


def write() -> None:
    """Write all of them."""
    PROJECT.write_text(constrained(), encoding="utf-8")
    FOLDER.mkdir(exist_ok=True)
    for name, resolved in requirements().items():
        text = HEAD + "".join(f"{each.text()}\n" for each in resolved)
        (FOLDER / name).write_text(text, encoding="utf-8")


def main() -> None:
    """Write, or check."""
    if sys.argv[1:] != ["--check"]:
        write()
    elif found := list(stale()):
        sys.exit(f"not what uv resolves now: {', '.join(found)}; run docs/pins.py")


if __name__ == "__main__":
    main()
