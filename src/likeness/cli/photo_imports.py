"""Verbs for photos of many people: `photo import`, `photo imports`, `photo undo`."""

import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from likeness.app.pictures import picture_workers
from likeness.app.service import Service
from likeness.cli.common import AsJson, Data, Workspace, ask, show
from likeness.cli.importing import (
    PLANNED,
    Apply,
    Report,
    Told,
    leave,
    reported,
    summary,
    told_of,
)
from likeness.errors import Mistake, ServiceUnavailable
from likeness.events import Batch
from likeness.imports.matching import EVERY_MATCH, Match
from likeness.imports.outcomes import Row
from likeness.imports.photo_import import PhotoImport, Terms
from likeness.imports.records import Record
from likeness.imports.sources import opened_source
from likeness.imports.undoing import Undoing, Undone
from likeness.model import Team
from likeness.precedence import Policy

NICENESS: Final = 10
"""How far an import stands back, so that a service beside it on the machine is quick."""

Source = Annotated[
    Path,
    typer.Argument(metavar="PATH", exists=True, help="A folder, a .zip, a .csv or an .ldif."),
]


def add_photo_verbs(photo: typer.Typer) -> None:
    """Hang this file's verbs into those of photos."""
    photo.command("import")(import_photos)
    photo.command("imports")(list_imports)
    photo.command("undo")(undo_import)


def import_photos(
    *,
    path: Source,
    match: Annotated[
        list[Match] | None,
        typer.Option(
            help="Find people by this alone; repeat for more. Else by all, in this order."
        ),
    ] = None,
    policy: Annotated[
        Policy, typer.Option(help="Which photos may be replaced; `newer` compares file times.")
    ] = Policy.IF_NOT_OWN,
    locked: Annotated[
        bool, typer.Option("--locked", help="Replace photos of people who are locked, too.")
    ] = False,
    apply: Apply = False,
    report: Report = None,
    workspace: Workspace = "",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Set the photos of many people from files that are named by them, or from a list.

    Without --apply nothing is changed. It may be stopped and run again: what was done is unchanged
    then. Leaves with 3 where some rows could not be used; the others are done.
    """
    terms = Terms(policy, locked, tuple(match or EVERY_MATCH))
    if apply:
        stand_back()

    async def question(service: Service) -> tuple[Told, Batch | None, tuple[str, ...]]:
        team = await service.people.team(workspace)
        with opened_source(path) as source, reported("photos", report, as_json=as_json) as told:
            batch = await brought(service, team, source.records, terms, told, apply=apply)
            return told, batch, source.notes

    told, batch, notes = ask(data, question)
    document = document_of(told.rows, batch, notes, applied=apply)
    lines = [*summary(told.rows, notes), _last_line(batch, applied=apply)]
    show(document, "\n".join(lines), as_json=as_json)
    leave(told.rows)


def list_imports(*, workspace: Workspace = "", data: Data = None, as_json: AsJson = False) -> None:
    """List the imports of photos, newest first, with the ids for `undo`."""

    async def question(service: Service) -> list[Batch]:
        return await _undoing(service).batches(await service.people.team(workspace))

    batches = ask(data, question)
    show([asdict(each) for each in batches], "\n".join(map(_batch_line, batches)), as_json=as_json)


def undo_import(
    *,
    batch: Annotated[str, typer.Argument(metavar="BATCH", help="Its id from `imports`.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Give everybody back the photo that they had before an import, unless they chose since."""
    undone = ask(data, lambda service: _undoing(service).undo(batch))
    show(asdict(undone), _undone_line(undone), as_json=as_json)


async def brought(
    service: Service,
    team: Team,
    records: Sequence[Record],
    terms: Terms,
    told: Told,
    *,
    apply: bool,
) -> Batch | None:
    """Plan an import of photos, or do it. Raises Mistake where a part of the service is away."""
    at_once = picture_workers(service.config)
    photos = PhotoImport(service.database, service.offers, service.clock, at_once)
    told.bar.expect(len(records))
    try:
        if apply:
            return await photos.apply(team, records, terms, told)
        await photos.plan(team, records, terms, told)
    except ServiceUnavailable as refusal:
        raise Mistake(
            f"{refusal.reason} {len(told.rows)} of {len(records)} rows were dealt with; run the "
            "same command again for the rest"
        ) from refusal
    return None


def stand_back() -> None:
    """Let this process, and those that it starts, be less urgent than others."""
    now = os.getpriority(os.PRIO_PROCESS, 0)
    os.setpriority(os.PRIO_PROCESS, 0, max(now, NICENESS))


def document_of(
    rows: Sequence[Row], batch: Batch | None, notes: Sequence[str], *, applied: bool
) -> dict[str, Any]:
    """An import for programs."""
    return {
        "applied": applied,
        "batch": batch.id if batch else None,
        **told_of(rows),
        "notes": list(notes),
    }


def _last_line(batch: Batch | None, *, applied: bool) -> str:
    if not applied:
        return PLANNED
    if batch is None:
        return "nothing was changed"
    return f"done; take it back with `likeness photo undo {batch.id}`"


def _undoing(service: Service) -> Undoing:
    return Undoing(service.database, service.offers, service.clock)


def _batch_line(batch: Batch) -> str:
    counts = ", ".join(f"{count} {outcome}" for outcome, count in batch.counts.items())
    state = counts if batch.ended_at else "cut short; run the same import again for the rest"
    undone = "  (taken back)" if batch.undone_at else ""
    return f"{batch.id}  {batch.started_at:%Y-%m-%d %H:%M} UTC  {state}{undone}"


def _undone_line(undone: Undone) -> str:
    parts = [f"put back {undone.put_back}"]
    if undone.gone:
        parts.append(f"{undone.gone} of them have no photo now, since the one before was removed")
    if undone.newer:
        parts.append(f"left {undone.newer} whose photo was chosen since")
    if undone.already:
        parts.append(f"{undone.already} were taken back already")
    return "; ".join(parts)
