"""The verbs `user bind` and `user unbind`: which account at a provider belongs to which user."""

from typing import TYPE_CHECKING, Annotated

import typer

from likeness.cli.common import AsJson, Data, Email, Workspace, ask, show
from likeness.errors import Mistake
from likeness.identities import Identity

if TYPE_CHECKING:
    from likeness.app.service import Service


def add_to(user: typer.Typer) -> None:
    """Hang this file's verbs among those for people."""
    user.command("bind")(bind)
    user.command("unbind")(unbind)


def bind(
    *,
    email: Email,
    subject: Annotated[
        str, typer.Argument(metavar="SUBJECT", help="The provider's name for them (`sub`).")
    ],
    workspace: Workspace = "",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Say which account of the provider is somebody's, whether their address is verified or not."""

    async def question(service: "Service") -> Identity:
        issuer = service.config.oidc_issuer
        if not issuer:
            raise Mistake("there is no provider; set LIKENESS_OIDC_ISSUER")
        return await service.people.bind(email, issuer, subject, workspace)

    bound = ask(data, question)
    document = {"user": bound.user_id, "source": bound.source, "id": bound.external_id}
    show(document, f"bound {email} to {bound.external_id} of {bound.source}", as_json=as_json)


def unbind(
    *,
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="The person's address.")] = "",
    everybody: Annotated[
        bool, typer.Option("--everybody", help="Unbind all people of the workspace.")
    ] = False,
    directory: Annotated[
        bool,
        typer.Option("--directory", help="Forget the ids that directories have for them instead."),
    ] = False,
    workspace: Workspace = "",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Forget which account of a provider somebody signs in by; the next one becomes theirs."""
    if bool(email) is everybody:
        raise typer.BadParameter("say one of EMAIL and --everybody")
    if directory and everybody:
        raise typer.BadParameter("--directory is for one person at a time")

    async def question(service: "Service") -> int:
        if everybody:
            return await service.people.unbind_all(workspace)
        return await service.people.unbind(email, workspace, from_directory=directory)

    count, who = ask(data, question), email or "everybody"
    told = f"unbound {who} from {count}" if count else f"{who} was bound to none"
    what = "directory's ids" if directory else "provider's accounts"
    show({"unbound": count}, f"{told} of the {what}", as_json=as_json)
