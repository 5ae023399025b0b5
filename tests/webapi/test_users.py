"""The methods about people: what each makes of its arguments, and whom it concerns."""

import pytest

from support.door import Door

pytestmark = pytest.mark.anyio


@pytest.fixture
async def ada(api: Door) -> str:
    return await api.token(api.work.ada)


async def test_info_says_who_administers(api: Door, ada: str) -> None:
    await api.work.service.people.set_admin("bob@example.org", is_admin=True)
    shown = [await api.call("users.info", ada, user=one.id) for one in (api.work.ada, api.work.bob)]
    assert [one["user"]["is_admin"] for one in shown] == [False, True]


async def test_a_profile_is_the_callers_or_somebody_elses(api: Door, ada: str) -> None:
    own = await api.call("users.profile.get", ada)
    other = await api.call("users.profile.get", ada, user=api.work.bob.id, include_labels="true")
    assert own["profile"]["email"] == "ada@example.org"
    assert other["profile"]["email"] == "bob@example.org"
    assert own["profile"]["fields"] == {}


async def test_info_needs_an_id(api: Door, ada: str) -> None:
    shown = await api.call("users.info", ada, user=api.work.bob.id, include_locale="1")
    assert shown["user"]["id"] == api.work.bob.id
    assert shown["user"]["locale"] == "en-US"
    assert (await api.call("users.info", ada))["error"] == "user_not_found"


async def test_info_tells_of_several_people(api: Door, ada: str) -> None:
    ids = [api.work.bob.id, api.work.ada.id]
    shown = await api.call("users.info", ada, users=f"{ids[0]}, {ids[1]},")
    assert list(shown) == ["ok", "users"]
    assert [person["id"] for person in shown["users"]] == ids
    wrong = await api.call("users.info", ada, users=f"{ids[0]},U0")
    assert wrong["error"] == "user_not_found"


async def test_info_tells_of_a_hundred_people_at_once(api: Door, ada: str) -> None:
    many = ",".join([api.work.bob.id] * 101)
    assert len((await api.call("users.info", ada, users=many[:-12]))["users"]) == 100
    assert (await api.call("users.info", ada, users=many))["error"] == "too_many_users"


async def test_people_are_found_by_address(api: Door, ada: str) -> None:
    found = await api.call("users.lookupByEmail", ada, email="BOB@example.org")
    assert found["user"]["id"] == api.work.bob.id
    await api.work.service.people.add_address("bob@example.org", "robert@example.org")
    also = await api.call("users.lookupByEmail", ada, email="Robert@example.org")
    assert also == found
    nobody = await api.call("users.lookupByEmail", ada, email="x@example.org")
    assert nobody["error"] == "users_not_found"


async def test_everybody_is_listed_page_by_page(api: Door, ada: str) -> None:
    first = await api.call("users.list", ada, limit="1")
    assert list(first) == ["ok", "offset", "members", "cache_ts", "response_metadata"]
    cursor = first["response_metadata"]["next_cursor"]
    second = await api.call("users.list", ada, limit="1", cursor=cursor)
    assert list(second) == ["ok", "members", "cache_ts", "response_metadata"]
    assert second["response_metadata"]["next_cursor"] == ""
    listed = {member["id"] for page in (first, second) for member in page["members"]}
    assert listed == {api.work.ada.id, api.work.bob.id}
    assert first["offset"] == second["members"][0]["id"]


@pytest.mark.parametrize("limit", ["0", "-5", "", "1000000"])
async def test_odd_limits_list_everybody(api: Door, ada: str, limit: str) -> None:
    answer = await api.call("users.list", ada, limit=limit)
    assert len(answer["members"]) == 2
    assert answer["cache_ts"] == max(member["updated"] for member in answer["members"])


async def test_a_forged_cursor_is_refused(api: Door, ada: str) -> None:
    assert (await api.call("users.list", ada, cursor="forged"))["error"] == "invalid_cursor"
