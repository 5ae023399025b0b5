"""Verbs that run the service: serve, and migrate before it."""

import os
import socket
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer

from likeness.app.logs import configure_logs
from likeness.app.preparing import prepare_alone, take_key
from likeness.app.secret import key_source
from likeness.app.service import Service, utc_now
from likeness.app.walls import check_walls
from likeness.app.web import FAMILIES, create
from likeness.cli.common import AsJson, Data, ask, override, show
from likeness.config import Config, load
from likeness.errors import Mistake, Refusal
from likeness.figures import Board
from likeness.log import Log
from likeness.server.descriptors import room_for
from likeness.server.listening import (
    UNIX,
    CannotListenError,
    handed_over,
    open_slots,
    place_of,
)
from likeness.server.process import ServerProcess
from likeness.server.supervisor import Supervisor, processes_max
from likeness.threads import in_thread

_LAST_WORDS_S: Final = 7.0
"""For what is not limited by a setting: a picture waits for its turn, and an answer is sent."""

EXIT_KEPT_DYING: Final = 1

_log = Log(__name__)

Host = Annotated[
    str | None,
    typer.Option(
        "--host", help="Address to listen on, or unix:PATH for a socket, in place of LIKENESS_HOST."
    ),
]
Port = Annotated[
    int | None,
    typer.Option(
        "--port",
        min=0,
        max=65535,
        help="Port to listen on, 0 for a free one, in place of LIKENESS_PORT.",
    ),
]
Workers = Annotated[
    int | None,
    typer.Option("--workers", min=1, help="Server processes, in place of LIKENESS_WORKERS."),
]

NewKey = Annotated[
    bool, typer.Option("--new-key", help="Go on with another secret key; every token ends.")
]


def add_to(app: typer.Typer) -> None:
    """Hang this file's verbs into the command line."""
    app.command("serve")(serve)
    app.command("migrate")(migrate)


def serve(
    *, host: Host = None, port: Port = None, data: Data = None, workers: Workers = None
) -> None:
    """Run the service until it is told to stop."""
    override(host=host, port=port, data=data, workers=workers)
    config = load()
    # Mistakes are told here, where they end the start, and not by each server process in turn.
    prepare_alone(config)
    check_walls(config)
    run_server(config)


def run_server(config: Config) -> None:
    """Serve in `config.workers` processes; returns after SIGTERM or SIGINT.

    Raises Mistake when somebody else listens there already, and Exit when processes keep dying.
    """
    slots = listen(config)
    config = load()
    configure_logs(config.log_format, config.log_level)
    for place in dict.fromkeys(place_of(each) for sockets in slots for each in sockets):
        _log.info("listening", place=place, url=config.base_url)
    board = Board(FAMILIES, processes_max(len(slots)))
    supervisor = Supervisor(
        slots,
        partial(_serve, config, board, connections_max=room_for(config.connections_max)),
        seats=board,
        delay_s=config.shutdown_delay_s,
        timeout_s=stop_timeout_s(config),
    )
    was_told = supervisor.run()
    if config.host.startswith(UNIX):
        Path(config.host.removeprefix(UNIX)).unlink(missing_ok=True)
    if not was_told:
        raise typer.Exit(EXIT_KEPT_DYING)


def listen(config: Config) -> list[list[socket.socket]]:
    """The sockets of each server process; what they are bound to is in the settings from then on.

    Those that a service manager has opened are taken in place of our own. Raises Mistake.
    """
    try:
        given = handed_over(os.environ)
        slots = (
            [given] * config.workers
            if given
            else open_slots(config.host, config.port, config.workers)
        )
    except CannotListenError as error:
        raise Mistake(str(error)) from error
    bound = [each.getsockname() for each in slots[0] if each.family != socket.AF_UNIX]
    if bound:
        override(host=bound[0][0] if given else None, port=bound[0][1])
    elif given:
        override(host=f"{UNIX}{slots[0][0].getsockname()}")
    return slots


def _serve(
    config: Config,
    board: Board,
    sockets: Sequence[socket.socket],
    seat: int,
    ready: Callable[[], None],
    *,
    connections_max: int,
) -> None:
    """What a server process does."""
    process = ServerProcess(
        partial(create, board.sheet(seat)),
        sockets,
        connections_max=connections_max,
        timeout_s=stop_timeout_s(config),
        ready=ready,
    )
    try:
        process.run()
    except (Mistake, Refusal) as error:
        _log.error("not_started", reason=str(error))
        raise SystemExit(1) from error


def stop_timeout_s(config: Config) -> float:
    """Seconds that requests in flight get to end; who manages the service must not kill sooner.

    `shutdown_delay_s` comes before it: 30 + 8 + 7 = 45 s by default after no delay.
    """
    return config.request_timeout_s + config.picture_timeout_s + _LAST_WORDS_S


def migrate(*, new_key: NewKey = False, data: Data = None, as_json: AsJson = False) -> None:
    """Bring the database's tables up to date. Doing it again does no harm."""
    document: dict[str, object] = {}
    told = []
    if new_key:
        override(data=data)
        config = load()
        ended = take_key(config, utc_now())
        document["ended"] = ended or 0
        told = [_ended(ended, key_source(config))]
    document["revision"] = ask(data, _revision, begins=True)
    told = [f"the database is at revision {document['revision']}", *told]
    show(document, "\n".join(told), as_json=as_json)


def _ended(ended: int | None, source: str) -> str:
    if ended is not None:
        return f"tokens and sessions ended: {ended}"
    return (
        f"tokens and sessions ended: none, since {source} has the key that this database has "
        "already. For another, take that file away or set LIKENESS_SECRET_KEY anew, and repeat this"
    )


async def _revision(service: Service) -> str:
    return await in_thread(service.database.revision)
