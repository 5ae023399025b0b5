"""The refusals: each has its own code in Slack's shape, one sentence, and keeps its words."""

import re

import pytest

from likeness import errors
from likeness.errors import (
    BadImage,
    MissingScope,
    Mistake,
    Ratelimited,
    Refusal,
    ServiceUnavailable,
    Trouble,
    let_go,
)

ALL = Refusal.__subclasses__()
PLAIN = [cls for cls in ALL if cls is not Ratelimited]


def test_every_refusal_has_a_code_of_its_own() -> None:
    """Callers tell refusals apart by nothing else."""
    codes = [cls.code for cls in ALL]

    assert len(codes) == len(set(codes))


def test_no_refusal_is_a_kind_of_another() -> None:
    """So that catching one catches one, and all are plain to see in the module."""
    below = [below for cls in ALL for below in cls.__subclasses__()]
    here = {
        thing
        for thing in vars(errors).values()
        if isinstance(thing, type) and issubclass(thing, Refusal) and thing is not Refusal
    }

    assert below == [], "derive it from Refusal itself"
    assert set(ALL) == here, "declare every refusal in src/likeness/errors.py"


@pytest.mark.parametrize("cls", ALL)
def test_a_code_is_in_slacks_shape_and_the_class_is_called_after_it(cls: type[Refusal]) -> None:
    """Small letters and underscores, such as `bad_image`; the class is BadImage."""
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", cls.code)
    assert cls.__name__ == "".join(word.capitalize() for word in cls.code.split("_"))


@pytest.mark.parametrize("cls", ALL)
def test_a_refusal_is_described_in_one_sentence(cls: type[Refusal]) -> None:
    """On one line, from a capital to a full stop: it stands in a table of the reference."""
    text = cls.description()

    assert re.fullmatch(r"[A-Z][^\n]{10,99}\.", text)
    assert not re.search(r"[.!?] [A-Z]", text)
    assert cls.__doc__ == text


@pytest.mark.parametrize("cls", PLAIN)
def test_a_refusal_keeps_what_it_was_told(cls: type[Refusal]) -> None:
    """The message is also its text; argument and details go into the answer."""
    refusal = cls("found x; send y", argument="image", dims="2x2", needed="a")

    assert "found x; send y" == refusal.message == str(refusal)
    assert "image" == refusal.argument
    assert {"dims": "2x2", "needed": "a"} == refusal.details


@pytest.mark.parametrize("cls", PLAIN)
def test_a_refusal_may_have_a_message_only(cls: type[Refusal]) -> None:
    """No argument is at fault then, and there is nothing to add."""
    refusal = cls("no")

    assert (None, {}) == (refusal.argument, refusal.details)


def test_a_limit_says_how_long_to_wait() -> None:
    """In whole seconds, beside its message."""
    refusal = Ratelimited("wait 3 s", 3)

    assert ("wait 3 s", 3) == (refusal.message, refusal.retry_after_s)
    assert (None, {}) == (refusal.argument, refusal.details)


def test_details_of_one_refusal_are_not_those_of_another() -> None:
    """Each has its own."""
    first, second = MissingScope("no", needed="a"), MissingScope("no")

    first.details["provided"] = "b"

    assert {"needed": "a", "provided": "b"} == first.details
    assert {} == second.details


@pytest.mark.parametrize("cls", PLAIN)
def test_a_refusal_can_be_raised_and_caught_as_one(cls: type[Refusal]) -> None:
    """By its class and by what all have in common, never as a mistake of an operator."""
    with pytest.raises(Refusal, match=r"^no$") as caught:
        raise cls("no")

    assert cls is caught.type
    assert not isinstance(caught.value, Mistake)


def test_a_mistake_is_no_refusal() -> None:
    """It is for operators, so it has a text and no code."""
    mistake = Mistake("ada@example.org is in that workspace already")

    assert "ada@example.org is in that workspace already" == str(mistake)
    assert not isinstance(mistake, Refusal)
    assert not hasattr(mistake, "code")


def test_an_error_is_cut_off_the_calls_that_it_came_through() -> None:
    """With the errors that led to it; its words stay."""
    try:
        try:
            int("none")
        except ValueError as cause:
            raise BadImage("a sentence") from cause
    except BadImage as error:
        refusal = error
    assert refusal.__traceback__
    assert refusal.__cause__
    assert refusal.__cause__.__traceback__

    let_go(refusal)

    assert "a sentence" == refusal.message
    assert None is refusal.__traceback__ is refusal.__cause__.__traceback__


def test_errors_that_led_to_each_other_are_let_go_as_well() -> None:
    """Which Python itself makes impossible, and assignments do not."""
    first, second = BadImage("1"), BadImage("2")
    first.__cause__, second.__cause__ = second, first
    let_go(first)


def test_what_is_unavailable_has_a_reason_for_operators() -> None:
    """It is no part of the message, which anybody may see; where there is none, that has to do."""
    told = ServiceUnavailable(
        "try again", trouble=Trouble.UNWRITABLE, reason="/srv/likeness.db belongs to root"
    )

    assert ("try again", "/srv/likeness.db belongs to root") == (str(told), told.reason)
    assert Trouble.UNWRITABLE is told.trouble
    assert "try again" == ServiceUnavailable("try again").reason
    assert Trouble.AWAY is ServiceUnavailable("try again").trouble
