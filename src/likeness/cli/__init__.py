"""The operator's verbs. Each opens the service, asks one use case, and prints what it says."""

import sys

import typer

from likeness.app.logs import configure_logs
from likeness.cli import (
    addresses,
    checking,
    doctor,
    moving,
    people,
    pictures,
    reference,
    server,
    tokens,
)
from likeness.cli.demo import demo
from likeness.config import Mistakes
from likeness.errors import Mistake, Refusal
from likeness.ownership import explain

EXIT_REFUSED = 1
EXIT_USAGE = 2

app = typer.Typer(
    help="A self-hosted profile-photo service that speaks Slack's Web API.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command("demo")(demo)
server.add_to(app)
people.add_to(app)
tokens.add_to(app)
addresses.add_to(app)
pictures.add_to(app)
reference.add_to(app)
doctor.add_to(app)
moving.add_to(app)
checking.add_to(app)


def main() -> None:
    """Run the command line. Leaves with 0, with 1 when refused, with 2 when used wrongly."""
    # Standard output is for answers, which programs read; whatever is logged goes elsewhere.
    configure_logs("auto")
    try:
        app()
    except Mistakes as mistakes:
        typer.echo(f"these settings cannot be used:\n{mistakes}", err=True)
        sys.exit(EXIT_USAGE)
    except OSError as error:
        typer.echo(f"error: {explain(error)}", err=True)
        sys.exit(EXIT_REFUSED)
    except (Mistake, Refusal) as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(EXIT_REFUSED)
