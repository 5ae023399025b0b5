"""The methods about tokens, and the one that only echoes."""

from typing import Annotated, Any

from likeness.webapi.method import Answer, Arg, Audience, Call, Tier, method


@method("auth.test", scope=None, tier=Tier.SPECIAL, audience=Audience.USERS_AND_BOTS, verb="POST")
async def who_am_i(call: Call) -> Answer:
    """Say who the token speaks for."""
    caller = call.caller
    user, team = caller.user, caller.team
    payload: dict[str, Any] = {
        "url": f"{call.photos.public_url}/",
        "team": team.name,
        "user": user.name,
        "team_id": team.id,
        "user_id": user.id,
        **({"bot_id": user.bot_id} if user.bot_id else {}),
        "is_enterprise_install": False,
    }
    return Answer(payload)


@method("auth.revoke", scope=None, tier=Tier.T3, audience=Audience.USERS_AND_BOTS)
async def revoke(
    call: Call,
    *,
    test: Annotated[bool, Arg("Only try: the token stays valid.", "true")] = False,
) -> Answer:
    """Revoke the token that this call is made with."""
    if not test:
        await call.accounts.revoke(call.caller)
    return Answer({"revoked": not test})


@method("api.test", scope=None, tier=Tier.T4, audience=Audience.ANYONE, verb="POST")
async def echo(
    call: Call,
    *,
    error: Annotated[str, Arg("An error to answer with.", "my_error")] = "",
) -> Answer:
    """Echo the arguments; needs no token."""
    arguments = call.texts()
    args = {"args": arguments} if arguments else {}
    return Answer({"ok": False, "error": error, **args} if error else args)
