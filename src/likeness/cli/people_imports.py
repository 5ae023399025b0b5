"""The verb that brings people in: `user import`."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

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
from likeness.errors import Mistake
from likeness.model import Team

if TYPE_CHECKING:
    from collections.abc import Sequence

    from likeness.app.service import Service
    from likeness.events import Batch
    from likeness.imports.people_import import PeoplePlan
    from likeness.imports.records import Record


@dataclass(frozen=True, slots=True)
class _Wishes:
    """The options of an import of people."""

    workspace: str
    deactivates: bool
    force: bool
    photos: bool
    applies: bool


@dataclass(frozen=True, slots=True)
class _Done:
    """Results of an import: of people with their plan, and of photos where they came too."""

    told: Told
    plan: "PeoplePlan"
    notes: tuple[str, ...]
    photos: Told | None = None
    batch: "Batch | None" = None


File = Annotated[
    Path,
    typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="A .csv or an .ldif."),
]


def add_to(user: typer.Typer) -> None:
    """Hang this file's verb into those of people."""
    user.command("import")(import_people)


def import_people(
    *,
    file: File,
    deactivate_missing: Annotated[
        bool,
        typer.Option("--deactivate-missing", help="Deactivate everybody who is not in the file."),
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Do so even if the file looks as if it were cut off.")
    ] = False,
    photos: Annotated[
        bool,
        typer.Option("--photos", help="Then set the photos that the file has or names, as well."),
    ] = False,
    apply: Apply = False,
    report: Report = None,
    workspace: Workspace = "",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Add people from a file, and change the names, addresses and ids of those who are there.

    Without --apply nothing is changed. It may be run again: what was done is unchanged then. Leaves
    with 3 where some rows could not be used; the others are done. `photo import` takes the same
    file for their photos, with a plan of its own.
    """
    wishes = _Wishes(workspace, deactivate_missing, force, photos, apply)
    done = ask(data, lambda service: _done(service, file, wishes, report, as_json=as_json))
    show(_document(done, applied=apply), "\n".join(_lines(done, applied=apply)), as_json=as_json)
    leave([*done.told.rows, *(done.photos.rows if done.photos else [])])


async def _done(
    service: "Service", file: Path, wishes: "_Wishes", report: Path | None, *, as_json: bool
) -> "_Done":
    # What reads files takes as long to import as all else, which other verbs can do without.
    from likeness.imports.people_import import PeopleImport, rows_of  # noqa: PLC0415 - see above

    team = await service.people.team(wishes.workspace)
    people = PeopleImport(service.database, service.clock)
    records, notes = _records_of(file)
    plan = await people.plan(team, records, deactivates=wishes.deactivates)
    with reported("people", report, as_json=as_json) as told:
        if not wishes.applies:
            for row in rows_of(plan):
                told(row)
            return _Done(told, plan, notes)
        told.bar.expect(len(plan.rows) + len(plan.leaving))
        await people.apply(team, plan, told, force=wishes.force)
    if not wishes.photos:
        return _Done(told, plan, notes)
    return _Done(told, plan, notes, *await _photos(service, team, records, as_json=as_json))


async def _photos(
    service: "Service", team: Team, records: "Sequence[Record]", *, as_json: bool
) -> "tuple[Told, Batch | None]":
    """Set the photos that the rows have, as `photo import` does."""
    from likeness.cli.photo_imports import brought, stand_back  # noqa: PLC0415 - see `_done`
    from likeness.imports.photo_import import Terms  # noqa: PLC0415 - see `_done`

    stand_back()
    with reported("photos", None, as_json=as_json) as told:
        return told, await brought(service, team, records, Terms(), told, apply=True)


def _records_of(file: Path) -> tuple[list["Record"], tuple[str, ...]]:
    """The rows of a file, and remarks. Raises Mistake for one whose files are photos."""
    from likeness.imports.sources import opened_source  # noqa: PLC0415 - see above

    if file.suffix.casefold() == ".zip":
        raise Mistake("people come from a .csv or an .ldif; a zip has photos: `photo import`")
    with opened_source(file) as source:
        return source.records, source.notes


def _document(done: "_Done", *, applied: bool) -> dict[str, Any]:
    """An import of people for programs; that of their photos is in it, where it was wanted."""
    photos = done.photos and {
        "batch": done.batch.id if done.batch else None,
        **told_of(done.photos.rows),
    }
    return {
        "applied": applied,
        **told_of(done.told.rows),
        "warning": done.plan.warning,
        "notes": list(done.notes),
        "photos": photos,
    }


def _lines(done: "_Done", *, applied: bool) -> list[str]:
    lines = summary(done.told.rows, done.notes)
    if done.photos:
        lines += ["photos:", *summary(done.photos.rows, [])]
    if done.batch:
        lines.append(f"take the photos back with `likeness photo undo {done.batch.id}`")
    if applied:
        return [*lines, "done"]
    if done.plan.warning:
        lines.append(f"it would not be done without --force: {done.plan.warning}")
    return [*lines, PLANNED]
