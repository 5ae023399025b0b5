"""The verb that brings people in: `user import`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from likeness.app.service import Service
from likeness.cli.common import AsJson, Data, Workspace, ask, show
from likeness.cli.importing import Apply, Report, Told, leave, reported, summary
from likeness.errors import Mistake
from likeness.imports.outcomes import FAILED, counted

if TYPE_CHECKING:
    from likeness.imports.people_import import PeoplePlan
    from likeness.imports.records import Record

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
    apply: Apply = False,
    report: Report = None,
    workspace: Workspace = "",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Add people from a file, and change the names, addresses and ids of those who are there.

    Without --apply nothing is changed. It may be run again: what was done is unchanged then. Leaves
    with 3 where some rows could not be used; the others are done. `photo import` takes the same
    file for their photos.
    """

    async def question(service: Service) -> tuple[Told, "PeoplePlan", tuple[str, ...]]:
        # What reads files takes as long to import as all else, which other verbs can do without.
        from likeness.imports.people_import import PeopleImport, rows_of  # noqa: PLC0415 - see above

        team = await service.people.team(workspace)
        people = PeopleImport(service.database, service.clock)
        records, notes = _records_of(file)
        plan = await people.plan(team, records, deactivates=deactivate_missing)
        with reported("people", report, as_json=as_json) as told:
            if apply:
                told.bar.expect(len(plan.rows) + len(plan.leaving))
                await people.apply(team, plan, told, force=force)
            else:
                for row in rows_of(plan):
                    told(row)
        return told, plan, notes

    told, plan, notes = ask(data, question)
    document: dict[str, Any] = {
        "applied": apply,
        "rows": len(plan.rows),
        "counts": counted(told.rows),
        "failed": [row.document() for row in told.rows if row.outcome in FAILED],
        "warning": plan.warning,
        "notes": list(notes),
    }
    lines = [*summary(told.rows, notes), *_last_lines(plan, applied=apply)]
    show(document, "\n".join(lines), as_json=as_json)
    leave(told.rows)


def _records_of(file: Path) -> tuple[list["Record"], tuple[str, ...]]:
    """The rows of a file, and remarks. Raises Mistake for one whose files are photos."""
    from likeness.imports.sources import opened_source  # noqa: PLC0415 - see above

    if file.suffix.casefold() == ".zip":
        raise Mistake("people come from a .csv or an .ldif; a zip has photos: `photo import`")
    with opened_source(file) as source:
        return source.records, source.notes


def _last_lines(plan: "PeoplePlan", *, applied: bool) -> list[str]:
    if applied:
        return ["done"]
    warned = [f"it would not be done without --force: {plan.warning}"] if plan.warning else []
    return [*warned, "this was the plan, and nothing was changed; do it with --apply"]
