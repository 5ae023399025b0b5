"""What every database must do where all that is known of somebody is read, or ends."""

from dataclasses import replace
from hashlib import sha256
from typing import Final

import pytest

from likeness.db import Database
from likeness.db.personal import OWNED
from likeness.events import OPERATOR, SWEEP, Actor, Verb
from likeness.model import PhotoState, Source
from support.rows import NOW, at, photo, team, user
from support.traces import NETWORK, Row, leave_traces, rows, telling

ADA, BOB = user(1), user(2)
LATER: Final = at(3600)


def erase(database: Database) -> None:
    """All three steps, without files."""
    database.begin_erasing(ADA.id, LATER, OPERATOR)
    database.mark_purged([each.id for each in database.history(ADA.id)], LATER)
    database.remove_staged([each.id for each in database.staged_of(ADA.id)])
    assert database.finish_erasing(ADA.id, LATER, OPERATOR)


def test_somebody_can_leave_a_row_in_every_table(peopled: Database) -> None:
    """In each that has rows of users; else the next test would prove nothing of it."""
    leave_traces(peopled, ADA, 1)

    found = rows(peopled)

    assert {table.name for table in OWNED} <= {name for name, _ in telling(found, ADA.id)}
    assert {"limits", "events", "users"} <= {name for name, _ in telling(found, ADA.id)}


def test_erasing_leaves_no_row_but_ids_in_the_log(peopled: Database) -> None:
    """Of the others nothing is changed, but that the log says nowhere where she was."""
    marks = leave_traces(peopled, ADA, 1)
    leave_traces(peopled, BOB, 2)
    peopled.add_event(NOW, Actor(ADA.id, Source.ADMINISTRATOR, "x/24"), BOB.id, Verb.USER_LOCKED)
    before = rows(peopled)

    erase(peopled)

    after = rows(peopled)
    of_ada = telling(after, ADA.id)
    assert {"events"} == {name for name, _ in telling(after, ADA.id, *marks)}
    assert not {row["origin"] or row["detail"] or row["batch_id"] for _, row in of_ada} - {None}
    assert Verb.USER_ERASED.value == of_ada[-1][1]["verb"]
    assert without(before, ADA.id) == without(after, ADA.id)


def without(found: list[Row], user_id: str) -> list[Row]:
    """The rows in which a user is not named."""
    named = telling(found, user_id)
    return [row for row in found if row not in named and row[1] not in [each for _, each in named]]


def test_the_same_address_is_free_afterwards(peopled: Database) -> None:
    """For another person, who has nothing of the first."""
    leave_traces(peopled, ADA, 1)
    erase(peopled)

    peopled.add_user(user(3, email=ADA.email))

    [found] = peopled.users_by_email(ADA.email)
    assert (found.id, found.photo) == (user(3).id, None)


def test_the_same_address_in_another_workspace_leads_there_still(peopled: Database) -> None:
    """Digests belong to an address and a user."""
    other = user(3, team_id=team(2).id, email=ADA.email)
    peopled.add_team(team(2))
    peopled.add_user(other)
    digest = sha256(ADA.email.encode()).digest()
    peopled.set_photo(photo())
    before = peopled.listed(digest)

    erase(peopled)

    after = peopled.listed(digest)
    assert before
    assert after
    assert (ADA.id, other.id) == (before.id, after.id)


def test_the_account_ends_before_its_rows_do(peopled: Database) -> None:
    """After the first step nobody is found, shown or let in any more; a second time is no harm."""
    leave_traces(peopled, ADA, 1)
    peopled.begin_erasing(ADA.id, at(10), OPERATOR)
    peopled.begin_erasing(ADA.id, LATER, OPERATOR)

    found = peopled.user(team().id, ADA.id)

    assert found
    assert (found.deleted_at, found.photo, found.is_listed) == (at(10), None, False)
    assert [] == peopled.tokens_of(ADA.id)
    assert peopled.link_user(bytes([1]) * 32, NOW) is None
    assert {PhotoState.DELETED} == {each.state for each in peopled.history(ADA.id)}


@pytest.mark.parametrize("what", ["photo", "prepared picture"])
def test_rows_stay_as_long_as_there_may_be_files(peopled: Database, what: str) -> None:
    """By nothing else would they be found."""
    leave_traces(peopled, ADA, 1)
    peopled.begin_erasing(ADA.id, LATER, OPERATOR)
    if what == "prepared picture":
        peopled.mark_purged([each.id for each in peopled.history(ADA.id)], LATER)
    else:
        peopled.remove_staged([each.id for each in peopled.staged_of(ADA.id)])

    assert not peopled.finish_erasing(ADA.id, LATER, OPERATOR)
    assert peopled.user(team().id, ADA.id)


def test_all_that_is_known_is_read_by_table(peopled: Database) -> None:
    """Without bytes, and without the network of whoever else acted."""
    leave_traces(peopled, ADA, 1)
    leave_traces(peopled, BOB, 2)
    peopled.add_event(NOW, Actor(BOB.id, Source.ADMINISTRATOR, "x/24"), ADA.id, Verb.USER_LOCKED)

    about = peopled.rows_about(ADA.id)

    assert {"users", "events", *(table.name for table in OWNED)} == set(about)
    assert all(about[name] for name in about)
    assert [] == telling([(name, row) for name in about for row in about[name]], BOB.email)
    assert [] == [
        value
        for each in about.values()
        for row in each
        for value in row.values()
        if isinstance(value, bytes)
    ]
    by_whom = {row["actor"]: row["origin"] for row in about["events"]}
    assert (NETWORK, None) == (by_whom[ADA.id], by_whom[BOB.id])


def shown(database: Database, number: int) -> int | None:
    """The id of the photo that a user shows."""
    found = database.current_photo(user(number).id)
    return found.id if found else None


def test_photos_of_those_who_left_long_ago_end(peopled: Database) -> None:
    """By the sweep; those of others, and of those who left since, stay."""
    peopled.add_user(user(3))
    mine, earlier, theirs, hers = (photo(user_id=user(n).id, set_at=NOW) for n in (1, 1, 2, 3))
    for each in (earlier, replace(mine, set_at=at(1)), theirs, hers):
        peopled.set_photo(each)
    peopled.deactivate_user(ADA.id, at(10))
    peopled.deactivate_user(BOB.id, at(20))
    counted = peopled.count_photos_of_leavers(at(15), at(0))

    ended = [peopled.end_photos_of_leavers(at(15), LATER, SWEEP, 9) for _ in range(2)]

    assert (counted, ended) == (2, [1, 0])
    assert [None, theirs.id, hers.id] == [shown(peopled, number) for number in (1, 2, 3)]
    assert {earlier.id, mine.id} == {each.id for each in peopled.photos_to_purge(9)}
    found = peopled.user(team().id, ADA.id)
    assert found
    assert found.photo_source is None
    logged = peopled.events(user_id=ADA.id, limit=2)
    assert {(Verb.PHOTO_REMOVED, "sweep")} == {(each.verb, each.actor) for each in logged}


def test_leavers_are_taken_some_at_a_time(peopled: Database) -> None:
    """Until none is left."""
    for number in (1, 2):
        peopled.set_photo(photo(user_id=user(number).id))
        peopled.deactivate_user(user(number).id, NOW)

    ended = [peopled.end_photos_of_leavers(LATER, LATER, SWEEP, 1) for _ in range(3)]

    assert [1, 1, 0] == ended


def test_what_a_dry_run_counts_is_counted_once(peopled: Database) -> None:
    """A replaced photo whose time is over ends anyway."""
    for second in (1, 2, 3):
        peopled.set_photo(photo(set_at=at(second)))
    peopled.deactivate_user(ADA.id, at(4))

    assert [3, 2, 1] == [
        peopled.count_photos_of_leavers(LATER, at(second)) for second in (0, 2.5, 9)
    ]
