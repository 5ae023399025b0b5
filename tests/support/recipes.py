"""The recipes of docs/contributing, read as instructions and followed in a copy of the tree."""

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from support.docs import ROOT

FOLDER: Final = ROOT / "docs/contributing"
PAGES: Final = sorted(path.name for path in FOLDER.glob("*.md") if path.name != "README.md")

_BLOCK: Final = re.compile(
    r"^(?P<told>[^\n]*:)\n\n```\w+\n(?P<code>.*?)^```$", re.DOTALL | re.MULTILINE
)
_TOLD: Final = re.compile(
    r"(?:New file `(?P<new>[^`]+)`"
    r"|At the end of `(?P<end>[^`]+)`"
    r"|In `(?P<file>[^`]+)`, (?P<where>before|after|in place of) `(?P<line>.+)`):$"
)
_RUN: Final = re.compile(r"^Run `uv run ([^`]+)`", re.MULTILINE)
_REVISIONS: Final = ROOT / "src/likeness/db/migrations/versions"


@dataclass(frozen=True)
class Step:
    """One change: in which file, where (new, end, before, after, in place of a line), and what."""

    file: str
    where: str
    line: str
    code: str

    def follow(self, tree: Path) -> None:
        """Make the change in a tree. Raises ValueError where its line is not there exactly once."""
        path = tree / self.file
        old = path.read_text() if path.exists() else ""
        path.write_text(self.changed(old))

    def changed(self, old: str) -> str:
        """The text of the file afterwards."""
        if self.where in {"new", "end"}:
            return old + self.code
        lines = old.splitlines(keepends=True)
        places = [place for place, line in enumerate(lines) if line.strip() == self.line]
        if len(places) != 1:
            raise ValueError(f"{self.file} has the line {self.line!r} {len(places)} times")
        [at] = places
        begin, end = at + (self.where == "after"), at + (self.where != "before")
        return "".join([*lines[:begin], self.code, *lines[end:]])


@dataclass(frozen=True)
class Recipe:
    """What a page tells to change, and then to run."""

    steps: tuple[Step, ...]
    runs: tuple[str, ...]

    def files(self) -> list[str]:
        """The files that it names, each once."""
        return list(dict.fromkeys(step.file for step in self.steps))


def recipe(page: str) -> Recipe:
    """Read a page; the numbers of migrations are those that come next here."""
    newest = max(path.name[:4] for path in _REVISIONS.glob("0*.py"))
    text = (FOLDER / page).read_text()
    text = text.replace("NEXT", f"{int(newest) + 1:04}").replace("NEWEST", newest)
    return Recipe(tuple(map(_step, _BLOCK.finditer(text))), tuple(_RUN.findall(text)))


def _step(block: re.Match[str]) -> Step:
    told = _TOLD.search(block["told"])
    if not told:
        raise ValueError(f"begin it with New file, At the end of, or In ..., not {block['told']!r}")
    if told["where"]:
        return Step(told["file"], told["where"], told["line"], block["code"])
    kind = "new" if told["new"] else "end"
    return Step(told["new"] or told["end"], kind, "", block["code"])


def copy_tree(to: Path) -> Path:
    """A copy of what git knows and what is new here, as another clone would have it."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    found = subprocess.run(listed, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    for name in filter(None, found.split("\0")):
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, to / name)
    return to


def run_in(tree: Path, command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """What `uv run` would do there, by the programs of this environment."""
    program, *words = command.split()
    path = "/usr/local/bin:/usr/bin:/bin"
    own = {"PATH": path, "PYTHONPATH": str(tree / "src"), "HOME": str(tree)}
    return subprocess.run(
        [Path(sys.executable).with_name(program), *words],
        cwd=tree,
        env=own | variables,
        capture_output=True,
        text=True,
        check=False,
    )
