"""What all verbs share: their options, how they reach the service, and how they print."""

import json
import os
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, TypeVar

import anyio
import typer
from rich.console import Console

from likeness.app import Service, open_service
from likeness.config import load, parse_duration, variable

T = TypeVar("T")

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document for programs.")]
Data = Annotated[
    Path | None,
    typer.Option("--data", help="Folder of the embedded database, photos and secret."),
]
Workspace = Annotated[
    str, typer.Option("--workspace", "-w", help="Name, domain or id, where there are several.")
]
Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The person's e-mail address.")]

console = Console()


def override(**options: object) -> None:
    """Let command-line options win over the environment; None means that it was not given."""
    for name, value in options.items():
        if value is not None:
            os.environ[variable(name)] = str(value)


def ask(data: Path | None, question: Callable[[Service], Awaitable[T]]) -> T:
    """Open the service as configured, put one question to it, close it."""
    override(data=data)

    async def session() -> T:
        service = open_service(load())
        try:
            await service.prepare()
            return await question(service)
        finally:
            await service.close()

    return anyio.run(session)


def duration(text: str, option: str) -> timedelta:
    """What an option says of a time span. Raises BadParameter, which is wrong usage."""
    try:
        return parse_duration(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from error


def show(document: Mapping[str, Any] | list[dict[str, Any]], text: str, *, as_json: bool) -> None:
    """Print the document for programs, or the text for people."""
    if as_json:
        typer.echo(json.dumps(document, indent=2, default=_plain))
    else:
        console.print(text, highlight=False, markup=False, soft_wrap=True)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
