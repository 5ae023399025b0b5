"""Warnings about a picture that only a worker can see: it sends a name, the text is here.

A worker may have been taken over by the picture that it decoded, and its words would reach people.
"""

from enum import StrEnum
from typing import Final

from likeness.imaging.formats import WHOLE_PIXELS


class Note(StrEnum):
    """A loss, by its name on the wire."""

    SOFT_ALPHA = "soft_alpha"
    WRONG_CHECKSUM = "wrong_checksum"

    @property
    def sentence(self) -> str:
        """The sentence for the caller."""
        return _SENTENCES[self]


_SENTENCES: Final = {
    Note.SOFT_ALPHA: (
        "partly transparent pixels of this animation became opaque or clear, "
        "since the GIF that is stored has nothing between"
    ),
    Note.WRONG_CHECKSUM: WHOLE_PIXELS,
}


def known_notes(said: object) -> tuple[Note, ...]:
    """The notes in a worker's answer, each once; anything else in it is ignored."""
    return tuple(note for note in Note if isinstance(said, list) and note.value in said)
