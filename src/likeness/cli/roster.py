"""The verbs `user list` and `user show`, and how somebody is printed."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from likeness.cli.common import AsJson, Data, Email, Workspace, ask, columns, show
from likeness.model import Photo, Source, Token, User
from likeness.names import printable
from likeness.photo_address import url_of

if TYPE_CHECKING:
    from likeness.app.service import Service
    from likeness.roster import Profile

Person = tuple[User, str | None]
"""Somebody, and the URL of their photo."""


def add_to(user: typer.Typer) -> None:
    """Hang this file's verbs into the group `user`."""
    user.command("list")(list_users)
    user.command("show")(show_user)


def list_users(
    *,
    no_photo: Annotated[
        bool, typer.Option("--no-photo", help="Only those without a photo.")
    ] = False,
    locked: Annotated[
        bool, typer.Option("--locked", help="Only those who may not change their photo.")
    ] = False,
    hidden: Annotated[
        bool, typer.Option("--hidden", help="Only those whom nobody finds by hash.")
    ] = False,
    admins: Annotated[
        bool, typer.Option("--admins", help="Only those who administer their workspace.")
    ] = False,
    source: Annotated[
        Source | None,
        typer.Option(
            metavar="SOURCE",
            help=f"Only those whose photo, or no photo, was chosen by: {', '.join(Source)}.",
        ),
    ] = None,
    left: Annotated[
        bool, typer.Option("--left", help="Those who were deactivated, in place of the others.")
    ] = False,
    everybody: Annotated[
        bool, typer.Option("--all", help="Those who were deactivated as well.")
    ] = False,
    workspace: Workspace = "",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """List people and bots by address. Filters combine: all of them must fit."""
    has_left = None if everybody else left

    async def question(service: "Service") -> list[Person]:
        team_id = (await service.people.team(workspace)).id if workspace else None
        has_photo = False if no_photo else None
        from likeness.roster import Which  # noqa: PLC0415 - see ask

        which = Which(team_id, has_left, has_photo, locked, hidden, admins, source)
        pages = service.roster.pages(which)
        return [(user, _url(service, user)) async for page in pages for user in page]

    people = ask(data, question)
    documents = [user_document(user) | _of_photo(user.photo, url) for user, url in people]
    show(documents, "\n".join(columns([_row(user) for user, _ in people])), as_json=as_json)
    typer.echo(f"{len(people):,} in all", err=True)


def show_user(
    *, email: Email, workspace: Workspace = "", data: Data = None, as_json: AsJson = False
) -> None:
    """Show what is known of somebody. It changes nothing."""

    async def question(service: "Service") -> tuple["Profile", str | None]:
        profile = await service.roster.profile(email, workspace)
        return profile, _url(service, profile.user)

    profile, url = ask(data, question)
    document = user_document(profile.user) | _of_photo(profile.user.photo, url)
    show(document | _of_profile(profile), "\n".join(_paragraph(profile, url)), as_json=as_json)


def user_line(user: User) -> str:
    """Somebody on one line."""
    return f"{user.id}  {user.email}  {_name(user)}"


def user_document(user: User) -> dict[str, Any]:
    """Somebody for programs, without their photo."""
    document = asdict(user)
    del document["photo"]
    return document


def tell_taken(email: str, leaver: User | None) -> None:
    """Say on standard error from whom an address was taken, if it was."""
    if leaver is None or leaver.deleted_at is None:
        return
    name, since = printable(leaver.real_name), f"{leaver.deleted_at:%Y-%m-%d}"
    told = f"{email} was taken from {leaver.id}, {name}, who was deactivated on {since}"
    typer.echo(told, err=True)


def _url(service: "Service", user: User) -> str | None:
    return url_of(service.config.photo_url, user.photo) if user.photo else None


def _name(user: User) -> str:
    return printable(user.real_name) + ("  (bot)" if user.is_bot else "")


def _row(user: User) -> list[str]:
    """Somebody in a list: with their photo, and what is not as with most people."""
    states = {
        "administrator": user.is_admin,
        "locked": user.lock_reason,
        "hidden": not user.is_listed,
        "left": user.deleted_at,
    }
    photo = _photo(user.photo) if user.photo else "no photo"
    state = "  ".join(word for word, holds in states.items() if holds)
    return [user.id, user.email, _name(user), photo, state]


def _photo(photo: Photo) -> str:
    return f"{photo.width} x {photo.height}, {photo.source}, {photo.set_at:%Y-%m-%d}"


def _of_photo(photo: Photo | None, url: str | None) -> dict[str, Any]:
    """A photo for programs, beside what is known of its user."""
    if photo is None:
        return {"photo": None}
    return {
        "photo": url,
        "photo_id": photo.id,
        "photo_width": photo.width,
        "photo_height": photo.height,
        "photo_came_from": photo.source,
        "photo_set_at": photo.set_at,
        "photo_set_by": photo.set_by,
    }


def _of_profile(profile: "Profile") -> dict[str, Any]:
    sessions, tokens = _counts(profile.tokens)
    return {
        "workspace": profile.team.name,
        "addresses": [address.email for address in profile.addresses],
        "identities": [
            {"source": each.source, "id": each.external_id} for each in profile.identities
        ],
        "sessions": sessions,
        "tokens": tokens,
    }


def _counts(tokens: list[Token]) -> tuple[int, int]:
    """How many are sessions, and how many are not."""
    from likeness.sessions import is_session  # noqa: PLC0415 - see ask

    sessions = sum(map(is_session, tokens))
    return sessions, len(tokens) - sessions


def _paragraph(profile: "Profile", url: str | None) -> list[str]:
    """Somebody for people, a line for each thing that is known."""
    user, (sessions, tokens) = profile.user, _counts(profile.tokens)
    further = [each.email for each in profile.addresses if each.email != user.email]
    return [
        user_line(user),
        f"  workspace: {printable(profile.team.name)}",
        f"  since: {user.created_at:%Y-%m-%d %H:%M} UTC",
        *_states(user),
        *(f"  further address: {email}" for email in further),
        f"  photo: {url or 'none'}",
        *_about_photo(user),
        f"  signed in: {sessions} sessions; API tokens: {tokens}",
        *(f"  known as: {each.external_id} of {each.source}" for each in profile.identities),
    ]


def _about_photo(user: User) -> list[str]:
    """Where the photo, or that there is none, came from."""
    if user.photo:
        return [f"  photo is: {_photo(user.photo)}"]
    return [f"  no photo by choice of: {user.photo_source}"] if user.photo_source else []


def _states(user: User) -> list[str]:
    """Lines about what is unusual of a person."""
    lines = []
    if user.deleted_at:
        lines.append(f"  deactivated: {user.deleted_at:%Y-%m-%d %H:%M} UTC")
    if user.is_admin:
        lines.append(f"  administers the workspace, by: {user.admin_source or 'administrator'}")
    if user.lock_reason:
        lines.append(f"  locked: {printable(user.lock_reason)}")
    if not user.is_listed:
        lines.append("  hidden: nobody finds them by hash")
    return lines
