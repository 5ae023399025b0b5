"""The form for browsers without JavaScript; it calls the API methods that the script calls."""

from dataclasses import dataclass
from typing import Any, Final, Literal

from likeness.model import Crop, Secret
from likeness.site.api import Api
from likeness.site.forms import PostedForm, text
from likeness.site.views import sentence

_POINTER_MARK: Final = " [json-pointer:"

DONE: Final = {
    "set": "The photo is set.",
    "remove": "The photo is removed.",
    "restore": "The earlier photo is back.",
}
"""The actions of the form, and the message after each."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a request: `code` is "" for success, else the API's error.

    `text` is the explanation of the error, or the remarks on how the picture was changed, if any.
    """

    action: str
    code: str = ""
    text: str = ""


async def change(api: Api, token: Secret, form: PostedForm, user: str) -> Outcome:
    """Apply the form's action to the photo of `user`, an id."""
    action = text(form, "action") or "set"
    if action == "set":
        answers = await _set(api, token, form, user)
    elif action == "remove":
        answers = [await api.call("users.deletePhoto", token, {"user": user})]
    elif action == "restore":
        chosen = {"user": user, "photo": text(form, "photo")}
        answers = [await api.call("users.restorePhoto", token, chosen)]
    else:
        return Outcome(action, "invalid_arguments", "The form asks for what nobody can do here.")
    last = answers[-1]
    if not last["ok"]:
        return Outcome(action, last["error"], sentences("ERROR", last))
    return Outcome(action, text=sentences("WARN", *answers))


def sentences(level: Literal["ERROR", "WARN"], *answers: dict[str, Any]) -> str:
    """The messages of an answer at this level, joined; "" for none."""
    mark = f"[{level}] "
    messages = [
        said
        for answer in answers
        for said in answer.get("response_metadata", {}).get("messages", [])
    ]
    found = [said.removeprefix(mark) for said in messages if said.startswith(mark)]
    return " ".join(f"{sentence(said.partition(_POINTER_MARK)[0])}." for said in found)


async def _set(api: Api, token: Secret, form: PostedForm, user: str) -> list[dict[str, Any]]:
    """In one step where the picture is small enough for it, else from a prepared copy.

    Returns the answers that count: to the only step, to the one that failed, or to both.
    """
    image = form.values.get("image", b"")
    if text(form, "crop") != "centre":
        answer = await api.call("users.setPhoto", token, {"user": user}, image)
        if answer.get("error") != "too_large":
            return [answer]
    prepared = await api.call("users.preparePhoto", token, {}, image)
    if not prepared["ok"]:
        return [prepared]
    box = _centre(prepared) if text(form, "crop") == "centre" else {}
    chosen = {"user": user, "id": prepared["id"], **box}
    return [prepared, await api.call("users.setPhoto", token, chosen)]


def _centre(prepared: dict[str, Any]) -> dict[str, str]:
    """The largest square in the middle of a prepared picture."""
    crop = Crop.centre(prepared["width"], prepared["height"])
    return {"crop_x": str(crop.x), "crop_y": str(crop.y), "crop_w": str(crop.w)}
