"""What only a worker sees to be lost, said by name: its sentences are written here, never by it.

A worker may have been taken over by the picture that it decoded, and what it says reaches people.
"""

from enum import StrEnum
from typing import Final

from likeness.imaging.formats import WHOLE_PIXELS


class Note(StrEnum):
    """What is lost of a picture, by the name under which it travels."""

    SOFT_ALPHA = "soft_alpha"
    WRONG_CHECKSUM = "wrong_checksum"

    @property
    def sentence(self) -> str:
        """What to tell whoever sent the picture."""
        return _SENTENCES[self]


_SENTENCES: Final = {
    Note.SOFT_ALPHA: (
        "partly transparent pixels of this animation became opaque or clear, "
        "since the GIF that is stored has nothing between"
    ),
    Note.WRONG_CHECKSUM: WHOLE_PIXELS,
}


def known_notes(said: object) -> tuple[Note, ...]:
    """The notes in what a worker said, each once; anything else in it is nothing."""
    return tuple(note for note in Note if isinstance(said, list) and note.value in said)
