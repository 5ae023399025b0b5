"""The vocabulary of the method table: the declaration of methods, and the binding of arguments.

A method is a function. Its keyword-only signature is the list of its arguments, its docstring the
description, its decorator the rest; routing, OpenAPI, reference pages and tests are derived.
"""

import inspect
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import ModuleType, NoneType
from typing import Annotated, Any, Final, TypeVar, get_args, get_origin, get_type_hints

from likeness import errors
from likeness.accounts import Accounts
from likeness.errors import InvalidArguments, Refusal
from likeness.model import Caller
from likeness.photos import Photos

COMMON_ERRORS: Final[tuple[type[Refusal], ...]] = (
    errors.NotAuthed,
    errors.InvalidAuth,
    errors.AccountInactive,
    errors.TokenRevoked,
    errors.TokenExpired,
    errors.MissingScope,
    errors.Ratelimited,
    errors.InvalidArguments,
    errors.InvalidArgName,
    errors.InvalidArrayArg,
    errors.InvalidCharset,
    errors.InvalidFormData,
    errors.InvalidPostType,
    errors.MissingPostType,
    errors.InvalidJson,
    errors.JsonNotObject,
    errors.RequestTimeout,
    errors.TooLarge,
    errors.UnknownMethod,
    errors.ServiceUnavailable,
    errors.InternalError,
)
"""Refusals of any method: faults of the request itself, of its token, and of the service."""

_MARK: Final = "__likeness_method__"
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,10}(?:\.0{1,10})?")
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,10}(?:\.[0-9]{0,20})?(?:[eE]-[0-9]{1,3})?", re.ASCII)
_BOOLEANS: Final = {
    **dict.fromkeys(("1", "true", "on", "yes"), True),
    **dict.fromkeys(("0", "false", "off", "no"), False),
}
"""As SDKs write them, and as forms of HTML and people do."""


class Tier(Enum):
    """How often a method may be called (contract § 2.4): calls a minute, and as many at once."""

    T2 = 20
    T3 = 50
    T4 = 100
    SPECIAL = 600

    @property
    def interval_s(self) -> float:
        """The seconds in which one call comes back."""
        return 60 / self.value


class Audience(Enum):
    """Which kinds of callers a method is for."""

    ANYONE = "anyone, without a token"
    USERS = "people"
    USERS_AND_BOTS = "people and bots"


@dataclass(frozen=True, slots=True)
class Upload:
    """The bytes of a file; its name and declared type are ignored."""

    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Arg:
    """The description and an example of an argument."""

    description: str
    example: str = ""


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a method, read off its signature."""

    name: str
    kind: type
    default: Any
    about: Arg


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of a method: keys after `ok`, and remarks that become `[WARN]` messages."""

    payload: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """The context of a method besides its arguments. `texts()` are all arguments, unparsed.

    `client` is the address of the caller, as far as this service can tell.
    """

    _caller: Caller | None
    texts: Callable[[], dict[str, str]]
    accounts: Accounts
    photos: Photos
    client: str = ""

    @property
    def caller(self) -> Caller:
        """The caller. Raises LookupError in a method for anyone, which has none."""
        if self._caller is None:
            raise LookupError("this method is open to anyone, so that nobody is known to call it")
        return self._caller


Handler = Callable[..., Awaitable[Answer]]
_H = TypeVar("_H", bound=Handler)


@dataclass(frozen=True, slots=True)
class Method:
    """One row of the table."""

    name: str
    verb: str
    scope: str | None
    tier: Tier
    audience: Audience
    errors: tuple[type[Refusal], ...]
    arguments: tuple[Argument, ...]
    description: str
    handler: Handler
    is_extension: bool = False

    @property
    def takes_upload(self) -> bool:
        """Whether a file belongs to its arguments."""
        return any(argument.kind is Upload for argument in self.arguments)

    def may_raise(self, refusal: Refusal) -> bool:
        """Whether this refusal is declared, for this method or for all."""
        return isinstance(refusal, (*self.errors, *COMMON_ERRORS))

    def bind(self, values: Mapping[str, bytes]) -> dict[str, Any]:
        """Texts to typed keyword arguments; unknown names are left out (contract § 1.6).

        Raises InvalidArguments that names the first argument at fault.
        """
        return {
            argument.name: _typed(argument, values[argument.name])
            for argument in self.arguments
            if argument.name in values
        }


def method(
    name: str,
    *,
    scope: str | None,
    tier: Tier,
    audience: Audience,
    verb: str = "GET",
    errors: tuple[type[Refusal], ...] = (),
    is_extension: bool = False,
) -> Callable[[_H], _H]:
    """Mark a handler as the method `name`. Nothing is registered; `table` collects the marks."""

    def mark(handler: _H) -> _H:
        row = Method(
            name=name,
            verb=verb,
            scope=scope,
            tier=tier,
            audience=audience,
            errors=errors,
            arguments=tuple(_arguments(handler)),
            description=inspect.getdoc(handler) or "",
            handler=handler,
            is_extension=is_extension,
        )
        setattr(handler, _MARK, row)
        return handler

    return mark


def table(*modules: ModuleType) -> dict[str, Method]:
    """Every marked handler of the modules by its name. Raises ValueError when two claim one."""
    rows: dict[str, Method] = {}
    for module in modules:
        for candidate in vars(module).values():
            row: Method | None = getattr(candidate, _MARK, None)
            if row is None:
                continue
            if row.name in rows:
                raise ValueError(f"two handlers claim {row.name}")
            rows[row.name] = row
    return rows


def _arguments(handler: Handler) -> list[Argument]:
    """The keyword-only parameters, each `Annotated[type | None, Arg(...)]` with a default."""
    hints = get_type_hints(handler, include_extras=True)
    return [
        Argument(name, *_kind(hints[name], parameter.default))
        for name, parameter in inspect.signature(handler).parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    ]


def _kind(hint: Any, default: Any) -> tuple[type, Any, Arg]:
    if get_origin(hint) is not Annotated:
        raise TypeError("an argument is declared as Annotated[type, Arg(...)]")
    declared, about = get_args(hint)
    kinds = [part for part in get_args(declared) or (declared,) if part is not NoneType]
    return kinds[0], default, about


def _typed(argument: Argument, value: bytes) -> Any:
    if argument.kind is Upload:
        return Upload(value)
    text = value.decode("utf-8", errors="replace")
    if argument.kind is str:
        return text
    if not text.strip():
        return argument.default
    parse = {int: _integer, float: _number}.get(argument.kind, _boolean)
    return parse(argument, text)


def _integer(argument: Argument, text: str) -> int:
    if not _INTEGER.fullmatch(text.strip()):
        raise InvalidArguments(
            f"must be an integer of at most 10 digits, and is {text[:40]!r}", argument=argument.name
        )
    return int(text.strip().partition(".")[0])


def _number(argument: Argument, text: str) -> float:
    """Decimals too, as programs print them that cut pictures on a screen: `10.4`, `1e-7`."""
    if not _NUMBER.fullmatch(text.strip()):
        raise InvalidArguments(
            f"must be a number of at most 10 digits before its point, and is {text[:40]!r}",
            argument=argument.name,
        )
    return float(text)


def _boolean(argument: Argument, text: str) -> bool:
    try:
        return _BOOLEANS[text.strip().lower()]
    except KeyError:
        raise InvalidArguments(
            f"must be 1, 0, true or false, and is {text[:40]!r}", argument=argument.name
        ) from None
