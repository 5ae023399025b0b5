"""The first look at a picture of an import."""

import pytest

from likeness.errors import TooManyFrames
from likeness.imaging.plan import Limits
from likeness.imports.heads import Head, Trouble, look, trouble_of
from likeness.imports.outcomes import Outcome
from likeness.imports.records import Picture, Unusable
from support.pictures import gif, jpeg

LIMITS = Limits(side_px_min=48, length_max=100_000)


def of(data: bytes) -> Head | Trouble:
    """What is seen of a picture."""
    return look(Picture(lambda: data), LIMITS)


def test_a_picture_is_seen_by_its_head() -> None:
    """Its size upright."""
    assert of(jpeg(96, 60)) == Head(jpeg(96, 60), 96, 60)


@pytest.mark.parametrize(
    ("data", "outcome"),
    [
        (jpeg(47, 60), Outcome.TOO_SMALL),
        (jpeg(60, 5000), Outcome.TOO_SMALL),
        (bytes(100_001), Outcome.TOO_LARGE),
        (gif(60, 60, 101), Outcome.TOO_LARGE),
        (b"hello", Outcome.UNREADABLE),
        (b"", Outcome.UNREADABLE),
    ],
)
def test_what_cannot_be_taken_is_told(data: bytes, outcome: Outcome) -> None:
    """As the picture workers' plan would say it, without them."""
    seen = of(data)

    assert isinstance(seen, Trouble)
    assert seen.outcome is outcome
    assert seen.reason


def test_a_picture_that_cannot_be_had_is_told() -> None:
    """With the reason of whoever has it."""

    def refuse() -> bytes:
        raise Unusable("it is encrypted")

    assert look(Picture(refuse), LIMITS) == Trouble(Outcome.UNREADABLE, "it is encrypted")


def test_a_refusal_of_the_engine_is_an_outcome() -> None:
    """What steers a terminal is taken out of it."""
    assert trouble_of(TooManyFrames("a\x1bb")) == Trouble(Outcome.TOO_LARGE, "a\ufffdb")
