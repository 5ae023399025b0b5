"""What all verbs share: their options, how they reach the service, and how they print."""

import gc
import json
import logging
import os
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import typer

from likeness.errors import Mistake, ServiceUnavailable

if TYPE_CHECKING:
    from likeness.app.service import Service

T = TypeVar("T")

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document for programs.")]
Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        help="Folder of the embedded database, photos and secret, in place of LIKENESS_DATA.",
    ),
]
Workspace = Annotated[
    str,
    typer.Option(
        "--workspace", "-w", help="Name, domain or id of the workspace, where there are several."
    ),
]
Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The person's e-mail address.")]

_CONTROLS: Final = {
    number: f"\\x{number:02x}" for number in (*range(32), *range(127, 160)) if chr(number) != "\n"
}
"""How control characters are shown: a name of somebody's must not steer the terminal."""


def override(**options: object) -> None:
    """Let command-line options win over the environment; None means that it was not given."""
    from likeness.config import variable  # noqa: PLC0415 - help needs no settings

    for name, value in options.items():
        if value is not None:
            os.environ[variable(name)] = str(value)


def ask(
    data: Path | None, question: Callable[["Service"], Awaitable[T]], *, begins: bool = False
) -> T:
    """Open the service as configured, put one question to it, close it.

    Raises Mistake where there is no installation, unless the verb `begins` one, and where the
    database cannot be used, with what is in the way.
    """
    # Help, completion and wrong usage ask no database, and wait for nothing that asks one.
    with without_collector():
        import anyio  # noqa: PLC0415 - see above

        from likeness.app.preparing import OF_A_VERB, check_begun, prepare_alone  # noqa: PLC0415 - see above
        from likeness.app.public_url import at_its_public_url  # noqa: PLC0415 - see above
        from likeness.app.service import open_service  # noqa: PLC0415 - see above
        from likeness.config import load  # noqa: PLC0415 - see above
        from likeness.threads import in_thread  # noqa: PLC0415 - see above

    override(data=data)
    config = load()

    async def session() -> T:
        service = open_service(config)
        try:
            before = await service.prepare(begins=begins, patience=OF_A_VERB)
            if before:
                typer.echo(
                    f"the tables were at revision {before}; now they are up to date", err=True
                )
            if not begins:
                service = await in_thread(at_its_public_url, service)
            return await question(service)
        except ServiceUnavailable as refusal:
            raise Mistake(refusal.reason) from refusal
        finally:
            await service.close()

    with quiet():
        if begins:
            prepare_alone(config, patience=OF_A_VERB)
        else:
            check_begun(config)
        return anyio.run(session)


@contextmanager
def quiet() -> Iterator[None]:
    """Leave out of the log what the one sentence at the end says anyway."""
    ours = logging.getLogger("likeness")
    before = ours.level
    ours.setLevel(logging.ERROR)
    try:
        yield
    finally:
        ours.setLevel(before)


@contextmanager
def without_collector() -> Iterator[None]:
    """Import something large in nine tenths of the time: nothing is searched for garbage.

    A hundred thousand objects that stay are left out of every search afterwards, too.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def duration(text: str, option: str) -> timedelta:
    """Parse an option that is a duration. Raises BadParameter, which is wrong usage."""
    from likeness.config import parse_duration  # noqa: PLC0415 - help needs no settings

    try:
        return parse_duration(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from error


def show(document: Mapping[str, Any] | list[dict[str, Any]], text: str, *, as_json: bool) -> None:
    """Print the document for programs, or the text for people: nothing where it is empty."""
    if as_json:
        typer.echo(json.dumps(document, indent=2, default=_plain))
    elif text:
        typer.echo(text.translate(_CONTROLS))


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of as many cells each as lines, so that each column begins at one place."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
