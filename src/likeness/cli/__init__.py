"""The operator's verbs. Each opens the service, asks one use case, and prints what it says."""

import sys
from io import TextIOWrapper

import typer

from likeness.cli.common import without_collector
from likeness.cli.verbs import Verbs, Version, import_verb
from likeness.errors import Mistake, Refusal, UnusableSettings
from likeness.log import set_up_later
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
    """Options that come before the verb."""


def main() -> None:
    """Run the command line. Leaves with 0, with 1 when refused, with 2 when used wrongly."""
    try:
        set_up_later(_configure_logs)
        _print_in_any_encoding()
        with without_collector():
            import_verb(sys.argv[1:])
        app()
    except UnusableSettings as mistakes:
        typer.echo(f"these settings cannot be used:\n{mistakes}", err=True)
        sys.exit(EXIT_USAGE)
    except UnicodeEncodeError as error:
        # A word of the command line in another encoding, which was to be asked for or kept.
        typer.echo(f"error: {error.object!a} is not in UTF-8", err=True)
        sys.exit(EXIT_REFUSED)
    except OSError as error:
        typer.echo(f"error: {explain(error)}", err=True)
        sys.exit(EXIT_REFUSED)
    except (Mistake, Refusal) as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(EXIT_REFUSED)


def _print_in_any_encoding() -> None:
    """Have characters that the terminal's encoding lacks shown by their numbers."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _configure_logs() -> None:
    """Standard output is for answers, which programs read; whatever is logged goes elsewhere."""
    # It takes as long as help and more; most verbs log nothing.
    from likeness.app.logs import configure_logs  # noqa: PLC0415 - see above

    configure_logs("auto")
