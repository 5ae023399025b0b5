"""What targets are behind with, on every database: marked with the change, leased once, settled."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from likeness.db import Database
from likeness.elsewhere import Copy, CopyState, Delivery, Result, Target
from likeness.errors import Mistake
from likeness.events import OPERATOR
from support.rows import NOW, at, photo, team, user

ADA, BOB = user(1), user(2)
HOOK = Target("tg1", "hook", "webhook", "https://hook.example.org/", NOW)
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def aimed(peopled: Database) -> Database:
    """The database with one target, which is behind with nobody."""
    peopled.add_target(HOOK)
    return peopled


def leased(database: Database, limit: int = 20) -> list[Copy]:
    """What is due, for a minute."""
    return database.lease_copies(HOOK.id, NOW, LATER, limit)


def settle(database: Database, copy: Copy, shown: str = "abc") -> None:
    """As if the photo was brought there."""
    database.settle_copy(copy, NOW, shown=shown, marker="m", remote_id="r")


def copy_of(database: Database, user_id: str = ADA.id) -> Copy:
    """The only one of somebody."""
    [copy] = database.copies_of_user(user_id)
    return copy


def test_without_targets_nothing_is_noted(peopled: Database) -> None:
    peopled.set_photo(photo())

    assert peopled.copies_of_user(ADA.id) == []
    assert peopled.due_targets(NOW) == set()


def test_every_change_counts_and_is_due_at_once(aimed: Database) -> None:
    """Two changes while the target is away are one row, with the first one's moment."""
    aimed.set_photo(photo())
    first = copy_of(aimed)
    aimed.delete_photo(ADA.id, at(1))

    second = copy_of(aimed)

    assert (first.version, first.sent, first.state) == (1, 0, CopyState.DUE)
    assert second.version > first.version
    assert second.behind_since == first.behind_since
    assert aimed.due_targets(NOW) == {HOOK.id}


@pytest.mark.parametrize("change", ["hide", "deactivate", "remove team", "erase", "rename"])
def test_what_ends_or_alters_somebody_is_a_change_too(aimed: Database, change: str) -> None:
    {
        "hide": lambda: aimed.set_listed(ADA.id, NOW, is_listed=False),
        "deactivate": lambda: aimed.deactivate_user(ADA.id, NOW),
        "remove team": lambda: aimed.deactivate_team(ADA.team_id, NOW),
        "erase": lambda: aimed.begin_erasing(ADA.id, NOW, OPERATOR),
        "rename": lambda: aimed.rename_user(ADA.id, "Ada L.", NOW),
    }[change]()

    assert copy_of(aimed).state is CopyState.DUE
    assert len(aimed.copies_of_user(BOB.id)) == (change == "remove team")


def test_a_target_of_one_workspace_gets_its_people_alone(peopled: Database) -> None:
    peopled.add_team(replace(team(2), name="Other", domain="other"))
    peopled.add_target(replace(HOOK, team_id=team(2).id))

    peopled.set_photo(photo())

    assert peopled.copies_of_user(ADA.id) == []


def test_what_is_leased_is_nobody_elses_until_the_lease_is_over(aimed: Database) -> None:
    aimed.set_photo(photo())

    [copy] = leased(aimed)

    assert leased(aimed) == []
    assert aimed.due_targets(NOW) == set()
    [again] = aimed.lease_copies(HOOK.id, LATER, LATER, 20)
    assert (again.user_id, again.version) == (ADA.id, copy.version)


def test_a_change_during_the_sending_is_due_at_once(aimed: Database) -> None:
    aimed.set_photo(photo())
    [copy] = leased(aimed)
    aimed.delete_photo(ADA.id, at(1))

    settle(aimed, copy)

    [again] = leased(aimed)
    assert (again.version > copy.version, again.sent, again.shown) == (True, copy.version, "abc")
    settle(aimed, again, "")
    assert copy_of(aimed).state is CopyState.CURRENT
    assert copy_of(aimed).shown == ""


def test_the_ways_in_which_an_attempt_ends(aimed: Database) -> None:
    aimed.set_photo(photo())
    [copy] = leased(aimed)
    aimed.postpone_copy(copy, LATER, "it does not answer")
    assert (copy_of(aimed).attempts, copy_of(aimed).due_at) == (1, LATER)
    assert copy_of(aimed).last_error == "it does not answer"

    aimed.refuse_copy(copy, "too large")
    assert (copy_of(aimed).state, copy_of(aimed).due_at) == (CopyState.REFUSED, None)

    assert aimed.retry_copies(HOOK.id) == 1
    aimed.absent_copy(copy, LATER)
    assert (copy_of(aimed).state, copy_of(aimed).due_at) == (CopyState.ABSENT, LATER)

    settle(aimed, copy)
    assert (copy_of(aimed).state, copy_of(aimed).due_at) == (CopyState.CURRENT, None)
    assert aimed.retry_copies(HOOK.id) == 0


def test_who_was_postponed_goes_at_once_when_the_target_is_back(aimed: Database) -> None:
    aimed.set_photo(photo())
    [copy] = leased(aimed)
    aimed.postpone_copy(copy, LATER, "away")
    assert leased(aimed) == []

    aimed.hurry_copies(HOOK.id)

    assert len(leased(aimed)) == 1


def test_a_copy_outlives_its_person_until_it_is_taken_away(aimed: Database) -> None:
    aimed.set_photo(photo())
    [copy] = leased(aimed)
    settle(aimed, copy)
    aimed.begin_erasing(ADA.id, at(1), OPERATOR)
    aimed.mark_purged([each.id for each in aimed.history(ADA.id)], NOW)
    assert aimed.finish_erasing(ADA.id, at(2), OPERATOR)

    [orphan] = leased(aimed)

    assert (orphan.user_id, orphan.remote_id, orphan.shown) == (ADA.id, "r", "abc")
    assert not aimed.drop_copy(copy)
    assert aimed.drop_copy(orphan)
    assert aimed.copies_of_user(ADA.id) == []


def test_who_is_merged_is_the_same_person_there(aimed: Database) -> None:
    """Unless the one who stays is somebody there already: then the other copy is taken away."""
    aimed.set_photo(photo())
    [copy] = leased(aimed)
    settle(aimed, copy)
    aimed.merge_users(ADA.id, BOB.id, at(1), OPERATOR)

    assert aimed.copies_of_user(ADA.id) == []
    assert copy_of(aimed, BOB.id).remote_id == "r"
    assert copy_of(aimed, BOB.id).state is CopyState.DUE


def test_two_who_are_the_same_person_there_are_known(aimed: Database) -> None:
    aimed.set_photo(photo())
    aimed.set_photo(photo(user_id=BOB.id))
    for copy in leased(aimed):
        settle(aimed, copy)
        assert aimed.has_other_copy(copy_of(aimed, copy.user_id)) == (copy.user_id == BOB.id)
        aimed.has_other_copy(copy)


def test_a_new_target_is_filled_with_who_has_a_photo(peopled: Database) -> None:
    peopled.set_photo(photo())
    peopled.add_target(HOOK)
    assert peopled.due_targets(NOW) == set()

    assert peopled.fill_target(HOOK.id, NOW, "resync") == 1

    assert copy_of(peopled).reason == "resync"
    [copy] = leased(peopled)
    settle(peopled, copy)
    assert copy_of(peopled).reason is None
    assert peopled.resync_copy(HOOK.id, BOB.id, NOW, "test") == 1


def test_a_target_that_is_emptied_is_behind_with_all_that_it_shows(aimed: Database) -> None:
    aimed.set_photo(photo())
    [copy] = leased(aimed)
    settle(aimed, copy)

    assert aimed.empty_target(HOOK.id) == 1

    assert aimed.targets()[0].options == {"is_emptied": True}
    assert len(leased(aimed)) == 1


def test_standings_and_lists(aimed: Database) -> None:
    aimed.set_photo(photo())
    aimed.set_photo(photo(user_id=BOB.id))
    copy, _ = leased(aimed)
    settle(aimed, copy)

    standing = aimed.standings()[HOOK.id]

    assert standing.counts == {CopyState.DUE: 1, CopyState.CURRENT: 1}
    assert standing.oldest_due is not None
    of = aimed.copies_of_target
    assert [each.user_id for each in of(HOOK.id, frozenset(CopyState), limit=9)] == [ADA.id, BOB.id]
    current = of(HOOK.id, frozenset({CopyState.CURRENT}), limit=9)
    assert [each.user_id for each in current] == [copy.user_id]


def test_a_paused_target_is_not_due_and_its_rows_stay(aimed: Database) -> None:
    aimed.set_photo(photo())
    aimed.note_failing(HOOK.id, NOW)
    aimed.note_failing(HOOK.id, LATER)
    aimed.pause_target(HOOK.id, NOW, "by hand")
    aimed.pause_target(HOOK.id, LATER, "again")

    [target] = aimed.targets()
    assert (target.paused_at, target.pause_reason) == (NOW, "by hand")
    assert target.failing_since == NOW
    assert aimed.due_targets(NOW) == set()

    aimed.resume_target(HOOK.id)

    assert aimed.targets() == [HOOK]
    assert aimed.due_targets(NOW) == {HOOK.id}


def test_targets_are_named_once_rotated_and_removed(aimed: Database) -> None:
    with pytest.raises(Mistake, match="already"):
        aimed.add_target(replace(HOOK, id="tg2"))
    aimed.set_photo(photo())
    aimed.rotate_target(HOOK.id, LATER)
    [target] = aimed.targets()
    assert (target.generation, target.rotated_at) == (2, LATER)
    aimed.add_delivery(Delivery(NOW, HOOK.id, ADA.id, 1, Result.DONE, 5))

    aimed.remove_target(HOOK.id)

    assert aimed.targets() == []
    assert aimed.copies_of_user(ADA.id) == []
    # Whoever was still sending notes nothing.
    aimed.add_delivery(Delivery(NOW, HOOK.id, ADA.id, 1, Result.DONE, 5))
    assert aimed.deliveries_of(HOOK.id, 9) == []


def test_targets_are_bounded(peopled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("likeness.db.targets.TARGETS_MAX", 1)
    peopled.add_target(HOOK)

    with pytest.raises(Mistake, match="1 are the most"):
        peopled.add_target(replace(HOOK, id="tg2", name="other"))


def test_the_log_of_deliveries_forgets_by_age_and_number(aimed: Database) -> None:
    for second in range(5):
        delivery = Delivery(at(second), HOOK.id, ADA.id, second, Result.AWAY, 7, "no answer")
        aimed.add_delivery(delivery)

    assert [each.version for each in aimed.deliveries_of(HOOK.id, 2)] == [4, 3]
    assert aimed.forget_deliveries(at(1), 100) == 1
    assert aimed.forget_deliveries(at(0), 2) == 2
    assert [each.version for each in aimed.deliveries_of(HOOK.id, 9)] == [4, 3]


def test_nodes_share_the_work_and_no_row_goes_to_two(aimed: Database) -> None:
    """Forty rows, four at a time, by eight at once."""
    for number in range(3, 43):
        aimed.add_user(user(number))
        aimed.set_photo(photo(user_id=user(number).id))

    with ThreadPoolExecutor(8) as nodes:
        got = [copy for some in nodes.map(lambda _: leased(aimed, 5), range(8)) for copy in some]

    assert len(got) == len({copy.user_id for copy in got}) == 40
