"""The verb `explain`: which photo programs show of somebody, and why."""

from dataclasses import asdict
from typing import Any

import typer

from likeness.app.service import Service
from likeness.cli.common import AsJson, Data, Email, Workspace, ask, show
from likeness.explanation import Explanation, Shown


def add_to(app: typer.Typer) -> None:
    """Hang this file's verb into the command line."""
    app.command("explain")(explain)


def explain(
    *, email: Email, workspace: Workspace = "", data: Data = None, as_json: AsJson = False
) -> None:
    """Say what programs show of somebody, for how long they may keep it, and why."""

    async def question(service: Service) -> Explanation:
        # The doors are imported by this verb alone: other verbs start without them.
        from likeness.app.explaining import Explaining, nothing_else  # noqa: PLC0415 - see above
        from likeness.app.photo_door import photo_door  # noqa: PLC0415 - see above

        user = await service.people.find(email, workspace)
        return await Explaining(service, photo_door(service, nothing_else)).explain(user)

    told = ask(data, question)
    show(_document(told), "\n".join(_lines(told)), as_json=as_json)


def _lines(told: Explanation) -> list[str]:
    user = told.user
    lines = [f"{user.id}  {user.email}  {user.real_name}"]
    lines += [f"  {reason}" for reason in told.reasons]
    return lines + [line for shown in told.shown for line in _shown(shown)]


def _shown(shown: Shown) -> list[str]:
    kept = "for ever" if shown.max_age_s is None else f"for {shown.max_age_s} s"
    return [f"{shown.program}: {shown.showing}, may be kept {kept}", f"  {shown.url}"]


def _document(told: Explanation) -> dict[str, Any]:
    return {
        "user": told.user.id,
        "email": told.user.email,
        "addresses": [
            {"email": each.email, "digests": sorted(one.hex() for one in each.digests)}
            for each in told.addresses
        ],
        "reasons": list(told.reasons),
        "shown": [asdict(each) for each in told.shown],
    }
