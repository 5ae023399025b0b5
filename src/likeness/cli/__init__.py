"""The operator's verbs. Each opens the service, asks one use case, and prints what it says."""

import sys

import typer

from likeness.cli.verbs import VERBS, Verbs, Version
from likeness.errors import Mistake, Refusal, UnusableSettings
from likeness.ownership import explain

EXIT_REFUSED = 1
EXIT_USAGE = 2

app = typer.Typer(
    cls=Verbs,
    help="A self-hosted profile-photo service that speaks Slack's Web API.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.callback()
def likeness(*, version: Version = False) -> None:
    """What comes before the verb."""


def main() -> None:
    """Run the command line. Leaves with 0, with 1 when refused, with 2 when used wrongly."""
    try:
        if VERBS.keys() & set(sys.argv):
            _configure_logs()
        app()
    except UnusableSettings as mistakes:
        typer.echo(f"these settings cannot be used:\n{mistakes}", err=True)
        sys.exit(EXIT_USAGE)
    except OSError as error:
        typer.echo(f"error: {explain(error)}", err=True)
        sys.exit(EXIT_REFUSED)
    except (Mistake, Refusal) as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(EXIT_REFUSED)


def _configure_logs() -> None:
    """Standard output is for answers, which programs read; whatever is logged goes elsewhere."""
    # It takes as long as all of the service, which help can do without.
    from likeness.app.logs import configure_logs  # noqa: PLC0415 - see above

    configure_logs("auto")
