"""One way to provoke each error of each method, through a real socket.

`tests/conformance/test_errors.py` holds this list against the table of methods, both ways.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Final

from support import pictures
from support.blocks import gif_frame, gif_screen, png_file, png_header
from support.live import LiveServer
from support.patience import wait_until
from support.people import Cast
from support.wire import (
    BOUNDARY,
    Reply,
    Request,
    document,
    field_part,
    file_part,
    form,
    get,
    post,
    send,
    send_raw,
)

SET: Final = "users.setPhoto"
PREPARE: Final = "users.preparePhoto"
DELETE: Final = "users.deletePhoto"
LIST: Final = "users.listPhotos"
RESTORE: Final = "users.restorePhoto"
IDENTITY: Final = "users.identity"
USER_INFO: Final = "openid.connect.userInfo"
LENGTH_MAX: Final = 10 * 2**20
"""The length of a picture that is still allowed (contract § 4.1)."""

CALLS_OF_TIER_2: Final = 20
CROWD: Final = 6


@dataclass(frozen=True)
class Stage:
    """A patient server without rate limits and a cramped one, with the same cast on each."""

    server: LiveServer
    people: Cast
    cramped: LiveServer
    cramped_people: Cast


@dataclass(frozen=True)
class Scenario:
    """`play` makes `method` answer `error`; `finds` is a word that the explanation must hold."""

    method: str
    error: str
    play: Callable[[Stage], Reply]
    finds: str = ""
    name: str = ""

    @property
    def id(self) -> str:
        """How the test is called."""
        return "-".join(filter(None, (self.method, self.error, self.name)))


@cache
def picture() -> bytes:
    """A picture that every limit allows."""
    return pictures.png()


def upload(method: str, token: str | None, data: bytes, **values: str) -> Request:
    """A picture sent as most clients do."""
    return post(method, token, file_part(data), **values)


def many_frames() -> bytes:
    """An animation of 101 small frames on a canvas of an allowed size."""
    return gif_screen(512, 512) + gif_frame() * 101 + b";"


Making = Callable[[Cast], Request]


def _sent(make: Making) -> Callable[[Stage], Reply]:
    """A scenario that one request to the patient server plays."""
    return lambda stage: send(stage.server, make(stage.people))


def _refused(method: str, error: str, make: Making, finds: str = "", name: str = "") -> Scenario:
    return Scenario(method, error, _sent(make), finds, name)


def _truncated(stage: Stage) -> Reply:
    raw = upload(SET, stage.people.whole, picture()).raw()
    return send_raw(stage.server, raw[:-100], half_close=True)


def _too_slow(stage: Stage) -> Reply:
    raw = upload(SET, stage.cramped_people.whole, picture()).raw()
    return send_raw(stage.cramped, raw[:-100])


def _too_often(stage: Stage) -> Reply:
    """Until one is too many: calls come faster than their allowance, by as much as they can."""
    request, replies = form(DELETE, stage.cramped_people.other), list[Reply]()

    def is_refused() -> bool:
        replies.append(send(stage.cramped, request))
        return replies[-1].error != ""

    wait_until(is_refused)
    return replies[-1]


def _crowded(stage: Stage) -> Reply:
    """Several at once for one worker; whoever comes second has no place to wait."""
    token, data = stage.cramped_people.whole, pictures.jpeg(1024, 1024)

    def one(left: int) -> Reply:
        return send(stage.cramped, upload(SET, token, data, crop_x=str(left), crop_w="900"))

    with ThreadPoolExecutor(CROWD) as pool:
        replies = list(pool.map(one, range(CROWD)))
    return next((reply for reply in replies if reply.error), replies[0])


@contextmanager
def broken_store(server: LiveServer) -> Iterator[None]:
    """The folder of photos leads in a circle, which no failing disk does."""
    avatars = server.data / "blobs" / "avatars"
    avatars.mkdir(parents=True, exist_ok=True)
    kept = avatars.rename(avatars.with_name("kept"))
    avatars.symlink_to(avatars)
    try:
        yield
    finally:
        avatars.unlink()
        kept.rename(avatars)


def _on_broken_store(stage: Stage) -> Reply:
    with broken_store(stage.server):
        return send(stage.server, upload(SET, stage.people.admin, picture()))


def _raw_head(make: Making, header: str) -> Callable[[Stage], Reply]:
    """The request without one of its headers."""
    return _sent(lambda people: make(people).without(header))


def _long(people: Cast) -> Request:
    return upload(SET, people.whole, picture() + os.urandom(LENGTH_MAX))


def _in_picture(make: Callable[[], bytes], method: str = SET) -> Making:
    return lambda people: upload(method, people.whole, make())


def _with_token(attribute: str, method: str = SET) -> Making:
    return lambda people: upload(method, getattr(people, attribute), picture())


def _typed(value: str, method: str = SET) -> Making:
    return lambda people: upload(method, people.whole, picture()).with_headers(Content_Type=value)


def _valued(method: str = SET, **values: str) -> Making:
    return lambda people: upload(method, people.whole, picture(), **values)


def _own_of_set() -> list[Scenario]:
    make = partial(_refused, SET)
    return [
        make("bad_image", _in_picture(lambda: b""), "no picture", "empty"),
        make("bad_image", _in_picture(lambda: b"/home/ada/me.png"), "path", "path"),
        make("bad_image", _in_picture(lambda: picture()[:-2000]), "", "truncated"),
        make(
            "bad_image",
            _in_picture(lambda: png_file(header=png_header(300, 200))),
            "300x200",
            "small",
        ),
        make("bad_image", lambda people: post(SET, people.whole), "no picture", "absent"),
        make(
            "too_large",
            _in_picture(lambda: png_file(header=png_header(1025, 600))),
            "1025x600",
            "wide",
        ),
        make("too_large", _long, str(LENGTH_MAX), "long"),
        make("too_many_frames", _in_picture(many_frames), "101"),
        make("user_is_bot", _with_token("bot"), "xoxp-"),
        make("not_found", lambda people: form(SET, people.whole, id="0" * 32), "preparePhoto"),
        make(
            "user_not_found",
            lambda people: upload(SET, people.admin, picture(), user="U000000000"),
            "U000000000",
        ),
        make(
            "access_denied",
            lambda people: upload(SET, people.admin, picture(), user=people.gone_user.id),
            "deactivated",
        ),
    ]


def _own_of_others() -> list[Scenario]:
    return [
        _refused(PREPARE, "bad_image", _in_picture(lambda: b"GIF89a", PREPARE)),
        _refused(
            PREPARE,
            "too_large",
            _in_picture(lambda: png_file(header=png_header(8000, 8000)), PREPARE),
        ),
        _refused(PREPARE, "too_many_frames", _in_picture(many_frames, PREPARE)),
        _refused(PREPARE, "user_is_bot", _with_token("bot", PREPARE), "xoxp-"),
        _refused(DELETE, "user_is_bot", lambda people: form(DELETE, people.bot), "xoxp-"),
        _refused(
            "users.profile.get",
            "user_not_found",
            lambda people: get("users.profile.get", people.whole, user="U000000000"),
            "U000000000",
        ),
        _refused(
            "users.info", "user_not_found", lambda people: get("users.info", people.whole), "user"
        ),
        _refused(
            "users.lookupByEmail",
            "users_not_found",
            lambda people: get("users.lookupByEmail", people.whole, email="no@body.example"),
            "address",
        ),
        _refused(
            "bots.info",
            "bot_not_found",
            lambda people: get("bots.info", people.whole, bot="B000000000"),
            "B000000000",
        ),
        _refused(
            "team.info",
            "team_not_found",
            lambda people: get("team.info", people.whole, team="T000000000"),
            "T000000000",
        ),
        _refused(
            "users.info",
            "too_many_users",
            lambda people: get("users.info", people.whole, users="U," * 101),
            "101",
        ),
        _refused(
            "users.list",
            "limit_required",
            lambda people: get("users.list", people.crowded),
            "next_cursor",
        ),
        _refused(
            "users.list",
            "invalid_cursor",
            lambda people: get("users.list", people.whole, cursor="dGVhbTpU"),
            "next_cursor",
        ),
    ]


def _observed(method: str) -> Scenario:
    """A bot where the real service's word of today is followed."""
    return Scenario(
        method,
        "not_allowed_token_type",
        lambda stage: send(stage.cramped, form(method, stage.cramped_people.bot)),
        "xoxp-",
    )


def _form_for(method: str, token: str, **values: str) -> Making:
    """A call with the token of that name."""
    return lambda people: form(method, getattr(people, token), **values)


def _about_others(method: str) -> list[Scenario]:
    """What naming somebody else may be refused with."""
    unknown = _form_for(method, "admin", user="U000000000")
    return [
        _refused(method, "user_not_found", unknown, "U000000000"),
        _refused(
            method,
            "access_denied",
            lambda people: form(method, people.admin, user=people.gone_user.id),
            "deactivated",
        ),
    ]


def _own_of_history() -> list[Scenario]:
    return [
        *(scenario for method in (DELETE, LIST, RESTORE) for scenario in _about_others(method)),
        *map(_observed, (SET, PREPARE, DELETE, LIST, RESTORE, IDENTITY, USER_INFO)),
        _refused(IDENTITY, "user_is_bot", _form_for(IDENTITY, "bot"), "xoxp-"),
        _refused(USER_INFO, "user_is_bot", _form_for(USER_INFO, "bot"), "xoxp-"),
        _refused(LIST, "user_is_bot", _form_for(LIST, "bot"), "xoxp-"),
        _refused(RESTORE, "user_is_bot", _form_for(RESTORE, "bot"), "xoxp-"),
        _refused(RESTORE, "not_found", _form_for(RESTORE, "whole", photo="7"), "photo 7"),
        _refused(DELETE, "not_found", _form_for(DELETE, "whole", photo="7"), "photo 7"),
    ]


def _tokens() -> list[Scenario]:
    make = partial(_refused, SET)
    return [
        make("not_authed", lambda people: upload(SET, None, picture()), "Bearer"),
        make(
            "not_authed",
            lambda people: post(SET, None, field_part("token", ""), file_part(picture())),
            "",
            "empty",
        ),
        make("invalid_auth", lambda people: upload(SET, "xoxp-1", picture()), "not known"),
        make("account_inactive", _with_token("gone"), "deactivated", "user"),
        make("account_inactive", _with_token("of_closed_workspace"), "deactivated", "workspace"),
        make("token_revoked", _with_token("revoked"), "revoked"),
        make("token_expired", _with_token("expired"), "over"),
        make("missing_scope", _with_token("without_scopes"), "users.profile:write"),
    ]


def _conventions() -> list[Scenario]:
    make = partial(_refused, SET)
    multipart = f"multipart/form-data; boundary={BOUNDARY}; charset=koi8-r"
    two = [file_part(picture()), file_part(picture())]
    return [
        make("invalid_arguments", _valued(crop_w="wide"), "wide"),
        make("invalid_arguments", _valued(crop_x="9" * 40), "10 digits", "long"),
        make("invalid_arguments", _valued(crop_x="512", crop_w="10"), "", "outside"),
        make("invalid_arg_name", _valued(**{"crop-w": "5"}), "crop-w"),
        make("invalid_arg_name", _valued(**{"c" * 256: "5"}), "256", "long"),
        make("invalid_array_arg", _valued(**{"crop[7]": "5"}), "crop[7]"),
        make("invalid_charset", _typed(multipart), "koi8-r"),
        make("invalid_form_data", _typed("multipart/form-data"), "boundary"),
        make("invalid_form_data", lambda people: post(SET, people.whole, *two), "twice", "twice"),
        make("invalid_post_type", _typed("image/png"), "image/png"),
        Scenario(SET, "missing_post_type", _raw_head(_valued(), "Content-Type"), "Content-Type"),
        make("invalid_json", lambda people: document(SET, people.whole, b"{"), "JSON"),
        make("json_not_object", lambda people: document(SET, people.whole, b"[]"), "object"),
        Scenario(SET, "request_timeout", _truncated, "", "truncated"),
        Scenario(SET, "request_timeout", _too_slow, "2 s", "slow"),
        make(
            "unknown_method",
            lambda people: replace(upload(SET, people.whole, picture()), method="users.setFoto"),
            "users.setFoto",
        ),
    ]


def _service() -> list[Scenario]:
    return [
        Scenario(DELETE, "ratelimited", _too_often, "20"),
        Scenario(SET, "service_unavailable", _crowded),
        Scenario(SET, "internal_error", _on_broken_store),
    ]


SCENARIOS: Final = (
    *_own_of_set(),
    *_own_of_others(),
    *_own_of_history(),
    *_tokens(),
    *_conventions(),
    *_service(),
)
