"""The verbs `user erase`, `user export` and `user merge`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from likeness.cli.common import AsJson, Data, Email, Workspace, ask, show
from likeness.cli.roster import user_document, user_line
from likeness.events import OPERATOR
from likeness.model import User

if TYPE_CHECKING:
    from likeness.app.service import Service

    # What has to do with pictures is imported by the verb that needs it.
    from likeness.erasing import Erasing, Traces

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
    user.command("export")(export)
    user.command("merge")(merge)


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

    async def question(service: "Service") -> "Traces":
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


def export(
    *,
    email: Email,
    to: Annotated[
        Path, typer.Option("--to", metavar="FILE.zip", help="The file to write; a new one.")
    ],
    workspace: Workspace = "",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Write all that is known of somebody, and every photo that is kept, to a new private zip."""
    # It needs what packs files, which no other verb for people does.
    from likeness.exporting import Exporting  # noqa: PLC0415 - see above

    async def question(service: "Service") -> dict[str, Any]:
        exporting = Exporting(
            database=service.database,
            blobs=service.blobs,
            people=service.people,
            url=service.photos.url,
            clock=service.clock,
        )
        return await exporting.export(email, to, workspace)

    document = ask(data, question)
    files = sum(row["file"] is not None for row in (*document["photos"], *document["staged"]))
    text = f"wrote {to}: person.json and {files} {'picture' if files == 1 else 'pictures'}"
    show({"file": str(to), "pictures": files}, text, as_json=as_json)


def merge(
    *,
    gone: Annotated[str, typer.Argument(metavar="FROM", help="The address of the one who ends.")],
    kept: Annotated[str, typer.Argument(metavar="INTO", help="The address of the one who stays.")],
    workspace: Workspace = "",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Make two users one: INTO gets the addresses, photos and names of FROM, who ends."""
    from likeness.merging import Merging  # noqa: PLC0415 - no other verb for people needs it

    async def question(service: "Service") -> User:
        merging = Merging(service.database, service.people, service.clock)
        return await merging.merge(gone, kept, OPERATOR, workspace)

    user = ask(data, question)
    show(user_document(user), f"merged into {user_line(user)}", as_json=as_json)


def _erasing(service: "Service") -> "Erasing":
    from likeness.erasing import Erasing  # noqa: PLC0415 - it brings what has to do with pictures

    return Erasing(
        database=service.database,
        blobs=service.blobs,
        people=service.people,
        writer=service.writer,
        clock=service.clock,
    )


def _told(traces: "Traces", *, erased: bool) -> list[str]:
    """Lines about what was erased, or would be."""
    user = traces.user
    counted = [f"  {traces.rows[table]} {name}" for table, name in _TOLD.items()]
    if erased:
        return [f"erased {user.id}", *counted]
    return [
        f"would erase {user_line(user)}:",
        *counted,
        "Nothing was erased. This cannot be undone; say --yes to do it.",
    ]
