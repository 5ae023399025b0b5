"""Verbs for targets: programs elsewhere that show our photos."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import typer

from likeness.cli.common import AsJson, Data, Workspace, ask, columns, show
from likeness.cli.verbs import Subverbs
from likeness.elsewhere import Copy, CopyState, Delivery, Target
from likeness.errors import Mistake
from likeness.model import User

if TYPE_CHECKING:
    from likeness.app.aiming import Aiming, Stand
    from likeness.app.service import Service

T = TypeVar("T")

HELP: Final = "Targets: programs elsewhere that are told of photos, or given copies."
PEOPLE_SHOWN: Final = 1000
"""People of one list, unless more are asked for."""

_target = typer.Typer(cls=Subverbs, help=HELP, no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The name of the target.")]
Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The person's e-mail address.")]

_HEAD: Final = ("NAME", "KIND", "CURRENT", "BEHIND", "REFUSED", "UNKNOWN", "STATE")
_OLD: Final = frozenset({CopyState.DUE, CopyState.REFUSED, CopyState.ABSENT})


def add_to(app: typer.Typer) -> None:
    """Hang this file's verbs into the command line."""
    app.add_typer(_target, name="target")


@_target.command("add")
def add_target(
    *,
    kind: Annotated[str, typer.Argument(metavar="KIND", help="webhook, slack_events, ...")],
    name: Name,
    url: Annotated[str, typer.Option("--url", help="Where it is.")],
    secret_from: Annotated[
        str, typer.Option("--secret-from", help="Where its credential is: env:NAME or file:PATH.")
    ] = "",
    scopes: Annotated[
        list[str] | None, typer.Option("--scope", help="users:read.email: with addresses.")
    ] = None,
    events: Annotated[
        list[str] | None,
        typer.Option("--event", help="For slack_events: user_change, user_profile_changed."),
    ] = None,
    bot: Annotated[
        str, typer.Option("--bot", help="For slack_events: the address of the bot.")
    ] = "",
    options: Annotated[
        list[str] | None, typer.Option("--option", help="KEY=VALUE, as the kind has them.")
    ] = None,
    for_existing: Annotated[
        bool, typer.Option("--for-existing", help="Bring it everybody who has a photo now.")
    ] = False,
    workspace: Workspace = "",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Add a target, after it has answered. Its signing secret is shown now."""

    async def question(aiming: "Aiming") -> tuple[Target, str, int, str]:
        from likeness.app.aiming import Wish  # noqa: PLC0415 - see `_ask`

        wish = Wish(
            kind=kind,
            name=name,
            url=url,
            secret_from=secret_from,
            workspace=workspace,
            bot=bot,
            scopes=scopes or (),
            events=events or (),
            options=options or (),
        )
        target, said = await aiming.add(wish)
        filled = await aiming.fill(target) if for_existing else 0
        return target, said, filled, aiming.secret(target)

    target, said, filled, secret = _ask(data, question)
    lines = [f"{target.name} answered: {said}"]
    if secret:
        lines.append(f"It verifies our signatures by the secret {secret}")
    if for_existing:
        lines.append(f"{filled} people are being brought there.")
    shown = {"answer": said, "secret": secret or None, "people": filled}
    show(_document(target) | shown, "\n".join(lines), as_json=as_json)


@_target.command("list")
def list_targets(*, data: Data = None, as_json: AsJson = False) -> None:
    """List the targets, and how they stand."""
    stands = _ask(data, lambda aiming: aiming.stands())
    rows = [_HEAD, *map(_row, stands)] if stands else []
    text = "\n".join(columns(rows)) if rows else ""
    show([_stand(stand) for stand in stands], text, as_json=as_json)


@_target.command("show")
def show_target(*, name: Name, data: Data = None, as_json: AsJson = False) -> None:
    """Show one target: how it stands, and its last failures."""

    async def question(aiming: "Aiming") -> tuple["Stand", list[Delivery]]:
        stand = await aiming.stand(name)
        return stand, await aiming.deliveries(stand.target, 100)

    stand, deliveries = _ask(data, question)
    failures = [each for each in deliveries if each.result not in {"done", "unchanged"}][:5]
    lines = columns([_row(stand)])
    lines += [f"url      {stand.target.url}", f"state    {_state(stand.target)}"]
    if since := stand.standing.oldest_due:
        lines.append(f"behind   since {since:%F %T}")
    lines += [f"failed   {_delivery_line(each)}" for each in failures]
    document = _stand(stand) | {"failures": [asdict(each) for each in failures]}
    show(document, "\n".join(lines), as_json=as_json)


@_target.command("test")
def try_target(
    *,
    name: Name,
    email: Annotated[
        str, typer.Argument(metavar="EMAIL", help="Bring it this person as well.")
    ] = "",
    workspace: Workspace = "",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Ask a target whether it answers and believes us; with an address, bring it that person."""

    async def question(aiming: "Aiming", service: "Service") -> tuple[str, int]:
        target = await aiming.named(name)
        said = await aiming.check(target)
        if not email:
            return said, 0
        user = await service.people.find(email, workspace)
        return said, await aiming.resync(target, user, is_test=True)

    said, people = _ask_with(data, question)
    told = f"{name} answered: {said}" + "\nThe person is being brought there." * bool(people)
    show({"answer": said, "people": people}, told, as_json=as_json)


@_target.command("people")
def list_people(
    *,
    name: Name,
    state: Annotated[
        str, typer.Option("--state", help="old, due, current, refused or absent.")
    ] = "",
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=100_000, help="At most so many.")
    ] = PEOPLE_SHOWN,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """List what a target shows of whom; `old` is whoever is not shown there as they are now."""
    states = _states(state)

    async def question(aiming: "Aiming") -> list[tuple[Copy, User | None]]:
        return await aiming.copies(await aiming.named(name), states, limit=limit)

    page = _ask(data, question)
    rows = [_person_row(copy, user) for copy, user in page]
    document = [asdict(copy) | {"email": user.email if user else None} for copy, user in page]
    show(document, "\n".join(columns(rows)) if rows else "", as_json=as_json)


@_target.command("resync")
def resync(
    *,
    name: Name,
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="This person alone.")] = "",
    workspace: Workspace = "",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Bring a target everybody once more, or one person, also where nothing changed."""

    async def question(aiming: "Aiming", service: "Service") -> int:
        target = await aiming.named(name)
        user = await service.people.find(email, workspace) if email else None
        return await aiming.resync(target, user)

    people = _ask_with(data, question)
    show({"people": people}, f"{people} people are being brought there.", as_json=as_json)


@_target.command("retry")
def retry(*, name: Name, data: Data = None, as_json: AsJson = False) -> None:
    """Try at once whoever is behind, refused, or unknown there."""

    async def question(aiming: "Aiming") -> int:
        return await aiming.retry(await aiming.named(name))

    people = _ask(data, question)
    show({"people": people}, f"{people} people are tried again.", as_json=as_json)


@_target.command("pause")
def pause(*, name: Name, data: Data = None, as_json: AsJson = False) -> None:
    """Bring nothing to a target until it is resumed. What changes meanwhile is not lost."""
    _change(data, name, lambda aiming, target: aiming.pause(target), "is paused", as_json=as_json)


@_target.command("resume")
def resume(*, name: Name, data: Data = None, as_json: AsJson = False) -> None:
    """Go on with a target that is paused."""
    _change(data, name, lambda aiming, target: aiming.resume(target), "goes on", as_json=as_json)


@_target.command("rotate")
def rotate(*, name: Name, data: Data = None, as_json: AsJson = False) -> None:
    """Sign with a new secret, which is shown now; the one before counts for 24 hours as well."""

    async def question(aiming: "Aiming") -> tuple[Target, str]:
        target = await aiming.named(name)
        if not aiming.secret(target):
            raise Mistake(
                f"{name} is of kind {target.kind}, to which nothing is signed; change its "
                f"credential where it is: {target.secret_from}"
            )
        turned = await aiming.rotate(target)
        return turned, aiming.secret(turned)

    target, secret = _ask(data, question)
    told = f"From now on it verifies our signatures by the secret {secret}; the one before counts "
    document = _document(target) | {"secret": secret}
    show(document, f"{told}for 24 hours as well.", as_json=as_json)


@_target.command("deliveries")
def list_deliveries(
    *,
    name: Name,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="At most so many.")] = 20,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """List the last attempts at a target, newest first, with what it answered."""

    async def question(aiming: "Aiming") -> list[Delivery]:
        return await aiming.deliveries(await aiming.named(name), limit)

    deliveries = _ask(data, question)
    text = "\n".join(map(_delivery_line, deliveries))
    show([asdict(each) for each in deliveries], text, as_json=as_json)


@_target.command("remove")
def remove(
    *,
    name: Name,
    clears: Annotated[
        bool, typer.Option("--clear", help="First take away there what it shows of ours.")
    ] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Forget a target. What it shows stays there, unless it is taken away first."""

    async def question(aiming: "Aiming") -> Target:
        target = await aiming.named(name)
        left = await aiming.clear(target) if clears else 0
        if left:
            raise Mistake(
                f"{left} people are still shown there, see `likeness target people {name}`; the "
                "service goes on taking them away. Run this again later, or without --clear"
            )
        await aiming.remove(target)
        return target

    target = _ask(data, question)
    show(_document(target), f"removed {name}", as_json=as_json)


def _ask(data: Any, question: Callable[["Aiming"], Awaitable[T]]) -> T:
    return _ask_with(data, lambda aiming, _: question(aiming))


def _ask_with(data: Any, question: Callable[["Aiming", "Service"], Awaitable[T]]) -> T:
    async def asked(service: "Service") -> T:
        # `likeness --help` and wrong usage wait for no HTTP client.
        from likeness.app.aiming import Aiming  # noqa: PLC0415 - see above

        return await question(Aiming(service), service)

    return ask(data, asked)


def _change(
    data: Any,
    name: str,
    act: Callable[["Aiming", Target], Awaitable[None]],
    told: str,
    *,
    as_json: bool,
) -> None:
    async def question(aiming: "Aiming") -> Target:
        await act(aiming, await aiming.named(name))
        return await aiming.named(name)

    show(_document(_ask(data, question)), f"{name} {told}", as_json=as_json)


def _states(text: str) -> frozenset[CopyState]:
    if text == "old":
        return _OLD
    known = {state.value: frozenset({state}) for state in CopyState}
    if text and text not in known:
        raise typer.BadParameter(f"it is old, {', '.join(known)}", param_hint="--state")
    return known.get(text, frozenset(CopyState))


def _document(target: Target) -> dict[str, Any]:
    return asdict(target) | {"options": dict(target.options)}


def _stand(stand: "Stand") -> dict[str, Any]:
    counts = {state.value: stand.standing.counts.get(state, 0) for state in CopyState}
    return _document(stand.target) | {"copies": counts, "oldest_due": stand.standing.oldest_due}


def _row(stand: "Stand") -> tuple[str, ...]:
    order = (CopyState.CURRENT, CopyState.DUE, CopyState.REFUSED, CopyState.ABSENT)
    counts = [str(stand.standing.counts.get(state, 0)) for state in order]
    return (stand.target.name, stand.target.kind, *counts, _state(stand.target))


def _state(target: Target) -> str:
    if target.paused_at is not None:
        return f"paused since {target.paused_at:%F %T}: {target.pause_reason}"
    if target.failing_since is not None:
        return f"failing since {target.failing_since:%F %T}"
    return "well"


def _person_row(copy: Copy, user: User | None) -> tuple[str, ...]:
    shown = copy.shown or ("nothing" if copy.shown == "" else "-")
    when = f"{copy.sent_at:%F %T}" if copy.sent_at else "never"
    who = user.email if user else f"{copy.user_id} (erased)"
    return (who, copy.state.value, shown, when, copy.last_error or "")


def _delivery_line(delivery: Delivery) -> str:
    return (
        f"{delivery.at:%F %T}  {delivery.user_id}  {delivery.result:<9}  "
        f"{delivery.milliseconds:>5} ms  {delivery.detail}"
    )
