"""A real Synapse: the bytes of a photo are gone there, and rooms hear of a photo once."""

import pytest

from support.patience import until
from support.programs import fresh_email, opened, picture, somebody
from support.synapse import Synapse

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


async def test_the_file_of_a_photo_that_was_replaced_or_deleted_is_gone(synapse: Synapse) -> None:
    holder, remote_id = opened(synapse), await synapse.add(fresh_email())

    first = await holder.show(remote_id, picture(holder.wants, 1), None)
    assert synapse.file(first).status_code == 200
    second = await holder.show(remote_id, picture(holder.wants, 2), first)
    assert synapse.file(first).status_code == 404
    assert synapse.file(second).status_code == 200

    await holder.clear(remote_id, second)

    assert synapse.file(second).status_code == 404
    assert synapse.avatar(remote_id) is None


async def test_an_avatar_that_somebody_chose_there_stays_theirs(synapse: Synapse) -> None:
    """And so does its file, when ours takes its place."""
    remote_id, token = synapse.register("chooses-an-avatar")
    own = synapse.upload(token, picture(opened(synapse).wants, 3).data)
    synapse.set_avatar(remote_id, own)
    holder = opened(synapse)

    await holder.clear(remote_id, None)
    assert synapse.avatar(remote_id) == own

    await holder.show(remote_id, picture(holder.wants, 1), None)
    assert synapse.file(own).status_code == 200


async def test_a_room_hears_of_a_photo_once(synapse: Synapse) -> None:
    """Synapse writes what somebody shows into each of their rooms."""
    remote_id, token = synapse.register("sits-in-a-room")
    room = synapse.new_room(token)
    holder = opened(synapse)
    marker = await holder.show(remote_id, picture(holder.wants, 1), None)
    await until(lambda: synapse.avatars_in(room, token)[-1] == marker)

    # Once as after an attempt that was cut off, once as after one that is noted.
    await holder.show(remote_id, picture(holder.wants, 1), None)
    await holder.show(remote_id, picture(holder.wants, 1), marker)
    last = await holder.show(remote_id, picture(holder.wants, 2), marker)
    await until(lambda: synapse.avatars_in(room, token)[-1] == last)

    assert synapse.avatars_in(room, token) == [None, marker, last]


async def test_a_name_is_found_and_none_is_made(synapse: Synapse) -> None:
    remote_id, _ = synapse.register("named.so")
    people = await synapse.people()

    assert await opened(synapse).find(somebody("named.so@example.org")) == remote_id
    assert await opened(synapse).find(somebody("named.otherwise@example.org")) is None

    assert await synapse.people() == people


async def test_whoever_is_no_administrator_is_told_so(synapse: Synapse) -> None:
    _, token = synapse.register("no-administrator")

    with pytest.raises(Exception, match="not a server admin"):
        await opened(synapse, token).check()
