"""People of a realm of Keycloak: their attribute `picture` is the address of their photo.

It becomes the claim `picture` of OpenID Connect, by which programs learn of photos when somebody
signs in. A PUT replaces all attributes, so that each write is of all that was read just before.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote, urlencode

from likeness.targets.http import Answer
from likeness.targets.kind import Given, Kind
from likeness.targets.port import NOTHING, Away, Person, Picture, Refused, Wants

WANTS: Final = Wants(side_px=512, bytes_max=0, by_url=True)

REALM: Final = "realm"
CLIENT_ID: Final = "client_id"
CLIENT_ID_DEFAULT: Final = "likeness"

TOKEN_EARLY_S: Final = 10.0
"""How long before its end a token is used no longer."""

_NOT_ACCEPTED: Final = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED)
_PICTURE: Final = "picture"
_LENGTH_MAX: Final = 256 * 1024
"""Bytes of a person with all attributes."""


class Keycloak:
    """One realm, by the service account of a client there."""

    wants = WANTS

    def __init__(self, given: Given, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._http = given.http
        self._secret = given.credential
        self._options = given.target.options
        self._photo_url = given.photo_url
        self._clock_s = clock_s
        self._token, self._token_ends_s = "", 0.0

    async def find(self, person: Person) -> str | None:
        """The person who signs in here by that realm, or who has one of their addresses there."""
        realm_url = f"{self._http.base_url}/realms/{self._realm}"
        own_id = person.external_ids.get(f"oidc:{realm_url}")
        if own_id and await self._find_user(own_id) is not None:
            return own_id
        for email in person.emails:
            asked = urlencode({"email": email, "exact": "true", "max": 2})
            found = self._http.judge(await self._ask("GET", f"/users?{asked}")).json()
            ids = _ids_of(found, email)
            if len(ids) > 1:
                raise Refused(f"two people of the realm have the address {email}")
            if ids:
                return ids[0]
        return None

    async def show(
        self,
        remote_id: str,
        picture: Picture,
        marker: str | None,  # noqa: ARG002 - The address says by itself which photo it is.
    ) -> str:
        """Write the address of the photo, which is another one for each."""
        user = await self._find_user(remote_id)
        if user is None:
            raise Refused(f"the realm has nobody with the id {remote_id} any more")
        if user.get("enabled") is False:
            raise Refused("this person is disabled there")
        if _picture_of(user) != picture.url:
            await self._write(remote_id, user, [picture.url])
        return picture.url

    async def clear(self, remote_id: str, marker: str | None) -> None:
        """Take the attribute away if it is an address of ours."""
        user = await self._find_user(remote_id)
        shown = _picture_of(user or {})
        is_ours = shown == marker or shown.startswith(f"{self._photo_url}/")
        if user is not None and shown and is_ours:
            await self._write(remote_id, user, [])

    async def look(self, remote_id: str) -> str | None:
        """The address that the attribute has."""
        user = await self._find_user(remote_id)
        return None if user is None else _picture_of(user)

    async def check(self) -> str:
        """See that the service account may manage people."""
        answer = await self._token_answer()
        if answer.status in _NOT_ACCEPTED:
            raise Refused(self._not_accepted)
        self._keep_token(answer)
        users = self._http.judge_rights(await self._ask("GET", "/users?max=1")).json()
        first = users[0] if isinstance(users, list) and users else {}
        access = first.get("access") if isinstance(first, dict) else None
        if isinstance(access, dict) and not access.get("manage"):
            raise Refused("its service account lacks the role manage-users of realm-management")
        return f"the service account of {self._client_id} in the realm {self._realm}"

    async def _write(self, remote_id: str, user: Mapping[str, Any], picture: list[str]) -> None:
        """Write somebody as they were read, but for their picture; see that it stayed."""
        others = {name: value for name, value in _attributes(user).items() if name != _PICTURE}
        wanted = {**user, "attributes": others | ({_PICTURE: picture} if picture else {})}
        body = json.dumps(wanted).encode()
        self._http.judge(await self._ask("PUT", f"/users/{_quoted(remote_id)}", body))
        if _picture_of(await self._find_user(remote_id) or {}) != "".join(picture):
            raise Refused(
                "it did not keep the attribute picture: add it in Realm settings, User profile, "
                "so that administrators may edit it"
            )

    async def _find_user(self, remote_id: str) -> dict[str, Any] | None:
        answer = await self._ask("GET", f"/users/{_quoted(remote_id)}")
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        return self._http.judge(answer).json_object()

    async def _ask(self, method: str, path: str, body: bytes | None = None) -> Answer:
        """Ask the realm's API for administrators."""
        if not self._token or self._clock_s() >= self._token_ends_s:
            await self._sign_in()
        headers = {"Authorization": f"Bearer {self._token}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        realm = f"/admin/realms/{_quoted(self._realm)}"
        return await self._http.ask(
            method, realm + path, headers=headers, body=body, length_max=_LENGTH_MAX
        )

    async def _sign_in(self) -> None:
        """Get a token. Raises Away where the client and its secret are not accepted."""
        answer = await self._token_answer()
        if answer.status in _NOT_ACCEPTED:
            raise Away(self._not_accepted)
        self._keep_token(answer)

    async def _token_answer(self) -> Answer:
        """Ask for a token by client credentials."""
        form = {
            "grant_type": "client_credentials",
            "client_id": self._client_id,
            "client_secret": self._secret.reveal() if self._secret else "",
        }
        return await self._http.ask(
            "POST",
            f"/realms/{_quoted(self._realm)}/protocol/openid-connect/token",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            body=urlencode(form).encode(),
        )

    def _keep_token(self, answer: Answer) -> None:
        told = self._http.judge(answer).json_object()
        token, lives_s = told.get("access_token"), told.get("expires_in")
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise Away("it gave no access token: is this the address of Keycloak itself?")
        seconds = lives_s if isinstance(lives_s, int | float) else 0.0
        self._token, self._token_ends_s = token, self._clock_s() + seconds - TOKEN_EARLY_S

    @property
    def _not_accepted(self) -> str:
        return f"it does not accept the client {self._client_id} and its secret"

    @property
    def _realm(self) -> str:
        return str(self._options.get(REALM) or "master")

    @property
    def _client_id(self) -> str:
        return str(self._options.get(CLIENT_ID) or CLIENT_ID_DEFAULT)


def _quoted(text: str) -> str:
    return quote(text, safe="")


def _attributes(user: Mapping[str, Any]) -> dict[str, Any]:
    found = user.get("attributes")
    return found if isinstance(found, dict) else {}


def _picture_of(user: Mapping[str, Any]) -> str:
    """The first value of the attribute, NOTHING for none."""
    found = _attributes(user).get(_PICTURE)
    first = found[0] if isinstance(found, list) and found else NOTHING
    return first if isinstance(first, str) else NOTHING


def _ids_of(found: object, email: str) -> Sequence[str]:
    """The ids of those who have an address. Raises Away where this is no list of people."""
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise Away("its answer is no list of people: is this the address of Keycloak itself?")
    return [
        str(each["id"])
        for each in found
        if str(each.get("email")).casefold() == email.casefold() and each.get("id")
    ]


KIND: Final = Kind(
    "keycloak",
    "people of a realm of Keycloak, and the claim `picture` of programs that they sign in to",
    Keycloak,
    options={
        REALM: "The realm whose people they are; master unless told otherwise.",
        CLIENT_ID: f"The client whose secret the credential is; {CLIENT_ID_DEFAULT} unless told "
        "otherwise.",
    },
)
