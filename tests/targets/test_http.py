"""HTTP with a target: every bad day is one of four refusals, within bounds, and tells no secret."""

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from likeness.model import Secret
from likeness.outgoing import Outgoing
from likeness.targets import http
from likeness.targets.http import LENGTH_MAX, RETRY_AFTER_S_MAX, Answer, Http, retry_after_s
from likeness.targets.port import Away, Gone, Later, Refused
from support.live import free_port
from support.patience import PATIENCE_S
from support.receivers import ReceivingHost, Request, answer, http_to

pytestmark = pytest.mark.anyio


async def test_a_request_goes_below_the_address_of_the_target(host: ReceivingHost) -> None:
    client = http_to(host.url + "/")

    for path in ("", "/users?id=1", host.url + "/next"):
        assert (await client.ask("PUT", path, headers={"X-Y": "z"}, body=b"{}")).is_ok

    assert [each.path for each in host.got] == ["/hook", "/hook/users?id=1", "/hook/next"]
    assert host.got[0].method == "PUT"
    assert (host.got[0].headers["x-y"], host.got[0].body) == ("z", b"{}")
    assert host.got[0].headers["host"] == f"127.0.0.1:{host.port}"


@pytest.mark.parametrize("path", [".evil.example/", "@evil.example/", ":1@evil.example/"])
async def test_no_other_host_is_asked(host: ReceivingHost, path: str) -> None:
    client = http_to(f"http://127.0.0.1:{host.port}")

    with pytest.raises(Refused):
        await client.ask("GET", path)

    assert host.got == []


@pytest.mark.parametrize(
    ("status", "refusal"),
    [
        *((status, Away) for status in (301, 302, 307, 401, 403, 500, 501, 507)),
        *((status, Later) for status in (429, 502, 503, 504)),
        *((status, Refused) for status in (400, 404, 409, 413, 415, 422)),
        (410, Gone),
    ],
)
async def test_each_status_is_one_refusal(
    host: ReceivingHost, status: int, refusal: type[Exception]
) -> None:
    host.answers = [answer(status, b"a reason", location="http://127.0.0.1:1/")]
    client = http_to(host.url)

    with pytest.raises(refusal, match=str(status)):
        client.judge(await client.ask("POST", ""))

    assert len(host.got) == 1


async def test_a_secret_that_comes_back_is_not_told(host: ReceivingHost) -> None:
    host.answers = [answer(400, b"what is\n Bearer geheim? " + b"x" * 5000)]
    client = http_to(host.url, hidden=[Secret("geheim"), Secret("")])

    with pytest.raises(Refused) as caught:
        client.judge(await client.ask("GET", ""))

    assert str(caught.value).startswith("it answered 400: what is Bearer ****? xxx")
    assert len(str(caught.value)) < 250


async def test_nobody_there_is_away() -> None:
    with pytest.raises(Away, match="unreachable"):
        await http_to(f"http://127.0.0.1:{free_port()}").ask("GET", "")


async def test_an_address_that_may_not_be_asked_is_away(host: ReceivingHost) -> None:
    client = Http(host.url, Outgoing(lambda *_: False))

    with pytest.raises(Away, match=r"address forbidden: 127\.0\.0\.1"):
        await client.ask("GET", "")

    assert host.got == []


async def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(Refused, match="no URL"):
        await http_to("nonsense").ask("GET", "")


async def test_a_huge_answer_is_not_read(host: ReceivingHost) -> None:
    async def flood(_: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        for _chunk in range(200):
            writer.write(b"x" * LENGTH_MAX)
            await writer.drain()

    host.say = flood

    with pytest.raises(Away, match=f"too large: more than {LENGTH_MAX} bytes"):
        await http_to(host.url).ask("GET", "")


async def test_a_slow_answer_ends(host: ReceivingHost) -> None:
    """One byte at a time, for ever."""

    async def drip(_: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.01)

    host.say = drip
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(Away, match=r"did not answer within 0\.3 s"):
            await http_to(host.url, 0.3).ask("GET", "")


async def test_nonsense_and_a_cut_connection_are_away(host: ReceivingHost) -> None:
    host.answers = [b"what?\r\n\r\n", b""]
    for _ in host.answers[:]:
        with pytest.raises(Away, match="broke off"):
            await http_to(host.url).ask("GET", "")


def test_an_answer_that_is_no_json_is_away() -> None:
    assert Answer(200, {}, b'{"a": 1}').json() == {"a": 1}
    for body in (b"", b"<html>", b"[" * 100_000):
        with pytest.raises(Away, match="no JSON"):
            Answer(200, {}, body).json()


def test_retry_after_is_seconds_or_a_date_and_at_most_a_day() -> None:
    def of(text: str) -> float | None:
        return retry_after_s(Answer(429, {"retry-after": text}, b""))

    soon = datetime.now(UTC) + timedelta(minutes=5)
    assert of("7") == 7
    assert of("9" * 5000) == RETRY_AFTER_S_MAX
    assert 200 < (of(format_datetime(soon, usegmt=True)) or 0) <= 300
    assert of("Sun, 06 Nov 1994 08:49:37 GMT") == 0
    assert of("Sun, 06 Nov 1994 08:49:37 -0000") == 0
    assert of("Fri, 31 Dec 2999 23:59:59 GMT") == RETRY_AFTER_S_MAX
    assert of("soon") is of("-1") is of("²") is None


def test_bounds() -> None:
    assert (http.TIMEOUT_S, http.LENGTH_MAX) == (15.0, 64 * 1024)
