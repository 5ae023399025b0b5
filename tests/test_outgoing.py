"""The way out, where `test_fetching.py` and `targets/test_http.py` do not try it already."""

import pytest

from likeness import outgoing
from likeness.destinations import NotFetched, parsed
from likeness.outgoing import Outgoing, read_body
from support.receivers import ReceivingHost, receiving_host

pytestmark = pytest.mark.anyio


async def sent(host: ReceivingHost, out: Outgoing) -> tuple[int, bytes]:
    """The answer to a body that is posted."""
    wanted = parsed(host.url.replace("127.0.0.1", "hook.example.org"))
    async with out.answer("POST", wanted, {"X-Y": "z"}, b"body", timeout_s=9) as response:
        return response.status_code, await read_body(response, 100)


async def test_a_body_goes_to_the_address_that_was_judged() -> None:
    """The name is asked once, and told in the header alone."""
    judged: list[str] = []

    async def resolve(host: str, port: int) -> list[tuple[str, int]]:
        return [("192.0.2.1", port), ("127.0.0.1", port)]

    def judge(address: str, _: object) -> bool:
        judged.append(address)
        return address.startswith("127.")

    async with receiving_host() as host:
        assert await sent(host, Outgoing(judge, resolve=resolve)) == (200, b"")

    assert judged == ["192.0.2.1", "127.0.0.1"]
    assert host.got[0].body == b"body"
    assert host.got[0].headers["host"] == f"hook.example.org:{host.port}"


async def test_a_name_that_turns_to_another_address_is_judged_each_time() -> None:
    answers = ["127.0.0.1", "169.254.169.254"]

    async def resolve(host: str, port: int) -> list[tuple[str, int]]:
        return [(answers.pop(0), port)]

    async with receiving_host() as host:
        out = Outgoing(lambda address, _: address == "127.0.0.1", resolve=resolve)
        await sent(host, out)
        with pytest.raises(NotFetched, match=r"169\.254"):
            await sent(host, out)


def test_bounds() -> None:
    assert (outgoing.CONNECT_TIMEOUT_S, outgoing.ADDRESSES_MAX) == (2.0, 3)
