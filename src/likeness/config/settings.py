"""All settings: one class of those of each subject."""

from typing import Final

from pydantic import BaseModel, ConfigDict

from likeness.config.directories import DirectorySettings
from likeness.config.keeping import KeepingSettings
from likeness.config.mailing import MailingSettings
from likeness.config.pictures import PictureSettings
from likeness.config.reaching import ReachingSettings
from likeness.config.serving import ServingSettings
from likeness.config.showing import ShowingSettings
from likeness.config.signing_in import SigningInSettings
from likeness.config.watching import WatchingSettings

SUBJECTS: Final[tuple[type[BaseModel], ...]] = (
    KeepingSettings,
    ServingSettings,
    PictureSettings,
    ShowingSettings,
    SigningInSettings,
    ReachingSettings,
    DirectorySettings,
    MailingSettings,
    WatchingSettings,
)
"""What there are settings of, in the order in which they are shown."""


# Pydantic takes the fields of the last one first.
class Config(
    WatchingSettings,
    MailingSettings,
    DirectorySettings,
    ReachingSettings,
    SigningInSettings,
    ShowingSettings,
    PictureSettings,
    ServingSettings,
    KeepingSettings,
):
    """All settings, checked. Every field's description is its help text."""

    model_config = ConfigDict(frozen=True, extra="forbid")
