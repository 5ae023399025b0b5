"""Turns and places: nobody waits behind somebody else's crowd, and nobody is locked out by it."""

from hypothesis import given
from hypothesis import strategies as st

from likeness.imaging.pool.waiting_room import WaitingRoom

owners = st.sampled_from("abc")


def filled(arrivals: str, places: int = 99) -> WaitingRoom[str, str]:
    """A room that jobs entered in this order; each is called by its owner and its number."""
    room = WaitingRoom[str, str]()
    for number, owner in enumerate(arrivals):
        room.enter(owner, f"{owner}{number}", places)
    return room


def drained(room: WaitingRoom[str, str]) -> list[str]:
    """The jobs in the order in which they get their turn."""
    return [job for _, job in iter(room.next, None)]


def test_owners_take_turns() -> None:
    """The first to come is first, then each other one once, and so on."""
    assert ["a0", "b3", "c5", "a1", "b4", "a2"] == drained(filled("aaabbc"))


def test_who_may_not_go_is_passed_over() -> None:
    """For this turn; with nobody else there is nothing to do."""
    room = filled("aab")

    assert ("b", "b2") == room.next(lambda line, _: line == "b")
    assert room.next(lambda line, _: line == "b") is None
    assert ("a", "a0") == room.next()


def test_whether_a_line_may_go_is_said_of_its_oldest_job() -> None:
    """Those behind it wait with it."""
    room = filled("aabb")

    assert room.next(lambda _, job: job in {"a1", "b3"}) is None
    assert ("b", "b2") == room.next(lambda _, job: job in {"a1", "b2"})
    assert ["a", "b"] == list(room.lines)


def test_one_owner_is_served_in_order() -> None:
    """As in any queue."""
    assert ["a0", "a1", "a2"] == drained(filled("aaa"))


def test_a_full_room_turns_the_newcomer_away() -> None:
    """Who has as many jobs there as anybody."""
    room = filled("ab", places=2)

    assert "a" == room.enter("a", "a", 2)
    assert ["a0", "b1"] == drained(room)


def test_in_a_full_room_the_greediest_gives_way() -> None:
    """Their newest job leaves, and the newcomer has its turn soon."""
    room = filled("aaa", places=3)

    assert "a2" == room.enter("b", "b", 3)
    assert ["a0", "b", "a1"] == drained(room)


def test_without_places_everybody_is_turned_away() -> None:
    """And nothing is left of them."""
    room = WaitingRoom[str, str]()

    assert "a" == room.enter("a", "a", 0)
    assert 0 == len(room)


def test_who_goes_away_leaves_a_place() -> None:
    """A job that had its turn already, or never was there, is no fault."""
    room = filled("ab")

    for job in ("a0", "a0", "a9"):
        room.discard("a", job)

    assert ["b1"] == drained(room)


@given(arrivals=st.lists(owners, max_size=30).map("".join), places=st.integers(0, 8))
def test_no_owner_waits_longer_than_others_have_turns(arrivals: str, places: int) -> None:
    """Between two jobs of one owner each other has one at most; the room is never too full."""
    room = filled(arrivals, places)
    assert len(room) <= places

    served = drained(room)
    for start, job in enumerate(served):
        following = next((at for at in range(start + 1, len(served)) if served[at][0] == job[0]), 0)
        between = [other[0] for other in served[start + 1 : following]]
        assert len(between) == len(set(between))
