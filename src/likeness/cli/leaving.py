"""Verbs for those who leave."""

from typing import Annotated, Final

import typer

from likeness.app.service import Service, utc_now
from likeness.cli.common import AsJson, Data, Email, Workspace, ask, show
from likeness.erasing import Erasing, Traces
from likeness.events import OPERATOR
from likeness.photo_writer import PhotoWriter

_TOLD: Final = {
    "addresses": "e-mail addresses",
    "photos": "photos of now and before",
    "staged": "prepared pictures",
    "tokens": "tokens and sessions",
    "links": "links to sign in by",
    "identities": "names at providers and directories",
    "events": "rows of the log, of which ids and verbs stay",
}
"""What the rows of tables are called where it is said what will go."""


def add_to(user: typer.Typer) -> None:
    """Hang this file's verbs among those for people."""
    user.command("erase")(erase)


def erase(
    *,
    email: Email,
    yes: Annotated[
        bool, typer.Option("--yes", help="Erase; else only say what would go, and leave with 1.")
    ] = False,
    workspace: Workspace = "",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Erase somebody: photos, addresses, hashes, tokens and all else, at once and for good."""

    async def question(service: Service) -> Traces:
        erasing = _erasing(service)
        traces = await erasing.traces(email, workspace)
        if yes:
            await erasing.erase(traces.user, OPERATOR)
        return traces

    traces = ask(data, question)
    document = {"id": traces.user.id, "rows": traces.rows, "erased": yes}
    show(document, "\n".join(_told(traces, erased=yes)), as_json=as_json)
    if not yes:
        raise typer.Exit(1)


def _erasing(service: Service) -> Erasing:
    return Erasing(
        database=service.database,
        blobs=service.blobs,
        people=service.people,
        writer=PhotoWriter(service.database, service.blobs, utc_now),
        clock=utc_now,
    )


def _told(traces: Traces, *, erased: bool) -> list[str]:
    """What went, or would go, a line each."""
    user = traces.user
    counted = [f"  {traces.rows[table]} {name}" for table, name in _TOLD.items()]
    if erased:
        return [f"erased {user.id}", *counted]
    return [
        f"would erase {user.id}  {user.email}  {user.real_name}:",
        *counted,
        "Nothing was erased. This cannot be undone; say --yes to do it.",
    ]
