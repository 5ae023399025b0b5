"""Another installation of Likeness, by Slack's Web API and the token of an administrator there.

`users.setPhoto` takes `user` from tokens with the scope `admin.users:write` alone and from others
ignores it: then each photo would become that of the token's owner. So the scopes are read first.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

import httpx2

from likeness.scopes import ADMIN_SCOPE, EMAIL_SCOPE, WRITE_SCOPE
from likeness.targets.http import Answer, bearer
from likeness.targets.kind import Given, Kind
from likeness.targets.port import NOTHING, Away, Later, Person, Picture, Refused, Wants

WANTS: Final = Wants(side_px=1024, bytes_max=8 * 2**20)
"""The largest square that is stored there, of which all sizes are made. A PNG of it has 3 MB."""

SCOPES: Final = (ADMIN_SCOPE, WRITE_SCOPE, EMAIL_SCOPE, "users:read", "users.profile:read")
"""What the token has to have."""

_OF_CREDENTIAL: Final = frozenset(
    ("not_authed", "invalid_auth", "token_expired", "token_revoked", "account_inactive")
)
_OF_THE_SERVER: Final = frozenset(
    (
        "service_unavailable",
        "internal_error",
        "fatal_error",
        "request_timeout",
        "team_access_not_granted",
    )
)
_NO_SUCH_PERSON: Final = frozenset(("users_not_found", "user_not_found"))
_FORM: Final = "application/x-www-form-urlencoded"
_HISTORY_LENGTH_MAX: Final = 256 * 1024
"""Bytes of the list of somebody's photos: 50 of them, in nine sizes each."""


class Likeness:
    """One workspace of another installation."""

    wants = WANTS

    def __init__(self, given: Given) -> None:
        self._http = given.http
        self._headers = bearer(given.credential)

    async def find(self, person: Person) -> str | None:
        """The person with one of their addresses."""
        for email in person.emails:
            found = await self._call("users.lookupByEmail", email=email)
            if found.error not in _NO_SUCH_PERSON:
                return _text(self._judge(found).get("user"), "id")
        return None

    async def show(self, remote_id: str, picture: Picture, marker: str | None) -> str:
        """Set it; the same bytes again are no change there."""
        await self._shown(remote_id)
        profile = self._judge(await self._set(remote_id, picture)).get("profile")
        now = _text(profile, "avatar_hash")
        if marker and marker != now:
            await self._delete_former(remote_id, marker)
        return now

    async def clear(self, remote_id: str, marker: str | None) -> None:
        """Take ours away; without a marker whatever is shown there counts as ours."""
        shown = await self._shown(remote_id)
        if shown and marker in {shown, None}:
            self._judge_end(await self._call("users.deletePhoto", user=remote_id))
        elif marker:
            await self._delete_former(remote_id, marker)

    async def look(self, remote_id: str) -> str | None:
        """The avatar_hash of their photo."""
        return await self._shown(remote_id)

    async def check(self) -> str:
        """Who the token is of, and whether it has all scopes."""
        found = await self._call("auth.test")
        if found.error in _OF_CREDENTIAL:
            raise Refused(f"it does not accept the token: {found.error}")
        told = self._judge(found)
        if missing := [scope for scope in SCOPES if scope not in found.scopes]:
            raise Refused(f"the token lacks {', '.join(missing)}")
        return f"{told.get('user')} in {told.get('team')}"

    async def _shown(self, remote_id: str) -> str:
        """The avatar_hash of a photo, NOTHING without one. Raises Refused where none may be set."""
        found = await self._call("users.info", user=remote_id)
        user = self._judge(found).get("user")
        profile = user.get("profile") if isinstance(user, dict) else None
        if ADMIN_SCOPE not in found.scopes:
            raise Refused(
                f"the token lacks the scope {ADMIN_SCOPE}, without which each photo would become "
                "that of its owner"
            )
        is_custom = isinstance(profile, dict) and profile.get("is_custom_image")
        return _text(profile, "avatar_hash") if is_custom else NOTHING

    async def _set(self, remote_id: str, picture: Picture) -> "_Told":
        form = httpx2.Request(
            "POST",
            "http://form/",
            data={"user": remote_id},
            files={"image": (picture.file_name, picture.data, picture.format.media_type)},
        )
        return await self._send("users.setPhoto", form.read(), form.headers["content-type"])

    async def _delete_former(self, remote_id: str, marker: str) -> None:
        """Delete a photo that is shown no longer but kept, to be restored. Slack keeps none."""
        history = await self._call("users.listPhotos", user=remote_id)
        if history.error == "unknown_method":
            return
        photos = self._judge(history).get("photos")
        for each in photos if isinstance(photos, list) else []:
            if isinstance(each, dict) and each.get("avatar_hash") == marker and "image_24" in each:
                told = await self._call(
                    "users.deletePhoto", user=remote_id, photo=_text(each, "id")
                )
                self._judge_end(told)

    def _judge_end(self, told: "_Told") -> None:
        """Raises where a photo may still be there; one that is gone already is no trouble."""
        if told.error != "not_found":
            self._judge(told)

    def _judge(self, told: "_Told") -> Mapping[str, Any]:
        """What a call gave. Raises the refusal that its error is."""
        if not told.error:
            return told.body
        if told.error == "ratelimited":
            raise Later("it answered ratelimited")
        if told.error in _OF_CREDENTIAL:
            raise Away(f"it does not accept the token: {told.error}")
        if told.error in _OF_THE_SERVER:
            raise Away(f"it answered {told.error}")
        raise Refused(f"it answered {told.error}{self._http.shown(told.messages)}")

    async def _call(self, method: str, **arguments: str) -> "_Told":
        return await self._send(method, urlencode(arguments).encode(), _FORM)

    async def _send(self, method: str, body: bytes, content_type: str) -> "_Told":
        answer = await self._http.ask(
            "POST",
            f"/api/{method}",
            headers={**self._headers, "Content-Type": content_type},
            body=body,
            length_max=_HISTORY_LENGTH_MAX,
        )
        return _Told(self._http.judge(answer))


class _Told:
    """An answer in Slack's envelope: `error` is "" where it is ok."""

    def __init__(self, answer: Answer) -> None:
        self.body = answer.json_object()
        error = self.body.get("error")
        named = error if isinstance(error, str) and error else "neither ok nor an error"
        self.error = "" if self.body.get("ok") is True else named
        self.scopes = answer.headers.get("x-oauth-scopes", "").replace(" ", "").split(",")

    @property
    def messages(self) -> str:
        """What was said beside the error, for people."""
        metadata = self.body.get("response_metadata")
        messages = metadata.get("messages") if isinstance(metadata, dict) else None
        return " ".join(map(str, messages)) if isinstance(messages, list) else ""


def _text(found: object, key: str) -> str:
    text = found.get(key) if isinstance(found, dict) else None
    if not isinstance(text, str) or not text:
        raise Away(f"its answer has no {key}: is this the address of Likeness itself?")
    return text


KIND: Final = Kind("likeness", "another installation of Likeness", Likeness)
