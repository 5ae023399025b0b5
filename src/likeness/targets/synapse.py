"""Matrix, by the API that Synapse has for administrators: avatars of accounts on one server.

A picture is uploaded as a file of ours, and an account is given its address, `mxc://SERVER/ID`.
Who takes an avatar away leaves the file where it is, so that files of ours are deleted as well.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from likeness.targets.http import Answer, bearer
from likeness.targets.kind import Given, Kind
from likeness.targets.port import NOTHING, Gone, Person, Picture, Refused, Wants

WANTS: Final = Wants(side_px=512, bytes_max=1024 * 1024)
"""Twice what clients show beside a message on a fine screen. Its own limit is 50 MB at first."""

AUTH_PROVIDER: Final = "auth_provider"
EMAIL_DOMAIN: Final = "email_domain"

_OUR_FILES: Final = "likeness-"
_ADMIN: Final = "/_synapse/admin"
_ADDRESS: Final = re.compile(r"mxc://([\w.:\[\]-]{1,255})/([\w-]{1,255})", re.ASCII)
_LOCALPART: Final = re.compile(r"[a-z0-9._=/+-]{1,200}")


class Synapse:
    """One server, by the token of an administrator there."""

    wants = WANTS

    def __init__(self, given: Given) -> None:
        self._http = given.http
        self._headers = bearer(given.credential)
        self._options = given.target.options
        self._known_own_id = ""

    async def find(self, person: Person) -> str | None:
        """The account with one of their addresses, with their id at a provider, or by its name."""
        for path in self._look_ups(person):
            answer = await self._ask("GET", path)
            if not _is_unknown(answer):
                return _id_in(self._http.judge(answer), "user_id")
        for name in self._localparts(person):
            server = (await self._own_id()).partition(":")[2]
            answer = await self._ask("GET", _account(f"@{name}:{server}"))
            if not _is_unknown(answer):
                return _id_in(self._http.judge(answer), "name")
        return None

    async def show(self, remote_id: str, picture: Picture, marker: str | None) -> str:
        """Upload it, unless it is what the account shows already, and show it."""
        account = await self._existing(remote_id)
        before = _avatar_of(account)
        is_there = await self._has_bytes(before, picture)
        address = before if is_there else await self._upload(picture)
        if address != marker:
            # What is there may be of an attempt that was cut off before rooms were told.
            await self._put(remote_id, address, is_uploaded=not is_there)
        await self._delete_ours({before, marker or NOTHING} - {address}, marker)
        return address

    async def clear(self, remote_id: str, marker: str | None) -> None:
        """Take the avatar away if it is ours, and delete our files."""
        account = await self._find_account(remote_id)
        shown = _avatar_of(account or {})
        if shown and (shown == marker or await self._is_ours(shown)):
            self._http.judge(await self._set(remote_id, NOTHING))
        await self._delete_ours({shown, marker or NOTHING}, marker)

    async def look(self, remote_id: str) -> str | None:
        """The address of the avatar."""
        account = await self._find_account(remote_id)
        return None if account is None else _avatar_of(account)

    async def check(self) -> str:
        """Who the token is of, who has to be an administrator."""
        whoami = await self._ask("GET", "/_matrix/client/v3/account/whoami")
        own_id = _id_in(self._http.judge_rights(whoami), "user_id")
        self._http.judge_rights(await self._ask("GET", _account(own_id)))
        return f"{own_id}, an administrator"

    def _look_ups(self, person: Person) -> Iterator[str]:
        for email in person.emails:
            yield f"{_ADMIN}/v1/threepid/email/users/{_quoted(email)}"
        provider = self._options.get(AUTH_PROVIDER)
        for source, external_id in person.external_ids.items():
            if provider and source.startswith("oidc:"):
                users = f"{_ADMIN}/v1/auth_providers/{_quoted(provider)}/users"
                yield f"{users}/{_quoted(external_id)}"

    def _localparts(self, person: Person) -> Iterator[str]:
        domain = self._options.get(EMAIL_DOMAIN)
        for email in person.emails:
            name, _, of = email.rpartition("@")
            if domain and of == domain.lower() and _LOCALPART.fullmatch(name):
                yield name

    async def _existing(self, remote_id: str) -> Mapping[str, Any]:
        """An account that is used. Raises Refused for others: a PUT would create one."""
        account = await self._find_account(remote_id)
        if account is None:
            raise Refused(f"there is no account {remote_id} any more")
        if account.get("deactivated") or account.get("erased"):
            raise Refused(f"the account {remote_id} is deactivated there")
        return account

    async def _find_account(self, remote_id: str) -> dict[str, Any] | None:
        answer = await self._ask("GET", _account(remote_id))
        return None if _is_unknown(answer) else self._http.judge(answer).json_object()

    async def _upload(self, picture: Picture) -> str:
        """The address of a new file."""
        path = f"/_matrix/media/v3/upload?filename={_quoted(picture.file_name)}"
        headers = {"Content-Type": picture.format.media_type}
        answer = await self._ask("POST", path, body=picture.data, headers=headers)
        address = _id_in(self._http.judge(answer), "content_uri")
        if not _ADDRESS.fullmatch(address):
            raise Refused(f"it gave an upload no address that can be: {address[:100]!r}")
        return address

    async def _put(self, remote_id: str, address: str, *, is_uploaded: bool) -> None:
        """Give an account an avatar; a file that it may not have does not stay."""
        answer = await self._set(remote_id, address)
        try:
            self._judge_avatar(answer)
        except (Refused, Gone):
            if is_uploaded:
                await self._delete(address)
            raise

    def _judge_avatar(self, answer: Answer) -> None:
        """Raises Refused for 403 too: that we are an administrator was seen a moment ago."""
        if answer.status == HTTPStatus.FORBIDDEN:
            raise Refused(
                "it takes no such avatar: see max_avatar_size and allowed_avatar_mimetypes in its "
                "configuration"
            )
        self._http.judge(answer)

    async def _set(self, remote_id: str, address: str) -> Answer:
        body = json.dumps({"avatar_url": address}).encode()
        return await self._ask("PUT", _account(remote_id), body=body)

    async def _delete_ours(self, addresses: set[str], marker: str | None) -> None:
        """Delete those of these files that are ours, as the marker's is."""
        for address in sorted(filter(None, addresses)):
            if address == marker or await self._is_ours(address):
                await self._delete(address)

    async def _delete(self, address: str) -> None:
        if path := _media(address):
            answer = await self._ask("DELETE", path)
            if not _is_unknown(answer):
                self._http.judge(answer)

    async def _has_bytes(self, address: str, picture: Picture) -> bool:
        """Whether a file is ours and has just these bytes."""
        found = await self._media_info(address)
        digest = hashlib.sha256(picture.data).hexdigest()
        return found.get("sha256") == digest and await self._is_of_us(found)

    async def _is_ours(self, address: str) -> bool:
        return await self._is_of_us(await self._media_info(address))

    async def _is_of_us(self, found: Mapping[str, Any]) -> bool:
        """Whether this administrator uploaded it, under such a name as pictures have here."""
        name = found.get("upload_name")
        is_named_so = isinstance(name, str) and name.startswith(_OUR_FILES)
        return is_named_so and found.get("user_id") == await self._own_id()

    async def _media_info(self, address: str) -> Mapping[str, Any]:
        """What is known of a file; nothing of one that is gone, or by versions that do not tell."""
        path = _media(address)
        answer = await self._ask("GET", path) if path else None
        if answer is None or answer.status in {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}:
            return {}
        found = self._http.judge(answer).json_object().get("media_info")
        return found if isinstance(found, dict) else {}

    async def _own_id(self) -> str:
        if not self._known_own_id:
            answer = await self._ask("GET", "/_matrix/client/v3/account/whoami")
            self._known_own_id = _id_in(self._http.judge(answer), "user_id")
        return self._known_own_id

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        told = {"Content-Type": "application/json"} if body else {}
        return await self._http.ask(
            method, path, body=body, headers={**self._headers, **told, **(headers or {})}
        )


def _quoted(text: str) -> str:
    return quote(text, safe="")


def _account(remote_id: str) -> str:
    return f"{_ADMIN}/v2/users/{_quoted(remote_id)}"


def _media(address: str) -> str:
    """Where administrators find a file, "" for an address that is none."""
    found = _ADDRESS.fullmatch(address)
    return f"{_ADMIN}/v1/media/{_quoted(found[1])}/{found[2]}" if found else ""


def _avatar_of(account: Mapping[str, Any]) -> str:
    found = account.get("avatar_url")
    return found if isinstance(found, str) else NOTHING


def _is_unknown(answer: Answer) -> bool:
    """Whether it knows nobody and nothing of that name; a path that it does not know is no such."""
    return answer.status == HTTPStatus.NOT_FOUND and answer.body.find(b'"M_NOT_FOUND"') >= 0


def _id_in(answer: Answer, key: str) -> str:
    found = answer.json_object().get(key)
    if not isinstance(found, str) or not found:
        raise Refused(f"its answer has no {key}: is this the address of Synapse itself?")
    return found


KIND: Final = Kind(
    "synapse",
    "accounts of Matrix, on a Synapse",
    Synapse,
    options={
        AUTH_PROVIDER: "How Synapse calls the provider of OpenID Connect that both sign in by, "
        "such as oidc-keycloak: people are found by their id there too.",
        EMAIL_DOMAIN: "Who has the address NAME@THIS is found as @NAME of the server too.",
    },
)
