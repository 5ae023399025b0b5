"""The verbs `directory check` and `directory sync`: people and photos by LDAP."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Annotated, Any, Final

import typer

from likeness.app.directory import directory_sync
from likeness.app.pictures import picture_workers
from likeness.app.service import Service
from likeness.cli.common import AsJson, Data, ask, columns, show
from likeness.cli.importing import EXIT_SOME_FAILED, FAILED_SHOWN, PLANNED, Apply
from likeness.cli.photo_imports import stand_back
from likeness.cli.progress import Bar, bar
from likeness.cli.verbs import Subverbs
from likeness.names import printable
from likeness.syncing.plan import Plan, Planned
from likeness.syncing.run import Done

_EXAMPLES: Final = 3

_directory = typer.Typer(
    cls=Subverbs,
    help="The directory that people and photos come from by LDAP.",
    no_args_is_help=True,
)


def add_to(app: typer.Typer) -> None:
    """Hang this file's verbs into the command line."""
    app.add_typer(_directory, name="directory")


@_directory.command("check")
def check(*, data: Data = None, as_json: AsJson = False) -> None:
    """Connect, and show three people as they would become, and what a run would do.

    Nothing is changed. Leaves with 3 where some entries could not be used, or too much would end.
    """
    plan = ask(data, lambda service: _planned(service, as_json=as_json))
    document = _document(plan, applied=False) | {"examples": [_example(row) for row in _some(plan)]}
    lines = ["it can be read; some of its people:", *_example_lines(plan), "", *_lines(plan)]
    show(document, "\n".join([*lines, _end_of(plan)]), as_json=as_json)
    _leave(plan)


@_directory.command("sync")
def sync(
    *,
    apply: Apply = False,
    force: Annotated[
        bool,
        typer.Option("--force", help="Do so even if many people or photos would go at once."),
    ] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Add, change and deactivate people as the directory has them, and set their photos.

    Without --apply nothing is changed. The service does the same each LIKENESS_LDAP_EVERY.
    It may be stopped and run again. Leaves with 3 where some entries could not be used.
    """
    if not apply:
        plan = ask(data, lambda service: _planned(service, as_json=as_json))
        show(
            _document(plan, applied=False),
            "\n".join([*_lines(plan), _end_of(plan)]),
            as_json=as_json,
        )
        _leave(plan)
        return
    stand_back()
    done = ask(data, lambda service: _done(service, force=force, as_json=as_json))
    document = _document(done.plan, applied=True, done=done)
    show(document, "\n".join([*_lines(done.plan, done), "done"]), as_json=as_json)
    _leave(done.plan, done)


async def _planned(service: Service, *, as_json: bool) -> Plan:
    sync = directory_sync(service)
    team = await service.people.team(service.config.ldap_workspace)
    with _watched(as_json=as_json) as progress:
        return await sync.plan(team, progress)


async def _done(service: Service, *, force: bool, as_json: bool) -> Done:
    sync = directory_sync(service, at_once=picture_workers(service.config))
    team = await service.people.team(service.config.ldap_workspace)
    with _watched(as_json=as_json) as progress:
        return await sync.apply(team, progress, force=force)


def _watched(*, as_json: bool) -> AbstractContextManager[Bar]:
    return bar("people", as_json=as_json, in_lines=True, listing="reading the directory")


def _leave(plan: Plan, done: Done | None = None) -> None:
    """End with the exit code that says whether somebody has to do something."""
    if _refused(plan, done) or (done is None and plan.warning):
        raise typer.Exit(EXIT_SOME_FAILED)


def _refused(plan: Plan, done: Done | None) -> list[tuple[str, str]]:
    """The entries that cannot be used, and what else was not taken once it is done."""
    return [*plan.refused(), *(done.refused if done else [])]


def _document(plan: Plan, *, applied: bool, done: Done | None = None) -> dict[str, Any]:
    return {
        "applied": applied,
        "counts": plan.counts(),
        "photos": dict(done.photos) if done else None,
        "warning": plan.warning,
        "references": plan.listing.references,
        "refused": [{"dn": dn, "reason": reason} for dn, reason in _refused(plan, done)],
    }


def _lines(plan: Plan, done: Done | None = None) -> list[str]:
    counts = plan.counts()
    photos = {f"photos {name}": count for name, count in (done.photos if done else {}).items()}
    return [
        *(f"{count:>9}  {_said(name)}" for name, count in (counts | photos).items() if count),
        *_referred(plan.listing.references),
        *_refused_lines(_refused(plan, done)),
    ]


def _said(name: str) -> str:
    return name.replace("_", " ")


def _referred(count: int) -> list[str]:
    if not count:
        return []
    return [f"{count} references to other servers came with it, and none was followed"]


def _refused_lines(refused: Sequence[tuple[str, str]]) -> list[str]:
    if not refused:
        return []
    more = len(refused) - FAILED_SHOWN
    named = [f"  {printable(dn)}: {reason}" for dn, reason in refused[:FAILED_SHOWN]]
    return ["refused:", *named, *([f"  and {more} more, which --json has"] if more > 0 else [])]


def _end_of(plan: Plan) -> str:
    if plan.warning:
        return f"it would not be done without --force: {plan.warning}"
    return PLANNED


def _some(plan: Plan) -> Sequence[Planned]:
    """At most three people, those with a photo first."""
    ranked = sorted(plan.rows, key=lambda row: row.entry.id not in plan.listing.with_photo)
    return ranked[:_EXAMPLES]


def _example(row: Planned) -> dict[str, Any]:
    entry = row.entry
    return {
        "dn": entry.dn,
        "id": entry.id,
        "name": entry.name,
        "user_name": entry.user_name,
        "emails": list(entry.emails),
        "is_active": entry.is_active,
        "outcome": row.outcome.value if row.outcome else "refused",
    }


def _example_lines(plan: Plan) -> list[str]:
    cells = []
    for row in _some(plan):
        entry, first = row.entry, row.entry.emails[0]
        has_photo = "photo" if entry.id in plan.listing.with_photo else "no photo"
        outcome = row.outcome.value if row.outcome else "refused"
        texts = (first, entry.name, entry.user_name, has_photo, outcome, *entry.emails[1:])
        cells.append([printable(text) or "-" for text in texts])
    width = max(map(len, cells), default=0)
    return [f"  {line}" for line in columns([[*row, *[""] * (width - len(row))] for row in cells])]
