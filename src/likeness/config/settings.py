"""Every setting once: its name, type, default and help."""

from datetime import timedelta
from pathlib import Path
from typing import Final, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
)

from likeness.config.kinds import (
    ClaimValues,
    DatabaseUrl,
    Formats,
    Hosts,
    Issuer,
    Keeping,
    Networks,
    Numbers,
    PhotoUrl,
    PublicUrl,
    Scopes,
    StoreUrl,
    Urls,
    Workspaces,
    is_of_many_tenants,
    parse_duration,
)
from likeness.config.web_address import host_in_url, is_any_address, is_path, is_this_machine
from likeness.email_address import normal_domain
from likeness.model import DefaultStyle

SECRET_KEY_LENGTH_MIN: Final = 32
"""Below 32 characters a key could be guessed from a stolen database."""

METRICS_TOKEN_LENGTH_MIN: Final = 16
"""Anybody may try as often as they like; 16 hexadecimal digits are 64 bits."""

_COLOUR: Final = r"^#[0-9a-fA-F]{6}$"


class Config(BaseModel):
    """All settings, checked. Every field's description is its help text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: Path = Field(
        Path("likeness-data"), description="Folder of the embedded database, photos and secret."
    )
    database: DatabaseUrl = Field(
        "",
        description="Database URL, postgresql://USER:PASSWORD@HOST/NAME or sqlite:///PATH; empty: "
        "likeness.db in the data folder.",
    )
    database_connections_max: int = Field(
        10, ge=3, le=1000, description="Connections of each server process to PostgreSQL."
    )
    blobs: StoreUrl = Field(
        "",
        description="Where photos are kept: file:///PATH, s3://BUCKET/PREFIX, gs://BUCKET/PREFIX "
        "or az://CONTAINER/PREFIX; empty: `blobs` in the data folder.",
    )
    public_url: PublicUrl = Field(
        "",
        description="Address that users reach the service by, without a path; empty: "
        "http://HOST:PORT.",
    )
    cdn_url: PhotoUrl = Field(
        "",
        description="Address that photos are given out under, of a CDN or bucket; empty: that of "
        "the service.",
    )
    host: str = Field(
        "127.0.0.1", description="Address to listen on, or unix:PATH for a socket of that path."
    )
    port: int = Field(8080, ge=0, le=65535, description="Port to listen on; 0: any that is free.")
    workers: int = Field(1, ge=1, le=64, description="Server processes.")
    connections_max: int = Field(
        1000,
        ge=16,
        le=100_000,
        description="Connections that each server process keeps open at a time.",
    )
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="Key of the token digests, 32 characters or more; empty: made once and kept "
        "in `secret.key` in the data folder.",
    )
    secret_key_old: SecretStr = Field(
        SecretStr(""),
        description="The secret key before, whose tokens and sessions are accepted until this is "
        "taken away; empty: `secret.key.old` in the data folder, where that is.",
    )
    contract: Literal["documented", "observed"] = Field(
        "documented",
        description="What is followed where Slack does not do what is written of it; observed: "
        "pictures of any size, not_allowed_token_type for bots, tokens in the query.",
    )
    rate_limits: Literal["on", "off"] = Field("on", description="Slack's limits on calls.")
    request_timeout_s: float = Field(
        30, gt=0, le=600, description="Seconds that one request may take to arrive."
    )
    request_buffer_bytes_max: int = Field(
        256 * 2**20,
        ge=2**20,
        description="Bytes of request bodies that each server process holds at a time: a quarter "
        "for one person, an eighth for all senders without a token in the header.",
    )
    image_side_min: int = Field(512, ge=1, description="Shortest side of a picture, pixels.")
    image_side_max: int = Field(
        1024, ge=1, le=16383, description="Longest side of a picture, pixels."
    )
    import_side_min: int = Field(
        48,
        ge=1,
        description="Shortest side of a picture that an import, directory or provider brings, "
        "pixels.",
    )
    own_photos: Literal["on", "off"] = Field(
        "on",
        description="Whether people set their own photo; off: only administrators, imports, "
        "directories and providers do.",
    )
    keep_events: timedelta = Field(
        timedelta(days=400),
        ge=timedelta(0),
        description="How long `likeness log` remembers (400d).",
    )
    image_bytes_max: int = Field(10 * 2**20, ge=1024, description="Length of a picture, bytes.")
    frames_max: int = Field(100, ge=1, le=1_000, description="Frames of an animation.")
    animation_pixels_max: int = Field(
        100 * 1024 * 1024, ge=1, description="Frames times width times height of an animation."
    )
    picture_timeout_s: float = Field(
        8, gt=0, le=120, description="Seconds that the making of one photo may take."
    )
    shutdown_delay_s: float = Field(
        0,
        ge=0,
        le=600,
        description="Seconds to serve on after SIGTERM while /readyz says 503, so that balancers "
        "notice.",
    )
    picture_workers: int = Field(
        0, ge=0, le=64, description="Picture processes of each server process; 0: as many as cores."
    )
    picture_queue_max: int = Field(
        64, ge=0, description="Pictures that may wait for a picture process."
    )
    sandbox: Literal["require", "auto", "off"] = Field(
        "auto",
        description="Walls around the picture processes: require them, have what this machine can "
        "(where other machines reach it, at least seccomp), or off.",
    )
    prepared_side_max: int = Field(
        4096, ge=512, le=16383, description="Longest side of a prepared working copy, pixels."
    )
    prepared_pixels_max: int = Field(
        8192 * 6144, ge=1, description="Pixels of a picture sent to users.preparePhoto."
    )
    prepared_jpeg_pixels_max: int = Field(
        12_000 * 9_000,
        ge=1,
        description="Pixels of a JPEG sent there, which is reduced while it is decoded, if more.",
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
    keep_leavers: Keeping = Field(
        None,
        description="How long photos of people who were deactivated are kept, such as 90d; "
        "forever: until somebody removes them.",
    )
    photo_max_age: timedelta = Field(
        timedelta(minutes=5),
        ge=timedelta(0),
        le=timedelta(days=30),
        description="How long browsers and programs keep a photo by hash (5m).",
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
    oidc_issuer: Issuer = Field(
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
    oidc_scopes: Scopes = Field(
        ("openid", "email", "profile"),
        description="What the provider is asked for; some want groups before they tell any.",
    )
    oidc_email: Literal["verified", "trusted"] = Field(
        "verified",
        validate_default=True,
        description="Addresses by which the provider's people are found: those that it says are "
        "verified; or (trusted) also those of which it does not say whether they are, as Entra.",
    )
    oidc_admins: ClaimValues = Field(
        (),
        description="Who administers, by what the provider says of them: CLAIM=VALUE, such as "
        "groups=likeness-admins; several with commas. Empty: those who are promoted.",
    )
    picture_hosts: Hosts = Field(
        (),
        description="Hosts that the provider's photos of people may be fetched from, each HOST or "
        "HOST:PORT, such as lh3.googleusercontent.com; several with commas. Empty: none is "
        "fetched.",
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
        description="Addresses of the proxies whose word counts, about who is signed in and, in "
        "X-Forwarded-For, whose address the log names, such as 127.0.0.1,10.0.0.0/24.",
    )
    metrics: Literal["loopback", "open", "off"] = Field(
        "loopback",
        description="Who may read /metrics: monitors on this machine, everybody (open), or nobody.",
    )
    metrics_token: SecretStr = Field(
        SecretStr(""),
        description="What lets a monitor elsewhere read /metrics, sent as `Authorization: Bearer`, "
        "16 characters or more; empty: nothing does.",
    )
    log_format: Literal["auto", "console", "json"] = Field(
        "auto", description="Log lines for people or machines; auto: console on a terminal."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info",
        description="The least of what is logged. Changes of photos are info, refused tokens and "
        "outages warning.",
    )

    @field_validator(
        "keep_replaced", "keep_events", "session_lifetime", "photo_max_age", mode="before"
    )
    @classmethod
    def _spoken_duration(cls, value: object) -> object:
        return parse_duration(value) if isinstance(value, str) else value

    @field_validator("secret_key", "secret_key_old", "metrics_token")
    @classmethod
    def _long_enough(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        is_key = info.field_name != "metrics_token"
        least = SECRET_KEY_LENGTH_MIN if is_key else METRICS_TOKEN_LENGTH_MIN
        if 0 < len(value.get_secret_value()) < least:
            raise ValueError(f"must have {least} characters or more")
        return value

    @field_validator("oidc_client_id")
    @classmethod
    def _known_to_the_issuer(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("oidc_issuer") and not value:
            raise ValueError("is needed, since LIKENESS_OIDC_ISSUER is set")
        return value

    @field_validator("oidc_email")
    @classmethod
    def _of_one_organisation(cls, value: str, info: ValidationInfo) -> str:
        if value == "trusted" and is_of_many_tenants(info.data.get("oidc_issuer", "")):
            raise ValueError(
                "must be verified, since LIKENESS_OIDC_ISSUER signs in people of every "
                "organisation, who can have any address; name your own tenant by its id there"
            )
        return value

    @field_validator("proxy_addresses")
    @classmethod
    def _somebody_to_trust(cls, value: Networks, info: ValidationInfo) -> Networks:
        if info.data.get("proxy_user_header") and not value:
            raise ValueError("is needed, since LIKENESS_PROXY_USER_HEADER is set")
        return value

    @property
    def workspaces(self) -> dict[str, str]:
        """Domains in normal form, "" for any other, to the workspace where they belong."""
        pairs = [part.rpartition("=") for part in self.sign_in_workspaces]
        return {normal_domain(domain): name for domain, _, name in pairs}

    @property
    def admin_claims(self) -> tuple[tuple[str, str], ...]:
        """Pairs of a claim and the value that makes an administrator."""
        pairs = (part.partition("=") for part in self.oidc_admins)
        return tuple((claim, value) for claim, _, value in pairs)

    @property
    def database_url(self) -> str:
        """The database in use."""
        return self.database or f"sqlite:///{self.data.absolute() / 'likeness.db'}"

    @property
    def blobs_url(self) -> str:
        """The blob store in use."""
        return self.blobs or (self.data.absolute() / "blobs").as_uri()

    @property
    def has_folder(self) -> bool:
        """Whether anything is kept in the data folder: the database, photos or the secret key."""
        return not (self.database and self.blobs and self.secret_key.get_secret_value())

    @property
    def base_url(self) -> str:
        """The public address in use, without a trailing slash."""
        if self.public_url:
            return self.public_url
        host = "localhost" if is_path(self.host) else host_in_url(self.host)
        return f"http://{host}:{self.port}"

    @property
    def has_dead_address(self) -> bool:
        """Whether the public address is none that a browser could call, such as http://0.0.0.0."""
        return not self.public_url and (is_any_address(self.host) or is_path(self.host))

    @property
    def is_exposed(self) -> bool:
        """Whether other machines can reach the address to listen on."""
        return not is_this_machine(self.host)

    @property
    def photo_url(self) -> str:
        """The address that photos are given out under, without a trailing slash."""
        return self.cdn_url or self.base_url

    @property
    def letterbox_rgb(self) -> tuple[int, int, int]:
        """The letterbox colour as three numbers from 0 to 255."""
        red, green, blue = bytes.fromhex(self.letterbox_colour[1:])
        return red, green, blue
