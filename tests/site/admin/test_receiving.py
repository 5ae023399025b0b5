"""A form whose file is read in pieces."""

from collections.abc import Iterable

import pytest
from starlette.requests import Request

from likeness.errors import Mistake
from likeness.site.admin.receiving import FIELDS_LENGTH_MAX, PARTS_MAX, Received

pytestmark = pytest.mark.anyio

BOUNDARY = "b"


def part(name: str, data: bytes, file_name: str = "") -> bytes:
    """One part of a form, its boundary first."""
    named = f'; filename="{file_name}"' if file_name else ""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'
    return head.encode() + data + b"\r\n"


END = f"--{BOUNDARY}--\r\n".encode()


def request(
    chunks: Iterable[bytes],
    kind: str = f"multipart/form-data; boundary={BOUNDARY}",
    *,
    is_cut: bool = False,
) -> Request:
    """A request whose body comes in these chunks."""
    left = [*chunks]

    async def receive() -> dict[str, object]:
        if left:
            body = left.pop(0)
            return {"type": "http.request", "body": body, "more_body": bool(left) or is_cut}
        return {"type": "http.disconnect"}

    scope = {"type": "http", "method": "POST", "headers": [(b"content-type", kind.encode())]}
    return Request(scope, receive)


async def read(form: Received) -> bytes:
    await form.begin()
    return b"".join([chunk async for chunk in form.chunks()])


@pytest.mark.parametrize("step", [1, 7, 10_000])
async def test_fields_come_first_and_then_the_file(step: int) -> None:
    """However the network cuts it."""
    data = bytes(range(256)) * 4
    body = part("token", b"secret") + part("kind", "für".encode()) + part("f", data, "a.zip") + END
    form = Received(request(body[at : at + step] for at in range(0, len(body), step)))
    await form.begin()

    assert form.fields == {"token": "secret", "kind": "für"}
    assert form.file_name == "a.zip"
    assert b"".join([chunk async for chunk in form.chunks()]) == data


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (part("token", b"x") + END, "choose a file"),
        (part("f", b"x", "a.zip") + part("token", b"x") + END, "last field"),
        (part("f", b"x", "a.zip"), "cannot be read"),
        (part("a", b"x" * (FIELDS_LENGTH_MAX + 1)) + END, "more than"),
        (part("x" * (FIELDS_LENGTH_MAX // 8), b"") * 9 + END, "more than"),
        (part("a", b"") * (PARTS_MAX + 1) + END, "cannot be read"),
        (b"no form", "cannot be read"),
    ],
)
async def test_a_form_that_is_none_is_refused(body: bytes, said: str) -> None:
    """Within bounds of its own."""
    with pytest.raises(Mistake, match=said):
        await read(Received(request([body])))


@pytest.mark.parametrize("kind", ["", "application/json", "multipart/form-data"])
async def test_only_forms_with_files_are_read(kind: str) -> None:
    """By the type that they say."""
    with pytest.raises(Mistake, match="multipart/form-data"):
        await read(Received(request([b""], kind)))


async def test_a_connection_that_ends_is_no_whole_file() -> None:
    """What came of it is not used."""
    with pytest.raises(Mistake, match="ended before"):
        await read(Received(request([part("f", b"x", "a.zip")], is_cut=True)))
