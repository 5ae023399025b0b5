"""People page by page: each filter, by an index, in the order of addresses."""

from typing import Any

import pytest

from likeness.db import Database, Which
from likeness.model import Source
from support.plans import plan
from support.rows import at, photo, team, user


@pytest.fixture
def crowd(peopled: Database) -> Database:
    """Beside `user(1)` and `user(2)` one in each state, and one of another team."""
    peopled.add_team(team(2))
    for number in range(3, 8):
        peopled.add_user(user(number))
    peopled.add_user(user(9, team_id=team(2).id, email="a@example.org"))
    peopled.set_photo(photo(user_id=user(3).id, source=Source.IMPORT))
    peopled.set_lock(user(4).id, "so", at(1))
    peopled.set_listed(user(5).id, at(1), is_listed=False)
    peopled.set_admin(user(6).id, at(1), is_admin=True)
    peopled.deactivate_user(user(7).id, at(1))
    return peopled


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        ({}, [1, 2, 3, 4, 5, 6, 7, 9]),
        ({"team_id": team(2).id}, [9]),
        ({"has_left": False, "team_id": team().id}, [1, 2, 3, 4, 5, 6]),
        ({"has_left": True}, [7]),
        ({"has_photo": False, "team_id": team().id}, [1, 2, 4, 5, 6, 7]),
        ({"is_locked": True}, [4]),
        ({"is_hidden": True}, [5]),
        ({"is_admin": True}, [6]),
        ({"source": Source.IMPORT}, [3]),
        ({"source": Source.SELF}, []),
        ({"is_locked": True, "is_hidden": True}, []),
    ],
)
def test_people_are_chosen_by_what_is_so_of_them(
    crowd: Database, which: dict[str, Any], expected: list[int]
) -> None:
    """All of it must be."""
    found = crowd.roster_page(Which(**which), None, 100)

    assert [user(number).id for number in expected] == [one.id for one in found]


def test_everybody_of_a_team_that_was_removed_has_left(crowd: Database) -> None:
    """Whoever they are."""
    crowd.deactivate_team(team(2).id, at(2))

    gone = crowd.roster_page(Which(has_left=True), None, 100)
    here = crowd.roster_page(Which(has_left=False), None, 100)

    assert [user(7).id, user(9).id] == [one.id for one in gone]
    assert [user(number).id for number in range(1, 7)] == [one.id for one in here]


def test_every_page_goes_on_behind_the_one_before(crowd: Database) -> None:
    """Nobody is met twice, and nobody is left out."""
    last, met = None, []
    while page := crowd.roster_page(Which(), last, 3):
        met += page
        last = page[-1]

    assert met == crowd.roster_page(Which(), None, 100)


@pytest.mark.parametrize("which", [Which(), Which(has_left=False), Which(team_id=team().id)])
def test_a_page_is_read_by_the_index_of_addresses(crowd: Database, which: Which) -> None:
    """However deep it is: nothing is sorted for it, and nothing skipped."""
    steps = plan(crowd, lambda database: database.roster_page(which, user(3), 3))

    assert steps
    assert not [step for step in steps if "TEMP B-TREE" in step or step == "SCAN users"]


def test_names_are_found_by_ids_of_people_and_teams(crowd: Database) -> None:
    """As many as there are; what nobody has is left out."""
    ids = [user(1).id, team(2).id, "cli", *(f"U{number:010}" for number in range(100, 1200))]

    assert crowd.names_of(ids) == {user(1).id: user(1).email, team(2).id: team(2).name}
    assert crowd.names_of([]) == {}


def test_a_page_by_name_goes_on_behind_somebody(crowd: Database) -> None:
    """In the order of names, of one team; behind who is gone, it begins again."""
    crowd.rename_user(user(5).id, "Ärnst Anders", at(2))
    crowd.rename_user(user(2).id, "Zoë", at(2))
    everybody = crowd.people_page(team().id, Which(), "", 100)
    last, met = "", []
    while page := crowd.people_page(team().id, Which(), last, 3):
        met += page
        last = page[-1].id

    assert [one.id for one in everybody] == [user(n).id for n in (5, 1, 3, 4, 6, 7, 2)]
    assert met == everybody
    assert crowd.people_page(team().id, Which(), "U404", 100) == everybody
    assert crowd.people_page(team(2).id, Which(), user(5).id, 100)[0].team_id == team(2).id
    assert crowd.people_page(team().id, Which(), "", 3) == everybody[:3]


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        ({"is_deactivated": True}, [7]),
        ({"is_deactivated": False, "is_listed": True}, [1, 2, 3, 4, 6]),
        ({"is_person": True, "words": ("person-6",)}, [6]),
        ({"words": ("example", "person 1")}, [1]),
        ({"words": ("person 1",), "by_name": True}, [1]),
        ({"words": ("example",), "by_name": True}, []),
        ({"words": ("%",)}, []),
        ({"words": ("_",)}, []),
        ({"side_px_below": 1025}, [3]),
        ({"side_px_below": 1024}, []),
        ({"has_photo": True}, [3]),
    ],
)
def test_people_are_found_by_words_and_by_what_is_so(
    crowd: Database, which: dict[str, Any], expected: list[int]
) -> None:
    """And the same people are counted."""
    found = crowd.people_page(team().id, Which(**which), "", 100)

    assert [user(number).id for number in expected] == [one.id for one in found]
    assert crowd.count_people(team().id, [Which(**which), Which()]) == [len(expected), 7]


def test_a_page_by_name_is_read_by_its_index(crowd: Database) -> None:
    """However deep it is: nothing is sorted for it, and nothing skipped."""
    steps = plan(crowd, lambda database: database.people_page(team().id, Which(), user(3).id, 3))

    assert any("ix_users_team_id_sort_name_id" in step for step in steps)
    assert not [step for step in steps if "TEMP B-TREE" in step or step == "SCAN users"]
