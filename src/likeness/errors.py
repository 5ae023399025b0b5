"""The refusals: one class per Slack error code, raised where the reason is known.

Nothing here knows HTTP: statuses and headers belong to `webapi/response.py`. Which file may raise
which class is declared in docs/refusals.py, listed in docs/reference/errors.md, and held by
`tests/test_house.py`.
"""

from enum import Enum, StrEnum, auto
from typing import ClassVar


class Mistake(Exception):
    """An operator asked for what cannot be, such as adding somebody twice. The text says why."""


class UnusableSettings(Exception):
    """Settings that cannot be used. The text names each one, its source and what is allowed."""


class NotAdmitted(Exception):
    """Somebody may not sign in here, or not in this way. The text tells them why."""


class Refusal(Exception):
    """A request that we understood and will not serve.

    `message` is one sentence for the caller: what was found, what is allowed, what to do.
    `argument` names the argument at fault; `details` are further top-level keys of the answer
    (`needed`, `provided`, `dims`, `req_method`), all strings.
    """

    code: ClassVar[str]

    def __init__(self, message: str, *, argument: str | None = None, **details: str) -> None:
        super().__init__(message)
        self.message = message
        self.argument = argument
        self.details = details

    @classmethod
    def description(cls) -> str:
        """One sentence for the reference pages: the docstring of the class."""
        return str(cls.__doc__)


def let_go(error: BaseException) -> None:
    """Cut an error that was answered, and those that led to it, off the calls it came through.

    It refers to their frames, and with them to pictures and bodies. Where a future or a parser
    refers to the error in turn, all that would stay in memory until the garbage collector comes.
    """
    seen: set[int] = set()
    links: list[BaseException | None] = [error]
    while links:
        link = links.pop()
        if link is not None and id(link) not in seen:
            seen.add(id(link))
            link.__traceback__ = None
            links += [link.__cause__, link.__context__]


class BadImage(Refusal):
    """The picture is missing, damaged, too small or of a kind that is not accepted."""

    code = "bad_image"


class TooLarge(Refusal):
    """The picture has more pixels along an edge, or more bytes, than are allowed."""

    code = "too_large"


class TooManyFrames(Refusal):
    """The animation has more frames, or more pixels in all its frames, than allowed."""

    code = "too_many_frames"


class NotFound(Refusal):
    """Nothing that can be used has this `id`; what it names may have expired."""

    code = "not_found"


class UserNotFound(Refusal):
    """Nobody in the workspace has this user id."""

    code = "user_not_found"


class UsersNotFound(Refusal):
    """Nobody in the workspace has this e-mail address."""

    code = "users_not_found"


class BotNotFound(Refusal):
    """No bot of the workspace has this id, which begins with B."""

    code = "bot_not_found"


class TeamNotFound(Refusal):
    """The token is not of a workspace with this id."""

    code = "team_not_found"


class InvalidCursor(Refusal):
    """The `cursor` is not one that this method handed out."""

    code = "invalid_cursor"


class LimitRequired(Refusal):
    """There are more people than one answer holds; say by `limit` how many a page has."""

    code = "limit_required"


class TooManyUsers(Refusal):
    """More people were asked for at once than one answer holds."""

    code = "too_many_users"


class NotAuthed(Refusal):
    """The request carries no token."""

    code = "not_authed"


class InvalidAuth(Refusal):
    """The token is unknown, or it stands where a token may not stand."""

    code = "invalid_auth"


class AccountInactive(Refusal):
    """The token belongs to a person or a workspace that was deactivated."""

    code = "account_inactive"


class TokenRevoked(Refusal):
    """The token was revoked."""

    code = "token_revoked"


class TokenExpired(Refusal):
    """The token's life is over."""

    code = "token_expired"


class UserIsBot(Refusal):
    """The token belongs to a bot, and bots may not call this method."""

    code = "user_is_bot"


class NotAllowedTokenType(Refusal):
    """Bots cannot do this, in the word that the real service has for it today."""

    code = "not_allowed_token_type"


class MissingScope(Refusal):
    """The token lacks the scope that this method needs."""

    code = "missing_scope"


class AccessDenied(Refusal):
    """The caller may not do this to somebody else, or not to a locked photo of their own."""

    code = "access_denied"


class UnknownMethod(Refusal):
    """The path names no method of this service."""

    code = "unknown_method"


class InvalidArguments(Refusal):
    """An argument has a value that the method cannot use."""

    code = "invalid_arguments"


class InvalidArgName(Refusal):
    """An argument's name is too long or has characters other than A-Z a-z 0-9 _."""

    code = "invalid_arg_name"


class InvalidArrayArg(Refusal):
    """An argument's name is written like an array element, such as `foo[7]`."""

    code = "invalid_array_arg"


class InvalidCharset(Refusal):
    """The `charset` of the Content-Type is neither `utf-8` nor `iso-8859-1`."""

    code = "invalid_charset"


class InvalidFormData(Refusal):
    """The form in the body is missing, malformed or ambiguous."""

    code = "invalid_form_data"


class InvalidPostType(Refusal):
    """The Content-Type is none of the four that are understood."""

    code = "invalid_post_type"


class MissingPostType(Refusal):
    """The request has a body but no Content-Type."""

    code = "missing_post_type"


class RequestTimeout(Refusal):
    """The body ended early or did not arrive within the time allowed."""

    code = "request_timeout"


class InvalidJson(Refusal):
    """The body was announced as JSON and cannot be parsed."""

    code = "invalid_json"


class JsonNotObject(Refusal):
    """The body is JSON, but not an object."""

    code = "json_not_object"


class Ratelimited(Refusal):
    """The caller has used this method too often; `Retry-After` says how many seconds to wait."""

    code = "ratelimited"

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Trouble(Enum):
    """Why a part of the service cannot be used."""

    AWAY = auto()
    """It cannot be reached, or has to be mended."""

    BUSY = auto()
    """Somebody else is in the way, which passes by itself."""

    UNWRITABLE = auto()
    """Nothing in it can be changed: its disk is full, or it may only be read."""


class Queue(StrEnum):
    """Where there is room for so many only."""

    BODIES = "bodies"
    """The memory for what is being sent."""

    PICTURES = "pictures"
    """The waiting room of pictures that are to be made."""


class ServiceUnavailable(Refusal):
    """The service is overloaded or a part of it is away; try again soon."""

    code = "service_unavailable"

    def __init__(
        self,
        message: str,
        *,
        trouble: Trouble = Trouble.AWAY,
        reason: str = "",
        queue: Queue | None = None,
        argument: str | None = None,
        **details: str,
    ) -> None:
        """`reason` is for operators: it may have paths, owners and addresses of machines in it.

        `queue` is the one that is full, where that is why.
        """
        super().__init__(message, argument=argument, **details)
        self.trouble = trouble
        self.reason = reason or message
        self.queue = queue


class InternalError(Refusal):
    """Something failed on our side; nothing was changed."""

    code = "internal_error"
