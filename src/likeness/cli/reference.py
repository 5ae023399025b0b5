"""The verbs `methods` and `config`: the table of methods, and the settings in force."""

import re
from typing import Any, Final

import typer
from pydantic import SecretStr

from likeness.cli.common import AsJson, Data, override, show
from likeness.config import Config, load, origins, spelt, variable

_PASSWORD: Final = re.compile(r"(://[^/@:]*):[^/@]*@")
"""The password within an address of a database."""


def add_to(app: typer.Typer) -> None:
    """Hang this file's verbs into the command line."""
    app.command("methods")(methods)
    app.command("config")(config)


def methods(*, as_json: AsJson = False) -> None:
    """List the API methods: scope, rate limit, arguments and errors."""
    # They are in the doors, whose imports take longer than all that `config` does.
    from likeness.webapi.methods import METHODS  # noqa: PLC0415 - see above
    from likeness.webapi.openapi import method_document  # noqa: PLC0415 - see above

    rows = [method_document(method) for method in METHODS.values()]
    lines = [f"{row['name']:<22}{row['scope'] or '-':<24}{row['description']}" for row in rows]
    show(rows, "\n".join(lines), as_json=as_json)


def config(*, data: Data = None, as_json: AsJson = False) -> None:
    """Show every setting: its value, where it came from, and what it is for."""
    override(data=data)
    rows = _settings(load(), origins())
    lines = [
        f"{row['variable']:<36}{row['value']:<28}{row['source']}\n    {row['help']}" for row in rows
    ]
    show(rows, "\n".join(lines), as_json=as_json)


def _settings(current: Config, sources: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "variable": variable(name),
            "value": _shown(getattr(current, name)),
            "source": sources.get(name, "default"),
            "help": field.description,
        }
        for name, field in Config.model_fields.items()
    ]


def _shown(value: object) -> str:
    """A setting as text, without passwords; secrets only say whether they are set."""
    if isinstance(value, SecretStr):
        return "(set)" if value.get_secret_value() else ""
    return _PASSWORD.sub(r"\1:***@", spelt(value))
