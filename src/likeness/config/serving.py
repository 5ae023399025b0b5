"""Settings: where the service is reached, and what it takes from the network."""

from typing import Literal

from pydantic import BaseModel, Field

from likeness.config.kinds import PhotoUrl, PublicUrl
from likeness.config.web_address import host_in_url, is_any_address, is_path, is_this_machine


class ServingSettings(BaseModel):
    """Where the service is reached, and what it takes from the network."""

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
    request_timeout_s: float = Field(
        30, gt=0, le=600, description="Seconds that one request may take to arrive."
    )
    request_buffer_bytes_max: int = Field(
        256 * 2**20,
        ge=2**20,
        description="Bytes of request bodies that each server process holds at a time: a quarter "
        "for one person, an eighth for all senders without a token in the header.",
    )
    import_bytes_max: int = Field(
        512 * 2**20,
        ge=2**20,
        le=20 * 2**30,
        description="Bytes of a file that an administrator uploads for an import.",
    )
    shutdown_delay_s: float = Field(
        0,
        ge=0,
        le=600,
        description="Seconds to serve on after SIGTERM while /readyz says 503, so that balancers "
        "notice.",
    )
    contract: Literal["documented", "observed"] = Field(
        "documented",
        description="What is followed where Slack does not do what is written of it; observed: "
        "pictures of any size, not_allowed_token_type for bots, tokens in the query.",
    )
    rate_limits: Literal["on", "off"] = Field("on", description="Slack's limits on calls.")

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
