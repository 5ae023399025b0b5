"""Verbs for the e-mail addresses whose hashes lead to somebody's photo."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from likeness.cli.common import AsJson, Data, Email, Workspace, ask, show
from likeness.cli.roster import tell_taken
from likeness.cli.verbs import Subverbs
from likeness.model import Address, User

if TYPE_CHECKING:
    from likeness.app.service import Service

_address = typer.Typer(
    cls=Subverbs,
    help="Further e-mail addresses that somebody's photo is found by.",
    no_args_is_help=True,
)

Another = Annotated[str, typer.Argument(metavar="ADDRESS", help="A further address of theirs.")]


def add_to(app: typer.Typer) -> None:
    """Hang this file's verbs into the command line."""
    app.add_typer(_address, name="address")


@_address.command("add")
def add_address(
    *,
    email: Email,
    another: Another,
    workspace: Workspace = "",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Let somebody's photo be found by one more address. Make sure first that it is theirs."""

    async def question(service: "Service") -> tuple[Address, User | None]:
        leaver = await service.people.leaver(another, workspace, email)
        added = service.people.add_address(email, another, workspace, succeeds=True)
        return await added, leaver

    added, leaver = ask(data, question)
    tell_taken(another, leaver)
    show(asdict(added), _line(added), as_json=as_json)


@_address.command("remove")
def remove_address(
    *,
    email: Email,
    another: Another,
    workspace: Workspace = "",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Take a further address away; its hashes lead nowhere from now on."""
    gone = ask(data, lambda service: service.people.remove_address(email, another, workspace))
    show(asdict(gone), f"removed {_line(gone)}", as_json=as_json)


@_address.command("list")
def list_addresses(
    *, email: Email, workspace: Workspace = "", data: Data = None, as_json: AsJson = False
) -> None:
    """List the addresses of somebody, the first one first, with the hashes that lead to them."""
    theirs = ask(data, lambda service: service.people.addresses(email, workspace))
    rows = [asdict(each) | {"hashes": _hashes(each)} for each in theirs]
    lines = [f"{each.email}\n    " + "\n    ".join(_hashes(each)) for each in theirs]
    show(rows, "\n".join(lines), as_json=as_json)


def _line(address: Address) -> str:
    return f"{address.user_id}  {address.email}"


def _hashes(address: Address) -> list[str]:
    """In hexadecimal, MD5 before SHA-256."""
    return sorted((digest.hex() for digest in address.digests), key=len)
