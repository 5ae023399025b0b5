"""The methods about a workspace and its bots. Each only translates; the use cases do the work."""

from typing import Annotated

from likeness.errors import BotNotFound, TeamNotFound
from likeness.scopes import TEAM_SCOPE
from likeness.webapi.method import Answer, Arg, Audience, Call, Tier, method
from likeness.webapi.profile import bot_object, team_object


@method(
    "team.info",
    scope=TEAM_SCOPE,
    tier=Tier.T3,
    audience=Audience.USERS_AND_BOTS,
    errors=(TeamNotFound,),
)
async def team_info(
    call: Call,
    *,
    team: Annotated[str, Arg("Id of the workspace, which is the token's own.", "T0123456789")] = "",
) -> Answer:
    """Give the workspace of the token: its names, and a picture for it."""
    own = call.caller.team
    if team not in {"", own.id}:
        raise TeamNotFound(
            f"this token is of the workspace {own.id}, and {team[:40]!r} is another; leave `team` "
            "out, or call with a token of that one",
            argument="team",
        )
    return Answer({"team": team_object(call.photos, own)})


@method(
    "bots.info",
    scope="users:read",
    tier=Tier.T3,
    audience=Audience.USERS_AND_BOTS,
    errors=(BotNotFound,),
)
async def bot_info(
    call: Call,
    *,
    bot: Annotated[str, Arg("Id of the bot, by auth.test or a profile.", "B0123456789")] = "",
) -> Answer:
    """Give the bot with this id, and the URLs of its photo."""
    found = await call.accounts.bot(call.caller.team.id, bot)
    return Answer({"bot": bot_object(call.photos, found)})
