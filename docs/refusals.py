"""Where each refusal of `likeness.errors` may be raised, and the page of all errors.

`docs/generate.py` writes docs/reference/errors.md from it; `tests/test_house.py` holds the source
to it. A new class in errors.py gets its line here.
"""

from collections.abc import Mapping
from typing import Final

from likeness.errors import Refusal
from likeness.webapi.method import COMMON_ERRORS, Method

RAISED_IN: Final[Mapping[str, tuple[str, ...]]] = {
    "BadImage": ("imaging", "webapi/photos.py"),
    "TooLarge": ("imaging", "webapi"),
    "TooManyFrames": ("imaging/plan.py",),
    "NotFound": ("photos.py",),
    "UserNotFound": ("accounts.py",),
    "UsersNotFound": ("accounts.py",),
    "BotNotFound": ("accounts.py",),
    "TeamNotFound": ("webapi/workspace.py",),
    "InvalidCursor": ("accounts.py",),
    "LimitRequired": ("webapi/users.py",),
    "TooManyUsers": ("webapi/users.py",),
    "NotAuthed": ("accounts.py",),
    "InvalidAuth": ("accounts.py", "webapi"),
    "AccountInactive": ("accounts.py", "precedence.py"),
    "TokenRevoked": ("accounts.py",),
    "TokenExpired": ("accounts.py",),
    "UserIsBot": ("webapi/dispatch.py",),
    "NotAllowedTokenType": ("webapi/dispatch.py",),
    "MissingScope": ("webapi/dispatch.py",),
    "AccessDenied": ("photos.py", "precedence.py", "webapi/photos.py"),
    "UnknownMethod": ("webapi/dispatch.py",),
    "InvalidArguments": ("double/front.py", "imaging/plan.py", "webapi"),
    "InvalidArgName": ("webapi",),
    "InvalidArrayArg": ("webapi",),
    "InvalidCharset": ("webapi",),
    "InvalidFormData": ("webapi",),
    "InvalidPostType": ("webapi",),
    "MissingPostType": ("webapi",),
    "RequestTimeout": ("webapi",),
    "InvalidJson": ("webapi",),
    "JsonNotObject": ("webapi",),
    "Ratelimited": ("webapi/throttle.py", "mailing.py"),
    "ServiceUnavailable": (
        "blobs",
        "db",
        "delivery.py",
        "imaging",
        "postbox.py",
        "site/oidc.py",
        "site/admin/imports.py",
        "webapi",
    ),
    "InternalError": ("webapi/dispatch.py",),
}
"""Each class to the files and packages below src/likeness that may raise it."""


def errors_page(methods: Mapping[str, Method]) -> str:
    """The page of all errors: what each means, which methods answer it, where it is raised."""
    rows = [
        f"| `{cls.code}` | {cls.description()} | {_answered_by(cls, methods)} | {_places(cls)} |"
        for cls in sorted(Refusal.__subclasses__(), key=lambda cls: cls.code)
    ]
    return (
        "# Errors\n\n"
        "Every error that a method answers. Which of several comes first is said by "
        "[the contract, § 2.1](../contract.md). The last column is for changes of the source: the "
        "files and packages below `src/likeness` that may raise the error, which "
        "`tests/test_house.py` checks.\n\n"
        "| error | what it means | answered by | raised in |\n| --- | --- | --- | --- |\n"
        + "\n".join(rows)
        + "\n"
    )


def _answered_by(cls: type[Refusal], methods: Mapping[str, Method]) -> str:
    if cls in COMMON_ERRORS:
        return "any method"
    names = [method.name for method in methods.values() if cls in method.errors]
    return ", ".join(f"[{name}](methods/{name}.md)" for name in names)


def _places(cls: type[Refusal]) -> str:
    return ", ".join(f"`{place}`" for place in RAISED_IN[cls.__name__])
