"""Verbs for sessions."""

import typer

from likeness.cli.common import AsJson, Data, Email, Workspace, ask, show
from likeness.cli.verbs import Subverbs

_session = typer.Typer(
    cls=Subverbs, help="Sessions of people who are signed in to the page.", no_args_is_help=True
)


def add_to(app: typer.Typer) -> None:
    """Hang this file's verbs into the command line."""
    app.add_typer(_session, name="session")


@_session.command("end")
def end_sessions(
    *, email: Email, workspace: Workspace = "", data: Data = None, as_json: AsJson = False
) -> None:
    """Sign somebody out everywhere, and end their links to sign in by. API tokens go on.

    A token that ends by itself and has just the scopes of the page counts as a session.
    """
    count = ask(data, lambda service: service.sessions.end(email, workspace))
    show({"ended": count}, f"ended {count}, and all links to sign in by", as_json=as_json)
