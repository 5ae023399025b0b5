"""The guarded client, against real servers on loopback: TLS by an authority of the test's own."""

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from likeness import fetching, outgoing
from likeness.destinations import Failure
from likeness.fetching import LENGTH_MAX, Fetcher
from likeness.model import Secret
from likeness.outgoing import ADDRESSES_MAX, Resolve
from support.certificates import Authority
from support.document_host import DocumentHost, document_host, head_of
from support.live import free_port
from support.patience import PATIENCE_S

pytestmark = pytest.mark.anyio

NAME = "photos.example.org"
HERE = "127.0.0.1"
PICTURE = b"\xff\xd8 a picture, as far as anybody knows here"


@pytest.fixture(scope="module")
def authority() -> Authority:
    """Who signs."""
    return Authority()


@pytest.fixture
async def host(authority: Authority, tmp_path: Path) -> AsyncIterator[DocumentHost]:
    """The server that has the name's certificate."""
    async with document_host(authority.server(tmp_path / "host", NAME)) as running:
        running.answer("/ada", PICTURE)
        yield running


class Names:
    """A name server's answers, one after the other; the last again and again."""

    def __init__(self, *answers: Sequence[tuple[str, int]]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, host: str, port: int) -> Sequence[tuple[str, int]]:
        """The next answer."""
        self.asked.append((host, port))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def at(
    host: DocumentHost,
    authority: Authority,
    *,
    timeout_s: float = PATIENCE_S,
    resolve: Resolve | None = None,
) -> Fetcher:
    """A client for whom the name leads to that server."""
    return Fetcher(
        [NAME],
        has_loopback=True,
        resolve=resolve or Names([(HERE, host.port)]),
        tls=authority.believed(),
        timeout_s=timeout_s,
    )


async def test_a_document_comes_and_nothing_is_told_but_what_is_needed(
    host: DocumentHost, authority: Authority
) -> None:
    """No cookie, no referrer, no compression; the name is the host's own and not its address."""
    fetcher = at(host, authority)
    host.answer("/ada", PICTURE, set_cookie="who=ada; Secure")

    for _ in range(2):
        assert await fetcher.fetch(f"https://{NAME}/ada", types=("image/",)) == PICTURE

    lines = [line for head in host.asked for line in head.splitlines()]
    assert lines.count(f"Host: {NAME}") == 2
    named = {line.partition(":")[0].lower() for line in lines[1:] if ":" in line}
    assert named == {"host", "user-agent", "accept", "accept-encoding", "connection"}
    assert "Accept-Encoding: identity" in lines
    assert "Accept: image/*" in lines


async def test_a_token_is_shown_to_the_host_and_to_no_log(
    host: DocumentHost, authority: Authority
) -> None:
    """Nor is what the URL has after its host, which may be a secret too."""
    fetcher = at(host, authority)
    secret = Secret("a-token-of-somebody")

    with capture_logs() as lines:
        assert await fetcher.fetch(f"https://{NAME}/ada", bearer=secret) == PICTURE
        host.answer("/eve?key=a-key", status=500)
        await fetcher.fetch(f"https://{NAME}/eve?key=a-key", bearer=secret)

    assert "Authorization: Bearer a-token-of-somebody" in host.asked[0]
    assert [(line["host"], line["reason"], line["found"]) for line in lines] == [
        (NAME, "refused", "500")
    ]
    assert "a-token" not in str(lines)
    assert "a-key" not in str(lines)


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        *((status, Failure.REDIRECTED) for status in (301, 302, 303, 304, 307, 308)),
        *((status, Failure.ABSENT) for status in (404, 410)),
        *((status, Failure.REFUSED) for status in (204, 206, 400, 401, 403, 429, 500, 503)),
    ],
)
async def test_only_a_plain_success_is_one(
    host: DocumentHost, authority: Authority, status: int, failure: Failure
) -> None:
    """A redirect is not followed, not even to the same host."""
    host.answer("/moved", status=status, location=f"https://{NAME}/ada", content_length="0")

    assert failure is await at(host, authority).fetch(f"https://{NAME}/moved")
    assert host.asked_for("/ada") == []


async def test_what_is_too_long_by_its_own_word_is_not_read(
    host: DocumentHost, authority: Authority
) -> None:
    """The server would never get rid of it."""
    host.answer("/big", content_length=str(LENGTH_MAX + 1))

    assert Failure.TOO_LARGE is await at(host, authority).fetch(f"https://{NAME}/big")


async def test_what_does_not_tell_its_length_is_cut_off(
    host: DocumentHost, authority: Authority
) -> None:
    """It is read to the bound and no further; what is as long as the bound is whole."""
    sent = 0

    async def very_long(writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(head_of(200, {"content-type": "image/jpeg"}))
        # Only what is sent to a client that is still there counts.
        while sent < 20 * LENGTH_MAX and not writer.is_closing():
            writer.write(bytes(2**16))
            sent += 2**16
            await writer.drain()

    host.says["/long"] = very_long
    host.answer("/just", bytes(LENGTH_MAX))
    fetcher = at(host, authority)

    assert Failure.TOO_LARGE is await fetcher.fetch(f"https://{NAME}/long")
    assert sent < 20 * LENGTH_MAX
    assert await fetcher.fetch(f"https://{NAME}/just") == bytes(LENGTH_MAX)


async def test_a_slow_drip_ends_with_the_time_for_all_of_it(
    host: DocumentHost, authority: Authority
) -> None:
    """Each byte comes soon after the one before, and there is no end to them."""

    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(head_of(200, {"content-type": "image/jpeg"}))
        while not writer.is_closing():
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.01)

    host.says["/drip"] = drip

    failure = await at(host, authority, timeout_s=0.5).fetch(f"https://{NAME}/drip")

    assert Failure.TOO_SLOW is failure


async def test_a_name_that_is_not_resolved_in_time_is_given_up(authority: Authority) -> None:
    """The time for a document begins with its name."""

    async def never(_host: str, _port: int) -> list[tuple[str, int]]:
        await asyncio.Event().wait()
        return []

    fetcher = Fetcher([NAME], resolve=never, tls=authority.believed(), timeout_s=0.1)

    assert Failure.TOO_SLOW is await fetcher.fetch(f"https://{NAME}/")


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "", "imagine/jpeg"])
async def test_what_is_of_another_type_is_not_read(
    host: DocumentHost, authority: Authority, kind: str
) -> None:
    """Such as the page that asks who is there."""
    host.answer("/page", PICTURE, kind)
    fetcher = at(host, authority)

    assert Failure.WRONG_TYPE is await fetcher.fetch(f"https://{NAME}/page", types=("image/",))
    assert await fetcher.fetch(f"https://{NAME}/page") == PICTURE


@pytest.mark.parametrize("encoding", ["gzip", "br", "identity, gzip", "x-nonsense"])
async def test_what_is_compressed_is_not_unpacked(
    host: DocumentHost, authority: Authority, encoding: str
) -> None:
    """A thousand times its length could come of it, and we asked for none."""
    host.answer("/bomb", gzip.compress(bytes(50 * 2**20)), content_encoding=encoding)

    assert Failure.COMPRESSED is await at(host, authority).fetch(f"https://{NAME}/bomb")


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nxyz",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxyz",
        b"HTTP/1.1 200 OK\r\ncontent-length: " + b"9" * 6000 + b"\r\n\r\nxyz",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzzz\r\n",
        b"HTTP/1.1 200 OK\r\na: " + b"x" * 200_000,
    ],
)
async def test_what_breaks_off_or_is_no_http_is_no_document(
    host: DocumentHost, authority: Authority, said: bytes
) -> None:
    """And no exception."""

    async def say(writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        await writer.drain()

    host.says["/rubbish"] = say

    assert Failure.BROKEN_OFF is await at(host, authority).fetch(f"https://{NAME}/rubbish")


async def test_a_certificate_of_another_name_is_not_believed(
    authority: Authority, tmp_path: Path
) -> None:
    """Though it is signed by the right authority. No request is sent."""
    async with document_host(authority.server(tmp_path, "evil.example")) as other:
        other.answer("/ada", PICTURE)

        with capture_logs() as lines:
            assert Failure.NOT_TRUSTED is await at(other, authority).fetch(f"https://{NAME}/ada")

    assert other.asked == []
    assert "Hostname mismatch" in lines[0]["found"]


async def test_a_certificate_of_another_authority_is_not_believed(
    host: DocumentHost, tmp_path: Path
) -> None:
    """That of the system is asked for by default, which knows nobody here."""
    names = Names([(HERE, host.port)])
    ordinary = Fetcher([NAME], has_loopback=True, resolve=names, timeout_s=PATIENCE_S)

    for fetcher in (ordinary, at(host, Authority())):
        assert Failure.NOT_TRUSTED is await fetcher.fetch(f"https://{NAME}/ada")
    assert host.asked == []


async def test_an_authority_of_ones_own_is_named_in_the_environment(
    host: DocumentHost, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for the provider itself."""
    authority.write(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "fullchain.pem"))
    names = Names([(HERE, host.port)])
    ordinary = Fetcher([NAME], has_loopback=True, resolve=names, timeout_s=PATIENCE_S)

    assert await ordinary.fetch(f"https://{NAME}/ada") == PICTURE


async def test_a_server_without_tls_is_not_trusted(authority: Authority) -> None:
    """Whatever it says."""

    async def say(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 This is no TLS\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(say, HERE, 0)
    plain = DocumentHost(server.sockets[0].getsockname()[1])
    async with server:
        assert Failure.NOT_TRUSTED is await at(plain, authority).fetch(f"https://{NAME}/ada")


async def test_a_name_is_resolved_once_and_connected_to_where_it_was_judged(
    host: DocumentHost, authority: Authority
) -> None:
    """A name that leads elsewhere the next time (DNS rebinding) was not asked a next time."""
    names = Names([(HERE, host.port)], [("169.254.169.254", 443)])
    fetcher = at(host, authority, resolve=names)

    assert await fetcher.fetch(f"https://{NAME}/ada") == PICTURE
    assert names.asked == [(NAME, 443)]
    assert Failure.ADDRESS_FORBIDDEN is await fetcher.fetch(f"https://{NAME}/ada")
    assert len(host.asked) == 1


async def test_forbidden_addresses_of_a_name_are_passed_over(
    host: DocumentHost, authority: Authority
) -> None:
    """So are those where nobody listens, up to a bound."""
    dead = [(HERE, free_port()) for _ in range(ADDRESSES_MAX)]
    some = Names([("169.254.169.254", 80), dead[0], (HERE, host.port)])
    many = Names([*dead, (HERE, host.port)])

    assert await at(host, authority, resolve=some).fetch(f"https://{NAME}/ada") == PICTURE
    assert Failure.UNREACHABLE is await at(host, authority, resolve=many).fetch(f"https://{NAME}/")


async def test_an_address_that_takes_connections_and_says_nothing_is_given_up_early(
    host: DocumentHost, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has a time of its own, which leaves some for the next address."""
    monkeypatch.setattr(outgoing, "CONNECT_TIMEOUT_S", 0.2)
    with socket.socket() as silent:
        silent.bind((HERE, 0))
        silent.listen()
        place = (HERE, silent.getsockname()[1])
        alone = await at(host, authority, resolve=Names([place])).fetch(f"https://{NAME}/ada")

    assert Failure.UNREACHABLE is alone


async def test_this_machine_is_not_asked_unless_it_is_told(host: DocumentHost) -> None:
    """By the system's own word for where the name leads."""
    named = f"localhost:{host.port}"

    failure = await Fetcher([named], timeout_s=PATIENCE_S).fetch(f"https://{named}/ada")

    assert Failure.ADDRESS_FORBIDDEN is failure
    assert host.asked == []


async def test_this_machine_may_be_asked_without_tls_where_it_is_told() -> None:
    """As a provider on loopback is."""
    async with document_host() as plain:
        plain.answer("/ada", PICTURE)
        named = f"localhost:{plain.port}"
        fetcher = Fetcher([named], has_loopback=True, timeout_s=PATIENCE_S)

        assert await fetcher.fetch(f"http://{named}/ada") == PICTURE


@pytest.mark.parametrize("name", ["nobody.invalid", "a" * 64 + ".invalid", "a..b"])
async def test_a_name_that_nobody_knows_is_a_failure(name: str) -> None:
    """Also one that no name can be."""
    failure = await Fetcher([name], timeout_s=PATIENCE_S).fetch(f"https://{name}/")

    assert Failure.NAME_UNKNOWN is failure


@pytest.mark.parametrize(
    ("url", "host", "failure"),
    [
        ("https://evil.example/a?secret", "evil.example", Failure.HOST_NOT_NAMED),
        (f"http://{NAME}/a?secret", NAME, Failure.NOT_TLS),
        (f"https://ada:secret{'x' * 200}@{NAME}/a", NAME, Failure.NOT_A_URL),
        ("data:image/png;base64,secret", "", Failure.NOT_A_URL),
        (f"https://{'x' * 200}?secret", "x" * 100, Failure.HOST_NOT_NAMED),
        ("https://a\ud800\x1b/secret", r"a\ud800\x1b", Failure.NOT_A_URL),
    ],
)
async def test_what_must_not_be_asked_is_told_by_its_host_alone(
    url: str, host: str, failure: Failure
) -> None:
    """Its name is not even resolved."""
    names = Names([])
    with capture_logs() as lines:
        assert failure is await Fetcher([NAME], resolve=names).fetch(url)

    assert [(failure.value, host)] == [(line["reason"], line["host"]) for line in lines]
    assert "secret" not in str(lines)
    assert names.asked == []


async def test_no_proxy_of_the_environment_is_used(
    host: DocumentHost, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would resolve the name a second time."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    assert await at(host, authority).fetch(f"https://{NAME}/ada") == PICTURE


def test_the_bounds_are_those_of_a_picture_and_of_a_moment() -> None:
    """A picture of the Web API may be as long."""
    assert (fetching.TIMEOUT_S, fetching.LENGTH_MAX) == (5.0, 10 * 2**20)
    assert outgoing.CONNECT_TIMEOUT_S < fetching.TIMEOUT_S
