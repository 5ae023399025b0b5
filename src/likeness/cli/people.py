"""Verbs for people and bots: what changes them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from likeness.cli import binding, leaving, people_imports
from likeness.cli.common import AsJson, Data, Email, Workspace, ask, duration, show
from likeness.cli.roster import add_to as add_reading_to
from likeness.cli.roster import tell_taken, user_document, user_line
from likeness.cli.verbs import Subverbs
from likeness.model import User

if TYPE_CHECKING:
    from likeness.app.service import Service

_user = typer.Typer(cls=Subverbs, help="People and bots.", no_args_is_help=True)
add_reading_to(_user)


def add_to(app: typer.Typer) -> None:
    """Hang this file's verbs into the command line."""
    app.add_typer(_user, name="user")


@_user.command("add")
def add_user(
    *,
    email: Email,
    workspace: Workspace = "",
    name: Annotated[str, typer.Option(help="Full name; else taken from the address.")] = "",
    bot: Annotated[bool, typer.Option("--bot", help="It is a program, not a person.")] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Add a person or a bot to a workspace. An address of somebody who left goes to them."""

    async def question(service: "Service") -> tuple[User, User | None]:
        leaver = await service.people.leaver(email, workspace)
        added = service.people.add_user(email, workspace, name=name, is_bot=bot, succeeds=True)
        return await added, leaver

    user, leaver = ask(data, question)
    tell_taken(email, leaver)
    taken = leaver.id if leaver else None
    show(user_document(user) | {"taken_from": taken}, user_line(user), as_json=as_json)


@_user.command("rename")
def rename_user(
    *,
    email: Email,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Full name from now on.")],
    workspace: Workspace = "",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Give somebody another full name."""
    user = ask(data, lambda service: service.people.rename(email, name, workspace))
    show(user_document(user), user_line(user), as_json=as_json)


@_user.command("email")
def change_email(
    *,
    email: Email,
    another: Annotated[str, typer.Argument(metavar="NEW", help="First address from now on.")],
    forget: Annotated[
        bool, typer.Option("--forget", help="Let the one before lead to them no more.")
    ] = False,
    workspace: Workspace = "",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Change somebody's first address. The one before goes on leading to their photo."""

    async def question(service: "Service") -> tuple[User, User | None]:
        people = service.people
        leaver = await people.leaver(another, workspace, email)
        changed = people.change_email(email, another, workspace, forgets=forget, succeeds=True)
        return await changed, leaver

    user, leaver = ask(data, question)
    tell_taken(another, leaver)
    show(user_document(user), user_line(user), as_json=as_json)


@_user.command("deactivate")
def deactivate_user(
    *, email: Email, workspace: Workspace = "", data: Data = None, as_json: AsJson = False
) -> None:
    """Deactivate somebody: tokens, sessions and links end at once; the photo stays."""
    user = ask(data, lambda service: service.people.deactivate(email, workspace))
    show(user_document(user), f"deactivated {user_line(user)}", as_json=as_json)


@_user.command("reactivate")
def reactivate_user(
    *, email: Email, workspace: Workspace = "", data: Data = None, as_json: AsJson = False
) -> None:
    """Let somebody be here again who was deactivated. Their tokens and sessions stay ended."""
    user = ask(data, lambda service: service.people.reactivate(email, workspace))
    show(user_document(user), f"active: {user_line(user)}", as_json=as_json)


@_user.command("lock")
def lock_user(
    *,
    email: Email,
    reason: Annotated[
        str, typer.Option(metavar="TEXT", help="Why, which the person is told; 300 characters.")
    ],
    workspace: Workspace = "",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Let only administrators change somebody's photo. They can still hide it."""
    user = ask(data, lambda service: service.people.lock(email, reason, workspace))
    show(user_document(user), f"locked: {user_line(user)}", as_json=as_json)


@_user.command("unlock")
def unlock_user(
    *, email: Email, workspace: Workspace = "", data: Data = None, as_json: AsJson = False
) -> None:
    """Let somebody change their own photo again."""
    user = ask(data, lambda service: service.people.unlock(email, workspace))
    show(user_document(user), f"unlocked: {user_line(user)}", as_json=as_json)


@_user.command("hide")
def hide_user(
    *, email: Email, workspace: Workspace = "", data: Data = None, as_json: AsJson = False
) -> None:
    """Let nobody find somebody by the hash of an address, as if they were not here."""
    _set_listed(email, workspace, data, is_listed=False, as_json=as_json)


@_user.command("unhide")
def unhide_user(
    *, email: Email, workspace: Workspace = "", data: Data = None, as_json: AsJson = False
) -> None:
    """Let somebody be found by the hashes of their addresses again."""
    _set_listed(email, workspace, data, is_listed=True, as_json=as_json)


@_user.command("link")
def link_user(
    *,
    email: Email,
    expires: Annotated[str, typer.Option(help="Life of the link, such as 15m or 1d.")] = "15m",
    workspace: Workspace = "",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Print a link that signs somebody in to the page, once. Whoever has it is them."""
    lifetime = duration(expires, "--expires")

    async def question(service: "Service") -> dict[str, object]:
        issued = await service.sessions.issue_link(email, lifetime, workspace)
        from likeness.sessions import sign_in_url  # noqa: PLC0415 - see ask

        url = sign_in_url(service.config.base_url, issued.code)
        return {"url": url, "email": issued.user.email, "expires_at": issued.expires_at}

    document = ask(data, question)
    show(document, str(document["url"]), as_json=as_json)


@_user.command("promote")
def promote_user(
    *, email: Email, workspace: Workspace = "", data: Data = None, as_json: AsJson = False
) -> None:
    """Let somebody set everybody's photo in their workspace, from when they sign in next."""
    _set_admin(email, workspace, data, is_admin=True, as_json=as_json)


@_user.command("demote")
def demote_user(
    *, email: Email, workspace: Workspace = "", data: Data = None, as_json: AsJson = False
) -> None:
    """Let somebody set only their own photo; tokens of theirs that may do more end at once."""
    _set_admin(email, workspace, data, is_admin=False, as_json=as_json)


def _set_admin(
    email: str, workspace: str, data: Path | None, *, is_admin: bool, as_json: bool
) -> None:
    user = ask(data, lambda service: service.people.set_admin(email, workspace, is_admin=is_admin))
    verb = "administers the workspace" if is_admin else "administers nothing"
    show(user_document(user), f"{verb}: {user_line(user)}", as_json=as_json)


def _set_listed(
    email: str, workspace: str, data: Path | None, *, is_listed: bool, as_json: bool
) -> None:
    user = ask(
        data, lambda service: service.people.set_listed(email, workspace, is_listed=is_listed)
    )
    verb = "can be found" if is_listed else "cannot be found"
    show(user_document(user), f"{verb} by hash: {user_line(user)}", as_json=as_json)


# After its own verbs, as the help lists them; and once, however often the group is asked for.
leaving.add_to(_user)
people_imports.add_to(_user)
binding.add_to(_user)
