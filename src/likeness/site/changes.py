"""What the form asks for without JavaScript, done by the same methods that the script calls."""

from dataclasses import dataclass
from typing import Any, Final

from likeness.model import Secret
from likeness.site.api import Api
from likeness.site.forms import PostedForm, text

_ERROR_MARK: Final = "[ERROR] "
_POINTER_MARK: Final = " [json-pointer:"

DONE: Final = {
    "set": "The photo is set.",
    "remove": "The photo is removed.",
    "restore": "The earlier photo is back.",
}
"""What the form can ask for, and what is said when it is done."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request: "" for `code` when it was done, else the API's error."""

    action: str
    code: str = ""
    text: str = ""


async def change(api: Api, token: Secret, form: PostedForm, user: str) -> Outcome:
    """Do what the form asks for to the photo of `user`, an id."""
    action = text(form, "action") or "set"
    if action == "set":
        answer = await _set(api, token, form, user)
    elif action == "remove":
        answer = await api.call("users.deletePhoto", token, {"user": user})
    elif action == "restore":
        chosen = {"user": user, "photo": text(form, "photo")}
        answer = await api.call("users.restorePhoto", token, chosen)
    else:
        return Outcome(action, "invalid_arguments", "The form asks for what nobody can do here.")
    return Outcome(action) if answer["ok"] else Outcome(action, answer["error"], error_text(answer))


def error_text(answer: dict[str, Any]) -> str:
    """The sentence in an answer that is not ok, for people."""
    messages: list[str] = answer["response_metadata"]["messages"]
    sentence = messages[0].removeprefix(_ERROR_MARK).partition(_POINTER_MARK)[0]
    return sentence[:1].upper() + sentence[1:]


async def _set(api: Api, token: Secret, form: PostedForm, user: str) -> dict[str, Any]:
    """In one step where the picture is small enough for it, else from a prepared copy."""
    image = form.values.get("image", b"")
    if text(form, "crop") != "centre":
        answer = await api.call("users.setPhoto", token, {"user": user}, image)
        if answer.get("error") != "too_large":
            return answer
    prepared = await api.call("users.preparePhoto", token, {}, image)
    if not prepared["ok"]:
        return prepared
    box = _centre(prepared) if text(form, "crop") == "centre" else {}
    chosen = {"user": user, "id": prepared["id"], **box}
    return await api.call("users.setPhoto", token, chosen)


def _centre(prepared: dict[str, Any]) -> dict[str, str]:
    """The largest square in the middle of a prepared picture."""
    width, height = prepared["width"], prepared["height"]
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    return {"crop_x": str(left), "crop_y": str(top), "crop_w": str(side)}
