"""Settings: what is kept, where, and for how long."""

from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel, Field, SecretStr

from likeness.config.kinds import DatabaseUrl, Duration, Keeping, SecretKey, StoreUrl


class KeepingSettings(BaseModel):
    """What is kept, where, and for how long."""

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
    secret_key: SecretKey = Field(
        SecretStr(""),
        description="Key of the token digests, 32 characters or more; empty: made once and kept "
        "in `secret.key` in the data folder.",
    )
    secret_key_old: SecretKey = Field(
        SecretStr(""),
        description="The secret key before, whose tokens and sessions are accepted until this is "
        "taken away; empty: `secret.key.old` in the data folder, where that is.",
    )
    keep_replaced: Duration = Field(
        timedelta(days=30), ge=timedelta(0), description="How long a replaced photo is kept (30d)."
    )
    keep_leavers: Keeping = Field(
        None,
        description="How long photos of people who were deactivated are kept, such as 90d; "
        "forever: until somebody removes them.",
    )
    keep_events: Duration = Field(
        timedelta(days=400),
        ge=timedelta(0),
        description="How long `likeness log` remembers (400d).",
    )

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
