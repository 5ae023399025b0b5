"""Parsers never cost more than the decoder: each kind of part thousands of times in one file.

They run in the server process, where no deadline ends them. What they take is counted, never timed:
steps of the budget, lines of Python, and bytes cut out of the file.
"""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.imaging.formats.steps import STEPS_MAX
from likeness.model import Format
from support.effort import COPIED_BESIDE_MAX, LINES_BESIDE_MAX, effort_of
from support.hostile_files import FILES, PARTS, PLACES

MANY: Final = [5_000, pytest.param(20_000, marks=pytest.mark.slow)]
"""Parts. By the smaller number, too, two steps for a part would be more than may be."""

NO_MAX: Final = 2**31
"""Steps: so many that all are counted that a file would take if nothing ended them."""

STEPS_BESIDE_MAX: Final = 2_700
"""Header and pixels, the entries of one block of EXIF, and one colour profile to unpack."""


@pytest.mark.parametrize("many", MANY)
@pytest.mark.parametrize("name", FILES)
def test_thousands_of_a_kind_stay_within_the_budget(name: str, many: int) -> None:
    """A part is a step at most, of whatever kind it is; what costs more is done once for a file."""
    effort = effort_of(FILES[name](many), steps_max=NO_MAX, counts_lines=False)

    effort.check()
    assert effort.steps <= many + STEPS_BESIDE_MAX


@pytest.mark.parametrize("name", FILES)
def test_twice_as_many_take_twice_the_work_at_most(name: str) -> None:
    """Nothing is looked at again for what comes after it."""
    once, twice = (effort_of(FILES[name](count)) for count in (1000, 2000))

    once.check()
    twice.check()
    assert twice.lines <= 2 * once.lines + LINES_BESIDE_MAX
    assert twice.steps <= 2 * once.steps + STEPS_BESIDE_MAX
    assert twice.copied <= 2 * once.copied + COPIED_BESIDE_MAX


@pytest.mark.parametrize("name", [name for name in FILES if "all kinds" in name])
def test_the_budget_ends_the_work_on_what_has_more_parts(name: str) -> None:
    """As few lines run as for the parts that it pays for; the file is refused."""
    effort = effort_of(FILES[name](3 * STEPS_MAX))

    effort.check()
    assert effort.stripped is None
    assert effort.steps <= 2 * STEPS_MAX


REBUILT_STEPS_MAX: Final = 32
"""HEIC and AVIF are written anew, from a fixed number of boxes, which damaged ones may have had
fewer of; far below the smallest budget."""


@given(st.data())
def test_any_parts_in_any_order_stay_within_the_budget(draw: st.DataObject) -> None:
    """Of one format and of others, whole and cut, with lengths that lie."""
    form = draw.draw(st.sampled_from(list(Format)))
    _, whole = draw.draw(st.sampled_from(PLACES[form]))
    kinds = [part for parts in PARTS.values() for part in parts.values()]
    own = list(PARTS[form].values())
    part = st.one_of(st.sampled_from(own), st.sampled_from(kinds), st.binary(max_size=12))
    runs = draw.draw(st.lists(st.tuples(part, st.integers(1, 40)), max_size=12))
    data = bytearray(whole(b"".join(part * count for part, count in runs)))
    if draw.draw(st.booleans()):
        at = draw.draw(st.integers(0, len(data)))
        data[at : at + draw.draw(st.integers(0, 8))] = draw.draw(st.binary(max_size=8))

    effort = effort_of(bytes(data), steps_max=NO_MAX)

    effort.check()
    if effort.stripped is not None:
        again = effort_of(effort.stripped, steps_max=NO_MAX)
        assert again.stripped == effort.stripped
        assert again.steps <= max(effort.steps, REBUILT_STEPS_MAX), (
            "what was let in is not refused once it is stripped"
        )
