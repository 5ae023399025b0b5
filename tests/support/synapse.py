"""A real Synapse from its package, on SQLite and loopback.

It lives in a virtual environment of its own, made once on each machine.
"""

import hashlib
import hmac
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx

from likeness.targets.kind import Given
from support import web
from support.environments import installed
from support.live import free_port
from support.programs import given_to
from support.stores import Servers, answers

VERSION: Final = "1.163.2"
SERVER: Final = "matrix.example.org"

_SHARED_SECRET: Final = "the secret by which accounts are registered"

_CONFIG: Final = """
server_name: {server}
pid_file: {folder}/pid
listeners:
  - {{port: {port}, bind_addresses: ["127.0.0.1"], type: http, tls: false,
      resources: [{{names: [client, media], compress: false}}]}}
database: {{name: sqlite3, args: {{database: {folder}/synapse.db}}}}
media_store_path: {folder}/media
signing_key_path: {folder}/key
registration_shared_secret: {secret}
macaroon_secret_key: a key of a test
form_secret: another one
report_stats: false
trusted_key_servers: []
# What somebody does by hand in a day, a test does in a second.
rc_message: {{per_second: 1000, burst_count: 1000}}
rc_registration: {{per_second: 1000, burst_count: 1000}}
rc_login: {{address: {{per_second: 1000, burst_count: 1000}}}}
"""


class Synapse:
    """A server with an administrator."""

    kind = "synapse"

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._python = str(installed("matrix-synapse", VERSION) / "python")
        self._config = folder / "homeserver.yaml"
        self._port = free_port()
        self._config.write_text(
            _CONFIG.format(server=SERVER, folder=folder, port=self._port, secret=_SHARED_SECRET)
        )
        self.servers = Servers(folder / "logs")
        self.own_id, self.token = "", ""

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Run it until it answers, and register an administrator."""
        program = [self._python, "-m", "synapse.app.homeserver", "-c", str(self._config)]
        self.servers.run("keys", *program, "--generate-keys")
        self.servers.running.pop("keys").wait()
        self.servers.run("synapse", *program)
        self.servers.wait_until(lambda: answers(f"{self.url}/_matrix/client/versions"))
        self.own_id, self.token = self.register("likeness", is_admin=True)

    def register(self, name: str, *, is_admin: bool = False) -> tuple[str, str]:
        """A new account; gives its id and an access token."""
        path = "/_synapse/admin/v1/register"
        nonce = self._call("GET", path).json()["nonce"]
        kind = "admin" if is_admin else "notadmin"
        signed = f"{nonce}\0{name}\0a password\0{kind}".encode()
        told = {
            "nonce": nonce,
            "username": name,
            "password": "a password",
            "admin": is_admin,
            "mac": hmac.new(_SHARED_SECRET.encode(), signed, hashlib.sha1).hexdigest(),
        }
        made = self._call("POST", path, json=told).json()
        return made["user_id"], made["access_token"]

    def given(self, credential: str | None = None) -> Given:
        """See Program."""
        return given_to(self.url, self.kind, credential or self.token, email_domain="example.org")

    async def add(self, email: str) -> str:
        """See Program."""
        name, _ = self.register(f"m-{email.partition('@')[0]}")
        threepids = [{"medium": "email", "address": email}]
        self.call("PUT", f"/_synapse/admin/v2/users/{quote(name)}", json={"threepids": threepids})
        return name

    async def deactivate(self, remote_id: str) -> None:
        """See Program."""
        self.call("POST", f"/_synapse/admin/v1/deactivate/{quote(remote_id)}", json={})

    async def people(self) -> int:
        """See Program."""
        found: int = self.call("GET", "/_synapse/admin/v2/users?deactivated=true").json()["total"]
        return found

    async def state(self, remote_id: str) -> object:
        """See Program."""
        files = self.call("GET", f"/_synapse/admin/v1/users/{quote(self.own_id)}/media").json()
        return (self.avatar(remote_id), files["total"])

    async def shown(self, remote_id: str) -> bytes | str | None:
        """See Program."""
        address = self.avatar(remote_id)
        return self.file(address).content if address else None

    def avatar(self, remote_id: str) -> str | None:
        """The address of somebody's avatar, as their profile says to everybody."""
        path = f"/_matrix/client/v3/profile/{quote(remote_id)}/avatar_url"
        found: str | None = self.call("GET", path).json().get("avatar_url")
        return found

    def file(self, address: str) -> httpx.Response:
        """A file, as clients ask for it."""
        path = "/_matrix/client/v1/media/download/" + address.removeprefix("mxc://")
        return self._call("GET", path)

    def set_avatar(self, remote_id: str, address: str) -> None:
        """Give an account an avatar."""
        told = {"avatar_url": address}
        self.call("PUT", f"/_synapse/admin/v2/users/{quote(remote_id)}", json=told)

    def upload(self, token: str, data: bytes) -> str:
        """A file of somebody; gives its address."""
        path = "/_matrix/media/v3/upload?filename=likeness-mine.jpg"
        answer = web.request("POST", self.url + path, headers=_bearer(token), content=data)
        return str(answer.json()["content_uri"])

    def new_room(self, token: str) -> str:
        """A room of somebody."""
        path = f"{self.url}/_matrix/client/v3/createRoom"
        return str(web.post(path, headers=_bearer(token), json={}).json()["room_id"])

    def avatars_in(self, room: str, token: str) -> list[str | None]:
        """What the only member of a room showed there, one event after the other."""
        path = f"{self.url}/_matrix/client/v3/rooms/{quote(room)}/messages?dir=f&limit=100"
        events = web.get(path, headers=_bearer(token)).json()["chunk"]
        members = [each["content"] for each in events if each["type"] == "m.room.member"]
        return [each.get("avatar_url") for each in members]

    def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Ask as the administrator; it has to be well."""
        answer = self._call(method, path, **more)
        assert answer.is_success, answer.text
        return answer

    def _call(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = _bearer(self.token) if self.token else {}
        return web.request(method, self.url + path, headers=headers, **more)


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
