"""The demonstration: one command that sets a real photo over HTTP, shows it, and serves on."""

import http.client
import json
import multiprocessing
import secrets
import signal
import time
from datetime import timedelta
from importlib.resources import files
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

import typer

from likeness.app.service import Service
from likeness.cli.common import AsJson, Data, ask, override, show
from likeness.cli.server import Host, Port, listen, run_server
from likeness.config import Config, load
from likeness.config.web_address import host_in_url
from likeness.errors import Mistake
from likeness.imaging.sandbox import die_with_parent
from likeness.scopes import SCOPES_DEFAULT
from likeness.server.listening import UNIX
from likeness.sessions import sign_in_url

EMAIL: Final = "ada@demo.example"
WORKSPACE: Final = "Demo"

_START_TIMEOUT_S: Final = 120.0
"""It takes a second, on a busy machine half a minute. This ends only what will never start."""

_POLL_INTERVAL_S: Final = 0.05
_CALL_TIMEOUT_S: Final = 120.0
_LINK_LIFETIME: Final = timedelta(hours=1)


def add_to(app: typer.Typer) -> None:
    """Hang this file's verb into the command line."""
    app.command("demo")(demo)


def demo(
    *,
    once: Annotated[bool, typer.Option("--once", help="Set the photo, print, and leave.")] = False,
    host: Host = None,
    port: Port = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Set a real photo over HTTP with users.setPhoto, show where it is, and go on serving."""
    override(host=host, port=port, data=data)
    config = _with_port(load())
    token, link = ask(None, _introduce, begins=True)
    # A new interpreter: the asyncio and SQLite state of this one must not be forked into it.
    server = multiprocessing.get_context("spawn").Process(target=_serve_for_demo)
    server.start()
    try:
        _wait_until_ready(config, server)
        answer = set_photo(config, token)
        document = {"token": token, "email": EMAIL, "page": link, **answer}
        story = _story(config, token, link, answer["profile"])
        show(document, story, as_json=as_json)
        if not once:
            server.join()
    except KeyboardInterrupt:
        pass
    finally:
        server.terminate()
        server.join()


def set_photo(config: Config, token: str) -> Any:
    """Send the portrait to `users.setPhoto` as any HTTP client would. Raises Mistake if refused."""
    boundary = secrets.token_hex(16)
    portrait = (files("likeness.cli") / "portrait.jpg").read_bytes()
    head = (
        f"--{boundary}\r\nContent-Disposition: form-data; "
        'name="image"; filename="portrait.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    )
    body = head.encode() + portrait + f"\r\n--{boundary}--\r\n".encode()
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": f"multipart/form-data; boundary={boundary}",
    }
    status, reply = _request(config, "POST", "/api/users.setPhoto", body, headers)
    answer = json.loads(reply)
    if not answer["ok"]:
        raise Mistake(f"users.setPhoto answered {status} {reply.decode()}")
    _check_picture(config, answer["profile"]["image_192"])
    return answer


async def _introduce(service: Service) -> tuple[str, str]:
    """A fresh token of a person and a link to their page; they are found again on a second run."""
    people, accounts = service.people, service.accounts
    if not any(team.name == WORKSPACE for team in await people.teams()):
        await people.add_team(WORKSPACE)
        await people.add_user(EMAIL, WORKSPACE, name="Ada Demo", is_bot=False)
    issued = await accounts.issue_token(EMAIL, SCOPES_DEFAULT, None, WORKSPACE)
    link = await service.sessions.issue_link(EMAIL, _LINK_LIFETIME, WORKSPACE)
    return issued.secret.reveal(), sign_in_url(service.config.base_url, link.code)


def _with_port(config: Config) -> Config:
    """The settings with the port that is free for it, where none was chosen. Raises Mistake."""
    if config.host.startswith(UNIX):
        raise Mistake("the demonstration is for browsers, and they do not connect to a path")
    for sockets in listen(config):
        for each in sockets:
            each.close()
    return load()


def _serve_for_demo() -> None:
    die_with_parent(signal.SIGTERM)
    run_server(load())


def _wait_until_ready(config: Config, server: multiprocessing.process.BaseProcess) -> None:
    """Return when the server answers. Raises Mistake when it ended, or did not in time."""
    deadline = time.monotonic() + _START_TIMEOUT_S
    while time.monotonic() < deadline and server.is_alive():
        try:
            if _request(config, "GET", "/readyz")[0] == http.client.OK:
                return
        except (OSError, http.client.HTTPException):
            time.sleep(_POLL_INTERVAL_S)
    raise Mistake(f"no server came up at http://{host_in_url(config.host)}:{config.port}")


def _check_picture(config: Config, url: str) -> None:
    status, picture = _request(config, "GET", urlsplit(url).path)
    if status != http.client.OK or not picture.startswith(b"\xff\xd8"):
        raise Mistake(f"{url} answered {status} and no JPEG")


def _request(
    config: Config,
    verb: str,
    path: str,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(config.host, config.port, timeout=_CALL_TIMEOUT_S)
    try:
        connection.request(verb, path, body, headers or {})
        reply = connection.getresponse()
        return reply.status, reply.read()
    finally:
        connection.close()


def _story(config: Config, token: str, link: str, profile: dict[str, str]) -> str:
    """A summary of the demonstration, and the commands to repeat it by hand."""
    sizes = "\n".join(f"  {name:<15} {url}" for name, url in profile.items())
    api = f"{config.base_url}/api"
    return (
        f"\nThe photo of {EMAIL} is set. Open it in a browser:\n{sizes}\n\n"
        f"The page, where people set theirs (this link works once, for an hour):\n  {link}\n\n"
        f"Set one of yours (JPEG, PNG, GIF, WebP, AVIF or HEIC, sides of "
        f"{config.image_side_min} to {config.image_side_max} pixels):\n"
        f"  curl -F image=@me.jpg -H 'Authorization: Bearer {token}' {api}/users.setPhoto\n\n"
        f"See it, and remove it:\n"
        f"  curl -H 'Authorization: Bearer {token}' {api}/users.profile.get\n"
        f"  curl -X POST -H 'Authorization: Bearer {token}' {api}/users.deletePhoto\n\n"
        f"Everything is kept in {config.data}. Stop with Ctrl-C.\n"
    )
