"""What a test may demand, and which call gets it."""

import pytest

from likeness.double.demands import (
    DEMANDS_MAX,
    TIMES_MAX,
    WAIT_S_MAX,
    Demand,
    Demands,
    own_demand,
)
from likeness.errors import Mistake, Ratelimited
from likeness.webapi.methods import METHODS
from likeness.webapi.openapi import all_errors

SET = "users.setPhoto"


@pytest.fixture
def demands() -> Demands:
    """None yet."""
    return Demands(METHODS)


def test_the_first_demand_for_a_method_is_taken_first(demands: Demands) -> None:
    """As often as was said, and by no call of another method."""
    demands.add(Demand("users.info", "user_not_found"))
    demands.add(Demand(SET, "too_large", times=2))
    demands.add(Demand(SET, "bad_image"))

    taken = [demands.take(SET) for _ in range(4)]

    assert [each and each.error for each in taken] == ["too_large", "too_large", "bad_image", None]
    assert demands.take("users.info") == Demand("users.info", "user_not_found")


def test_demands_can_be_taken_back(demands: Demands) -> None:
    demands.add(Demand(SET, "too_large"))
    demands.forget()
    assert demands.take(SET) is None


@pytest.mark.parametrize(
    ("demand", "said"),
    [
        (Demand("users.setFoto"), "no method"),
        (Demand(SET, "too_loud"), "too_many_frames"),
        (Demand("users.info", "too_many_frames"), "never answers"),
        (Demand(SET, wait_s=WAIT_S_MAX + 1), "seconds"),
        (Demand(SET, wait_s=-1), "seconds"),
        (Demand(SET, wait_s=float("nan")), "seconds"),
        (Demand(SET, times=0), "times"),
        (Demand(SET, times=TIMES_MAX + 1), "times"),
    ],
)
def test_what_no_call_is_answered_with_cannot_be_demanded(
    demands: Demands, demand: Demand, said: str
) -> None:
    """A test with a slip in it is to fail at once."""
    with pytest.raises(Mistake, match=said):
        demands.add(demand)
    assert demands.take(demand.method) is None


def test_demands_that_wait_are_bounded(demands: Demands) -> None:
    for _ in range(DEMANDS_MAX):
        demands.add(Demand(SET, "too_large"))
    with pytest.raises(Mistake, match=str(DEMANDS_MAX)):
        demands.add(Demand(SET, "too_large"))


def test_every_error_of_every_method_can_be_demanded(demands: Demands) -> None:
    """Each as the refusal that the method declares."""
    for name, method in METHODS.items():
        for cls in all_errors(method):
            demand = Demand(name, cls.code, retry_after_s=7)
            demands.check(demand)
            refusal = demands.refusal(demand)
            assert type(refusal) is cls
            assert not isinstance(refusal, Ratelimited) or refusal.retry_after_s == 7


def test_a_call_may_demand_its_own_answer() -> None:
    """By its arguments, which are texts."""
    assert own_demand(SET, {"crop_x": "1"}) is None
    assert own_demand(SET, {"double_error": "too_large"}) == Demand(SET, "too_large")
    assert own_demand(SET, {"double_wait_s": "0.5"}) == Demand(SET, wait_s=0.5)
    with pytest.raises(Mistake, match="'soon'"):
        own_demand(SET, {"double_wait_s": "soon"})
