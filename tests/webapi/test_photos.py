"""The methods about photos: what each makes of its arguments, and whom it concerns."""

import pytest
from PIL import Image

from likeness.model import SIZES
from likeness.scopes import ADMIN_SCOPE
from support.door import EVERY_SCOPE, Door
from support.heic import heic
from support.pictures import encode, gif, jpeg, opened
from support.pictures import photo as picture
from support.rows import at
from support.rows import photo as row

NINE_KEYS = ["avatar_hash", *(f"image_{size}" for size in SIZES), "image_original"]

pytestmark = pytest.mark.anyio


@pytest.fixture
async def ada(api: Door) -> str:
    return await api.token(api.work.ada)


async def test_setting_answers_with_nine_keys(api: Door, ada: str) -> None:
    answer = await api.call("users.setPhoto", ada, jpeg(600, 600))
    assert list(answer) == ["ok", "profile"]
    assert list(answer["profile"]) == NINE_KEYS


async def test_setting_cuts_the_box(api: Door, ada: str) -> None:
    whole = await api.call("users.setPhoto", ada, jpeg(600, 600))
    box = {"crop_x": "10", "crop_y": "15", "crop_w": "300"}
    cut = await api.call("users.setPhoto", ada, jpeg(600, 600), **box)
    assert cut["ok"]
    assert cut["profile"]["avatar_hash"] != whole["profile"]["avatar_hash"]


@pytest.mark.parametrize("width", ["0", "-1", ""])
async def test_no_width_is_no_box(api: Door, ada: str, width: str) -> None:
    answer = await api.call("users.setPhoto", ada, jpeg(600, 600), crop_x="900", crop_w=width)
    assert answer["ok"]


async def test_negative_corners_are_the_edge(api: Door, ada: str) -> None:
    box = {"crop_x": "-7", "crop_y": "-9", "crop_w": "512"}
    assert (await api.call("users.setPhoto", ada, jpeg(600, 600), **box))["ok"]


@pytest.mark.parametrize("number", ["300.4", "299.5", "300.49999999999994", "3.00", "1e-7"])
async def test_fractions_of_a_box_are_rounded(api: Door, ada: str, number: str) -> None:
    """Cropping widgets give them; a side of nothing is no box."""
    answer = await api.call("users.setPhoto", ada, jpeg(600, 600), crop_w=number, crop_x="9.5")
    photo = (await api.work.again(api.work.ada)).photo
    assert answer["ok"]
    assert photo
    assert photo.window
    side = {"3.00": 3, "1e-7": 600}.get(number, 300)
    assert (photo.window.w, photo.window.x) == (side, 0 if side == 600 else 10)


async def test_setting_without_a_picture_says_how_to_send_one(api: Door, ada: str) -> None:
    answer = await api.call("users.setPhoto", ada)
    assert answer["error"] == "bad_image"
    assert "json-pointer:/image" in answer["response_metadata"]["messages"][0]


async def test_the_picture_in_hand_wins_over_a_prepared_one(api: Door, ada: str) -> None:
    assert (await api.call("users.setPhoto", ada, jpeg(600, 600), id="unknown"))["ok"]


@pytest.mark.parametrize(("form", "is_told"), [("JPEG", False), ("WEBP", True)])
async def test_how_a_picture_lay_is_told(api: Door, ada: str, form: str, is_told: bool) -> None:
    """And in words where browsers do not turn it, since it looks another way there."""
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encode(picture(600, 520), form, exif=exif)

    prepared = await api.call("users.preparePhoto", ada, data)
    answer = await api.call("users.setPhoto", ada, data)

    assert (prepared["orientation"], prepared["width"], prepared["height"]) == (6, 520, 600)
    for each in (prepared, answer):
        messages = each.get("response_metadata", {}).get("messages", [])
        assert any("browsers" in message for message in messages) == is_told


async def test_a_prepared_picture_is_cut_by_its_id(api: Door, ada: str) -> None:
    prepared = await api.call("users.preparePhoto", ada, jpeg(1500, 1100))
    assert list(prepared) == ["ok", "id", "url", "width", "height", "orientation", "suggested"]
    assert prepared["suggested"] | {"crop_x": 0} == {"crop_x": 0, "crop_y": 0, "crop_w": 1100}
    assert (prepared["width"], prepared["height"]) == (1500, 1100)
    box = {"crop_x": "0", "crop_y": "0", "crop_w": "1000"}
    answer = await api.call("users.setPhoto", ada, None, id=prepared["id"], **box)
    assert list(answer["profile"]) == NINE_KEYS


@pytest.mark.parametrize("kind", ["HEIC", "AVIF"])
@pytest.mark.parametrize("clear", [False, True])
async def test_what_phones_keep_becomes_what_every_tool_shows(
    api: Door, ada: str, kind: str, clear: bool
) -> None:
    shown = picture(640, 560)
    if clear:
        shown.putalpha(200)
    data = heic(shown) if kind == "HEIC" else encode(shown, "AVIF")
    answer = await api.call("users.setPhoto", ada, data)
    assert list(answer) == ["ok", "profile"]
    assert answer["profile"]["image_original"].endswith("_original.png" if clear else ".jpg")
    prepared = await api.call("users.preparePhoto", ada, data)
    assert prepared["url"].endswith(".png" if clear else ".jpg")


async def test_that_a_sequence_stands_still_is_said(api: Door, ada: str) -> None:
    further = [picture(600, 600, seed) for seed in (1, 2)]
    data = encode(picture(600, 600), "AVIF", save_all=True, append_images=further)
    for method in ("users.setPhoto", "users.preparePhoto"):
        answer = await api.call(method, ada, data)
        assert answer["ok"]
        [message] = answer["response_metadata"]["messages"]
        assert message.startswith("[WARN] this picture moves; its still picture was used")


async def test_an_unknown_prepared_picture_is_not_found(api: Door, ada: str) -> None:
    assert (await api.call("users.setPhoto", ada, id="0" * 32))["error"] == "not_found"


async def test_what_is_lost_is_told_in_either_way(api: Door, ada: str) -> None:
    cut = gif(600, 600, 4)[:-20]
    for method in ("users.setPhoto", "users.preparePhoto"):
        answer = await api.call(method, ada, cut)
        [note] = answer["response_metadata"]["messages"]
        assert note == "[WARN] the file is cut off or damaged; 3 whole frames were used"


async def test_preparing_needs_a_picture(api: Door, ada: str) -> None:
    assert (await api.call("users.preparePhoto", ada))["error"] == "bad_image"


async def test_an_administrator_sets_for_others(api: Door) -> None:
    token = await api.token(api.work.ada, f"{EVERY_SCOPE},{ADMIN_SCOPE}")
    answer = await api.call("users.setPhoto", token, jpeg(600, 600), user=api.work.bob.id)
    assert answer["ok"]
    assert (await api.work.again(api.work.bob)).photo is not None
    assert (await api.work.again(api.work.ada)).photo is None


async def test_without_the_scope_the_other_is_ignored(api: Door, ada: str) -> None:
    assert (await api.call("users.setPhoto", ada, jpeg(600, 600), user=api.work.bob.id))["ok"]
    assert (await api.work.again(api.work.bob)).photo is None
    assert (await api.work.again(api.work.ada)).photo is not None


async def test_an_administrator_cannot_reach_who_left_or_never_was(api: Door) -> None:
    token = await api.token(api.work.ada, f"{EVERY_SCOPE},{ADMIN_SCOPE}")
    await api.work.service.people.deactivate("bob@example.org")
    denied = await api.call("users.setPhoto", token, jpeg(600, 600), user=api.work.bob.id)
    assert denied["error"] == "access_denied"
    unknown = await api.call("users.setPhoto", token, jpeg(600, 600), user="U0000000000")
    assert unknown["error"] == "user_not_found"


async def test_deleting_removes_and_is_repeatable(api: Door, ada: str) -> None:
    await api.call("users.setPhoto", ada, jpeg(600, 600))
    for _ in range(2):
        assert await api.call("users.deletePhoto", ada) == {"ok": True}
    assert (await api.work.again(api.work.ada)).photo is None


async def test_an_earlier_photo_is_removed_by_its_id(api: Door, ada: str) -> None:
    """What is shown stays; what is no photo of theirs is not found."""
    for seed in (1, 2):
        await api.call("users.setPhoto", ada, jpeg(600, 600, seed))
    shown, earlier = (await api.call("users.listPhotos", ada))["photos"]

    for _ in range(2):
        assert await api.call("users.deletePhoto", ada, photo=earlier["id"]) == {"ok": True}

    states = [one["state"] for one in (await api.call("users.listPhotos", ada))["photos"]]
    assert states == ["current", "deleted"]
    for photo in ("7", "x", "9" * 30, "-1"):
        answer = await api.call("users.deletePhoto", ada, photo=photo)
        assert answer["error"] == "not_found"
        assert "users.listPhotos" in answer["response_metadata"]["messages"][0]
    bob = await api.token(api.work.bob, EVERY_SCOPE)
    assert (await api.call("users.deletePhoto", bob, photo=shown["id"]))["error"] == "not_found"
    assert (await api.work.again(api.work.ada)).photo is not None


async def test_every_photo_is_removed_where_all_is_said(api: Door, ada: str) -> None:
    """By an administrator too; to say which one as well is a contradiction."""
    admin = await api.token(api.work.bob, f"{EVERY_SCOPE},{ADMIN_SCOPE}")
    for seed in (1, 2):
        await api.call("users.setPhoto", ada, jpeg(600, 600, seed))
    both = await api.call("users.deletePhoto", ada, photo="7", all="true")
    assert both["error"] == "invalid_arguments"

    for token, user in ((admin, api.work.ada.id), (ada, "")):
        answer = await api.call("users.deletePhoto", token, all="true", user=user)
        assert answer == {"ok": True}

    photos = (await api.call("users.listPhotos", ada))["photos"]
    assert {"deleted"} == {one["state"] for one in photos}


async def test_an_administrator_removes_for_others(api: Door, ada: str) -> None:
    admin = await api.token(api.work.bob, f"{EVERY_SCOPE},{ADMIN_SCOPE}")
    await api.call("users.setPhoto", ada, jpeg(600, 600))
    assert await api.call("users.deletePhoto", admin, user=api.work.ada.id) == {"ok": True}
    assert (await api.work.again(api.work.ada)).photo is None


async def test_an_administrator_cuts_what_they_prepared_for_others(api: Door) -> None:
    admin = await api.token(api.work.bob, f"{EVERY_SCOPE},{ADMIN_SCOPE}")
    prepared = await api.call("users.preparePhoto", admin, jpeg(1500, 1100))
    answer = await api.call("users.setPhoto", admin, id=prepared["id"], user=api.work.ada.id)
    assert answer["ok"]
    assert (await api.work.again(api.work.ada)).photo is not None


async def test_photos_are_listed_newest_first_with_urls_while_they_are_kept(
    api: Door, ada: str
) -> None:
    first = await api.call("users.setPhoto", ada, jpeg(600, 600, 1))
    api.work.clock.advance(seconds=1)
    second = await api.call("users.setPhoto", ada, jpeg(600, 600, 2))
    await api.call("users.deletePhoto", ada)
    gone, kept = (await api.call("users.listPhotos", ada))["photos"]
    assert list(gone) == ["id", "set_at", "state", "is_animated", "avatar_hash"]
    assert list(kept) == [*gone][:4] + NINE_KEYS
    assert [gone["state"], kept["state"]] == ["deleted", "replaced"]
    assert gone["avatar_hash"] == second["profile"]["avatar_hash"]
    assert kept["image_192"] == first["profile"]["image_192"]
    assert gone["set_at"] == kept["set_at"] + 1
    assert kept["is_animated"] is False


async def test_at_most_fifty_photos_are_listed(api: Door, ada: str) -> None:
    for number in range(51):
        photo = row(user_id=api.work.ada.id, set_at=at(number))
        api.work.service.database.set_photo(photo)
    assert len((await api.call("users.listPhotos", ada))["photos"]) == 50


async def test_a_photo_is_restored_by_its_id(api: Door, ada: str) -> None:
    first = await api.call("users.setPhoto", ada, jpeg(600, 600, 1))
    api.work.clock.advance(seconds=1)
    await api.call("users.setPhoto", ada, jpeg(600, 600, 2))
    old = (await api.call("users.listPhotos", ada))["photos"][1]["id"]
    assert await api.call("users.restorePhoto", ada, photo=old) == first
    assert await api.call("users.restorePhoto", ada, photo=old) == first


@pytest.mark.parametrize("photo", ["", "x", "-1", "1" * 19, "१२", "1.0", "' OR 1=1"])
async def test_what_is_no_photo_of_ones_own_is_not_restored(
    api: Door, ada: str, photo: str
) -> None:
    assert (await api.call("users.restorePhoto", ada, photo=photo))["error"] == "not_found"


async def test_an_administrator_sees_and_restores_for_others(api: Door, ada: str) -> None:
    admin = await api.token(api.work.bob, f"{EVERY_SCOPE},{ADMIN_SCOPE}")
    first = await api.call("users.setPhoto", ada, jpeg(600, 600, 1))
    api.work.clock.advance(seconds=1)
    await api.call("users.setPhoto", ada, jpeg(600, 600, 2))
    seen = await api.call("users.listPhotos", admin, user=api.work.ada.id)
    old = seen["photos"][1]["id"]
    assert (await api.call("users.restorePhoto", admin, photo=old))["error"] == "not_found"
    assert await api.call("users.restorePhoto", admin, photo=old, user=api.work.ada.id) == first


@pytest.mark.parametrize("degrees", ["0", "90", "180", "270"])
async def test_a_picture_is_turned_on_request(api: Door, ada: str, degrees: str) -> None:
    """Both ways of sending it."""
    prepared = await api.call("users.preparePhoto", ada, jpeg(1500, 1100))

    one = await api.call("users.setPhoto", ada, jpeg(600, 700), rotate=degrees)
    two = await api.call("users.setPhoto", ada, None, id=prepared["id"], rotate=degrees)

    for answer, upright in ((one, (600, 700)), (two, (1500, 1100))):
        original = await api.client.get(answer["profile"]["image_original"])
        size = opened(original.content).size
        assert size == (upright if degrees in {"0", "180"} else upright[::-1])


@pytest.mark.parametrize("degrees", ["45", "-90", "360", "1"])
async def test_other_turns_are_refused(api: Door, ada: str, degrees: str) -> None:
    """With what is allowed."""
    answer = await api.call("users.setPhoto", ada, jpeg(600, 600), rotate=degrees)

    assert answer["error"] == "invalid_arguments"
    assert "0, 90, 180 or 270" in answer["response_metadata"]["messages"][0]
