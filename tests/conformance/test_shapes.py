"""The answers' exact keys, their order, and which are absent when (contract § 5, § 6 and § 7)."""

import base64
import re
from typing import Any

import pytest

from support import pictures
from support.live import LiveServer, Person, add_person
from support.people import Cast
from support.reading import NINE_KEYS, SIZES, fetch
from support.scenarios import PREPARE, SET, picture, upload
from support.wire import form, get, send

ACTIVE = [
    "id",
    "team_id",
    "name",
    "deleted",
    "color",
    "real_name",
    "tz",
    "tz_label",
    "tz_offset",
    "profile",
    "is_admin",
    "is_owner",
    "is_primary_owner",
    "is_restricted",
    "is_ultra_restricted",
    "is_bot",
    "is_app_user",
    "updated",
    "is_email_confirmed",
    "who_can_share_contact_card",
]
DELETED = ["id", "team_id", "name", "deleted", "profile", "is_bot", "is_app_user", "updated"]
HEAD = [
    "title",
    "phone",
    "skype",
    "real_name",
    "real_name_normalized",
    "display_name",
    "display_name_normalized",
    "fields",
    "status_text",
    "status_emoji",
    "status_emoji_display_info",
    "status_expiration",
    "avatar_hash",
]
IMAGES = [f"image_{size}" for size in SIZES[:-1]]
TAIL = ["status_text_canonical", "team"]
NAMES = ["first_name", "last_name"]
URL = re.compile(
    r"/avatars/\d{4}-\d\d-\d\d/\d+_(?P<digits>[0-9a-f]{20})_(?P<name>\d+|original)\.(?P<ext>\w+)"
)


def answer(server: LiveServer, method: str, token: str, **values: str) -> dict[str, Any]:
    """What a method answers, when all is well."""
    document = send(server, get(method, token, **values)).document
    assert document["ok"], document
    return document


def set_photo(server: LiveServer, token: str, data: bytes, **values: str) -> dict[str, Any]:
    """The answer to a good upload."""
    document = send(server, upload(SET, token, data, **values)).document
    assert document["ok"], document
    return document


def test_a_user_with_a_photo(server: LiveServer, person: Person) -> None:
    """Every key in the recorded order."""
    set_photo(server, person.token, picture())

    user = answer(server, "users.info", person.token, user=person.user.id)["user"]

    assert ACTIVE == list(user)
    custom = ["email", "image_original", "is_custom_image", *NAMES]
    assert [*HEAD, *custom, *IMAGES, "image_1024", *TAIL] == list(user["profile"])
    assert user["profile"]["is_custom_image"] is True
    assert user["profile"]["fields"] is None


def test_a_user_without_a_photo(server: LiveServer, person: Person) -> None:
    """Three keys are absent, not false; the hash begins with g."""
    user = answer(server, "users.info", person.token, user=person.user.id)["user"]

    profile = user["profile"]
    assert [*HEAD, "email", *NAMES, *IMAGES, *TAIL] == list(profile)
    assert "g" + person.user.email_md5[:11] == profile["avatar_hash"]


def test_default_pictures_answer_in_their_size(server: LiveServer, person: Person) -> None:
    """Square, as wide as the key says."""
    profile = answer(server, "users.profile.get", person.token)["profile"]

    for size in SIZES[:-1]:
        response = fetch(profile[f"image_{size}"])
        assert (size, size) == pictures.opened(response.content).size


def test_a_deleted_user_is_short(server: LiveServer, people: Cast) -> None:
    """Eight keys only."""
    user = answer(server, "users.info", people.whole, user=people.gone_user.id)["user"]

    assert DELETED == list(user)
    assert user["deleted"] is True


def test_a_bot_has_a_bot_id(server: LiveServer, people: Cast) -> None:
    """In its profile, in the recorded place, and from auth.test."""
    me = answer(server, "auth.test", people.bot)
    profile = answer(server, "users.profile.get", people.bot)["profile"]

    assert [*HEAD, "email", "bot_id", *NAMES, *IMAGES, *TAIL] == list(profile)
    assert me["bot_id"] == profile["bot_id"]
    assert re.fullmatch(r"B[A-Z0-9]{2,}", me["bot_id"])


def test_auth_test_names_everything(server: LiveServer, people: Cast) -> None:
    """The recorded keys; the address ends with a slash."""
    me = answer(server, "auth.test", people.whole)

    keys = ["ok", "url", "team", "user", "team_id", "user_id", "is_enterprise_install"]
    assert keys == list(me)
    assert me["url"].endswith("/")
    assert re.fullmatch(r"T[A-Z0-9]{2,}", me["team_id"])
    assert re.fullmatch(r"[UW][A-Z0-9]{2,}", me["user_id"])


@pytest.mark.parametrize("method", ["users.info", "users.profile.get", "users.list"])
def test_an_address_needs_its_scope(method: str, server: LiveServer) -> None:
    """Without `users:read.email` the key is absent."""
    scopes = ("users:read", "users.profile:read")
    shy = add_person(server, f"shy-{method}@shapes.example", scopes=scopes)

    text = str(answer(server, method, shy.token, user=shy.user.id))

    assert "@shapes.example" not in text


def test_a_profile_alone_has_an_object_of_fields(server: LiveServer, person: Person) -> None:
    """Java clients cannot read a list there."""
    found = answer(server, "users.profile.get", person.token)

    assert ["ok", "profile"] == list(found)
    assert {} == found["profile"]["fields"]


def test_pages_have_cursors(server: LiveServer) -> None:
    """The key `offset` on all pages but the last, whose cursor is empty; everybody once."""
    workspace = "Shapes"
    ids = {add_person(server, f"{n}@shapes.example", workspace=workspace).user.id for n in range(4)}
    reader = add_person(server, "5@shapes.example", workspace=workspace)

    first = answer(server, "users.list", reader.token, limit="3")
    cursor = first["response_metadata"]["next_cursor"]
    last = answer(server, "users.list", reader.token, limit="3", cursor=cursor)

    assert ["ok", "offset", "members", "cache_ts", "response_metadata"] == list(first)
    assert f"user:{first['offset']}" == base64.b64decode(cursor).decode()
    assert ["ok", "members", "cache_ts", "response_metadata"] == list(last)
    assert "" == last["response_metadata"]["next_cursor"]
    listed = [user["id"] for user in (*first["members"], *last["members"])]
    assert sorted([*ids, reader.user.id]) == sorted(listed)


def test_a_list_has_the_deleted_too(server: LiveServer, people: Cast) -> None:
    """So the documentation promises."""
    members = answer(server, "users.list", people.whole, limit="1000")["members"]

    assert people.gone_user.id in {user["id"] for user in members if user["deleted"]}


def test_an_answer_to_a_photo_has_nine_keys(server: LiveServer, person: Person) -> None:
    """The hash is the start of the 20 digits in every URL; sizes not made repeat the largest."""
    found = set_photo(server, person.token, pictures.jpeg(600, 560), crop_w="550")

    profile = found["profile"]
    assert ["ok", "profile"] == list(found)
    assert sorted(NINE_KEYS) == sorted(profile)
    matches = {key: URL.search(url) for key, url in profile.items() if key != "avatar_hash"}
    digits = {match["digits"] for match in matches.values() if match}
    assert profile["avatar_hash"] == next(iter(digits))[:12]
    assert 1 == len(digits)
    assert "_550." in profile["image_1024"]


@pytest.mark.parametrize("side", [512, 513, 1000, 1024])
def test_urls_answer_pictures_of_their_size(side: int, server: LiveServer, person: Person) -> None:
    """Never more than the square, to the pixel, with the type of their extension."""
    profile = set_photo(server, person.token, pictures.png(side, side))["profile"]

    for size in SIZES:
        response = fetch(profile[f"image_{size}"])
        assert (min(size, side),) * 2 == pictures.opened(response.content).size
        assert "image/png" == response.headers["content-type"]
        assert "immutable" in response.headers["cache-control"]


def test_a_small_crop_repeats_its_largest_size(server: LiveServer, person: Person) -> None:
    """A square of 100 pixels makes 24 to 72 and `_100`, which everything above is."""
    profile = set_photo(server, person.token, picture(), crop_w="100")["profile"]

    [largest] = {profile[f"image_{size}"] for size in (192, 512, 1024)}
    assert "_100." in largest
    assert (100, 100) == pictures.opened(fetch(largest).content).size
    assert (512, 512) == pictures.opened(fetch(profile["image_original"]).content).size


def test_the_same_upload_is_the_same_photo(server: LiveServer, person: Person) -> None:
    """Clients send again what they got no answer to; another crop is another photo."""
    first = set_photo(server, person.token, picture(), crop_w="200")
    again = set_photo(server, person.token, picture(), crop_w="200")
    other = set_photo(server, person.token, picture(), crop_w="201")

    assert first == again
    assert first["profile"]["avatar_hash"] != other["profile"]["avatar_hash"]


def test_deleting_twice_is_no_error(server: LiveServer, person: Person) -> None:
    """Only `ok`, with a photo and without; and every URL of it ends."""
    profile = set_photo(server, person.token, picture())["profile"]

    first = send(server, form("users.deletePhoto", person.token)).document
    second = send(server, form("users.deletePhoto", person.token)).document

    assert {"ok": True} == first == second
    statuses = {fetch(url).status_code for key, url in profile.items() if key != "avatar_hash"}
    assert {404} == statuses


def test_a_big_picture_goes_in_two_steps(server: LiveServer, person: Person) -> None:
    """Prepared, then cut by its id; the crop's pixels are those of the working copy."""
    prepared = send(server, upload(PREPARE, person.token, pictures.jpeg(3000, 2000))).document
    shown = pictures.opened(fetch(prepared["url"]).content)
    box = {"crop_x": "500", "crop_y": "0", "crop_w": "2000"}
    done = send(server, form(SET, person.token, id=prepared["id"], **box)).document

    assert ["ok", "id", "url", "width", "height", "orientation", "suggested"] == list(prepared)
    assert (3000, 2000) == (prepared["width"], prepared["height"]) == shown.size
    assert done["ok"], done
    assert (1024, 1024) == pictures.opened(fetch(done["profile"]["image_1024"]).content).size


def test_a_prepared_picture_is_its_owners(server: LiveServer, person: Person, people: Cast) -> None:
    """Somebody else's id is unknown."""
    prepared = send(server, upload(PREPARE, person.token, picture())).document

    assert "not_found" == send(server, form(SET, people.whole, id=prepared["id"])).error


def test_an_administrator_sets_anothers_photo(server: LiveServer, people: Cast) -> None:
    """With the scope `admin.users:write`; without it `user` is ignored, as recorded."""
    by_admin = set_photo(server, people.admin, pictures.png(seed=1), user=people.owner.id)
    shown = answer(server, "users.profile.get", people.admin, user=people.owner.id)["profile"]
    by_other = set_photo(server, people.other, pictures.png(seed=2), user=people.owner.id)
    after = answer(server, "users.profile.get", people.admin, user=people.owner.id)["profile"]

    assert by_admin["profile"]["avatar_hash"] == shown["avatar_hash"] == after["avatar_hash"]
    assert by_other["profile"]["avatar_hash"] != after["avatar_hash"]


def test_a_moved_box_is_remarked_on(server: LiveServer, person: Person) -> None:
    """`[WARN]` and the box that was used instead; the call succeeds (contract § 4.5)."""
    found = set_photo(server, person.token, picture(), crop_x="400", crop_y="0", crop_w="300")

    (message,) = found["response_metadata"]["messages"]
    assert message.startswith("[WARN] ")
    assert "212" in message


def test_revoke_says_whether_it_did(server: LiveServer, person: Person) -> None:
    """`test=1` only tries; afterwards the token is `token_revoked`."""
    tried = answer(server, "auth.revoke", person.token, test="1")
    done = answer(server, "auth.revoke", person.token)

    assert {"ok": True, "revoked": False} == tried
    assert {"ok": True, "revoked": True} == done
    assert "token_revoked" == send(server, form("auth.test", person.token)).error


def test_api_test_echoes(server: LiveServer) -> None:
    """Arguments in, arguments out; `error` is answered as the error."""
    assert {"ok": True} == send(server, form("api.test", None)).document
    echoed = send(server, form("api.test", None, foo="bar")).document
    refused = send(server, form("api.test", None, error="x")).document

    assert {"ok": True, "args": {"foo": "bar"}} == echoed
    assert {"ok": False, "error": "x", "args": {"error": "x"}} == refused
