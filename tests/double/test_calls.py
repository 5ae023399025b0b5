"""What is kept of calls."""

from hashlib import sha256

from likeness.double.calls import CALLS_MAX, Call, Calls, Image, arguments_of, error_in, image_of
from likeness.webapi.form import Form


def test_the_newest_calls_are_kept() -> None:
    """Of one method or of all, until they are forgotten."""
    calls = Calls()
    for number in range(CALLS_MAX + 1):
        calls.add(Call("users.info" if number % 2 else "auth.test", error=str(number)))

    kept = [each["error"] for each in calls.documents()]
    assert (len(kept), kept[0], kept[-1]) == (CALLS_MAX, "1", str(CALLS_MAX))
    assert {each["method"] for each in calls.documents("auth.test")} == {"auth.test"}
    calls.forget()
    assert calls.documents() == []


def test_a_picture_is_digested_and_not_kept() -> None:
    """Beside it stand the other arguments, as texts."""
    form = Form({"image": b"\xff\xd8", "crop_x": b"10"}, None)

    assert image_of(form) == Image(2, sha256(b"\xff\xd8").hexdigest())
    assert arguments_of(form) == {"crop_x": "10"}
    assert image_of(Form({}, None)) is None


def test_the_error_of_an_answer_is_found() -> None:
    """No answer of ours is anything else than an object."""
    assert error_in(b'{"ok":false,"error":"bad_image"}') == "bad_image"
    assert [error_in(body) for body in (b'{"ok":true}', b"", b"[]", b"\x1f\x8b")] == [""] * 4
