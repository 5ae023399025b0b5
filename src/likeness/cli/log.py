"""The verb `log`: who did what to whom."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from likeness.cli.common import AsJson, Data, Workspace, ask, columns, show
from likeness.events import Event, Verb, shown_before
from likeness.names import printable

if TYPE_CHECKING:
    from likeness.roster import Entry

_LIMIT: Final = 100
"""A screen or two; what is older is a page further."""

_LIMIT_MAX: Final = 10_000
"""Rows that are held in memory at once."""


def add_to(app: typer.Typer) -> None:
    """Hang this file's verbs into the command line."""
    app.command("log")(show_log)


def show_log(
    *,
    about: Annotated[
        str,
        typer.Argument(
            metavar="EMAIL", help="About whom: an address, or an id where nobody has one any more."
        ),
    ] = "",
    limit: Annotated[
        int, typer.Option(min=1, max=_LIMIT_MAX, help="How many entries to show at most.")
    ] = _LIMIT,
    before: Annotated[
        int | None,
        typer.Option(metavar="ID", help="Show those before this entry, for the next page."),
    ] = None,
    workspace: Workspace = "",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Show who did what to whom, newest first: about everybody, or about one person.

    An entry has its id and time; who did it and whose it is, by address; what was done; the photo;
    by which right; from which network; and what else there is to know. Entries are kept for
    LIKENESS_KEEP_EVENTS.
    """
    entries = ask(
        data,
        lambda service: service.roster.log(about, workspace, before_id=before, limit=limit),
    )
    show([_document(entry) for entry in entries], "\n".join(_lines(entries)), as_json=as_json)
    if len(entries) == limit:
        typer.echo(f"older ones: --before {entries[-1].event.id}", err=True)


def _document(entry: "Entry") -> dict[str, Any]:
    """An entry for programs: ids, and the names that they have now."""
    names = {"actor_name": entry.actor, "user_name": entry.owner}
    return asdict(entry.event) | names


def _lines(entries: list["Entry"]) -> list[str]:
    """Entries for people, in columns."""
    return columns([_cells(entry) for entry in entries])


def _cells(entry: "Entry") -> list[str]:
    event = entry.event
    batch = f"import {event.batch_id}" if event.batch_id else ""
    cells = [
        str(event.id),
        f"{event.at:%Y-%m-%d %H:%M:%S}",
        entry.actor,
        entry.owner,
        event.verb.value,
        str(event.photo_id or ""),
        event.source.value if event.source else "",
        event.origin or "",
        "; ".join(filter(None, [_detail(event), batch])),
    ]
    return [printable(cell) or "-" for cell in cells]


def _detail(event: Event) -> str | None:
    """The details of an entry, as people read them."""
    if event.verb is not Verb.PHOTO_SET or not event.detail:
        return event.detail
    photo_id, source = shown_before(event)
    return "before: " + ", ".join(filter(None, [str(photo_id or "no photo"), source]))
