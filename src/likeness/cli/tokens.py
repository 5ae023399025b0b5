"""Verbs for tokens and sessions."""

import sys
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from likeness.cli.common import AsJson, Data, Email, Workspace, ask, columns, duration, show
from likeness.cli.verbs import Subverbs
from likeness.model import Secret, Token
from likeness.scopes import SCOPES, SCOPES_DEFAULT

_token = typer.Typer(cls=Subverbs, help="Tokens: who may call, and what for.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Hang this file's verbs into the command line."""
    app.add_typer(_token, name="token")


@_token.command("issue")
def issue_token(
    *,
    email: Email,
    scope: Annotated[
        list[str] | None,
        typer.Option(
            "--scope",
            help=f"One of {', '.join(SCOPES)}; repeat for more. "
            f"Else the first {len(SCOPES_DEFAULT)}.",
        ),
    ] = None,
    expires: Annotated[str, typer.Option(help="Life of the token, such as 12h or 30d.")] = "",
    workspace: Workspace = "",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Issue a token and print it. It is shown this once; only its digest is kept."""
    lifetime = duration(expires, "--expires") if expires else None
    issued = ask(
        data,
        lambda service: service.accounts.issue_token(
            email, tuple(scope or SCOPES_DEFAULT), lifetime, workspace
        ),
    )
    document = {
        "token": issued.secret.reveal(),
        "scopes": list(issued.token.scopes),
        "expires_at": issued.token.expires_at,
    }
    show(document, issued.secret.reveal(), as_json=as_json)


@_token.command("list")
def list_tokens(
    *, email: Email, workspace: Workspace = "", data: Data = None, as_json: AsJson = False
) -> None:
    """List somebody's tokens and sessions, newest first. Their texts are not kept."""
    tokens = ask(data, lambda service: service.accounts.tokens_of(email, workspace))
    document = [_document(token, datetime.now(UTC)) for token in tokens]
    show(document, "\n".join(columns(list(map(_cells, document)))), as_json=as_json)


@_token.command("revoke")
def revoke_token(
    *,
    text: Annotated[
        str, typer.Argument(metavar="TOKEN", help="The token, or - to read it from stdin.")
    ] = "",
    number: Annotated[
        int | None,
        typer.Option("--id", help="Revoke the one of this id, which `token list` tells."),
    ] = None,
    user: Annotated[
        str,
        typer.Option(
            "--all",
            "--user",
            metavar="EMAIL",
            help="Revoke all tokens, sessions and links of somebody.",
        ),
    ] = "",
    workspace: Workspace = "",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Revoke a token, or all of somebody. It stops working at once, on every server."""
    if [bool(text), number is not None, bool(user)].count(True) != 1:
        raise typer.BadParameter("say one of TOKEN, --id NUMBER and --all EMAIL")
    if user:
        count = ask(data, lambda service: service.accounts.revoke_all(user, workspace))
        show({"revoked": count}, f"revoked {count}, and all links to sign in by", as_json=as_json)
        return
    if number is not None:
        revoked = ask(data, lambda service: service.accounts.revoke_id(number))
    else:
        secret = Secret(sys.stdin.readline().strip() if text == "-" else text)
        revoked = ask(data, lambda service: service.accounts.revoke_text(secret))
    show({"revoked": True, "id": revoked.id}, "revoked", as_json=as_json)


def _document(token: Token, now: datetime) -> dict[str, Any]:
    """A token for people and programs, without its digest."""
    document = asdict(token)
    del document["digest"]
    return document | {"state": _state(token, now)}


def _state(token: Token, now: datetime) -> str:
    if token.revoked_at:
        return "revoked"
    return "over" if token.expires_at and token.expires_at <= now else "valid"


def _cells(document: dict[str, Any]) -> list[str]:
    begun = f"{document['created_at']:%Y-%m-%d %H:%M}"
    end = f"until {document['expires_at']:%Y-%m-%d %H:%M}" if document["expires_at"] else "no end"
    return [str(document["id"]), document["state"], begun, end, " ".join(document["scopes"])]
