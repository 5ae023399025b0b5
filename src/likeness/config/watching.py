"""Settings: what the service tells those who watch it."""

from typing import Literal

from pydantic import BaseModel, Field, SecretStr

from likeness.config.kinds import MetricsToken


class WatchingSettings(BaseModel):
    """Metrics and the log."""

    metrics: Literal["loopback", "open", "off"] = Field(
        "loopback",
        description="Who may read /metrics: monitors on this machine, everybody (open), or nobody.",
    )
    metrics_token: MetricsToken = Field(
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
