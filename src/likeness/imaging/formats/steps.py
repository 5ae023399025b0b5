"""A budget of steps for parsing one file, so that no file, however nested, takes long.

Parsers run in the server process, where no deadline ends them and where they hold the interpreter's
lock. Everything that loops over a file takes its steps from one budget, so that any
file costs at most about the time that a worker takes for one photo.
"""

from typing import Final

from likeness.errors import BadImage

STEPS_MAX: Final = 20_480
"""Steps over one file; each is a round of a loop in Python, 1 to 2 microseconds. Few files take
200; an animation of 1 001 frames takes 3 000, a PNG of 10 000 tiny frames 20 000."""

FREE_LENGTH: Final = 512
"""A part of so many bytes is no step: they pay for it, as the length of a file is bounded
elsewhere. So a file of any length may consist of parts such as encoders write, which hold 1 to
8 KiB, and N bytes never take more than STEPS_MAX + N / FREE_LENGTH rounds."""


class Steps:
    """The steps taken over one file, by all loops together, and where they end."""

    __slots__ = ("_steps_max", "taken")

    def __init__(self, steps_max: int = STEPS_MAX) -> None:
        self._steps_max = steps_max
        self.taken = 0

    @property
    def are_spent(self) -> bool:
        """Whether more were to be taken than there are."""
        return self.taken > self._steps_max

    def over(self, length: int) -> None:
        """Pass a part of `length` bytes, a step if it is short. raises: BadImage, see `take`."""
        if length < FREE_LENGTH:
            self.take()

    def take(self, count: int = 1) -> None:
        """Take `count` steps at once. raises: BadImage where the file has too many short parts."""
        self.taken += count
        if self.are_spent:
            raise BadImage(
                f"this picture is made of more than {self._steps_max} parts that are shorter than "
                f"{FREE_LENGTH} bytes; at most {self._steps_max} are allowed; export it again",
                argument="image",
            )
