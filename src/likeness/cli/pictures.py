"""Verbs for photos, and the sweeping of files that nobody needs."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from likeness.app.service import Service
from likeness.cli.common import AsJson, Data, Email, Workspace, ask, show
from likeness.cli.photo_imports import add_photo_verbs
from likeness.cli.progress import bar
from likeness.cli.verbs import Subverbs
from likeness.errors import BadImage, Mistake, TooLarge
from likeness.events import OPERATOR
from likeness.model import ORIGINAL, SIZES, Crop, Photo, User
from likeness.photos import Setting
from likeness.upkeep.remaking import Outcome, RemakeReport, Remaking

_photo = typer.Typer(cls=Subverbs, help="Photos of people and bots.", no_args_is_help=True)
_CROP_NUMBERS = 3


def add_to(app: typer.Typer) -> None:
    """Hang this file's verbs into the command line."""
    app.add_typer(_photo, name="photo")
    app.command("sweep")(sweep)


@_photo.command("set")
def set_photo(
    *,
    email: Email,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="The picture.")
    ],
    crop: Annotated[
        str,
        typer.Option(metavar="X,Y,W", help="The square to cut out, in pixels: left, top, side."),
    ] = "",
    workspace: Workspace = "",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Set somebody's photo from a file; a big one is scaled down."""
    box = _parse_crop(crop) if crop else None

    async def question(service: Service) -> tuple[Setting, dict[str, str]]:
        user = await service.people.find(email, workspace)
        try:
            setting = await _set(service, user, file.read_bytes(), box)
        except BadImage as refusal:
            raise Mistake(f"{file}: {refusal}") from refusal
        return setting, _urls(service, setting.photo)

    setting, urls = ask(data, question)
    for note in setting.notes:
        typer.echo(f"note: {note}", err=True)
    show({"photo": urls, "notes": setting.notes}, "\n".join(urls.values()), as_json=as_json)


@_photo.command("remove")
def remove_photo(
    *,
    email: Email,
    every: Annotated[
        bool, typer.Option("--all", help="Remove every earlier photo as well.")
    ] = False,
    workspace: Workspace = "",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Remove somebody's photo for good, with earlier ones from the same upload."""

    async def question(service: Service) -> None:
        user = await service.people.find(email, workspace)
        await (
            service.photos.delete_all(user, OPERATOR)
            if every
            else service.photos.delete(user, by=OPERATOR)
        )

    ask(data, question)
    show({"removed": True}, "removed", as_json=as_json)


@_photo.command("history")
def photo_history(
    *, email: Email, workspace: Workspace = "", data: Data = None, as_json: AsJson = False
) -> None:
    """List the photos that somebody had, newest first, numbered for `restore`."""

    async def question(service: Service) -> list[dict[str, object]]:
        photos = await service.photos.history(await service.people.find(email, workspace))
        return [_history_row(service, number, photo) for number, photo in enumerate(photos, 1)]

    rows = ask(data, question)
    show(rows, "\n".join("  ".join(map(str, row.values())) for row in rows), as_json=as_json)


@_photo.command("restore")
def restore_photo(
    *,
    email: Email,
    number: Annotated[int, typer.Argument(metavar="N", min=1, help="Number from `history`.")],
    workspace: Workspace = "",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Show a replaced photo again."""

    async def question(service: Service) -> dict[str, str]:
        user = await service.people.find(email, workspace)
        photos = await service.photos.history(user)
        if number > len(photos):
            raise Mistake(f"{email} has {len(photos)} photos in history; {number} is none of them")
        return _urls(service, await service.photos.restore(user, photos[number - 1].id, OPERATOR))

    urls = ask(data, question)
    show({"photo": urls}, "\n".join(urls.values()), as_json=as_json)


@_photo.command("remake")
def remake_photos(*, data: Data = None, as_json: AsJson = False) -> None:
    """Make the largest size of photos of before that lack it, also while the service runs.

    It may be interrupted and run again. Leaves with 1 when files of a photo are lost or broken.
    """

    async def question(service: Service) -> RemakeReport:
        remaking = Remaking(service.database, service.blobs, service.engine)
        with bar("remaking photos", as_json=as_json) as progress:
            return await remaking.run(progress)

    report = ask(data, question)
    counts = {outcome.value: report.counts[outcome] for outcome in Outcome}
    document = counts | {"cut_photos": report.cut, "broken_photos": report.broken}
    show(document, "\n".join(_remade(report)), as_json=as_json)
    if report.broken:
        raise typer.Exit(1)


def sweep(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Remove files that nobody needs: old replaced photos, stale uploads, orphans."""
    report = ask(data, lambda service: service.sweeper.sweep(dry_run=dry_run))
    text = (
        f"{'would remove' if dry_run else 'removed'} {report.photos} photos, "
        f"{report.prepared} prepared pictures, {report.orphans} orphaned files "
        f"({report.bytes_freed} bytes)"
    )
    show(asdict(report) | {"dry_run": dry_run}, text, as_json=as_json)


async def _set(service: Service, user: User, picture: bytes, box: Crop | None) -> Setting:
    """In one step or, where the picture is too large for that, in two, as the page does it."""
    photos = service.photos
    try:
        return await photos.set(user, picture, box, by=OPERATOR)
    except BadImage as refusal:
        if "dims" not in refusal.details:
            raise
        raise Mistake(f"{refusal}; LIKENESS_IMAGE_SIDE_MIN lets smaller ones in") from refusal
    except TooLarge:
        prepared = await photos.prepare(user, picture)
    ratio = prepared.staged.width / prepared.width_before
    scaled = box and _scaled(box, ratio)
    setting = await photos.set_prepared(user, prepared.staged.id, scaled, by=OPERATOR)
    return replace(setting, notes=(*prepared.notes, *setting.notes))


def _scaled(box: Crop, ratio: float) -> Crop:
    """The box in the pixels of a picture that was scaled down."""
    return Crop(round(box.x * ratio), round(box.y * ratio), max(1, round(box.w * ratio)))


def _parse_crop(text: str) -> Crop:
    numbers = text.split(",")
    if len(numbers) != _CROP_NUMBERS or not all(number.strip().isdecimal() for number in numbers):
        raise typer.BadParameter(f"{text!r} is no crop; write X,Y,W in pixels, such as 10,15,512")
    return Crop(*map(int, numbers))


def _urls(service: Service, photo: Photo) -> dict[str, str]:
    names = [f"image_{size}" for size in SIZES]
    urls = [service.photos.url(photo, size) for size in SIZES]
    return {
        **dict(zip(names, urls, strict=True)),
        "image_original": service.photos.url(photo, ORIGINAL),
    }


def _remade(report: RemakeReport) -> list[str]:
    counts = report.counts
    cut = (
        f"{counts[Outcome.CUT]} were cut by a version that did not note where, or have bars in "
        "another colour than new ones; they stay as they are, until somebody sets them again"
    )
    broken = (
        f"{counts[Outcome.BROKEN]} have files that are lost or broken; `likeness check --deep` "
        f"tells which: {', '.join(map(str, report.broken))}"
    )
    made = (
        f"made the largest size of {counts[Outcome.REMADE]} photos; "
        f"{counts[Outcome.COMPLETE]} have all of theirs"
    )
    return [
        made,
        *([cut] if counts[Outcome.CUT] else []),
        *([broken] if counts[Outcome.BROKEN] else []),
    ]


def _history_row(service: Service, number: int, photo: Photo) -> dict[str, object]:
    kept = photo.state.has_files
    url = service.photos.url(photo, ORIGINAL) if kept else ""
    set_at = photo.set_at.isoformat(timespec="seconds")
    return {"number": number, "set_at": set_at, "state": photo.state.value, "url": url}


# After its own verbs, as the help lists them; and once, however often the group is asked for.
add_photo_verbs(_photo)
