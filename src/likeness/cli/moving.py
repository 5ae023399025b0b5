"""The verb `copy`: all files of one store, or all rows of one database, to another."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import urlsplit

import typer

from likeness.blobs import open_blobs, parse
from likeness.cli.common import AsJson, show
from likeness.cli.progress import bar
from likeness.db import SCHEMES, TableCopy, open_database
from likeness.errors import Mistake
from likeness.upkeep.moving import BlobCopy, copy_blobs

_PAIRS: Final = (
    "copy goes from store to store (file:///ABSOLUTE/PATH, or another that LIKENESS_BLOBS may "
    "name) or from database to database (sqlite:////ABSOLUTE/PATH, "
    "postgresql://USER:PASSWORD@HOST/NAME), never from one to the other"
)

T = TypeVar("T")

From = Annotated[str, typer.Option("--from", metavar="URL", help="What is copied.")]
To = Annotated[str, typer.Option("--to", metavar="URL", help="Where it goes.")]


def add_to(app: typer.Typer) -> None:
    """Hang this file's verb into the command line."""
    app.command("copy")(copy)


def copy(*, source: From, target: To, as_json: AsJson = False) -> None:
    """Copy all files of a store to another, or all rows of a database to another, empty one.

    Files may be copied while the service runs, and a run that was stopped goes on with the same
    command. A database is copied as it is at one moment.
    """
    if source == target:
        raise Mistake(f"--from and --to are the same; {_PAIRS}")
    kinds = {urlsplit(url).scheme in SCHEMES for url in (source, target)}
    if len(kinds) > 1:
        raise Mistake(_PAIRS)
    if kinds == {True}:
        _copy_rows(source, target, as_json=as_json)
    else:
        _copy_files(source, target, as_json=as_json)


def _copy_files(source: str, target: str, *, as_json: bool) -> None:
    place = _understood(parse, source)
    # A slip of the pen would be an empty folder otherwise, and copied without a word.
    if isinstance(place, Path) and not place.is_dir():
        raise Mistake(f"there is no store at {source}")
    stores = _understood(open_blobs, source), _understood(open_blobs, target)
    with bar("copying", as_json=as_json, in_bytes=True) as progress:
        done = copy_blobs(*stores, progress)
    show(asdict(done), "\n".join(_told(done)), as_json=as_json)
    if done.failed:
        raise typer.Exit(1)


def _told(done: BlobCopy) -> list[str]:
    vanished = f", {done.vanished} taken away meanwhile" if done.vanished else ""
    summary = (
        f"copied {done.copied} files ({done.bytes_copied} bytes), each read back and compared; "
        f"{done.present} were there already{vanished}"
    )
    failed = [f"{done.failed} files are not right:", *done.problems] if done.failed else []
    return [summary, *failed]


def _copy_rows(source: str, target: str, *, as_json: bool) -> None:
    old, new = _understood(open_database, source), _understood(open_database, target)
    try:
        with old.snapshot() as rows, bar("copying", as_json=as_json) as progress:
            progress.expect(rows.total())
            done = new.take_over(rows, lambda _, more: progress.advance(more))
    finally:
        old.close()
        new.close()
    show(_document(done), "\n".join(_lines(done)), as_json=as_json)


def _document(done: list[TableCopy]) -> dict[str, Any]:
    return {"tables": {each.table: each.rows for each in done}}


def _lines(done: list[TableCopy]) -> list[str]:
    total = sum(each.rows for each in done)
    return [
        *(f"{each.table:<12}{each.rows:>12}" for each in done),
        f"copied {total} rows, as many as there were; what was written meanwhile is not among them",
    ]


def _understood(read: Callable[[str], T], url: str) -> T:
    """Parse a URL by a function that raises ValueError. Raises Mistake in its place."""
    try:
        return read(url)
    except ValueError as error:
        raise Mistake(f"{error}; {_PAIRS}") from error
