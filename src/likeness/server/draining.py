"""Draining: between the signal to stop and the end, all is answered and connections close."""


class Draining:
    """Whether this server process is about to stop. It never goes back."""

    def __init__(self) -> None:
        self.has_begun = False

    def begin(self) -> None:
        """From now on `/readyz` says no, and every connection ends with its next answer.

        The client then opens its next connection to a node that stays. A keep-alive connection
        could get a request while it is being closed.
        """
        self.has_begun = True
