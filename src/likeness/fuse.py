"""When so much would end at once that a broken list is likelier than the truth."""

from typing import Final

COUNT: Final = 10
PERCENT: Final = 10
"""More than so many people, who are more than such a part of all of them."""


def holds(count: int, total: int) -> bool:
    """Whether nobody should do that without another look.

    >>> holds(11, 100), holds(11, 200), holds(10, 10)
    (True, False, False)
    """
    return count > COUNT and 100 * count > PERCENT * total
