"""The part of Keycloak that `keycloak` targets ask for, by what is read of its source."""

from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs

from support.programs import CREDENTIAL, Asked, Played

REALM: Final = "acme"
TOKEN: Final = "a-token-of-a-minute"
_USERS: Final = f"/admin/realms/{REALM}/users"


@dataclass
class PlayedKeycloak(Played):
    """People by their ids; `signed_in` counts the tokens, `puts` the writes."""

    kind: str = "keycloak"
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    signed_in: int = 0
    puts: int = 0
    lives_s: int = 60
    may_manage: bool = True
    keeps_pictures: bool = True
    refusal: int = 401

    def options(self) -> dict[str, Any]:
        """See Played."""
        return {"realm": REALM}

    async def add(self, email: str) -> str:
        """See Program."""
        number = f"id-{len(self.users) + 1}"
        self.users[number] = {
            "id": number,
            "username": email,
            "email": email.title(),
            "enabled": True,
            "attributes": {"locale": ["de"], "department": ["x", "y"]},
            "access": {"manage": self.may_manage},
        }
        return number

    async def deactivate(self, remote_id: str) -> None:
        """See Program."""
        self.users[remote_id]["enabled"] = False

    async def people(self) -> int:
        """See Program."""
        return len(self.users)

    async def state(self, remote_id: str) -> object:
        """See Program."""
        return (str(self.users[remote_id]), self.puts)

    async def shown(self, remote_id: str) -> bytes | str | None:
        """See Program."""
        found: list[str] = self.users[remote_id].get("attributes", {}).get("picture", [])
        return found[0] if found else None

    def respond(self, asked: Asked) -> tuple[int, Any]:
        """See Played."""
        if asked.path == f"/realms/{REALM}/protocol/openid-connect/token":
            return self._sign_in(asked)
        if asked.request.headers.get("authorization") != f"Bearer {TOKEN}":
            return 401, {"error": "HTTP 401 Unauthorized"}
        if asked.path == _USERS:
            email = asked.query.get("email", "").casefold()
            people = self.users.values()
            return 200, [each for each in people if email in {"", each["email"].casefold()}]
        number = asked.path.removeprefix(f"{_USERS}/")
        if number not in self.users:
            return 404, {"error": "User not found"}
        return self._put(number, asked.json) if asked.method == "PUT" else (200, self.users[number])

    def _sign_in(self, asked: Asked) -> tuple[int, Any]:
        form = {name: values[0] for name, values in parse_qs(asked.request.body.decode()).items()}
        self.signed_in += 1
        if form != {
            "grant_type": "client_credentials",
            "client_id": "likeness",
            "client_secret": CREDENTIAL,
        }:
            return self.refusal, {"error": "unauthorized_client"}
        return 200, {"access_token": TOKEN, "expires_in": self.lives_s}

    def _put(self, number: str, wanted: dict[str, Any]) -> tuple[int, Any]:
        """What is left out of the attributes is gone; what is left out beside them stays."""
        self.puts += 1
        kept = dict(wanted.get("attributes", {}))
        if not self.keeps_pictures:
            kept.pop("picture", None)
        self.users[number] = self.users[number] | wanted | {"attributes": kept}
        return 204, None
