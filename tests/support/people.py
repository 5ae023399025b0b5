"""People in every state that matters to a caller: whole, bare, bots, gone, revoked, expired."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import anyio

from likeness.accounts import Accounts
from likeness.app.service import Service
from likeness.db.schema import FOR_SEARCHING, users
from likeness.model import Secret, User
from likeness.scopes import ADMIN_SCOPE, SCIM_SCOPE, SCOPES, SCOPES_DEFAULT
from support.live import LiveServer

_ALL_BUT_ADMIN: Final = tuple(scope for scope in SCOPES if scope not in {ADMIN_SCOPE, SCIM_SCOPE})
ADMIN_SCOPES: Final = (*SCOPES_DEFAULT, ADMIN_SCOPE)
_WORKSPACE: Final = "Cast"
_CLOSED: Final = "Closed"
_CROWD: Final = "Crowd"
_CROWD_SIZE: Final = 1001
_OVER: Final = timedelta(seconds=-1)


@dataclass(frozen=True)
class Cast:
    """Tokens by what is wrong with them; `owner` is whose the whole ones are.

    `crowded` is the token of somebody in a workspace of more than a thousand people.
    """

    owner: User
    whole: str
    other: str
    admin: str
    without_scopes: str
    bot: str
    bot_id: str | None
    bot_without_scopes: str
    gone_user: User
    gone: str
    of_closed_workspace: str
    revoked: str
    expired: str
    crowded: str


def cast(server: LiveServer) -> Cast:
    """Add everybody to a server in a workspace of their own."""

    async def work() -> Cast:
        service = server.service()
        try:
            return await _hire(service)
        finally:
            await service.close()

    return anyio.run(work)


async def _hire(service: Service) -> Cast:
    people, accounts = service.people, service.accounts
    await people.add_team(_WORKSPACE)
    owner = await people.add_user("whole@cast.example", _WORKSPACE, name="Ada Whole")
    for name in ("other", "admin", "gone"):
        await people.add_user(f"{name}@cast.example", _WORKSPACE)
    bot = await people.add_user("bot@cast.example", _WORKSPACE, is_bot=True)
    revoked, gone = await _issue(accounts, "whole"), await _issue(accounts, "gone")
    await accounts.revoke(await accounts.authenticate(revoked))
    gone_user = await people.deactivate("gone@cast.example", _WORKSPACE)
    return Cast(
        owner=owner,
        whole=(await _issue(accounts, "whole", _ALL_BUT_ADMIN)).reveal(),
        other=(await _issue(accounts, "other")).reveal(),
        admin=(await _issue(accounts, "admin", ADMIN_SCOPES)).reveal(),
        without_scopes=(await _issue(accounts, "other", ())).reveal(),
        bot=(await _issue(accounts, "bot")).reveal(),
        bot_id=bot.bot_id,
        bot_without_scopes=(await _issue(accounts, "bot", ())).reveal(),
        gone_user=gone_user,
        gone=gone.reveal(),
        of_closed_workspace=await _of_closed_workspace(service),
        revoked=revoked.reveal(),
        crowded=await _of_crowd(service),
        expired=(await _issue(accounts, "whole", SCOPES_DEFAULT, _OVER)).reveal(),
    )


async def _issue(
    accounts: Accounts,
    name: str,
    scopes: tuple[str, ...] = SCOPES_DEFAULT,
    lifetime: timedelta | None = None,
) -> Secret:
    issued = await accounts.issue_token(f"{name}@cast.example", scopes, lifetime, _WORKSPACE)
    return issued.secret


async def _of_closed_workspace(service: Service) -> str:
    team = await service.people.add_team(_CLOSED)
    await service.people.add_user("member@closed.example", _CLOSED)
    issued = await service.accounts.issue_token(
        "member@closed.example", SCOPES_DEFAULT, None, _CLOSED
    )
    service.database.deactivate_team(team.id, team.created_at)
    return issued.secret.reveal()


async def _of_crowd(service: Service) -> str:
    """The token of somebody in a workspace of more people than one answer holds."""
    team = await service.people.add_team(_CROWD)
    one = await service.people.add_user("member@crowd.example", _CROWD)
    kept = [column.name for column in users.columns if column.name not in FOR_SEARCHING]
    values = {name: getattr(one, name, None) for name in kept}
    others = [
        values | {"id": f"U{number:010}", "email": f"{number}@crowd.example"}
        for number in range(_CROWD_SIZE)
    ]
    with service.database._write() as connection:
        connection.execute(users.insert(), others)
    issued = await service.accounts.issue_token(one.email, SCOPES_DEFAULT, None, team.id)
    return issued.secret.reveal()
