"""A double in a process of its own, as programs start it."""

from collections.abc import Iterator

import pytest

from likeness.double.client import Double, DoubleError
from support.web import get, post


@pytest.fixture(scope="module")
def double() -> Iterator[Double]:
    """One for all tests here."""
    with Double.start({"frames_max": "2"}) as running:
        yield running


def test_it_answers_when_it_was_started(double: Double) -> None:
    """A person of its own can call; what was called is told."""
    double.forget()
    person = double.person(name="Ada Double")
    answer = post(f"{double.api_url}auth.test", headers={"Authorization": f"Bearer {person.token}"})

    assert answer.json()["user_id"] == person.id
    [call] = double.calls("auth.test")
    assert (call["who"], call["error"]) == (person.email, "")
    assert double.calls("users.info") == []


def test_errors_are_demanded(double: Double) -> None:
    double.demand("api.test", "ratelimited", retry_after_s=2)
    assert post(f"{double.api_url}api.test").headers["retry-after"] == "2"
    with pytest.raises(DoubleError, match="never answers 'too_loud'"):
        double.demand("api.test", "too_loud")


def test_a_double_that_runs_already_can_be_talked_to(double: Double) -> None:
    """Whoever started it ends it."""
    with Double(double.url + "/") as other:
        assert other.person().token
    assert get(f"{double.url}/healthz").status_code == 200


def test_what_cannot_start_says_why() -> None:
    with pytest.raises(DoubleError, match="data cannot be set"):
        Double.start({"data": "/var/lib/likeness"})
