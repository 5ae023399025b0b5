"""Single faults of a `users.setPhoto` call, in the order of refusals (contract § 2.1).

Each is a function that spoils a draft in one place, so that any two can meet in one request.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import combinations
from typing import Any, Final
from urllib.parse import urlencode

from support.blocks import gif_frame, gif_screen
from support.scenarios import SET
from support.wire import BOUNDARY, Request, bearer, file_part, multipart

TOO_LONG: Final = 10 * 2**20 + 256 * 2**10 + 1
"""10 MiB of picture and 256 KiB of all else: a body of more is not read to its end."""


@dataclass(frozen=True)
class Draft:
    """A call that would succeed, until it is spoiled."""

    method: str = SET
    content_type: str | None = "multipart/form-data"
    charset: str = ""
    json: bytes | None = None
    is_closed: bool = True
    padding: int = 0
    is_cut: bool = False
    query: dict[str, str] = field(default_factory=dict)
    width: int = 512
    frames: int = 1
    is_damaged: bool = False
    has_image: bool = True
    token: str | None = None
    has_token: bool = True
    traits: frozenset[str] = frozenset()
    is_drained: bool = False
    is_store_broken: bool = False

    def asking(self, **values: str) -> "Draft":
        """With further arguments, in the query, where they fit any kind of body."""
        return replace(self, query=self.query | values)

    def about(self, trait: str) -> "Draft":
        """With a token that has a further trait."""
        return replace(self, traits=self.traits | {trait})

    def request(self, token: str) -> Request:
        """The call as it goes out, with this token unless the draft has another or none."""
        headers = [bearer(self.token or token)] if self.has_token else []
        if self.content_type:
            headers.append(("Content-Type", self.content_type + self._parameters()))
        body = self._body()
        if self.is_cut:
            headers.append(("Content-Length", str(len(body) + 100)))
        return Request(self.method, body, query=urlencode(self.query), headers=tuple(headers))

    def _parameters(self) -> str:
        boundary = f"; boundary={BOUNDARY}" if self.json is None else ""
        return boundary + (f"; charset={self.charset}" if self.charset else "")

    def _body(self) -> bytes:
        if self.json is not None:
            return self.json + b" " * self.padding
        picture = [file_part(self._picture())] if self.has_image else []
        padding = [file_part(bytes(self.padding), "padding")] if self.padding else []
        body = multipart([*picture, *padding])
        return body if self.is_closed else body.removesuffix(f"--{BOUNDARY}--\r\n".encode())

    def _picture(self) -> bytes:
        damage = b"\x99" if self.is_damaged else b""
        return gif_screen(self.width, 512) + damage + gif_frame() * self.frames + b";"


@dataclass(frozen=True)
class Fault:
    """What is wrong, the error that it means when it is alone, and how to make it so."""

    name: str
    error: str
    spoil: Callable[[Draft], Draft]


def _with(**changes: Any) -> Callable[[Draft], Draft]:
    return lambda draft: replace(draft, **changes)


def _asking(**values: str) -> Callable[[Draft], Draft]:
    return lambda draft: draft.asking(**values)


def _about(trait: str) -> Callable[[Draft], Draft]:
    return lambda draft: draft.about(trait)


def _json(draft: Draft, body: bytes) -> Draft:
    kind = "application/json" if draft.content_type == "multipart/form-data" else draft.content_type
    return replace(draft, json=body, content_type=kind)


def _for_the_gone(draft: Draft) -> Draft:
    return draft.about("admin").asking(user="{gone}")


FAULTS: Final = (
    Fault("method", "unknown_method", _with(method="users.setFoto")),
    Fault("no-type", "missing_post_type", _with(content_type=None)),
    Fault("type", "invalid_post_type", _with(content_type="image/gif")),
    Fault("charset", "invalid_charset", _with(charset="koi8-r")),
    Fault("long", "too_large", _with(padding=TOO_LONG)),
    Fault("cut", "request_timeout", _with(is_cut=True)),
    Fault("form", "invalid_form_data", _with(is_closed=False)),
    Fault("json", "invalid_json", partial(_json, body=b"{")),
    Fault("array", "json_not_object", partial(_json, body=b"[]")),
    Fault("name", "invalid_arg_name", _asking(**{"crop-w": "1"})),
    Fault("php", "invalid_array_arg", _asking(**{"crop[7]": "1"})),
    Fault("no-token", "not_authed", _with(has_token=False)),
    Fault("token", "invalid_auth", _with(token="xoxp-1")),
    Fault("gone", "account_inactive", _about("gone")),
    Fault("revoked", "token_revoked", _about("revoked")),
    Fault("expired", "token_expired", _about("expired")),
    Fault("often", "ratelimited", _with(is_drained=True)),
    Fault("bot", "user_is_bot", _about("bot")),
    Fault("scope", "missing_scope", _about("unscoped")),
    Fault("value", "invalid_arguments", _asking(crop_w="wide")),
    Fault("policy", "access_denied", _for_the_gone),
    Fault("id", "not_found", lambda draft: replace(draft, has_image=False).asking(id="0" * 32)),
    Fault("damage", "bad_image", _with(is_damaged=True)),
    Fault("wide", "too_large", _with(width=1025)),
    Fault("frames", "too_many_frames", _with(frames=101)),
    Fault("store", "internal_error", _with(is_store_broken=True)),
)
"""Earlier ones win. Policy stands behind values, for ours depends on the value of `user`."""

_PICTURE: Final = frozenset({"damage", "wide", "frames"})
_JSON: Final = frozenset({"json", "array"})

IMPOSSIBLE: Final[tuple[tuple[frozenset[str], frozenset[str], str], ...]] = (
    (frozenset({"no-type"}), frozenset({"type", "charset"}), "a type is absent or it is wrong"),
    (_JSON, _PICTURE | {"form", "id"}, "a JSON body has no file, and is no form"),
    (frozenset({"json"}), frozenset({"array"}), "what cannot be parsed is no array"),
    (
        frozenset({"no-token"}),
        frozenset({"token", "gone", "revoked", "expired", "often", "bot", "scope", "policy"}),
        "without a token nothing can be wrong with it",
    ),
    (
        frozenset({"token"}),
        frozenset({"gone", "revoked", "expired", "often", "bot", "scope", "policy"}),
        "an unknown token has no owner, scopes or count of calls",
    ),
    (
        frozenset({"gone", "revoked", "expired"}),
        frozenset({"often"}),
        "calls with a dead token are refused before they are counted",
    ),
    (frozenset({"id"}), _PICTURE, "the id counts only where there is no picture"),
)
"""Groups whose members cannot meet in one request, and why."""


def possible_pairs() -> list[tuple[Fault, Fault]]:
    """Every two faults that one request can have, the one that must win first."""
    return [pair for pair in combinations(FAULTS, 2) if not _excluded(*pair)]


def _excluded(first: Fault, second: Fault) -> bool:
    return any(
        (first.name in left and second.name in right)
        or (first.name in right and second.name in left)
        for left, right, _ in IMPOSSIBLE
    )
