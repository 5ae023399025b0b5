"""The double of Slack for tests: the service in a folder of its own, which fails on demand."""

import json
import os
import shutil
import signal
import threading
from collections.abc import Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from tempfile import mkdtemp
from typing import Annotated, Any, Final

import anyio
import typer

from likeness.app.logs import configure_logs
from likeness.app.preparing import make_data_folder, prepare_alone
from likeness.app.service import Service, open_service
from likeness.app.web import build, request_limits
from likeness.cli.common import AsJson, show
from likeness.cli.server import stop_timeout_s
from likeness.config import Config, load, variable
from likeness.config.web_address import host_in_url
from likeness.db import open_database
from likeness.double.calls import Calls
from likeness.double.control import Control
from likeness.double.demands import Demands
from likeness.double.front import Front
from likeness.errors import Mistake, Refusal
from likeness.model import Secret, TokenKind
from likeness.scopes import SCOPES, SCOPES_DEFAULT
from likeness.server.descriptors import room_for
from likeness.server.draining import Draining
from likeness.server.listening import UNIX, CannotListenError, open_slots
from likeness.server.process import ServerProcess
from likeness.webapi.methods import METHODS

_STANDARD_INPUT: Final = 0
_PIECE_LENGTH: Final = 1024

WORKSPACE: Final = "Double"

DEFAULTS: Final = {"contract": "observed", "rate_limits": "off", "log_level": "warning"}
"""What a test wants that was written against the real service and calls as often as it likes."""

FIXED: Final = frozenset(
    {
        *("data", "database", "blobs", "secret_key", "secret_key_old"),
        *("host", "port", "public_url", "cdn_url", "workers"),
    }
)
"""Settings that nobody may give: with them it could meet what is no double."""

PEOPLE: Final[Mapping[str, Mapping[str, Any]]] = {
    "ada": {"email": "ada@double.example", "name": "Ada Double"},
    "admin": {"email": "admin@double.example", "name": "Admin Double", "is_admin": True},
    "bot": {"email": "bot@double.example", "name": "Bot Double", "is_bot": True},
}
"""Who is there from the start, by the names that the first line of output has for them."""

Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="A setting, such as frames_max=2; repeat."),
]


def add_to(app: typer.Typer) -> None:
    """Hang this file's verb into the command line."""
    app.command("double")(double)


def double(
    *,
    address: Annotated[
        str, typer.Option("--host", help="Address of loopback to listen on.")
    ] = "127.0.0.1",
    number: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port to listen on; 0: a free one.")
    ] = 0,
    folder: Annotated[
        Path | None,
        typer.Option("--folder", help="Keep data there, in a folder that is new or empty."),
    ] = None,
    setting: Set = None,
    attached: Annotated[
        bool, typer.Option("--attached", help="End when standard input does.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Be a double of Slack for tests, with people and tokens, until it is told to stop."""
    signal.signal(signal.SIGTERM, _leave)
    data = _fresh(folder)
    try:
        config = _config(data, address, number, setting or [])
        configure_logs(config.log_format, config.log_level)
        _serve(config, attached=attached, as_json=as_json)
    finally:
        if folder is None:
            shutil.rmtree(data, ignore_errors=True)


def _fresh(folder: Path | None) -> Path:
    """A folder with nothing in it. Raises Mistake for one that has something."""
    if folder is None:
        return Path(mkdtemp(prefix="likeness-double-"))
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Mistake(f"{folder} is not empty; a double begins in a folder of its own")
    return folder


def _config(data: Path, host: str, port: int, given: list[str]) -> Config:
    """The settings, of which the environment says nothing. Raises Mistake and UnusableSettings."""
    pairs = dict(each.partition("=")[::2] for each in given)
    fixed = sorted(FIXED & pairs.keys())
    if fixed:
        raise Mistake(f"{fixed[0]} cannot be set: a double has a folder of its own, on loopback")
    own = {"data": str(data), "host": host, "port": str(port)}
    config = load({variable(name): value for name, value in (DEFAULTS | pairs | own).items()})
    if config.is_exposed or host.startswith(UNIX):
        raise Mistake(f"a double listens on loopback only, as on 127.0.0.1, and not on {host}")
    return config


def _serve(config: Config, *, attached: bool, as_json: bool) -> None:
    try:
        sockets = open_slots(config.host, config.port, 1)[0]
    except CannotListenError as error:
        raise Mistake(str(error)) from error
    bound = sockets[0].getsockname()[1]
    config = config.model_copy(update={"port": bound})
    make_data_folder(config)
    with closing(open_database(config.database_url)) as database:
        database.make_tables()
    prepare_alone(config)
    service = open_service(config)
    people = anyio.run(partial(_people, service))
    signal.signal(signal.SIGINT, _end)
    if attached:
        threading.Thread(target=_end_with_input, daemon=True).start()
    ServerProcess(
        partial(_front, service),
        sockets,
        connections_max=room_for(config.connections_max),
        timeout_s=stop_timeout_s(config),
        ready=partial(_tell, config, people, as_json=as_json),
    ).run()


def _front(service: Service, draining: Draining) -> Front:
    demands, calls = Demands(METHODS), Calls()
    control = Control(demands, calls, partial(add_person, service))
    return Front(
        build(service, draining),
        control.router(),
        methods=METHODS,
        limits=request_limits(service.config),
        demands=demands,
        calls=calls,
        identify=partial(_email_of, service),
    )


async def _people(service: Service) -> dict[str, dict[str, Any]]:
    await service.people.add_team(WORKSPACE)
    return {name: await add_person(service, about) for name, about in PEOPLE.items()}


async def add_person(service: Service, about: Mapping[str, Any]) -> dict[str, Any]:
    """Somebody new with a token, as a test describes them. Raises Mistake."""
    wrong = about.keys() - {"email", "name", "is_bot", "is_admin", "scopes"}
    if wrong:
        raise Mistake(f"{min(wrong)!r} is not known of people")
    people, is_admin = service.people, bool(about.get("is_admin"))
    email = str(about.get("email") or f"person-{os.urandom(6).hex()}@double.example")
    user = await people.add_user(
        email, WORKSPACE, name=str(about.get("name", "")), is_bot=bool(about.get("is_bot"))
    )
    if is_admin:
        user = await people.set_admin(email, is_admin=True)
    scopes = tuple(about.get("scopes") or (SCOPES if is_admin else SCOPES_DEFAULT))
    issued = await service.accounts.issue_token_for(user, scopes, None)
    return {
        "id": user.id,
        "email": user.email,
        "token": issued.secret.reveal(),
        **({"bot_id": user.bot_id} if issued.token.kind is TokenKind.BOT else {}),
    }


async def _email_of(service: Service, secret: Secret | None) -> str:
    try:
        return (await service.accounts.authenticate(secret)).user.email
    except Refusal:
        return ""


def _tell(config: Config, people: Mapping[str, Mapping[str, Any]], *, as_json: bool) -> None:
    url = f"http://{host_in_url(config.host)}:{config.port}"
    document = {"url": url, "api_url": f"{url}/api/", "people": people}
    if as_json:
        # One line, by which a program knows that calls are answered from now on.
        typer.echo(json.dumps(document))
        return
    tokens = "\n".join(f"  {name:<6} {who['token']}" for name, who in people.items())
    show(
        document,
        f"A double of Slack answers at {url}/api/. Tokens:\n{tokens}\n\n"
        f"  curl -d error=x -H 'X-Double-Error: ratelimited' {url}/api/api.test\n\n"
        "Everything goes when it ends. Stop with Ctrl-C.",
        as_json=False,
    )


def _leave(*_: object) -> None:
    """Before requests are answered, and so before SIGTERM is heard there."""
    raise SystemExit(0)


def _end(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def _end_with_input() -> None:
    # Not by sys.stdin, whose lock would be held when the interpreter ends.
    while os.read(_STANDARD_INPUT, _PIECE_LENGTH):
        pass
    _end()
