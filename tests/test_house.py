"""The house rules as tests. ARCHITECTURE.md and CONTRIBUTING.md name them; this file holds them."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from likeness import errors
from refusals import RAISED_IN

ROOT: Final = Path(__file__).parents[1]
SOURCE: Final = ROOT / "src" / "likeness"
TESTS: Final = ROOT / "tests"

FILE_LINES_MAX: Final = 400
FUNCTION_LINES_MAX: Final = 60
DEPENDENCIES_MAX: Final = 23

MIRRORED_ELSEWHERE: Final = {
    "__main__.py": "two lines; every test that starts the service runs it",
    "explanation.py": "words only; tests/app/test_explaining.py makes some",
    "db/merging.py": "by every kind of database; tests/contract/test_database_merging.py",
    "targets/port.py": "words only; tests/test_copies.py fulfils both ports",
    "targets/kind.py": "words only; tests/targets/test_kinds.py opens each kind",
    "scim/messages.py": "words only; tests/scim/test_door.py and test_protocol.py send some",
    "imaging/port.py": "words only; tests/imaging/test_engine.py fulfils it",
    "db/uploads.py": "tests/contract/test_database_uploads.py, for each database",
    "db/batches.py": "tests/contract/test_database_batches.py, for each database",
    "db/enrolling.py": "tests/contract/test_database_enrolling.py, for each database",
    "db/importing.py": "tests/contract/test_database_importing.py, for each database",
    "db/migrations/env.py": "run by every migration; tests/contract/test_database.py",
}
"""Source files without a test file of the same name, and where they are tested."""

CHECKS_OF_THE_HOUSE: Final = (
    "conformance/test_conventions.py",
    "conformance/test_errors.py",
    "deploy/test_requirements.py",
    "test_docs.py",
    "test_docs_avatars.py",
    "test_docs_deploying.py",
    "test_docs_security.py",
    "test_errors.py",
    "test_house.py",
)
"""Files whose tests compare what there is with what is written down elsewhere."""


def sources() -> list[Path]:
    """The product's own files."""
    return sorted(SOURCE.rglob("*.py"))


def own_python() -> list[Path]:
    """Every Python file that we wrote."""
    folders = (SOURCE, TESTS, ROOT / "benchmarks", ROOT / "docs")
    return sorted(
        path
        for folder in folders
        for path in folder.rglob("*.py")
        if not {"node_modules", ".venv"} & set(path.parts)
    )


def name_of(path: Path) -> str:
    """A path as a reader knows it, from the root of the repository."""
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", own_python(), ids=name_of)
def test_a_file_is_short_and_says_what_it_is_for(path: Path) -> None:
    """At most 400 lines and a module docstring, everywhere."""
    text = path.read_text()

    lines = len(text.splitlines())
    assert lines <= FILE_LINES_MAX, (
        f"part {name_of(path)} by subject: it has {lines} lines of at most {FILE_LINES_MAX}"
    )
    assert ast.get_docstring(ast.parse(text)), f"begin {name_of(path)} with what it is for"


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_functions_are_short(path: Path) -> None:
    """No function of the product is longer than 60 lines."""
    long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno
        and node.end_lineno - node.lineno >= FUNCTION_LINES_MAX
    ]

    assert long == [], f"part these functions of {name_of(path)} into steps with names"


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_each_source_file_has_its_test_file(path: Path) -> None:
    """`src/likeness/a/b.py` is tested by `tests/a/test_b.py`."""
    relative = path.relative_to(SOURCE)
    is_port_or_revision = path.name == "__init__.py" or "versions" in path.parts
    if is_port_or_revision or relative.as_posix() in MIRRORED_ELSEWHERE:
        return

    mirror = TESTS / relative.parent / f"test_{path.name}"
    assert mirror.is_file(), (
        f"write {name_of(mirror)}, or name its test in MIRRORED_ELSEWHERE of tests/test_house.py"
    )


def refusals_raised(path: Path) -> Iterator[str]:
    """The names of our refusals that a file raises or builds."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id


def raised() -> dict[str, set[str]]:
    """Each refusal to the files of the product that raise or build it."""
    found: dict[str, set[str]] = {cls.__name__: set() for cls in errors.Refusal.__subclasses__()}
    for path in sources():
        for name in refusals_raised(path):
            if name in found:
                found[name].add(path.relative_to(SOURCE).as_posix())
    return found


def test_each_refusal_is_raised_where_the_table_says() -> None:
    """In the files and packages of RAISED_IN, each of which raises it."""
    found = raised()
    strays = [
        f"{file} raises {name}: name the file for it in RAISED_IN of docs/refusals.py, "
        "or raise it where the table has it"
        for name, files in found.items()
        for file in files
        if not any(is_below(file, place) for place in RAISED_IN.get(name, ()))
    ]
    never = [
        f"{place} never raises {name}: take it out of RAISED_IN in docs/refusals.py"
        for name, places in RAISED_IN.items()
        for place in places
        if not any(is_below(file, place) for file in found.get(name, set()))
    ]

    assert strays == [], "each line says what to write, and where"
    assert never == [], "each line says what to take out, and where"


def is_below(file: str, place: str) -> bool:
    """Whether a place is this file, or a package that has it."""
    return file == place or file.startswith(f"{place}/")


def test_the_table_of_refusals_knows_each_class() -> None:
    """A new refusal must be placed."""
    declared = {cls.__name__ for cls in errors.Refusal.__subclasses__()}
    unplaced = declared - set(RAISED_IN)

    assert not unplaced, f"say in RAISED_IN of docs/refusals.py where these are raised: {unplaced}"
    assert set(RAISED_IN) == declared, "RAISED_IN of docs/refusals.py has classes that are gone"


def test_every_suppression_names_its_rule_and_its_reason() -> None:
    """`noqa`, `type: ignore` and `pragma` carry a code, and words after it."""
    pattern = re.compile(r"#\s*(noqa|type: ignore|pragma: no)\b(.*)")
    bare = [
        f"{name_of(path)}:{number}"
        for path in own_python()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if (match := pattern.search(line))
        and not re.search(r"[:\[(].*\s-\s\S", match[0])
        and path != Path(__file__)
    ]

    assert bare == [], "write the rule and a reason: `# noqa: S603 - Fixed arguments.`"


def is_a_comparison_of_lists(test: ast.expr) -> bool:
    """Whether a failure would show two collections, or what one has beyond the other."""
    if not isinstance(test, ast.Compare) or not isinstance(test.ops[0], ast.Eq):
        return False
    sides = [test.left, *test.comparators]
    empty = any(isinstance(side, ast.List) and not side.elts for side in sides)
    sets = any(
        isinstance(side, ast.Set | ast.SetComp)
        or (isinstance(side, ast.Call) and ast.unparse(side.func) == "set")
        for side in sides
    )
    return empty or sets


def test_house_checks_say_what_to_do() -> None:
    """Two lists that differ tell nobody what to add, and in which file."""
    silent = [
        f"{name_of(path)}:{node.lineno}"
        for path in map(TESTS.__truediv__, CHECKS_OF_THE_HOUSE)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Assert) and not node.msg and is_a_comparison_of_lists(node.test)
    ]

    assert silent == [], "add after a comma what to write, and where"


def test_every_module_of_support_is_on_its_map() -> None:
    """Nobody finds what is not there, and writes it again."""
    listed = set(re.findall(r"`(\w+)`", (TESTS / "support/README.md").read_text()))
    modules = {path.stem for path in (TESTS / "support").glob("[!_]*.py")}
    there = {name for name in modules if not name.startswith("test_")}

    assert there - listed == set(), "give it a place in tests/support/README.md: what it gives"


def test_the_map_of_support_names_no_module_that_is_gone() -> None:
    """The first column of each table names modules; the first table has them in its second."""
    cells = [row.split("|") for row in (TESTS / "support/README.md").read_text().splitlines()]
    named = {
        name for row in cells if len(row) > 2 for name in re.findall(r"`(\w+)`", row[1] or row[2])
    }

    gone = {name for name in named if not (TESTS / f"support/{name}.py").is_file()}
    assert gone == set(), "take it out of tests/support/README.md"


def test_nothing_is_left_to_do() -> None:
    """Open work stands in the issue tracker, not in the source."""
    words = ("TO" + "DO", "FIX" + "ME", "X" + "XX")
    found = [name_of(path) for path in own_python() if any(w in path.read_text() for w in words)]

    assert found == [], f"do it, or file an issue and take {words} out"


def test_tests_wait_with_one_patience() -> None:
    """Whatever a busy machine can cross is no bound: see tests/support/patience.py."""
    impatient = re.compile(
        r"httpx\.(get|head|post|put|request|stream|Client)\(|timeout=[1-9]|\.(wait|join)\([1-9]"
    )
    found = [
        f"{name_of(path)}:{number}: call support.web, or wait for PATIENCE_S of support.patience"
        for path in sorted(TESTS.rglob("*.py"))
        if path != TESTS / "support/web.py" and "node_modules" not in path.parts
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if impatient.search(line)
    ]

    assert found == [], "a wait that a busy machine can cross"


def test_no_wait_for_a_line_is_endless() -> None:
    """A process that hangs before its first line would hang the test until pytest ends all."""
    found = [
        f"{name_of(path)}:{number}: use Started.first_line of support.starting"
        for path in sorted(TESTS.rglob("*.py"))
        if path != TESTS / "support/starting.py" and "node_modules" not in path.parts
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if re.search(r"= \w+\.std(out|err)\.readline\(", line)
    ]

    assert found == [], "a wait without an end"


def test_run_time_dependencies_are_few_and_each_is_justified() -> None:
    """Each has its line in docs/decisions/0002-dependencies.md."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = [re.split(r"[\[>=<]", line)[0] for line in project["dependencies"]]
    reasons = (ROOT / "docs/decisions/0002-dependencies.md").read_text()

    assert len(names) <= DEPENDENCIES_MAX, "do without one, or argue for it in decision 2"
    without = [name for name in names if f"`{name}`" not in reasons]
    assert without == [], "say what each is for in docs/decisions/0002-dependencies.md"


def test_pins_name_no_registry() -> None:
    """Lock files stay out of the repository, and npm's carry no addresses."""
    locks = [path for path in ROOT.rglob("package-lock.json") if "node_modules" not in path.parts]

    assert locks
    with_address = [name_of(path) for path in locks if '"resolved"' in path.read_text()]
    assert with_address == [], (
        "write them by `npm install --package-lock-only --omit-lockfile-registry-resolved`"
    )


def test_every_path_in_the_documentation_exists() -> None:
    """A check that is promised and not there is worse than none."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "benchmarks/README.md"]
    pattern = re.compile(r"`((?:tests|docs|src|benchmarks|deploy|\.ci)/[\w./-]+)`")
    # A recipe makes files that are not there yet: see tests/test_recipes.py.
    pages = [page for page in pages if page.parent.name != "contributing"]
    named = {(page.name, path) for page in pages for path in pattern.findall(page.read_text())}

    assert named
    dead = {(page, path) for page, path in named if not (ROOT / path).exists()}
    assert dead == set(), "these pages name a path that is not there: write it, or name another"


def test_every_decision_has_a_state_and_a_number() -> None:
    """docs/decisions/NNNN-name.md begins with its title and has a state line."""
    decisions = sorted((ROOT / "docs/decisions").glob("*.md"))
    numbers = [path.name[:4] for path in decisions]

    expected = [f"{number:04}" for number in range(1, len(decisions) + 1)]
    assert numbers == expected, (
        "rename the newest in docs/decisions: each number once, without gaps"
    )
    for path in decisions:
        state = re.search(r"^State: (accepted|superseded by \d{4})", path.read_text(), re.MULTILINE)
        assert state, f"add a line `State: accepted` below the title of {name_of(path)}"
