"""The methods about people. Each only translates; the use cases do the work."""

from typing import Annotated, Final

from likeness.errors import (
    InvalidCursor,
    LimitRequired,
    TooManyUsers,
    UserNotFound,
    UsersNotFound,
)
from likeness.webapi.method import Answer, Arg, Audience, Call, Tier, method
from likeness.webapi.profile import profile_object, user_object

PAGE_LENGTH_MAX: Final = 1000
"""People in one answer, which has 1.5 MB then. Without `limit` a larger workspace is refused."""

USERS_MAX: Final = 100
"""People that users.info tells of at once: a tenth of a page of users.list."""

UserArg = Annotated[str, Arg("Id of the person; else the caller.", "U0123456789")]
LocaleArg = Annotated[bool, Arg("Whether to add the key `locale`.", "true")]


@method(
    "users.profile.get",
    scope="users.profile:read",
    tier=Tier.T4,
    audience=Audience.USERS_AND_BOTS,
    errors=(UserNotFound,),
)
async def get_profile(
    call: Call,
    *,
    user: UserArg = "",
    include_labels: Annotated[str, Arg("Accepted and without effect.")] = "",
) -> Answer:
    """Give somebody's profile, with the URLs of their photo."""
    del include_labels
    caller = call.caller
    person = await call.accounts.user(caller.team.id, user) if user else caller.user
    return Answer({"profile": profile_object(call.photos, person, caller.token.scopes, fields={})})


@method(
    "users.info",
    scope="users:read",
    tier=Tier.T4,
    audience=Audience.USERS_AND_BOTS,
    errors=(UserNotFound, TooManyUsers),
)
async def info(
    call: Call,
    *,
    user: Annotated[str, Arg("Id of the person.", "U0123456789")] = "",
    users: Annotated[
        str,
        Arg("Ids of several people, with commas between; the answer has `users` then.", "U01,U02"),
    ] = "",
    include_locale: LocaleArg = False,
) -> Answer:
    """Give the user object of somebody, or of several, with the URLs of their photos."""
    accounts, team_id, ids = call.accounts, call.caller.team.id, _ids(users)
    people = (
        await accounts.users_among(team_id, ids) if ids else [await accounts.user(team_id, user)]
    )
    objects = [
        user_object(call.photos, person, call.caller.token.scopes, locale=include_locale)
        for person in people
    ]
    return Answer({"users": objects} if ids else {"user": objects[0]})


@method(
    "users.lookupByEmail",
    scope="users:read.email",
    tier=Tier.T3,
    audience=Audience.USERS_AND_BOTS,
    errors=(UsersNotFound,),
)
async def lookup_by_email(
    call: Call,
    *,
    email: Annotated[str, Arg("The e-mail address.", "ada@example.org")] = "",
) -> Answer:
    """Find an active person by e-mail address."""
    person = await call.accounts.user_by_email(call.caller.team.id, email)
    return Answer({"user": user_object(call.photos, person, call.caller.token.scopes)})


@method(
    "users.list",
    scope="users:read",
    tier=Tier.T2,
    audience=Audience.USERS_AND_BOTS,
    errors=(InvalidCursor, LimitRequired),
)
async def list_users(
    call: Call,
    *,
    cursor: Annotated[str, Arg("The `next_cursor` of the page before.")] = "",
    limit: Annotated[
        int | None,
        Arg(f"People a page, at most {PAGE_LENGTH_MAX}; needed where there are more.", "20"),
    ] = None,
    include_locale: LocaleArg = False,
) -> Answer:
    """List everybody in the workspace, deactivated people included; many people page by page."""
    caller, asked = call.caller, max(limit or 0, 0)
    length = min(asked, PAGE_LENGTH_MAX) or PAGE_LENGTH_MAX
    page = await call.accounts.users(caller.team.id, cursor, length)
    if page.next_cursor and not (cursor or asked):
        raise LimitRequired(
            f"there are more than {PAGE_LENGTH_MAX} people in this workspace; say by `limit` how "
            "many a page has, and follow `next_cursor`",
            argument="limit",
        )
    members = [
        user_object(call.photos, person, caller.token.scopes, locale=include_locale)
        for person in page.users
    ]
    newest = max((member["updated"] for member in members), default=0)
    return Answer(
        {
            **({"offset": page.offset} if page.offset else {}),
            "members": members,
            "cache_ts": newest,
            "response_metadata": {"next_cursor": page.next_cursor},
        }
    )


def _ids(texts: str) -> list[str]:
    """Ids that stand in a row. Raises TooManyUsers."""
    ids = [each.strip() for each in texts.split(",") if each.strip()]
    if len(ids) > USERS_MAX:
        raise TooManyUsers(
            f"{len(ids)} people were asked for; at most {USERS_MAX} are allowed at once",
            argument="users",
        )
    return ids
