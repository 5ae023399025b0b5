"""The vocabulary of the table: arguments read off signatures, and texts turned into values."""

from contextlib import suppress
from types import ModuleType
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.errors import BadImage, InvalidArguments, NotAuthed, UserNotFound
from likeness.webapi.method import (
    Answer,
    Arg,
    Audience,
    Call,
    Handler,
    Method,
    Tier,
    Upload,
    method,
    table,
)


@method(
    "test.everything",
    scope="a:b",
    tier=Tier.T3,
    audience=Audience.USERS,
    verb="POST",
    errors=(BadImage,),
    is_extension=True,
)
async def everything(
    call: Call,
    *,
    image: Annotated[Upload | None, Arg("A picture.", "@me.png")] = None,
    count: Annotated[int | None, Arg("A number.")] = 7,
    flag: Annotated[bool, Arg("A switch.")] = False,
    name: Annotated[str, Arg("A text.")] = "",
    ratio: Annotated[float | None, Arg("A fraction.")] = None,
) -> Answer:
    """Take one of each kind."""
    del call
    return Answer({"got": [image, count, flag, name, ratio]})


def module_of(*handlers: Handler) -> ModuleType:
    module = ModuleType("door")
    for at, handler in enumerate(handlers):
        setattr(module, f"handler_{at}", handler)
    return module


ROW = table(module_of(everything))["test.everything"]


def bind(**values: bytes) -> dict[str, Any]:
    return ROW.bind(values)


def test_a_row_says_what_its_decorator_and_signature_say() -> None:
    assert (ROW.scope, ROW.tier, ROW.audience, ROW.verb) == ("a:b", Tier.T3, Audience.USERS, "POST")
    assert ROW.description == "Take one of each kind."
    assert ROW.is_extension
    assert ROW.takes_upload
    kinds = [(argument.name, argument.kind, argument.default) for argument in ROW.arguments]
    assert kinds == [
        ("image", Upload, None),
        ("count", int, 7),
        ("flag", bool, False),
        ("name", str, ""),
        ("ratio", float, None),
    ]
    assert ROW.arguments[0].about == Arg("A picture.", "@me.png")


def test_a_handler_without_words_has_no_description() -> None:
    async def silent(_: Call) -> Answer:
        return Answer()

    mark = method("test.silent", scope=None, tier=Tier.T4, audience=Audience.ANYONE)
    row = table(module_of(mark(silent)))["test.silent"]
    assert (row.description, row.verb, row.takes_upload) == ("", "GET", False)


def test_an_argument_needs_words() -> None:
    async def wordless(_: Call, *, count: int = 0) -> Answer:
        return Answer({"count": count})

    mark = method("test.wordless", scope=None, tier=Tier.T4, audience=Audience.ANYONE)
    with pytest.raises(TypeError, match="Annotated"):
        mark(wordless)


def test_two_handlers_cannot_claim_one_name() -> None:
    with pytest.raises(ValueError, match=r"two handlers claim test\.everything"):
        table(module_of(everything, everything))


def test_unmarked_things_are_no_methods() -> None:
    assert table(ModuleType("empty")) == {}


def test_declared_and_common_errors_may_be_raised_and_no_others() -> None:
    assert ROW.may_raise(BadImage("x"))
    assert ROW.may_raise(NotAuthed("x"))
    assert not ROW.may_raise(UserNotFound("x"))


@pytest.mark.parametrize("tier", Tier)
def test_a_tier_gives_its_calls_back_within_a_minute(tier: Tier) -> None:
    assert tier.interval_s * tier.value == pytest.approx(60)


def test_each_kind_is_bound_and_unknown_names_are_left_out() -> None:
    bound = bind(image=b"\xff", count=b" 5 ", flag=b"TRUE", name=b" \xc3\xa4 ", other=b"1")
    assert bound == {"image": Upload(b"\xff"), "count": 5, "flag": True, "name": " ä "}


def test_what_is_no_utf_8_is_a_text_all_the_same() -> None:
    assert bind(name=b"\xfc") == {"name": "\N{REPLACEMENT CHARACTER}"}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (b"10", 10),
        (b"10.4", 10.4),
        (b" -0.5 ", -0.5),
        (b"7.", 7),
        (b"1e-7", 1e-7),
        (b"300.49999999999994", 300.49999999999994),
    ],
)
def test_numbers_may_have_fractions(text: bytes, number: float) -> None:
    assert bind(ratio=text) == {"ratio": number}


@pytest.mark.parametrize("text", [b"nan", b"inf", b"1e9", b"12345678901", b"1,5", b"0x1", b"."])
def test_what_is_no_such_number_is_refused(text: bytes) -> None:
    with pytest.raises(InvalidArguments, match="must be a number") as caught:
        bind(ratio=text)
    assert caught.value.argument == "ratio"


@pytest.mark.parametrize("blank", [b"", b"  "])
def test_blank_values_stand_for_the_default(blank: bytes) -> None:
    assert bind(count=blank, flag=blank) == {"count": 7, "flag": False}


@given(st.integers(-(10**10) + 1, 10**10 - 1), st.sampled_from(["", ".0", ".000"]))
def test_integers_of_ten_digits_are_understood(number: int, tail: str) -> None:
    assert bind(count=f"{number}{tail}".encode()) == {"count": number}


@pytest.mark.parametrize(
    "text", ["1.5", "1e3", "0x10", "\uff11", "1 2", "+-1", "1" * 11, "--", "nan"]
)
def test_other_numbers_are_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidArguments, match="must be an integer") as caught:
        bind(count=text.encode())
    assert caught.value.argument == "count"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"1", True),
        (b"true", True),
        (b"0", False),
        (b"False", False),
        (b"yes", True),
        (b"OFF", False),
    ],
)
def test_switches(text: bytes, value: bool) -> None:
    assert bind(flag=text) == {"flag": value}


@pytest.mark.parametrize("text", [b"maybe", b"2", b"\xff"])
def test_other_switches_are_refused_by_name(text: bytes) -> None:
    with pytest.raises(InvalidArguments, match="1, 0, true or false") as caught:
        bind(flag=text)
    assert caught.value.argument == "flag"


@given(st.binary(max_size=30))
def test_any_bytes_are_bound_or_refused(value: bytes) -> None:
    for name in ("image", "count", "flag", "name"):
        with suppress(InvalidArguments):
            assert bind(**{name: value}).keys() == {name}


def test_a_call_open_to_anyone_has_no_caller() -> None:
    unused: Any = None
    call = Call(None, dict, accounts=unused, photos=unused)
    with pytest.raises(LookupError):
        _ = call.caller


def test_an_upload_does_not_show_its_bytes() -> None:
    assert "secret" not in repr(Upload(b"secret"))


def test_every_row_is_a_method() -> None:
    assert isinstance(ROW, Method)
