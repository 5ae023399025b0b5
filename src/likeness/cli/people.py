"""Verbs for workspaces, people and bots."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from likeness.app.service import Service
from likeness.cli import leaving
from likeness.cli.common import AsJson, Data, Email, Workspace, ask, duration, show
from likeness.cli.verbs import Subverbs
from likeness.model import Secret, Team, User
from likeness.photo_address import url_of

_workspace = typer.Typer(
    cls=Subverbs, help="Workspaces: each has its own people.", no_args_is_help=True
)
_user = typer.Typer(cls=Subverbs, help="People and bots.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Hang this file's verbs into the command line."""
    app.add_typer(_workspace, name="workspace")
    app.add_typer(_user, name="user")
    leaving.add_to(_user)


@_workspace.command("add")
def add_workspace(
    *,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What people call it.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Add a workspace. The first one begins an installation, where there is none yet."""
    team = ask(data, lambda service: service.people.add_team(name), begins=True)
    show(asdict(team), _team_line(team), as_json=as_json)


@_workspace.command("list")
def list_workspaces(*, data: Data = None, as_json: AsJson = False) -> None:
    """List the workspaces."""
    teams = ask(data, lambda service: service.people.teams())
    show([asdict(team) for team in teams], "\n".join(map(_team_line, teams)), as_json=as_json)


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
    """Add a person or a bot to a workspace."""
    user = ask(
        data,
        lambda service: service.people.add_user(email, workspace, name=name, is_bot=bot),
    )
    show(_user_document(user), _user_line(user), as_json=as_json)


@_user.command("deactivate")
def deactivate_user(
    *, email: Email, workspace: Workspace = "", data: Data = None, as_json: AsJson = False
) -> None:
    """Deactivate somebody: tokens, sessions and links end at once and for good; the photo stays."""
    user = ask(data, lambda service: service.people.deactivate(email, workspace))
    show(_user_document(user), f"deactivated {_user_line(user)}", as_json=as_json)


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


@_user.command("show")
def show_user(
    *, email: Email, workspace: Workspace = "", data: Data = None, as_json: AsJson = False
) -> None:
    """Show what is known of somebody. It changes nothing."""

    async def question(service: Service) -> tuple[User, str | None]:
        user = await service.people.find(email, workspace)
        return user, url_of(service.config.photo_url, user.photo) if user.photo else None

    user, photo = ask(data, question)
    show(
        _user_document(user) | {"photo": photo},
        "\n".join([_user_line(user), *_states(user), f"  photo: {photo or 'none'}"]),
        as_json=as_json,
    )


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

    async def question(service: Service) -> dict[str, object]:
        issued = await service.sessions.issue_link(email, lifetime, workspace)
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


@_user.command("unbind")
def unbind_user(
    *,
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="The person's address.")] = "",
    everybody: Annotated[
        bool, typer.Option("--everybody", help="Unbind all people of the workspace.")
    ] = False,
    workspace: Workspace = "",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Forget which account of a provider somebody signs in by; the next one becomes theirs."""
    if bool(email) is everybody:
        raise typer.BadParameter("say one of EMAIL and --everybody")

    async def question(service: Service) -> int:
        if everybody:
            return await service.people.unbind_all(workspace)
        return await service.people.unbind(email, workspace)

    count, who = ask(data, question), email or "everybody"
    told = f"unbound {who} from {count}" if count else f"{who} was bound to none"
    show({"unbound": count}, f"{told} of the provider's accounts", as_json=as_json)


def sign_in_url(base_url: str, code: Secret) -> str:
    """The address of a page that asks whether to sign in by a link's code."""
    return f"{base_url}/sign-in?code={code.reveal()}"


def _set_admin(
    email: str, workspace: str, data: Path | None, *, is_admin: bool, as_json: bool
) -> None:
    user = ask(data, lambda service: service.people.set_admin(email, workspace, is_admin=is_admin))
    verb = "administers the workspace" if is_admin else "administers nothing"
    show(_user_document(user), f"{verb}: {_user_line(user)}", as_json=as_json)


def _set_listed(
    email: str, workspace: str, data: Path | None, *, is_listed: bool, as_json: bool
) -> None:
    user = ask(
        data, lambda service: service.people.set_listed(email, workspace, is_listed=is_listed)
    )
    verb = "can be found" if is_listed else "cannot be found"
    show(_user_document(user), f"{verb} by hash: {_user_line(user)}", as_json=as_json)


def _team_line(team: Team) -> str:
    return f"{team.id}  {team.name}  ({team.domain})"


def _user_line(user: User) -> str:
    return f"{user.id}  {user.email}  {user.real_name}{'  (bot)' if user.is_bot else ''}"


def _states(user: User) -> list[str]:
    """What is not as with most people, a line each."""
    lines = []
    if user.deleted_at:
        lines.append(f"  deactivated: {user.deleted_at:%Y-%m-%d %H:%M} UTC")
    if user.is_admin:
        lines.append("  administers the workspace")
    if not user.is_listed:
        lines.append("  hidden: nobody finds them by hash")
    return lines


def _user_document(user: User) -> dict[str, object]:
    document = asdict(user)
    del document["photo"]
    return document
