"""Verbs for workspaces."""

from dataclasses import asdict
from typing import Annotated

import typer

from likeness.cli.common import AsJson, Data, ask, show
from likeness.cli.verbs import Subverbs
from likeness.model import Team
from likeness.names import printable

_workspace = typer.Typer(
    cls=Subverbs, help="Workspaces: each has its own people.", no_args_is_help=True
)

Which = Annotated[
    str, typer.Argument(metavar="WORKSPACE", help="Name, domain or id of the workspace.")
]


def add_to(app: typer.Typer) -> None:
    """Hang this file's verbs into the command line."""
    app.add_typer(_workspace, name="workspace")


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


@_workspace.command("rename")
def rename_workspace(
    *,
    workspace: Which,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What people call it from now on.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Give a workspace another name and domain. Settings that name it have to follow."""
    team = ask(data, lambda service: service.people.rename_team(workspace, name))
    show(asdict(team), _team_line(team), as_json=as_json)


@_workspace.command("remove")
def remove_workspace(
    *,
    workspace: Which,
    again: Annotated[
        str,
        typer.Option("--yes", metavar="NAME", help="Its name again, so that it is no slip."),
    ] = "",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """End a workspace for good: nobody of it signs in, calls, or is found by an address."""
    team = ask(data, lambda service: service.people.remove_team(workspace, again))
    show(asdict(team), f"removed {_team_line(team)}", as_json=as_json)


def _team_line(team: Team) -> str:
    removed = f"  removed {team.deleted_at:%Y-%m-%d}" if team.deleted_at else ""
    return f"{team.id}  {printable(team.name)}  ({team.domain}){removed}"
