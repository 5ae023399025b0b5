"""The rules about names and repeated arguments, and the texts of a form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.errors import InvalidArgName, InvalidArrayArg, InvalidFormData
from likeness.model import Secret
from likeness.webapi.form import (
    NAME_LENGTH_MAX,
    SINGLE,
    Form,
    check_names,
    check_single,
    in_utf_8,
)


@pytest.mark.parametrize("name", ["a", "crop_x", "X9", "_", "n" * NAME_LENGTH_MAX])
def test_letters_digits_and_underscores_make_a_name(name: str) -> None:
    check_names([name])


@pytest.mark.parametrize(
    "name", ["", "a b", "crop-x", "größe", "a.b", "a\n", "n" * (NAME_LENGTH_MAX + 1)]
)
def test_any_other_name_is_refused_with_its_length(name: str) -> None:
    with pytest.raises(InvalidArgName, match=f"has {len(name)} characters"):
        check_names(["user", name])


@pytest.mark.parametrize("name", ["foo[7]", "foo[]", "foo[a][b]", "[]", "foo[ä]"])
def test_array_names_have_a_refusal_of_their_own(name: str) -> None:
    with pytest.raises(InvalidArrayArg, match="array element"):
        check_names([name])


@pytest.mark.parametrize("name", ["foo[", "foo]", "foo[a]b", "fo-o[7]", "foo[[7]]"])
def test_broken_arrays_are_indecent_names(name: str) -> None:
    with pytest.raises(InvalidArgName):
        check_names([name])


def test_an_overlong_array_name_is_an_indecent_name() -> None:
    with pytest.raises(InvalidArgName):
        check_names(["n" * NAME_LENGTH_MAX + "[]"])


def test_an_indecent_name_comes_before_an_array_wherever_it_stands() -> None:
    with pytest.raises(InvalidArgName):
        check_names(["foo[7]", "a b"])


def test_a_message_shows_only_the_start_of_a_long_name() -> None:
    with pytest.raises(InvalidArgName) as caught:
        check_names(["x" * 5000])
    assert len(caught.value.message) < 200


@pytest.mark.parametrize("name", sorted(SINGLE))
def test_arguments_that_decide_come_once(name: str) -> None:
    with pytest.raises(InvalidFormData, match=f"{name} is there twice") as caught:
        check_single([(name, b"1"), ("other", b""), (name, b"1")])
    assert caught.value.argument == name


def test_other_arguments_may_come_twice() -> None:
    check_single([("foo", b"1"), ("foo", b"2"), ("image", b"")])


def test_texts_are_brought_to_utf_8_and_a_picture_stays() -> None:
    pairs = [("a", b"\xfc"), ("image", b"\xfc")]
    assert in_utf_8(pairs, "iso-8859-1") == [("a", "ü".encode()), ("image", b"\xfc")]


@given(st.dictionaries(st.text(), st.binary()))
def test_any_bytes_become_some_text(values: dict[str, bytes]) -> None:
    texts = Form(values, None).texts()
    assert texts.keys() == values.keys()


def test_a_form_shows_neither_values_nor_token_when_printed() -> None:
    form = Form({"a": b"private"}, Secret("xoxp-private"))
    assert "private" not in repr(form)
