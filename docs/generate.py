"""Write what follows from the source: methods, errors, settings, metrics, verbs, capacity, README.

`python docs/generate.py` writes them, `--check` only says which are stale and leaves with 1.
"""

import argparse
import sys
from pathlib import Path

from pydantic import BaseModel, SecretStr

import capacity
import commands
import refusals
from likeness.app.metrics import metrics_table
from likeness.app.web import FAMILIES
from likeness.config import Config, spelt, variable
from likeness.config.settings import SUBJECTS
from likeness.webapi.methods import METHODS
from likeness.webapi.openapi import methods_table, reference_page

ROOT = Path(__file__).parents[1]
END = "<!-- end -->"


def pages() -> dict[Path, str]:
    """Every generated file with the text that it should have."""
    readme = ROOT / "README.md"
    reference = ROOT / "docs" / "reference"
    capacity_page = ROOT / "docs" / "capacity.md"
    with_needs = with_part(capacity_page.read_text(encoding="utf-8"), "needs", capacity.needs())
    monitoring = ROOT / "docs" / "monitoring.md"
    metrics = metrics_table(FAMILIES)
    table = methods_table(METHODS)
    return {
        readme: with_part(readme.read_text(encoding="utf-8"), "methods", table),
        capacity_page: with_part(with_needs, "costs", capacity.costs()),
        monitoring: with_part(monitoring.read_text(encoding="utf-8"), "metrics", metrics),
        reference / "configuration.md": configuration(),
        reference / "errors.md": refusals.errors_page(METHODS),
        reference / "commands.md": commands.commands(),
        **{
            reference / "methods" / f"{name}.md": reference_page(method)
            for name, method in METHODS.items()
        },
    }


def with_part(page: str, name: str, part: str) -> str:
    """A page with this between the mark of that name and the next end."""
    begin = f"<!-- generated: {name} -->\n"
    before, _, rest = page.partition(begin)
    after = rest.partition(END)[2]
    return f"{before}{begin}{part}{END}{after}"


def configuration() -> str:
    """The page of settings."""
    return (
        "# Settings\n\n"
        "Each is an environment variable, or the same name in small letters without `LIKENESS_` "
        "in the TOML file that `LIKENESS_CONFIG` names. The environment wins over the file, and "
        "options of the command line win over both. `LIKENESS_X_FILE` names a file that holds "
        "the value of `LIKENESS_X`. `likeness config` shows what is in force and where it came "
        "from.\n" + "".join(map(settings_of, SUBJECTS))
    )


def settings_of(subject: type[BaseModel]) -> str:
    """The part of the page about the settings of one subject."""
    rows = [
        f"| `{variable(name)}` | `{default(name)}` | {field.description} |\n"
        for name, field in subject.model_fields.items()
    ]
    title = (subject.__doc__ or "").partition(".")[0]
    head = "| variable | default | what it is for |\n| --- | --- | --- |\n"
    return f"\n## {title}\n\n{head}{''.join(rows)}"


def default(name: str) -> str:
    """A default as one would write it."""
    value = Config.model_fields[name].default
    return value.get_secret_value() if isinstance(value, SecretStr) else spelt(value)


def main() -> int:
    """Write or check all pages."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="change nothing, say what is stale")
    check = parser.parse_args().check
    stale = [
        (path, text)
        for path, text in pages().items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]
    for path, text in stale:
        print(f"{'stale' if check else 'wrote'} {path.relative_to(ROOT)}")
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return 1 if stale and check else 0


if __name__ == "__main__":
    sys.exit(main())
