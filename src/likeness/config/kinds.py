"""The types of settings: lists, addresses, formats and durations, each checked."""

import re
from datetime import timedelta
from typing import Annotated, Final, TypeVar
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    IPvAnyNetwork,
    SecretStr,
    ValidationInfo,
)

from likeness.config import web_address
from likeness.directory.address import parse as parse_directory
from likeness.email_address import normal_domain, normal_email
from likeness.errors import Mistake
from likeness.identities import ISSUER_LENGTH_MAX
from likeness.mail.server_url import parse as parse_mail_server
from likeness.model import Format

T = TypeVar("T")

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_ALL_TENANTS: Final = (
    *("common", "organizations", "consumers"),
    # What Entra calls the tenant of all personal accounts, whose issuer has this number.
    "9188040d-6c67-4c5b-b112-36a304b66dad",
)
FOREVER: Final = "forever"

SECRET_KEY_LENGTH_MIN: Final = 32
"""Below 32 characters a key could be guessed from a stolen database."""

METRICS_TOKEN_LENGTH_MIN: Final = 16
"""Anybody may try as often as they like; 16 hexadecimal digits are 64 bits."""

_DIGITS_MAX: Final = 5
"""99 999 days are 273 years: far enough, and no date arithmetic overflows."""


_ATTRIBUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,99}")
"""A name of an attribute by RFC 4512, without options: none of its signs means more in a filter."""

_HOST: Final = re.compile(r"[^/?#@*]+")
"""What else a host must be is said by `web_address`."""


def parse_duration(text: str) -> timedelta:
    """`90s`, `15m`, `12h` or `30d` as a time span. Raises ValueError for anything else."""
    number, unit = text[:-1], text[-1:]
    if not (
        number.isascii() and number.isdecimal() and len(number) <= _DIGITS_MAX and unit in _UNITS
    ):
        raise ValueError(f"{text!r} is no duration; write a number and s, m, h or d, such as 30d")
    return timedelta(seconds=int(number) * _UNITS[unit])


def _duration(value: object) -> object:
    return parse_duration(value) if isinstance(value, str) else value


def _keeping(value: object) -> object:
    """A time span, or None for ever. A bare number, such as 0, could be taken for either."""
    if value is None or value == FOREVER:
        return None
    try:
        return parse_duration(str(value))
    except ValueError as error:
        raise ValueError(f"{error}, or {FOREVER}") from error


def spelt(value: object) -> str:
    """A setting's value as one would write it: `30d`, `forever`, and lists with commas."""
    if value is None:
        return FOREVER
    if isinstance(value, timedelta):
        return _spelt_duration(int(value.total_seconds()))
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value).removesuffix(".0") if isinstance(value, float) else str(value)


def _spelt_duration(seconds: int) -> str:
    """In the largest unit of which it is a whole number."""
    unit = max((each for each in _UNITS if seconds % _UNITS[each] == 0), key=_UNITS.__getitem__)
    return f"{seconds // _UNITS[unit]}{unit if seconds else 's'}"


def _listed(value: object) -> object:
    """The parts of a text between its commas; a list stays as it is."""
    if not isinstance(value, str):
        return value
    return tuple(part for each in value.split(",") if (part := each.strip()))


def _ascending(sides: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(set(sides)))


def _offered(forms: tuple[Format, ...]) -> tuple[Format, ...]:
    if set(forms) - {Format.WEBP}:
        raise ValueError("only webp can be offered beside a photo's own format")
    return forms


def _absolute(urls: tuple[str, ...]) -> tuple[str, ...]:
    for url in urls:
        web_address.parse(url)
    return urls


def _named(hosts: tuple[str, ...]) -> tuple[str, ...]:
    """Hosts in small letters, each with the port that is not that of HTTPS."""
    return tuple(dict.fromkeys(map(_host, hosts)))


def _host(text: str) -> str:
    if not _HOST.fullmatch(text):
        raise ValueError(
            f"{text[:100]!r} is no host; write HOST or HOST:PORT, such as photos.example.org, and "
            "each by its whole name"
        )
    return str(web_address.parse(f"https://{text}")).removeprefix("https://")


def public_address(text: str) -> str:
    """The address of this service, "" for none. It has no path: the page cannot live below one."""
    if not text:
        return ""
    address = web_address.parse(text)
    if address.path:
        raise ValueError(
            "has a path, and the page cannot live below one; give the service a host name or a "
            "port of its own"
        )
    return str(address)


def photo_address(text: str) -> str:
    """The address of a CDN or bucket, "" for none; it may have a path."""
    return str(web_address.parse(text)) if text else ""


def _assigned(parts: tuple[str, ...]) -> tuple[str, ...]:
    """Each part is `NAME`, or `DOMAIN=NAME` for the addresses of one domain."""
    domains = [normal_domain(part.partition("=")[0]) if "=" in part else "" for part in parts]
    if len(set(domains)) < len(domains):
        raise ValueError("names two workspaces for the same addresses")
    if any(not all(part.split("=")) or part.count("=") > 1 for part in parts):
        raise ValueError("write NAME or DOMAIN=NAME, and a comma between two")
    return parts


def issuing(url: str) -> str:
    """An issuer is reached by TLS, since its keys are fetched from there; or it is this machine.

    It stays as it is written: a provider says its own name, and the two are compared as texts.
    """
    if not url:
        return url
    if len(url) > ISSUER_LENGTH_MAX:
        raise ValueError(f"has {len(url)} characters; at most {ISSUER_LENGTH_MAX} are kept")
    address = web_address.parse(url)
    if address.scheme != "https" and not web_address.is_this_machine(address.host):
        raise ValueError("must begin with https://")
    return url


def is_of_many_tenants(issuer: str) -> bool:
    """Whether it is an address of Entra at which people of every organisation sign in."""
    return urlsplit(issuer).path.split("/")[1:2] in [[name] for name in _ALL_TENANTS]


def _paired(parts: tuple[str, ...]) -> tuple[str, ...]:
    """Each part is `CLAIM=VALUE`; a value may have further = in it."""
    if any(not all(part.partition("=")) for part in parts):
        raise ValueError("write CLAIM=VALUE, and a comma between two")
    return parts


def _with_openid(scopes: tuple[str, ...]) -> tuple[str, ...]:
    if "openid" not in scopes or any(len(scope.split()) != 1 for scope in scopes):
        raise ValueError("must have openid, and a comma between two")
    return scopes


def _attributes(names: tuple[str, ...]) -> tuple[str, ...]:
    if any(not _ATTRIBUTE.fullmatch(name) for name in names):
        raise ValueError("write names of attributes, such as jpegPhoto, and a comma between two")
    return names


def _filter(text: str) -> str:
    """It is sent as it stands; what else is wrong with it is said when it is."""
    if not (text.startswith("(") and text.endswith(")")):
        raise ValueError("must be a filter in parentheses, such as (mail=*)")
    return text


def _database_url(text: str) -> str:
    """An address of a database, or "". What reads one takes longer to import than all else here."""
    if text:
        from likeness.db import parse_url  # noqa: PLC0415 - see above

        parse_url(text)
    return text


def _directory_url(text: str) -> str:
    """An address of a directory, or ""."""
    if text:
        parse_directory(text)
    return text


def _store_url(text: str) -> str:
    """An address of a store of files, or ""; as `_database_url`."""
    if text:
        from likeness.blobs import parse  # noqa: PLC0415 - see above

        parse(text)
    return text


def needed_with(other: str) -> AfterValidator:
    """Validate a setting that may not be empty where `other`, which stands before it, is set.

    It has to have `validate_default`, since the default is what nobody typed.
    """

    def judged(value: T, info: ValidationInfo) -> T:
        if info.data.get(other) and not value:
            raise ValueError(f"is needed, since LIKENESS_{other.upper()} is set")
        return value

    return AfterValidator(judged)


def _of_length(least: int) -> AfterValidator:
    """Validate a secret: it is empty, or has so many characters."""

    def judged(secret: SecretStr) -> SecretStr:
        if 0 < len(secret.get_secret_value()) < least:
            raise ValueError(f"must have {least} characters or more")
        return secret

    return AfterValidator(judged)


def _mail_server(secret: SecretStr) -> SecretStr:
    """An address of a mail server, or "". It has a password, so that it is kept as a secret."""
    if secret.get_secret_value():
        parse_mail_server(secret.get_secret_value())
    return secret


def _mail_address(text: str) -> str:
    try:
        return normal_email(text) if text else ""
    except Mistake as mistake:
        raise ValueError(str(mistake)) from mistake


PublicUrl = Annotated[str, AfterValidator(public_address)]
PhotoUrl = Annotated[str, AfterValidator(photo_address)]
Issuer = Annotated[str, AfterValidator(issuing)]
DatabaseUrl = Annotated[str, AfterValidator(_database_url)]
StoreUrl = Annotated[str, AfterValidator(_store_url)]
DirectoryUrl = Annotated[str, AfterValidator(_directory_url)]
AttributeNames = Annotated[tuple[str, ...], BeforeValidator(_listed), AfterValidator(_attributes)]
LdapFilter = Annotated[str, AfterValidator(_filter)]
Urls = Annotated[tuple[str, ...], BeforeValidator(_listed), AfterValidator(_absolute)]
MailServerUrl = Annotated[SecretStr, AfterValidator(_mail_server)]
MailAddress = Annotated[str, AfterValidator(_mail_address)]
SecretKey = Annotated[SecretStr, _of_length(SECRET_KEY_LENGTH_MIN)]
MetricsToken = Annotated[SecretStr, _of_length(METRICS_TOKEN_LENGTH_MIN)]
Duration = Annotated[timedelta, BeforeValidator(_duration)]
Keeping = Annotated[timedelta | None, BeforeValidator(_keeping)]
Hosts = Annotated[tuple[str, ...], BeforeValidator(_listed), AfterValidator(_named)]
Numbers = Annotated[
    tuple[Annotated[int, Field(ge=1, le=2048)], ...],
    BeforeValidator(_listed),
    AfterValidator(_ascending),
]
Workspaces = Annotated[tuple[str, ...], BeforeValidator(_listed), AfterValidator(_assigned)]
Scopes = Annotated[tuple[str, ...], BeforeValidator(_listed), AfterValidator(_with_openid)]
ClaimValues = Annotated[tuple[str, ...], BeforeValidator(_listed), AfterValidator(_paired)]
Networks = Annotated[tuple[IPvAnyNetwork, ...], BeforeValidator(_listed)]
Formats = Annotated[tuple[Format, ...], BeforeValidator(_listed), AfterValidator(_offered)]
