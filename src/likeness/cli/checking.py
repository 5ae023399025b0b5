"""The verb `check`: compares all rows with all files, and repairs what it can."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from likeness.app.service import Service, utc_now
from likeness.cli.common import AsJson, Data, ask, show
from likeness.cli.progress import bar
from likeness.upkeep.checking import Checking, CheckReport, Finding, Kind

Deep = Annotated[bool, typer.Option("--deep", help="Read every file, instead of its length only.")]
Repair = Annotated[bool, typer.Option("--repair", help="Make right again what can be.")]

_TITLES = {
    Kind.FILES: "photos with files that are missing or broken",
    Kind.LEFT_BEHIND: "photos that were taken away and still have files",
    Kind.ORPHANS: "photos and prepared pictures that no row knows",
    Kind.STAGED: "prepared pictures without a file",
    Kind.POINTERS: "people who show another photo than their current one",
}


def add_to(app: typer.Typer) -> None:
    """Hang this file's verb into the command line."""
    app.command("check")(check)


def check(
    *, deep: Deep = False, repair: Repair = False, data: Data = None, as_json: AsJson = False
) -> None:
    """Compare the database with the store, also while the service runs.

    Leaves with 1 when something is wrong and was not repaired.
    """

    async def question(service: Service) -> CheckReport:
        checking = Checking(service.database, service.blobs, service.engine, utc_now)
        with bar("checking photos", as_json=as_json) as progress:
            return await checking.run(progress, is_deep=deep, repairs=repair)

    report = ask(data, question)
    show(_document(report), "\n".join(_lines(report, repairs=repair)), as_json=as_json)
    if not report.is_right:
        raise typer.Exit(1)


def _document(report: CheckReport) -> dict[str, Any]:
    return {
        "ok": report.is_right,
        "deep": report.is_deep,
        "photos": report.photos,
        "files": report.files,
        "found": {kind: report.found[kind] for kind in Kind},
        "repairable": {kind: report.repairable[kind] for kind in Kind},
        "repaired": {kind: report.repaired[kind] for kind in Kind},
        "findings": [asdict(finding) for finding in report.findings],
    }


def _lines(report: CheckReport, *, repairs: bool) -> list[str]:
    told = [line for finding in report.findings for line in _told(finding)]
    unnamed = report.found.total() - len(report.findings)
    more = [f"and {unnamed} more"] if unnamed else []
    counts = [
        f"{_TITLES[kind]}: {count}, {_share(report, kind, repairs=repairs)}"
        for kind, count in report.found.items()
    ]
    looked = f"{'read' if report.is_deep else 'looked at'} {report.files} files"
    verdict = "all is right" if report.is_right else "not all is right"
    return [*told, *more, *counts, f"{looked}, {report.photos} photos: {verdict}"]


def _share(report: CheckReport, kind: Kind, *, repairs: bool) -> str:
    """How many of a kind are right now, or would be after a repair."""
    if repairs:
        return f"{report.repaired[kind]} of them repaired"
    return f"{report.repairable[kind]} of them can be repaired by --repair"


def _told(finding: Finding) -> list[str]:
    whose = f" of {finding.person}" if finding.person else ""
    by_repair = "can be repaired" if finding.is_repairable else "CANNOT be repaired"
    state = "repaired" if finding.is_repaired else by_repair
    advice = [f"  {finding.advice}"] if finding.advice else []
    title = f"{finding.subject}{whose}: {state}"
    return [title, *(f"  {detail}" for detail in finding.details), *advice]
