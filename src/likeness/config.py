"""Every setting once: its name, type, default and help; from the environment or a TOML file.

Only `app` and `cli` may import this. What is below them gets values, never settings.
"""

import os
import tomllib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    IPvAnyNetwork,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import ErrorDetails

from likeness.model import DefaultStyle, Format

PREFIX: Final = "LIKENESS_"
CONFIG_FILE: Final = "LIKENESS_CONFIG"
"""The one variable that is no setting: the path of a TOML file with settings."""

SECRET_KEY_LENGTH_MIN: Final = 32
"""Below 32 characters a key could be guessed from a stolen database."""

_FILE_SUFFIX: Final = "_FILE"
"""`LIKENESS_X_FILE` names a file that holds the value of `LIKENESS_X`, for secrets."""

_Found = dict[str, tuple[Any, str]]
"""Setting name to its value and the place that set it."""

_COLOUR: Final = r"^#[0-9a-fA-F]{6}$"


def _listed(value: object) -> object:
    """The parts of a text between its commas; what is a list already stays one."""
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
    if not all(url.startswith(("http://", "https://")) for url in urls):
        raise ValueError("each must begin with http:// or https://")
    return urls


def _assigned(parts: tuple[str, ...]) -> tuple[str, ...]:
    """Each part is `NAME`, or `DOMAIN=NAME` for the addresses of one domain."""
    domains = [part.partition("=")[0] if "=" in part else "" for part in parts]
    if len(set(domains)) < len(domains):
        raise ValueError("names two workspaces for the same addresses")
    if any(not all(part.split("=")) or part.count("=") > 1 for part in parts):
        raise ValueError("write NAME or DOMAIN=NAME, and a comma between two")
    return parts


def _issuing(url: str) -> str:
    """An issuer is reached by TLS, since its keys are fetched from there; or it is this machine."""
    parts = urlsplit(url)
    is_here = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if url and not (parts.scheme == "https" or (parts.scheme == "http" and is_here)):
        raise ValueError("must begin with https://")
    return url


Urls = Annotated[tuple[str, ...], BeforeValidator(_listed), AfterValidator(_absolute)]
Numbers = Annotated[
    tuple[Annotated[int, Field(ge=1, le=2048)], ...],
    BeforeValidator(_listed),
    AfterValidator(_ascending),
]
Workspaces = Annotated[tuple[str, ...], BeforeValidator(_listed), AfterValidator(_assigned)]
Networks = Annotated[tuple[IPvAnyNetwork, ...], BeforeValidator(_listed)]
Formats = Annotated[tuple[Format, ...], BeforeValidator(_listed), AfterValidator(_offered)]


class Mistakes(Exception):
    """Settings that cannot be used. The text names each one, its source and what is allowed."""


class Config(BaseModel):
    """All settings, checked. Every field's description is its help text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: Path = Field(
        Path("likeness-data"), description="Folder of the embedded database, photos and secret."
    )
    database: str = Field(
        "", description="Database URL, sqlite:///PATH; empty: likeness.db in the data folder."
    )
    blobs: str = Field(
        "", description="Where photos are kept, file:///PATH; empty: `blobs` in the data folder."
    )
    public_url: str = Field(
        "", description="Address that users reach the service by; empty: http://HOST:PORT."
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8080, ge=0, le=65535, description="Port to listen on.")
    workers: int = Field(1, ge=1, le=64, description="Server processes.")
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="Key of the token digests, 32 characters or more; empty: made once and kept "
        "in `secret.key` in the data folder.",
    )
    rate_limits: Literal["on", "off"] = Field("on", description="Slack's limits on calls.")
    request_timeout_s: float = Field(
        30, gt=0, le=600, description="Seconds that one request may take to arrive."
    )
    request_buffer_bytes_max: int = Field(
        256 * 2**20, ge=2**20, description="Bytes of request bodies held in memory at a time."
    )
    image_side_min: int = Field(512, ge=1, description="Shortest side of a picture, pixels.")
    image_side_max: int = Field(
        1024, ge=1, le=16383, description="Longest side of a picture, pixels."
    )
    image_bytes_max: int = Field(10 * 2**20, ge=1024, description="Length of a picture, bytes.")
    frames_max: int = Field(100, ge=1, le=1_000, description="Frames of an animation.")
    animation_pixels_max: int = Field(
        100 * 1024 * 1024, ge=1, description="Frames times width times height of an animation."
    )
    picture_timeout_s: float = Field(
        8, gt=0, le=120, description="Seconds that the making of one photo may take."
    )
    picture_workers: int = Field(
        0, ge=0, le=64, description="Picture processes of each server process; 0: as many as cores."
    )
    picture_queue_max: int = Field(
        64, ge=0, description="Pictures that may wait for a picture process."
    )
    sandbox: Literal["require", "auto", "off"] = Field(
        "auto",
        description="Walls around the picture processes: require them, have what this machine can, "
        "or off.",
    )
    prepared_side_max: int = Field(
        4096, ge=512, le=16383, description="Longest side of a prepared working copy, pixels."
    )
    prepared_pixels_max: int = Field(
        50_000_000, ge=1, description="Pixels of a picture sent to users.preparePhoto."
    )
    prepared_bytes_max: int = Field(
        32 * 2**20, ge=1024, description="Length of a picture sent to users.preparePhoto, bytes."
    )
    letterbox_colour: str = Field(
        "#000000", pattern=_COLOUR, description="Colour of the bars beside an opaque picture."
    )
    keep_replaced: timedelta = Field(
        timedelta(days=30), ge=timedelta(0), description="How long a replaced photo is kept (30d)."
    )
    email_avatars: Literal["public", "known", "off"] = Field(
        "public",
        description="Photos by the hash of an e-mail address: for every hash, only for those of "
        "people here, or off.",
    )
    default_picture: DefaultStyle = Field(
        DefaultStyle.INITIALS,
        description="What people without a photo look like, unless a request says it.",
    )
    default_urls: Urls = Field(
        (), description="Addresses below which `d` may lead, such as https://example.org/faces/."
    )
    avatar_sides: Numbers = Field(
        (), description="The only sides that photos by hash are made in, pixels; empty: any."
    )
    photo_formats: Formats = Field(
        (), description="Formats that photos are offered in beside their own: webp, or none."
    )
    photo_cache_bytes_max: int = Field(
        64 * 2**20, ge=0, description="Memory of each server process for photos, bytes."
    )
    session_lifetime: timedelta = Field(
        timedelta(hours=12),
        gt=timedelta(0),
        description="How long somebody stays signed in to the page (12h).",
    )
    sign_in_workspaces: Workspaces = Field(
        (),
        description="Workspace of those whom OIDC or a proxy signs in: NAME, or DOMAIN=NAME for "
        "the addresses of one domain; several with commas. Empty: the only one there is.",
    )
    oidc_issuer: Annotated[str, AfterValidator(_issuing)] = Field(
        "", description="Address of an OpenID Connect provider; empty: none."
    )
    oidc_client_id: str = Field(
        "", validate_default=True, description="What the provider knows this service by."
    )
    oidc_client_secret: SecretStr = Field(
        SecretStr(""), description="What proves to the provider that it is this service."
    )
    oidc_name: str = Field(
        "single sign-on", description="The provider, as the button names it: Sign in with ..."
    )
    proxy_user_header: str = Field(
        "",
        pattern=r"^[A-Za-z0-9-]*$",
        description="Header in which a proxy names who is signed in, such as X-Forwarded-Email; "
        "empty: none.",
    )
    proxy_addresses: Networks = Field(
        (),
        validate_default=True,
        description="Addresses of the proxies whose word counts, such as 127.0.0.1,10.0.0.0/24.",
    )
    log_format: Literal["auto", "console", "json"] = Field(
        "auto", description="Log lines for people or machines; auto: console on a terminal."
    )

    @field_validator("keep_replaced", "session_lifetime", mode="before")
    @classmethod
    def _spoken_duration(cls, value: object) -> object:
        return parse_duration(value) if isinstance(value, str) else value

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        if 0 < len(value.get_secret_value()) < SECRET_KEY_LENGTH_MIN:
            raise ValueError(f"must have {SECRET_KEY_LENGTH_MIN} characters or more")
        return value

    @field_validator("public_url")
    @classmethod
    def _absolute(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value.rstrip("/")

    @field_validator("oidc_client_id")
    @classmethod
    def _known_to_the_issuer(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("oidc_issuer") and not value:
            raise ValueError("is needed, since LIKENESS_OIDC_ISSUER is set")
        return value

    @field_validator("proxy_addresses")
    @classmethod
    def _somebody_to_trust(cls, value: Networks, info: ValidationInfo) -> Networks:
        if info.data.get("proxy_user_header") and not value:
            raise ValueError("is needed, since LIKENESS_PROXY_USER_HEADER is set")
        return value

    @property
    def workspaces(self) -> dict[str, str]:
        """Domains of addresses, "" for any other, to the workspace where they belong."""
        pairs = [part.rpartition("=") for part in self.sign_in_workspaces]
        return {domain.lower(): name for domain, _, name in pairs}

    @property
    def database_url(self) -> str:
        """The database in use."""
        return self.database or f"sqlite:///{self.data.absolute() / 'likeness.db'}"

    @property
    def blobs_url(self) -> str:
        """The blob store in use."""
        return self.blobs or (self.data.absolute() / "blobs").as_uri()

    @property
    def base_url(self) -> str:
        """The public address in use, without a trailing slash."""
        return self.public_url or f"http://{self.host}:{self.port}"

    @property
    def letterbox_rgb(self) -> tuple[int, int, int]:
        """The letterbox colour as three numbers from 0 to 255."""
        red, green, blue = bytes.fromhex(self.letterbox_colour[1:])
        return red, green, blue


_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DIGITS_MAX: Final = 5
"""99 999 days are 273 years: far enough, and no date arithmetic overflows."""


def parse_duration(text: str) -> timedelta:
    """`90s`, `15m`, `12h` or `30d` as a time span. Raises ValueError for anything else."""
    number, unit = text[:-1], text[-1:]
    if not (
        number.isascii() and number.isdecimal() and len(number) <= _DIGITS_MAX and unit in _UNITS
    ):
        raise ValueError(f"{text!r} is no duration; write a number and s, m, h or d, such as 30d")
    return timedelta(seconds=int(number) * _UNITS[unit])


def load(environment: Mapping[str, str] = os.environ) -> Config:
    """The settings in force: environment over TOML file over defaults.

    Raises Mistakes, naming all of them at once.
    """
    mistakes: list[str] = []
    found = _collect(environment, mistakes)
    try:
        config = Config(**{name: value for name, (value, _) in found.items()})
    except ValidationError as error:
        mistakes += [_explain(problem, found) for problem in error.errors()]
    if mistakes:
        raise Mistakes("\n".join(mistakes))
    return config


def origins(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """For each setting that is not a default, where its value came from."""
    return {name: source for name, (_, source) in _collect(environment, []).items()}


def variable(name: str) -> str:
    """The environment variable of a setting: `LIKENESS_` and its name in capitals."""
    return PREFIX + name.upper()


def _collect(environment: Mapping[str, str], mistakes: list[str]) -> _Found:
    """Every value that somebody set, with the place that set it; later places win."""
    return _from_toml(environment, mistakes) | _from_variables(environment, mistakes)


def _from_toml(environment: Mapping[str, str], mistakes: list[str]) -> _Found:
    path = environment.get(CONFIG_FILE)
    if not path:
        return {}
    try:
        table = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        mistakes.append(f"{CONFIG_FILE}: {path}: {error}")
        return {}
    mistakes += [f"{path}: {name}: no such setting" for name in table.keys() - _names()]
    return {name: (table[name], f"{path}: {name}") for name in table.keys() & _names()}


def _from_variables(environment: Mapping[str, str], mistakes: list[str]) -> _Found:
    found: _Found = {}
    for key in sorted(environment):
        if not key.startswith(PREFIX) or key == CONFIG_FILE:
            continue
        name = key.removeprefix(PREFIX).removesuffix(_FILE_SUFFIX).lower()
        if name not in _names():
            mistakes.append(f"{key}: no such setting; `likeness config` lists them")
        elif key.endswith(_FILE_SUFFIX):
            found |= _from_file(name, key, environment[key], mistakes)
        else:
            found[name] = (environment[key], key)
    return found


def _from_file(name: str, key: str, path: str, mistakes: list[str]) -> _Found:
    try:
        return {name: (Path(path).read_text(encoding="utf-8").strip(), key)}
    except (OSError, ValueError) as error:
        mistakes.append(f"{key}: {path}: {error}")
        return {}


def _names() -> set[str]:
    return set(Config.model_fields)


def _explain(problem: ErrorDetails, found: _Found) -> str:
    name = str(problem["loc"][0])
    source = found[name][1] if name in found else name
    return f"{source}: {problem['msg']}"
