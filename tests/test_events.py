"""Who acts, and how much of where from is kept."""

from datetime import UTC, datetime

import pytest

from likeness.events import Actor, Event, Verb, before_in_words, network_of, shown_before
from likeness.model import Source
from support.rows import user


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("unix:", ""),
        ("", ""),
    ],
)
def test_addresses_are_never_kept_whole(address: str, network: str) -> None:
    """Networks are told apart, people are not."""
    assert network_of(address) == network


def test_whoever_acts_on_somebody_else_is_an_administrator() -> None:
    """That is the only way in which one person changes another's photo."""
    ada, bob = user(1), user(2)

    assert Actor.on(ada, ada, "192.0.2.77") == Actor(ada.id, Source.SELF, "192.0.2.0/24")
    assert Actor.on(ada, bob) == Actor(bob.id, Source.ADMINISTRATOR)


@pytest.mark.parametrize(
    ("detail", "before"),
    [
        ("4711 self", (4711, Source.SELF)),
        ("0 self", (0, Source.SELF)),
        ("0 -", (0, None)),
        (None, (0, None)),
    ],
)
def test_an_offered_photo_tells_what_was_shown_before(
    detail: str | None, before: tuple[int, Source | None]
) -> None:
    """A photo or none, and who chose that; nothing where somebody was erased since."""
    event = Event(1, datetime.now(UTC), "cli", user(1).id, Verb.PHOTO_SET, detail=detail)

    assert shown_before(event) == before
    if detail is not None:
        assert before_in_words(before[0] or None, before[1]) == detail
