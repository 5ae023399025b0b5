"""Whose bytes are counted, up to where, and that all of them are given back."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.errors import ServiceUnavailable
from likeness.model import Caller, Token, TokenKind
from likeness.webapi.budget import UNCOUNTED_LENGTH, Budget, Hold, Shares
from support.rows import NOW, team, user

SHARES = Shares(whole=1000, person=400, strangers=200, address=100)
HERE, THERE = "192.0.2.1", "192.0.2.2"


def person(number: int = 1, token_id: int = 7) -> Caller:
    """Somebody who is known by a token."""
    token = Token(token_id, b"", user(number).id, TokenKind.USER, (), NOW)
    return Caller(user(number), team(), token)


class Senders:
    """Bodies under way, which are all given back in the end."""

    def __init__(self, opened: ExitStack) -> None:
        self.budget = Budget(SHARES)
        self._opened = opened

    def body(self, length: int, sender: Caller | None = None, address: str = HERE) -> Hold:
        """A body of which so many bytes are counted."""
        hold = self._opened.enter_context(self.budget.hold(sender, address))
        hold.grow(UNCOUNTED_LENGTH + length)
        return hold


@pytest.fixture
def senders() -> Iterator[Senders]:
    """A budget that nobody uses yet."""
    with ExitStack() as opened:
        yield Senders(opened)


def test_a_person_has_a_part_and_others_have_theirs(senders: Senders) -> None:
    senders.body(400, person(1))
    with pytest.raises(ServiceUnavailable, match=r"one person may have 400 bytes .* wait until"):
        senders.body(1, person(1))
    senders.body(400, person(2))


def test_all_tokens_of_a_person_have_one_part(senders: Senders) -> None:
    """Else sessions would multiply it, of which anybody can have many."""
    senders.body(400, person(1, token_id=7))
    with pytest.raises(ServiceUnavailable):
        senders.body(1, person(1, token_id=8))


def test_all_together_have_the_whole(senders: Senders) -> None:
    senders.body(400, person(1))
    senders.body(400, person(2))
    with pytest.raises(ServiceUnavailable, match="too many uploads are under way; try again"):
        senders.body(201, person(3))
    senders.body(200, person(3))


def test_strangers_share_a_part_and_an_address_has_half_of_it(senders: Senders) -> None:
    """What they are told is where to put the token."""
    senders.body(100, address=HERE)
    with pytest.raises(ServiceUnavailable, match=r"100 bytes at a time from one address; send the"):
        senders.body(1, address=HERE)
    senders.body(100, address=THERE)
    with pytest.raises(ServiceUnavailable, match=r"200 bytes at a time; send the token as `Autho"):
        senders.body(1, address="192.0.2.3")
    senders.body(400, person())


@pytest.mark.parametrize(
    ("first", "second", "is_one"),
    [
        (HERE, f"::ffff:{HERE}", True),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("fe80::1%eth0", "fe80::2", True),
        ("", "", True),
        ("no address", HERE, False),
    ],
)
def test_addresses_that_one_sender_can_have_count_as_one(
    senders: Senders, first: str, second: str, is_one: bool
) -> None:
    """IPv6 is given out 64 bits at a time; a Unix socket has no address at all."""
    senders.body(100, address=first)
    if is_one:
        with pytest.raises(ServiceUnavailable):
            senders.body(1, address=second)
    else:
        senders.body(100, address=second)


def test_a_body_without_more_than_words_counts_against_nobody(senders: Senders) -> None:
    """So that it is taken however much others hold."""
    for address in (HERE, THERE):
        senders.body(100, address=address)
    for number in (1, 2):
        senders.body(400, person(number))
    assert [senders.body(0, address=HERE).length for _ in range(9)] == [UNCOUNTED_LENGTH] * 9


def test_what_is_announced_is_refused_before_it_comes(senders: Senders) -> None:
    """And reserves nothing: to announce much costs nothing."""
    waiting = senders.body(0)
    waiting.expect(UNCOUNTED_LENGTH + 100)
    with pytest.raises(ServiceUnavailable):
        waiting.expect(UNCOUNTED_LENGTH + 101)
    senders.body(100)
    with pytest.raises(ServiceUnavailable):
        waiting.expect(UNCOUNTED_LENGTH + 1)


def test_what_was_refused_is_not_counted(senders: Senders) -> None:
    hold = senders.body(60)
    with pytest.raises(ServiceUnavailable):
        hold.grow(UNCOUNTED_LENGTH + 101)
    assert hold.length == UNCOUNTED_LENGTH + 60
    senders.body(40)


def test_what_is_no_longer_kept_is_given_back(senders: Senders) -> None:
    hold = senders.body(100)
    hold.shrink(UNCOUNTED_LENGTH + 30)
    senders.body(70)
    hold.shrink(UNCOUNTED_LENGTH + 99)
    assert hold.length == UNCOUNTED_LENGTH + 30


def test_strangers_are_told_from_those_who_are_known(senders: Senders) -> None:
    assert senders.body(0, person()).is_known
    assert not senders.body(0).is_known


@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, person(1), person(2)]),
            st.sampled_from([HERE, THERE]),
            st.lists(st.integers(0, 3 * UNCOUNTED_LENGTH), max_size=4),
        ),
        max_size=8,
    )
)
def test_everything_is_given_back(
    bodies: list[tuple[Caller | None, str, list[int]]],
) -> None:
    """Whatever was refused on the way; and nobody is remembered who holds nothing."""
    budget = Budget(Shares(*[length * UNCOUNTED_LENGTH for length in (9, 4, 2, 1)]))
    with ExitStack() as opened:
        for sender, address, lengths in bodies:
            hold = opened.enter_context(budget.hold(sender, address))
            for length in lengths:
                try:
                    hold.grow(length)
                except ServiceUnavailable:
                    hold.shrink(0)
    assert not budget._held
