"""What each known client really sends for users.setPhoto, rebuilt byte for byte.

Each was recorded on the wire or read in the client's source; contract § 1.10 says what of it is
understood.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote_from_bytes, urlencode

from support.wire import BOUNDARY, URLENCODED, Part, Request, bearer, field_part, multipart

METHOD: Final = "users.setPhoto"
PYTHON_BOUNDARY: Final = "--------------8f2d17c6-7a1e-4d0b-9a53-1b6c5a3ed2f4"
Box = tuple[int, int, int]

BOX: Final[Box] = (10, 15, 512)
_CROP: Final = {"crop_x": "10", "crop_y": "15", "crop_w": "512"}
_CROP_W_FIRST: Final = {"crop_w": "512", "crop_x": "10", "crop_y": "15"}


@dataclass(frozen=True)
class Form:
    """A client's request, made from a picture and a token, and what it must come to."""

    client: str
    build: Callable[[bytes, str], Request]
    box: Box | None = BOX
    error: str = ""
    hint: str = ""


def _typed(boundary: str = BOUNDARY) -> tuple[str, str]:
    return "Content-Type", f"multipart/form-data; boundary={boundary}"


def _texts(values: dict[str, str]) -> list[Part]:
    return [field_part(name, value) for name, value in values.items()]


def _file(data: bytes, rest: str, *lines: str) -> Part:
    return Part((f"Content-Disposition: form-data; {rest}", *lines), data)


def _python_sync(data: bytes, token: str) -> Request:
    """Begins with an empty line; the file name is the path as given, its quotes not escaped."""
    name = 'name="image"; filename="pictures/my pic "ü".png"'
    file = _file(data, name, "Content-Type: image/png")
    body = multipart([*_texts(_CROP_W_FIRST), file], boundary=PYTHON_BOUNDARY, preamble=b"\r\n")
    agent = ("User-Agent", "Python/3.11.7 slackclient/3.47.0 Linux/6.1.0")
    extra = (agent, ("Accept-Encoding", "identity"), ("Connection", "close"))
    return Request(METHOD, body, headers=(bearer(token), _typed(PYTHON_BOUNDARY), *extra))


def _python_override(data: bytes, token: str) -> Request:
    """A client built with one token and called with another: the header has the wrong one."""
    file = _file(
        data, 'name="image"; filename="Uploaded file"', "Content-Type: application/octet-stream"
    )
    body = multipart(
        [*_texts({"token": token} | _CROP_W_FIRST), file],
        boundary=PYTHON_BOUNDARY,
        preamble=b"\r\n",
    )
    return Request(METHOD, body, headers=(bearer("xoxp-of-the-client"), _typed(PYTHON_BOUNDARY)))


def _python_async(data: bytes, token: str) -> Request:
    """The type stands before the disposition, in text parts too."""
    texts = [
        Part(
            (
                "Content-Type: text/plain; charset=utf-8",
                f'Content-Disposition: form-data; name="{name}"',
            ),
            value.encode(),
        )
        for name, value in _CROP_W_FIRST.items()
    ]
    file = Part(
        (
            "Content-Type: application/octet-stream",
            'Content-Disposition: form-data; name="image"; filename="image"',
        ),
        data,
    )
    return Request(METHOD, multipart([*texts, file]), headers=(bearer(token), _typed()))


def _node(data: bytes, token: str) -> Request:
    """The picture first, the numbers after it."""
    file = _file(
        data, 'name="image"; filename="Untitled"', "Content-Type: application/octet-stream"
    )
    body = multipart([file, *_texts(_CROP)])
    return Request(METHOD, body, headers=(bearer(token), _typed()))


def _node_override(data: bytes, token: str) -> Request:
    """The overriding token in both places."""
    file = _file(data, 'name="image"; filename="me.png"', "Content-Type: image/png")
    body = multipart([field_part("token", token), file, *_texts(_CROP)])
    return Request(METHOD, body, headers=(bearer(token), _typed()))


def _node_8_stream(_: bytes, token: str) -> Request:
    """A stream is not recognised: it goes out as JSON text in an urlencoded form."""
    stream = '{"fd":null,"path":"/home/ada/me.png","flags":"r","mode":438,"start":0}'
    body = urlencode({"image": stream} | _CROP).encode()
    return Request(METHOD, body, headers=(bearer(token), ("Content-Type", URLENCODED)))


def _node_5(data: bytes, token: str) -> Request:
    """The token only in the form, and chunks."""
    file = _file(data, 'name="image"; filename="me.png"', "Content-Type: image/png")
    body = multipart([field_part("token", token), file, *_texts(_CROP)])
    return Request(METHOD, body, headers=(_typed(),), is_chunked=True)


def _java(data: bytes, token: str) -> Request:
    """A type that is none, and the length of each part."""
    file = _file(
        data,
        'name="image"; filename="image"',
        "Content-Type: imageData/*",
        f"Content-Length: {len(data)}",
    )
    texts = [
        Part(
            (f'Content-Disposition: form-data; name="{name}"', f"Content-Length: {len(value)}"),
            value.encode(),
        )
        for name, value in _CROP.items()
    ]
    return Request(METHOD, multipart([file, *texts]), headers=(bearer(token), _typed()))


def _java_without_token(data: bytes, _: str) -> Request:
    """Without a token this client still sends a header."""
    return _java(data, "null")


def _go(data: bytes, token: str, values: dict[str, str]) -> Request:
    file = _file(data, 'name="image"; filename="me.png"', "Content-Type: application/octet-stream")
    body = multipart([*_texts(values), file])
    return Request(METHOD, body, headers=(bearer(token), _typed()), is_chunked=True)


def _go_box(data: bytes, token: str) -> Request:
    """Its crop_y is always its crop_x."""
    return _go(data, token, {"crop_y": "10", "crop_w": "512", "crop_x": "10"})


def _go_unset(data: bytes, token: str) -> Request:
    """With CropX unset and CropY set, -1 goes out as crop_y and no crop_x."""
    return _go(data, token, {"crop_y": "-1", "crop_w": "512"})


def _go_zeros(data: bytes, token: str) -> Request:
    """The zero value of its parameters, which is what its example sends for no crop."""
    return _go(data, token, {"crop_w": "0", "crop_x": "0", "crop_y": "0"})


def _ruby(data: bytes, token: str) -> Request:
    """Length and transfer encoding of the part."""
    file = _file(
        data,
        'name="image"; filename="me.png"',
        f"Content-Length: {len(data)}",
        "Content-Type: image/png",
        "Content-Transfer-Encoding: binary",
    )
    boundary = "-----------RubyMultipartPost-7bb6d3b3d1b4"
    body = multipart([file, *_texts(_CROP)], boundary=boundary)
    return Request(METHOD, body, headers=(bearer(token), _typed(boundary)))


def _ruby_path(_: bytes, token: str) -> Request:
    """A plain String goes out as text."""
    body = urlencode({"image": "/home/ada/me.png"} | _CROP).encode()
    return Request(METHOD, body, headers=(bearer(token), ("Content-Type", URLENCODED)))


def _c_sharp(data: bytes, token: str) -> Request:
    """A bare name, a quoted boundary, `filename*`, and the numbers in the query."""
    boundary = "4f1c2a3b-9c1d-4c8e-8f6a-0d7f5b2a1c3e"
    name = "name=image; filename=photo; filename*=utf-8''photo"
    body = multipart(
        [Part(("Content-Type: image/png", f"Content-Disposition: form-data; {name}"), data)],
        boundary=boundary,
    )
    typed = _typed(f'"{boundary}"')
    return Request(METHOD, body, query=urlencode(_CROP), headers=(bearer(token), typed))


def _php(data: bytes, token: str) -> Request:
    """Made from an API description that says urlencoded: the bytes, percent-encoded."""
    body = f"image={quote_from_bytes(data)}&{urlencode(_CROP)}&token={token}".encode()
    return Request(METHOD, body, headers=(("Content-Type", URLENCODED),))


def _curl(data: bytes, token: str) -> Request:
    """Above 1 MB it asks before it sends; the server may answer at once or say go on."""
    file = _file(data, 'name="image"; filename="me.png"', "Content-Type: image/png")
    return Request(METHOD, multipart([file, *_texts(_CROP)]), headers=(bearer(token), _typed()))


def _curl_from_file(data: bytes, token: str) -> Request:
    """`-F 'image=<me.png;type=image/png'`: a typed part without a file name."""
    file = _file(data, 'name="image"', "Content-Type: image/png")
    return Request(METHOD, multipart([file, *_texts(_CROP)]), headers=(bearer(token), _typed()))


def _requests(data: bytes, token: str) -> Request:
    """The numbers first, and no type of the part."""
    file = _file(data, 'name="image"; filename="me.png"')
    return Request(METHOD, multipart([*_texts(_CROP), file]), headers=(bearer(token), _typed()))


def _requests_empty_file(_: bytes, token: str) -> Request:
    """An empty file still gives a part."""
    return _requests(b"", token)


def _team_id(data: bytes, token: str) -> Request:
    """SDKs built with a team id add it to every call; others add what they like."""
    extra = {"team_id": "T0123456789", "as_user": "true", "pretty": "1", "user_id": "U0000000000"}
    file = _file(data, 'name="image"; filename="me.png"', "Content-Type: image/png")
    return Request(
        METHOD, multipart([file, *_texts(extra | _CROP)]), headers=(bearer(token), _typed())
    )


def _query_token(data: bytes, token: str) -> Request:
    """Clients from before 2021 put the token into the address."""
    file = _file(data, 'name="image"; filename="me.png"', "Content-Type: image/png")
    body = multipart([file, *_texts(_CROP)])
    return Request(METHOD, body, query=urlencode({"token": token}), headers=(_typed(),))


def _query_and_header_token(data: bytes, token: str) -> Request:
    """slack-go before 2021-11 sent both, and Slack refused it."""
    request = _query_token(data, token)
    return request.with_headers(Authorization=f"Bearer {token}")


FORMS: Final = (
    Form("slack_sdk", _python_sync),
    Form("slack_sdk-token-override", _python_override),
    Form("slack_sdk-async", _python_async),
    Form("node-8-and-7-buffer", _node),
    Form("node-8-and-7-override", _node_override),
    Form("node-8-stream", _node_8_stream, error="bad_image", hint="text"),
    Form("node-5", _node_5),
    Form("java", _java),
    Form("java-without-token", _java_without_token, error="invalid_auth"),
    Form("go", _go_box, box=(10, 10, 512)),
    Form("go-crop-y-unset", _go_unset, box=(0, 0, 512)),
    Form("go-zeros", _go_zeros, box=None),
    Form("ruby", _ruby),
    Form("ruby-path-as-text", _ruby_path, error="bad_image", hint="path"),
    Form("c-sharp", _c_sharp),
    Form("php", _php),
    Form("curl", _curl),
    Form("curl-from-file", _curl_from_file),
    Form("requests", _requests),
    Form("requests-empty-file", _requests_empty_file, error="bad_image", hint="no picture"),
    Form("unknown-arguments", _team_id),
    Form("query-token", _query_token, error="invalid_auth"),
    Form("query-and-header-token", _query_and_header_token, error="invalid_auth"),
)
