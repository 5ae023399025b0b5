"""Settings: which photos are shown by URL, and what is shown for people without one."""

from datetime import timedelta
from typing import Literal

from pydantic import BaseModel, Field

from likeness.config.kinds import Duration, Formats, Numbers, Urls
from likeness.model import DefaultStyle


class ShowingSettings(BaseModel):
    """Which photos are shown by URL, and what is shown for people without one."""

    email_avatars: Literal["public", "alike", "known", "off"] = Field(
        "public",
        description="Photos by the hash of an e-mail address: for every hash; for every hash, with "
        "one picture for all who show no photo (alike); only for those of people here; or off.",
    )
    name_avatars: Literal["on", "off"] = Field(
        "off",
        description="Photos at /u/ and a name, an address or the id of a person, under the rules "
        "of LIKENESS_EMAIL_AVATARS.",
    )
    people_page: Literal["administrators", "everybody"] = Field(
        "administrators",
        description="Who sees the faces of everybody in their workspace on the page `/people`: "
        "administrators alone, or everybody. Hidden people are not shown to others.",
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
    photo_max_age: Duration = Field(
        timedelta(minutes=5),
        ge=timedelta(0),
        le=timedelta(days=30),
        description="How long browsers and programs keep a photo by hash (5m).",
    )
    photo_cache_bytes_max: int = Field(
        64 * 2**20, ge=0, description="Memory of each server process for photos, bytes."
    )
