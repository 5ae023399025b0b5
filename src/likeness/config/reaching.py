"""Settings: programs elsewhere that are told of photos, or given copies."""

from datetime import timedelta

from pydantic import BaseModel, Field

from likeness.config.kinds import Duration, Networks


class ReachingSettings(BaseModel):
    """Programs elsewhere that are told of photos, or given copies."""

    target_networks: Networks = Field(
        (),
        description="Networks that targets may be in beside the public Internet, such as "
        "10.0.0.0/8; in them plain HTTP is allowed too. This machine is 127.0.0.0/8.",
    )
    deliveries_kept: Duration = Field(
        timedelta(days=30),
        ge=timedelta(0),
        description="How long `likeness target deliveries` remembers (30d); the newest 10,000.",
    )
