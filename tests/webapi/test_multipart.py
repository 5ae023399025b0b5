"""Bodies of forms: what clients send is understood, what is broken or ambiguous is refused."""

from contextlib import suppress
from urllib.parse import unquote_to_bytes, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.errors import InvalidFormData, TooLarge
from likeness.webapi.multipart import (
    BESIDE_LENGTH_MAX,
    BOUNDARY_LENGTH_MAX,
    FIELD_LENGTH_MAX,
    PARTS_MAX,
    check_length,
    is_plain,
    parse_multipart,
    parse_urlencoded,
)
from likeness.webapi.slices import SLICE_LENGTH
from support.wire import Part, field_part, file_part, multipart

UPLOAD_MAX = 1000
TYPE = "multipart/form-data; boundary=b0"


def parse(body: bytes, content_type: str = TYPE) -> list[tuple[str, bytes]]:
    return parse_multipart(body, content_type, UPLOAD_MAX)


def framed(*parts: Part, preamble: bytes = b"") -> bytes:
    return multipart(parts, boundary="b0", preamble=preamble)


def part_of(*lines: str) -> bytes:
    return framed(Part(lines, b"v"))


def test_parts_come_in_their_order() -> None:
    body = framed(field_part("crop_x", "1"), file_part(b"\x00\r\n--b\xff"), field_part("z", ""))
    assert parse(body) == [("crop_x", b"1"), ("image", b"\x00\r\n--b\xff"), ("z", b"")]


@given(
    st.lists(
        st.tuples(st.from_regex(r"[a-z_]{1,9}", fullmatch=True), st.binary(max_size=90)),
        min_size=1,
        max_size=8,
    )
)
def test_what_is_written_is_read(pairs: list[tuple[str, bytes]]) -> None:
    boundary = "f" * 40
    parts = [Part((f'Content-Disposition: form-data; name="{n}"',), data) for n, data in pairs]
    body = multipart(parts, boundary=boundary)
    assert parse(body, f'multipart/form-data; boundary="{boundary}"') == pairs


@given(st.binary(max_size=400), st.text(max_size=60))
def test_any_bytes_are_pairs_or_a_refusal(body: bytes, content_type: str) -> None:
    for kind in (content_type, TYPE):
        with suppress(InvalidFormData, TooLarge):
            assert isinstance(parse(body, kind), list)


@given(st.data())
def test_a_damaged_body_is_pairs_or_a_refusal(data: st.DataObject) -> None:
    body = bytearray(framed(field_part("a", "1"), file_part(b"data")))
    for at in data.draw(st.lists(st.integers(0, len(body) - 1), max_size=4)):
        body[at] = data.draw(st.integers(0, 255))
    with suppress(InvalidFormData):
        assert isinstance(parse(bytes(body)), list)


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (("Content-Disposition: form-data; name=bare",), "bare"),
        (("Content-Disposition: form-data; name=*",), "*"),
        (("content-disposition: form-data; name=lower",), "lower"),
        (('Content-Disposition: form-data; filename="x"; name="last"',), "last"),
        (('Content-Disposition: form-data; name="a\\"b"',), 'a"b'),
        (("X-Other: 1", 'Content-Disposition: form-data; name="second"'), "second"),
    ],
)
def test_odd_headers_of_clients_are_understood(lines: tuple[str, ...], name: str) -> None:
    assert parse(part_of(*lines)) == [(name, b"v")]


@pytest.mark.parametrize(
    "called",
    [r"a\"; name=\"token.jpg", "\x01\x1b", "; name=token", "\t", r"C:\\me.jpg", "\x80\xff", ""],
)
def test_a_file_may_be_called_anything(called: str) -> None:
    """Also what looks like the name of another field, as long as it stays within its quotes."""
    line = f'Content-Disposition: form-data; name="image"; filename="{called}"'
    assert parse(part_of(line)) == [("image", b"v")]


@pytest.mark.parametrize("length", ["99", "0", "-1", "many", ""])
@pytest.mark.parametrize("name", ["Content-Length", "content-length", "CONTENT-LENGTH "])
def test_the_length_that_a_part_announces_is_ignored(name: str, length: str) -> None:
    """RFC 7578, 4.8: the boundary says where it ends."""
    field = 'Content-Disposition: form-data; name="a"'
    assert parse(part_of(f"{name}: {length}", field)) == [("a", b"v")]
    assert parse(part_of(field, f"{name}: {length}")) == [("a", b"v")]


@pytest.mark.parametrize("padding", [b" ", b"\t", b" \t  ", b" " * 200])
@pytest.mark.parametrize("preamble", [b"", b"\r\n", b"once upon\r\n"])
def test_spaces_behind_a_boundary_are_overlooked(padding: bytes, preamble: bytes) -> None:
    """RFC 2046, 5.1.1: some gateways add them. What is like them in a value stays."""
    value = b"x--b0 \r\n\r\n--b \r\n"
    body = framed(field_part("a", "1"), file_part(value), preamble=preamble)
    padded = body.replace(b"--b0\r\nC", b"--b0" + padding + b"\r\nC")
    padded = padded.replace(b"--b0--", b"--b0--" + padding)
    assert padded.count(padding + b"\r\n") >= 3
    assert parse(padded) == [("a", b"1"), ("image", value)]


def test_spaces_are_overlooked_behind_so_many_boundaries_only() -> None:
    """As many as there may be parts; with more the form is refused anyway."""
    body = framed(*[field_part(f"a{n}", "1") for n in range(PARTS_MAX + 5)])
    with pytest.raises(InvalidFormData):
        parse(body.replace(b"--b0\r\n", b"--b0 \r\n"))


@pytest.mark.parametrize("behind", [b"x", b" x", b" " * 201, b"\n"])
def test_anything_else_behind_a_boundary_is_refused(behind: bytes) -> None:
    body = framed(field_part("a", "1")).replace(b"--b0\r\n", b"--b0" + behind + b"\r\n")
    with pytest.raises(InvalidFormData):
        parse(body)


def test_an_empty_line_before_the_first_boundary_is_understood() -> None:
    assert parse(framed(field_part("a", "1"), preamble=b"\r\n")) == [("a", b"1")]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nothing",
        b"--b0",
        b"--b0\r\n",
        framed(field_part("a", "1"))[:-8],
        part_of("no colon here"),
        part_of("X-Other: 1"),
        part_of("Content-Disposition: form-data"),
        part_of('Content-Disposition: form-data; name=""'),
        part_of('Content-Disposition: form-data; name="a"; name="b"'),
        part_of('Content-Disposition: form-data; name="a"', 'Content-Disposition: x; name="b"'),
        part_of('Content-Disposition: form-data; name="a\x01"'),
        part_of('Content-Disposition: form-data; name="a"; filename="\n"'),
        part_of('Content-Disposition: form-data; name="a"; filename="\0"'),
        part_of('Content-Disposition: form-data; name="a"; filename="b"; name="token.jpg"'),
        part_of('Content-Disposition: form-data; name="a"', "X: \x00"),
        part_of('Content-Disposition: form-data; name="a"', *(f"X{n}: 1" for n in range(20))),
        part_of(f'Content-Disposition: form-data; name="{"n" * 10_000}"'),
    ],
)
def test_broken_bodies_are_refused(body: bytes) -> None:
    with pytest.raises(InvalidFormData):
        parse(body)


FOLDED = ("X-Folded: a", *[" a"] * 2000)


@pytest.mark.parametrize(
    "body",
    [
        framed(field_part("a", "1"), preamble=b"x" * BESIDE_LENGTH_MAX + b"\r\n"),
        framed(field_part("a", "1")) + bytes(BESIDE_LENGTH_MAX),
        framed(*[Part(('Content-Disposition: form-data; name="a"', *FOLDED), b"")] * 9),
    ],
    ids=["before", "after", "headers"],
)
def test_what_stands_beside_the_values_is_bounded(body: bytes) -> None:
    """Folded headers cost 0.6 s a mebibyte, since each line is joined to those before it."""
    with pytest.raises(InvalidFormData, match=f"beside its values.* {BESIDE_LENGTH_MAX} are all"):
        parse(body)


def test_a_folded_header_is_understood() -> None:
    assert parse(part_of('Content-Disposition: form-data;\r\n name="a"')) == [("a", b"v")]


@pytest.mark.parametrize("length", [0, 1, 9])
def test_what_stands_before_the_first_boundary_is_judged_in_one_piece(length: int) -> None:
    """Wherever slices of the body end."""
    for at in (SLICE_LENGTH, 2 * SLICE_LENGTH, BESIDE_LENGTH_MAX):
        with pytest.raises(InvalidFormData):
            parse(framed(field_part("a", "1"), preamble=b"x" * (at - length)))


@given(st.integers(0, 40), st.integers(0, 3))
def test_a_boundary_may_lie_where_two_slices_meet(at: int, slices: int) -> None:
    """Nothing is lost or added there."""
    data = b"\r\n--b" * 9 + bytes(BESIDE_LENGTH_MAX + slices * SLICE_LENGTH - 120 + at)
    body = framed(Part(('Content-Disposition: form-data; name="image"',), data))
    assert parse_multipart(body, TYPE, len(data)) == [("image", data)]


@pytest.mark.parametrize(
    "boundary", ["----=_Part_1_2.3", "a/b:c?d(e),f", "a b", "=", "'quoted'", "b0!#$%&*+^_`|~"]
)
@pytest.mark.parametrize("separator", ["; ", ";", ";\t", " ;\t "])
def test_a_boundary_without_quotes_may_have_any_signs(boundary: str, separator: str) -> None:
    """Also those that RFC 2045 wants to be quoted, and another parameter may follow."""
    body = multipart((field_part("a", "1"),), boundary=boundary)
    for rest in ("", "; charset=utf-8", " "):
        header = f"multipart/form-data{separator}boundary={boundary}{rest}"
        assert parse(body, header) == [("a", b"1")]


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        'multipart/form-data; x="; boundary=b0"; boundary=b1',
        'multipart/form-data; boundary=b"0',
        f"multipart/form-data; boundary={'b' * (BOUNDARY_LENGTH_MAX + 1)}",
        "multipart/form-data; boundary=b0; boundary=b1",
        'multipart/form-data; boundary="b\x010"',
        "multipart/form-data; boundary=bä",
        'multipart/form-data; boundary="bä"',
    ],
)
def test_the_boundary_is_named_exactly_once(content_type: str) -> None:
    with pytest.raises(InvalidFormData, match="boundary"):
        parse(framed(field_part("a", "1")), content_type)


def test_the_number_of_parts_is_bounded() -> None:
    fields = [field_part(f"a{n}", "1") for n in range(PARTS_MAX + 1)]
    assert len(parse(framed(*fields[:-1]))) == PARTS_MAX
    with pytest.raises(InvalidFormData, match=f"at most {PARTS_MAX} parts"):
        parse(framed(*fields))


@pytest.mark.parametrize("parts", [1, 8])
def test_a_usual_upload_is_plain(parts: int) -> None:
    """A picture and some numbers, whatever bytes the picture has."""
    picture = file_part(b"\xff\xd8" + b"--b\r\n\r\n" * 90)
    assert is_plain(framed(picture, *[field_part("crop_x", "1")] * (parts - 1)), TYPE)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        framed(*[field_part("crop_x", "1")] * 9),
        framed(field_part("crop_x", "1"), preamble=b"x" * 300),
        part_of('Content-Disposition: form-data; name="image"', "X-Long: " + "x" * 300),
        framed(file_part(b"x"))[:-8],
        framed(file_part(b"x")) + b"x" * 9,
    ],
)
def test_what_may_take_long_to_parse_is_not_plain(body: bytes) -> None:
    """Many parts, long heads, and what stands before the first and after the last delimiter."""
    assert not is_plain(body, TYPE)


def test_a_picture_has_a_limit_and_fields_have_another() -> None:
    assert parse(framed(file_part(bytes(UPLOAD_MAX))))[0][1] == bytes(UPLOAD_MAX)
    with pytest.raises(TooLarge, match="1001 bytes; at most 1000") as caught:
        parse(framed(file_part(bytes(UPLOAD_MAX + 1))))
    assert caught.value.argument == "image"
    with pytest.raises(InvalidFormData, match="crop_x has 65537 bytes"):
        parse(framed(field_part("crop_x", "1" * (FIELD_LENGTH_MAX + 1))))


def test_lengths_at_their_limits_are_fine() -> None:
    check_length("image", bytes(UPLOAD_MAX), UPLOAD_MAX)
    check_length("other", bytes(FIELD_LENGTH_MAX), UPLOAD_MAX)


@given(st.lists(st.tuples(st.text(), st.binary(max_size=90)), max_size=PARTS_MAX))
def test_urlencoded_forms_survive_the_way(pairs: list[tuple[str, bytes]]) -> None:
    kept = [(name, value) for name, value in pairs if name or value]
    assert parse_urlencoded(urlencode(kept).encode(), UPLOAD_MAX) == kept


@given(st.binary(max_size=400))
def test_any_bytes_are_fields_or_a_refusal(body: bytes) -> None:
    with suppress(InvalidFormData):
        assert isinstance(parse_urlencoded(body, UPLOAD_MAX), list)


@pytest.mark.parametrize(
    ("body", "pairs"),
    [
        (b"", []),
        (b"&&", []),
        (b"a", [("a", b"")]),
        (b"a=b=c", [("a", b"b=c")]),
        (b"a=1+2%2B3", [("a", b"1 2+3")]),
        (b"a=%zz%4", [("a", b"%zz%4")]),
        (b"%FF=1", [("\ufffd", b"1")]),
    ],
)
def test_urlencoded_corner_cases(body: bytes, pairs: list[tuple[str, bytes]]) -> None:
    assert parse_urlencoded(body, UPLOAD_MAX) == pairs


def test_urlencoded_limits() -> None:
    assert len(parse_urlencoded(b"&".join([b"a=1"] * PARTS_MAX), UPLOAD_MAX)) == PARTS_MAX
    with pytest.raises(InvalidFormData, match="more than 32 fields in the form or the query"):
        parse_urlencoded(b"&".join([b"a=1"] * (PARTS_MAX + 1)), UPLOAD_MAX)
    with pytest.raises(InvalidFormData, match="more than 32 fields"):
        parse_urlencoded(b"&" * PARTS_MAX, UPLOAD_MAX)
    with pytest.raises(TooLarge):
        parse_urlencoded(b"image=" + b"x" * (UPLOAD_MAX + 1), UPLOAD_MAX)


def test_a_name_without_end_is_refused_before_it_is_decoded() -> None:
    """As with bytes that are no form at all."""
    longest = b"n" * FIELD_LENGTH_MAX
    assert parse_urlencoded(longest, UPLOAD_MAX) == [(longest.decode(), b"")]
    with pytest.raises(InvalidFormData, match="name of a field has 65537 bytes; at most 65536"):
        parse_urlencoded(longest + b"n", UPLOAD_MAX)


@given(pairs=st.lists(st.tuples(st.binary(max_size=9), st.binary(max_size=9)), max_size=9))
def test_fields_are_those_of_a_split(pairs: list[tuple[bytes, bytes]]) -> None:
    """With any bytes in them, `&` and `=` included."""
    body = b"&".join(name + b"=" + value for name, value in pairs)
    split = [item.partition(b"=") for item in body.split(b"&", PARTS_MAX) if item]
    with suppress(InvalidFormData):
        assert parse_urlencoded(body, UPLOAD_MAX) == [
            (unquote_plus(name).decode(errors="replace"), unquote_plus(value))
            for name, _, value in split
        ]


def unquote_plus(encoded: bytes) -> bytes:
    """What Python's own function makes of a part of a form."""
    return unquote_to_bytes(encoded.replace(b"+", b" "))


@pytest.mark.parametrize("charset", ["utf-8", "latin-1", "cp1252", "koi8-r", "shift_jis"])
def test_a_file_may_be_called_anything_in_any_code_page(charset: str) -> None:
    """Its name is not used; that of an argument is text in UTF-8."""
    name = {"koi8-r": "фото", "shift_jis": "写真"}.get(charset, "Zoë-é").encode(charset)
    body = (
        b'--XX\r\nContent-Disposition: form-data; name="image"; filename="%b.jpg"\r\n\r\npixels\r\n'
        b'--XX\r\nContent-Disposition: form-data; name="\xc3\xbc"\r\n\r\n1\r\n--XX--\r\n' % name
    )

    assert parse_multipart(body, "multipart/form-data; boundary=XX", 99) == [
        ("image", b"pixels"),
        ("\u00fc", b"1"),
    ]
