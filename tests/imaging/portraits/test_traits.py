"""Choices from a digest: the same every time, fair, and not swayed by each other."""

from collections import Counter

from hypothesis import given

from likeness.imaging.portraits.traits import Traits
from support.portraits import DIGESTS, digest


@given(DIGESTS)
def test_the_same_digest_chooses_the_same(text: str) -> None:
    """In either case of its letters."""
    one, other = Traits(text), Traits(text.swapcase())

    assert [one.below(7) for _ in range(9)] == [other.below(7) for _ in range(9)]


def test_options_are_equally_likely() -> None:
    """Over many digests, for the first choice and for the tenth."""
    for skipped in (0, 9):
        seen: Counter[str] = Counter()
        for number in range(3000):
            traits = Traits(digest(number))
            for _ in range(skipped):
                traits.below(10)
            seen[traits.pick("abc")] += 1

        assert min(seen.values()) > 900


def test_choices_do_not_sway_each_other() -> None:
    """All pairs of two choices come up about as often."""
    pairs: Counter[tuple[int, int]] = Counter()
    for number in range(4000):
        traits = Traits(digest(number))
        pairs[traits.below(4), traits.below(4)] += 1

    assert len(pairs) == 16
    assert min(pairs.values()) > 180
