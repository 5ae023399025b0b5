"""Settings: which pictures become photos, who sets them, and how they are made."""

from typing import Final, Literal

from pydantic import BaseModel, Field

_COLOUR: Final = r"^#[0-9a-fA-F]{6}$"


class PictureSettings(BaseModel):
    """Which pictures become photos, who sets them, and how they are made."""

    own_photos: Literal["on", "off"] = Field(
        "on",
        description="Whether people set their own photo; off: only administrators, imports, "
        "directories and providers do.",
    )
    directory_photos: Literal["if-not-own", "if-empty", "always", "never"] = Field(
        "if-not-own",
        description="Which photos those of a directory (SCIM, LDAP) replace: any that nobody chose "
        "for themselves, none, also those that people chose; or never any taken.",
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
    import_side_min: int = Field(
        48,
        ge=1,
        description="Shortest side of a picture that an import, directory or provider brings, "
        "pixels.",
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
        description="Walls around the picture processes: require them, have what this machine can "
        "(where other machines reach it, at least seccomp), or off.",
    )

    @property
    def letterbox_rgb(self) -> tuple[int, int, int]:
        """The letterbox colour as three numbers from 0 to 255."""
        red, green, blue = bytes.fromhex(self.letterbox_colour[1:])
        return red, green, blue
