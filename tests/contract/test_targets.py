"""What each kind of target that keeps copies does, whichever program is there.

Quick tests have programs of which the shapes are played, slow ones the real programs.
"""

import io
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager

import pytest
from PIL import Image

from likeness.targets.port import NOTHING, Away, Refused
from support.programs import PROGRAMS, Program, fresh_email, opened, picture, somebody

pytestmark = pytest.mark.anyio


ProgramOf = Callable[[str], AbstractAsyncContextManager[Program]]


@pytest.fixture(params=PROGRAMS)
async def program(request: pytest.FixtureRequest, program_of: ProgramOf) -> AsyncIterator[Program]:
    """Each of them in turn."""
    async with program_of(request.param) as running:
        yield running


async def test_somebody_is_found_by_their_first_address_and_by_a_further_one(
    program: Program,
) -> None:
    email = fresh_email()
    remote_id = await program.add(email)
    holder = opened(program)

    assert await holder.find(somebody(email, fresh_email())) == remote_id
    assert await holder.find(somebody(fresh_email(), email)) == remote_id


async def test_whoever_is_unknown_there_is_not_found_and_not_created(program: Program) -> None:
    people = await program.people()
    strangers = (
        fresh_email(),
        "o'neill+(cn=*)@example.org",
        "a b/../@example.org",
        "é@example.org",
    )

    for email in strangers:
        assert await opened(program).find(somebody(email)) is None

    assert await program.people() == people


async def test_what_is_shown_is_what_a_look_finds(program: Program) -> None:
    holder, remote_id = opened(program), await program.add(fresh_email())
    assert await holder.look(remote_id) == NOTHING

    marker = await holder.show(remote_id, picture(holder.wants), None)

    assert marker != NOTHING
    assert await holder.look(remote_id) == marker
    assert await opened(program).look(remote_id) == marker


async def test_a_picture_arrives_whole(program: Program) -> None:
    holder, remote_id = opened(program), await program.add(fresh_email())
    sent = picture(holder.wants)

    await holder.show(remote_id, sent, None)

    shown = await program.shown(remote_id)
    if holder.wants.by_url:
        assert shown == sent.url
    else:
        assert isinstance(shown, bytes)
        assert Image.open(io.BytesIO(shown)).size == (sent.side_px, sent.side_px)


@pytest.mark.parametrize("knows_marker", [True, False])
async def test_shown_twice_is_one_change(program: Program, *, knows_marker: bool) -> None:
    """Also where the process died before it noted the first time."""
    holder, remote_id = opened(program), await program.add(fresh_email())
    marker = await holder.show(remote_id, picture(holder.wants), None)
    state = await program.state(remote_id)

    again = await opened(program).show(
        remote_id, picture(holder.wants), marker if knows_marker else None
    )

    assert again == marker
    if knows_marker:
        assert await program.state(remote_id) == state


async def test_another_photo_has_another_marker(program: Program) -> None:
    holder, remote_id = opened(program), await program.add(fresh_email())
    first = await holder.show(remote_id, picture(holder.wants, 1), None)
    before = await program.shown(remote_id)

    second = await holder.show(remote_id, picture(holder.wants, 2), first)

    assert second not in {first, NOTHING}
    assert await holder.look(remote_id) == second
    assert await program.shown(remote_id) != before


@pytest.mark.parametrize("knows_marker", [True, False])
async def test_cleared_is_nothing_and_twice_is_no_harm(
    program: Program, *, knows_marker: bool
) -> None:
    """Without a marker the process died before it noted what it had shown."""
    holder, remote_id = opened(program), await program.add(fresh_email())
    shown = await holder.show(remote_id, picture(holder.wants), None)
    marker = shown if knows_marker else None

    for _ in range(2):
        await holder.clear(remote_id, marker)
        assert await holder.look(remote_id) == NOTHING
        assert await program.shown(remote_id) is None


async def test_whoever_never_showed_anything_can_be_cleared(program: Program) -> None:
    holder, remote_id = opened(program), await program.add(fresh_email())

    await holder.clear(remote_id, None)

    assert await holder.look(remote_id) == NOTHING


async def test_nothing_is_shown_of_whom_is_deactivated_there(program: Program) -> None:
    holder, remote_id = opened(program), await program.add(fresh_email())
    await program.deactivate(remote_id)

    with pytest.raises(Refused):
        await holder.show(remote_id, picture(holder.wants), None)

    await holder.clear(remote_id, None)
    assert await program.shown(remote_id) is None


async def test_a_wrong_credential_is_away_and_told_to_nobody(program: Program) -> None:
    wrong = "a-credential-that-is-wrong"
    holder, email = opened(program, wrong), fresh_email()
    remote_id = await program.add(email)

    acts: tuple[Awaitable[object], ...] = (
        holder.find(somebody(email)),
        holder.show(remote_id, picture(holder.wants), None),
        holder.clear(remote_id, None),
        holder.look(remote_id),
    )
    for act in acts:
        with pytest.raises(Away) as caught:
            await act
        assert wrong not in str(caught.value)
    assert await program.shown(remote_id) is None


async def test_a_check_says_who_we_are_there_and_whether_we_are_believed(program: Program) -> None:
    assert await opened(program).check()

    with pytest.raises(Refused) as caught:
        await opened(program, "a-credential-that-is-wrong").check()
    assert "a-credential-that-is-wrong" not in str(caught.value)
