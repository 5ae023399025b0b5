"""How many connections fit into what a process may have open."""

import resource
import subprocess
import sys

import pytest

from likeness.server.descriptors import RESERVED, room_for

_ASK = """
import resource, sys
soft, hard, wanted = map(int, sys.argv[1:])
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
from likeness.server.descriptors import room_for
print(room_for(wanted), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


@pytest.mark.parametrize(
    ("soft", "hard", "wanted", "room", "raised"),
    [
        (512, 4096, 1000, 1000, 1000 + RESERVED),
        (512, 700, 1000, 700 - RESERVED, 700),
        (2048, 4096, 1000, 1000, 2048),
        (300, 300, 1000, 300 - RESERVED, 300),
    ],
)
def test_the_limit_is_raised_as_far_as_it_may_be(
    soft: int, hard: int, wanted: int, room: int, raised: int
) -> None:
    """In a process of its own, whose limits they are."""
    words = [sys.executable, "-c", _ASK, *map(str, (soft, hard, wanted))]
    told = subprocess.run(words, capture_output=True, text=True, check=True).stdout

    assert [room, raised] == [int(word) for word in told.split()]


def test_what_fits_already_changes_nothing() -> None:
    """Not even the limit."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)

    assert 1 == room_for(1)
    assert before == resource.getrlimit(resource.RLIMIT_NOFILE)
