"""The path of every call: its order of refusals, and what becomes of faults that are our own."""

import json
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Annotated, Any, Final

import httpx
import pytest
from starlette.routing import Route, Router
from structlog.testing import capture_logs

from likeness.app.service import utc_now
from likeness.errors import InternalError, NotFound, UserIsBot, UserNotFound
from likeness.figures import Sheet
from likeness.webapi.dispatch import WebApi
from likeness.webapi.figures import families
from likeness.webapi.limits import RequestLimits
from likeness.webapi.method import Answer, Arg, Audience, Call, Tier, Upload, method, table
from likeness.webapi.response import request_headers
from likeness.webapi.throttle import Throttle
from support.door import Door, door

LIMITS = RequestLimits(image_bytes_max=1000)
FINDING: Final = (UserIsBot, UserNotFound)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}

pytestmark = pytest.mark.anyio


@method("t.echo", scope="t:read", tier=Tier.T2, audience=Audience.USERS_AND_BOTS)
async def echo(call: Call, *, number: Annotated[int, Arg("Any.")] = 0) -> Answer:
    """Give the number back."""
    return Answer({"number": number, "user": call.caller.user.id}, notes=("a remark",))


@method(
    "t.people", scope=None, tier=Tier.T2, audience=Audience.USERS, errors=(UserIsBot, UserNotFound)
)
async def people(call: Call, *, image: Annotated[Upload | None, Arg("Any.")] = None) -> Answer:
    """Never find anybody."""
    raise UserNotFound(f"not {call.caller.user.name}", argument="user")


@method("t.undeclared", scope=None, tier=Tier.T2, audience=Audience.ANYONE)
async def undeclared(call: Call) -> Answer:
    """Refuse with what the table does not say."""
    raise NotFound("a secret of ours")


@method("t.broken", scope=None, tier=Tier.T2, audience=Audience.ANYONE)
async def broken(call: Call) -> Answer:
    """Fail."""
    raise ZeroDivisionError("a secret of ours")


@method("t.refusing", scope=None, tier=Tier.T2, audience=Audience.ANYONE)
async def refusing(call: Call) -> Answer:
    """Say no in the handler's own words, as api.test does."""
    return Answer({"ok": False, "error": "mine"})


TABLE: Final = table(sys.modules[__name__])


@pytest.fixture
def sheet() -> Sheet:
    """What is counted."""
    return Sheet.alone(*families(TABLE))


@pytest.fixture
async def api(tmp_path: Path, sheet: Sheet) -> AsyncIterator[Door]:
    """A service whose only methods are those above, with limits on calls."""
    async with door(tmp_path) as opened:
        service = opened.work.service
        web = WebApi(
            TABLE,
            accounts=service.accounts,
            photos=service.photos,
            throttle=Throttle(service.database.take, utc_now),
            limits=LIMITS,
            sheet=sheet,
        )
        router = Router([Route("/api/{method:path}", web)])
        address = "http://likeness.invalid/api/"
        transport = httpx.ASGITransport(router, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=address) as client:
            yield Door(client, opened.work)


@pytest.fixture
def logs() -> Iterator[list[Any]]:
    """What is logged while the test runs."""
    with capture_logs() as lines:
        yield lines


def bearer(token: str) -> dict[str, str]:
    """The header that carries a token."""
    return {"Authorization": f"Bearer {token}"}


async def test_a_call_reaches_its_handler_with_typed_arguments(api: Door) -> None:
    """And its remarks come back as warnings."""
    token = await api.token(api.work.ada, "t:read")
    answer = await api.call("t.echo", token, number="7.0")
    assert answer == {
        "ok": True,
        "number": 7,
        "user": api.work.ada.id,
        "response_metadata": {"messages": ["[WARN] a remark"]},
    }


@pytest.mark.parametrize("verb", ["GET", "HEAD", "POST"])
async def test_three_verbs_may_call(api: Door, verb: str) -> None:
    """HEAD as GET without the body."""
    token = await api.token(api.work.ada, "t:read")
    reply = await api.client.request(verb, "t.echo", headers=bearer(token))
    assert reply.status_code == 200
    assert bool(reply.content) == (verb != "HEAD")
    assert reply.headers["x-oauth-scopes"] == "t:read"
    assert reply.headers["x-accepted-oauth-scopes"] == "t:read"


@pytest.mark.parametrize(
    ("verb", "name"),
    [
        *(("GET", "t.nothing"), ("POST", "T.ECHO"), ("PUT", "t.echo"), ("GET", "")),
        *(("PROPFIND", "t.echo"), ("TRACE", "t.echo")),
    ],
)
async def test_what_is_not_in_the_table_is_no_method(
    api: Door, sheet: Sheet, verb: str, name: str
) -> None:
    """Whatever else is wrong with the call, and without its name in the metrics."""
    reply = await api.client.request(verb, name, content=b"rubbish")
    body = reply.json()
    assert (body["error"], body["req_method"]) == ("unknown_method", name)
    assert "  " not in body["response_metadata"]["messages"][0]
    assert sheet.get(families(TABLE)[0], ("unknown", "unknown_method")) == 1


async def test_a_long_name_is_not_echoed_whole(api: Door) -> None:
    """60 characters say enough."""
    body = (await api.client.get("x" * 1000)).json()
    assert body["req_method"] == "x" * 60
    assert len(body["response_metadata"]["messages"][0]) < 200


async def test_a_browser_may_ask_whether_it_may_call(api: Door) -> None:
    """Without a token, and without the call being made."""
    reply = await api.client.options("t.broken")
    assert reply.status_code == 200
    assert reply.content == b""
    assert reply.headers["access-control-allow-methods"] == "GET, POST"


async def test_the_steps_refuse_in_their_order(api: Door) -> None:
    """Each call below has one fault less than the one before, and is told of the first."""
    work = api.work
    bot = await work.service.people.add_user("bot@example.org", "Acme", is_bot=True)
    no_scope, good = await api.token(work.ada, ""), await api.token(work.ada, "t:read")
    bot_token = await api.token(bot, "")

    async def error(name: str, token: str, **request: Any) -> str:
        reply = await api.client.post(name, headers=FORM | bearer(token), **request)
        return str(reply.json().get("error", ""))

    assert await error("t.nothing", "x", content="a b=1") == "unknown_method"
    assert await error("t.echo", "x", content="a b=1") == "invalid_arg_name"
    assert await error("t.echo", "x", content="number=x") == "invalid_auth"
    assert await error("t.echo", no_scope, content="number=x") == "missing_scope"
    assert await error("t.echo", good, content="number=x") == "invalid_arguments"
    assert await error("t.echo", good, content="number=1") == ""
    assert await error("t.people", bot_token) == "user_is_bot"
    assert await error("t.people", good) == "user_not_found"


async def test_a_missing_scope_is_named_with_those_that_are_there(api: Door) -> None:
    """As the real service does."""
    token = await api.token(api.work.ada, "a:b,c:d")
    answer = await api.call("t.echo", token)
    assert (answer["needed"], answer["provided"]) == ("t:read", "a:b,c:d")


async def test_a_token_in_the_query_is_refused(api: Door) -> None:
    """Even when the header has a good one: it is in some log by now."""
    token = await api.token(api.work.ada, "t:read")
    reply = await api.client.get("t.echo", params={"token": token}, headers=bearer(token))
    assert reply.json()["error"] == "invalid_auth"
    assert token not in reply.text


async def test_a_method_for_anyone_asks_for_no_token(api: Door) -> None:
    """Nor does a wrong one matter."""
    assert (await api.call("t.refusing", "xoxp-wrong"))["error"] == "mine"


async def test_limits_count_before_scopes(api: Door) -> None:
    """A token that tries what it may not is slowed down too; the answer is the only 429."""
    token = await api.token(api.work.ada, "")
    for _ in range(Tier.T2.value):
        assert (await api.call("t.echo", token))["error"] == "missing_scope"
    reply = await api.client.post("t.echo", headers=bearer(token))
    assert (reply.status_code, reply.json()["error"]) == (429, "ratelimited")
    assert 1 <= int(reply.headers["retry-after"]) <= 3


async def test_a_refusal_names_its_argument_and_its_request(api: Door) -> None:
    """`user_not_found` is declared, so that it is told as it is."""
    token = await api.token(api.work.ada, "")
    reply = await api.client.post("t.people", headers=bearer(token))
    messages = reply.json()["response_metadata"]["messages"]
    assert messages == [f"[ERROR] not {api.work.ada.name} [json-pointer:/user]"]
    assert len(reply.headers["x-slack-req-id"]) == 32


@pytest.mark.parametrize(
    ("name", "kind"), [("t.undeclared", NotFound), ("t.broken", ZeroDivisionError)]
)
async def test_a_fault_of_ours_is_told_by_its_number_only(
    api: Door, logs: list[Any], name: str, kind: type[Exception]
) -> None:
    """The caller gets `internal_error`, the log everything, and the request's id links the two."""
    reply = await api.client.get(name)
    request_id = reply.headers["x-slack-req-id"]
    assert (reply.status_code, reply.json()["error"]) == (200, InternalError.code)
    assert request_id in json.dumps(reply.json()["response_metadata"])
    assert "secret" not in reply.text
    [line] = [line for line in logs if line["event"] == "call_failed"]
    assert (line["request_id"], line["method"]) == (request_id, name)
    assert isinstance(line["exc_info"], kind)


async def test_a_body_that_nobody_reads_ends_the_connection(api: Door) -> None:
    """Else its rest would be taken for the next request."""
    token = await api.token(api.work.ada, "")
    reply = await api.client.post("t.people", content=bytes(4 * 2**20), headers=FORM)
    assert reply.json()["error"] == "too_large"
    assert reply.headers["connection"] == "close"
    reply = await api.client.post("t.people", headers=bearer(token))
    assert "connection" not in reply.headers


async def test_answers_carry_strict_transport_only_on_https() -> None:
    """A local http address must stay reachable by http."""
    assert "Strict-Transport-Security" in request_headers(
        "1", is_https=True, scopes=None, accepted=None
    )
    assert "Strict-Transport-Security" not in request_headers(
        "1", is_https=False, scopes=None, accepted=None
    )


async def test_calls_are_counted_by_method_and_result(api: Door, sheet: Sheet) -> None:
    """Answers of `ok: false` from a handler count as what they say."""
    await api.call("t.refusing")
    await api.call("t.echo")

    calls = families(TABLE)[0]
    assert sheet.get(calls, ("t.refusing", "other")) == 1
    assert sheet.get(calls, ("t.echo", "not_authed")) == 1
