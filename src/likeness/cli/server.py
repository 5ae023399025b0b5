"""Verbs that run the service: serve, and migrate before it."""

import math
import socket
from typing import Annotated, Final

import typer
from anyio import to_thread
from granian.constants import Interfaces
from granian.http import HTTP1Settings

from likeness.app import Service
from likeness.app.logs import log_config
from likeness.app.preparing import prepare_alone
from likeness.app.walls import check_walls
from likeness.cli.common import AsJson, Data, ask, override, show
from likeness.cli.supervisor import Supervisor
from likeness.config import Config, load
from likeness.errors import Mistake

_HEADER_TIMEOUT_MS: Final = 10_000
"""Headers are small; who needs longer than this for them is holding the connection on purpose."""

_LAST_WORDS_S: Final = 7.0
"""For what is not limited by a setting: a picture waits for its turn, and an answer is sent."""

Host = Annotated[str | None, typer.Option("--host", help="Address to listen on.")]
Port = Annotated[int | None, typer.Option("--port", min=1, max=65535, help="Port to listen on.")]
Workers = Annotated[int | None, typer.Option("--workers", min=1, help="Server processes.")]

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

    Raises Mistake when somebody else listens there already.
    """
    check_port(config)
    Supervisor(
        delay_s=config.shutdown_delay_s,
        address=config.host,
        port=config.port,
        interface=Interfaces.ASGI,
        workers=config.workers,
        websockets=False,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADER_TIMEOUT_MS),
        respawn_failed_workers=True,
        workers_kill_timeout=math.ceil(stop_timeout_s(config)),
        log_dictconfig=log_config(config.log_format),
    ).run()


def stop_timeout_s(config: Config) -> float:
    """Seconds that requests in flight get to end; who manages the service must not kill sooner.

    `shutdown_delay_s` comes before it: 30 + 8 + 7 = 45 s by default after no delay.
    """
    return config.request_timeout_s + config.picture_timeout_s + _LAST_WORDS_S


def check_port(config: Config) -> None:
    """Raises Mistake when the address is taken, which the server itself would share silently."""
    family, kind, _, _, address = socket.getaddrinfo(
        config.host, config.port, type=socket.SOCK_STREAM
    )[0]
    with socket.socket(family, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise Mistake(
                f"cannot listen on {config.host}:{config.port}: {error.strerror}; "
                "choose another with --port"
            ) from error


def migrate(*, new_key: NewKey = False, data: Data = None, as_json: AsJson = False) -> None:
    """Bring the database's tables up to date. Doing it again does no harm."""
    if new_key:
        override(data=data)
        prepare_alone(load(), new_key=True)
    revision = ask(data, _revision, begins=True)
    show({"revision": revision}, f"the database is at revision {revision}", as_json=as_json)


async def _revision(service: Service) -> str:
    return await to_thread.run_sync(service.database.revision)
