"""Who is added and what changes, by the rows of a file and those who are there."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from likeness.imports.outcomes import Outcome
from likeness.imports.people_plan import (
    Change,
    Everybody,
    Planned,
    Somebody,
    fuse,
    missing,
    planned,
)
from likeness.imports.records import Record
from likeness.names import kept_name

ADA = Somebody("U1", "ada@x.org", "ada", "Ada Lovelace", external_id="E1")
BOB = Somebody("U2", "bob@x.org", "bob", "Bob")
EVE = Somebody("U3", "eve@x.org", "eve", "Eve", has_left=True)
BOT = Somebody("U4", "bot@x.org", "bot", "Bot", is_bot=True)
THERE = Everybody(
    {each.id: each for each in (ADA, BOB, EVE, BOT)},
    {each.email: each.id for each in (ADA, BOB, EVE, BOT)} | {"lovelace@x.org": "U1"},
    {"E1": "U1"},
)


def row(
    email: str = "",
    *,
    also: tuple[str, ...] = (),
    external_id: str = "",
    user_name: str = "",
    name: str = "",
    fault: str = "",
) -> Record:
    """A row of a file."""
    return Record(1, email, email, also, external_id, user_name, name, fault=fault)


def one(record: Record, everybody: Everybody = THERE) -> Planned:
    """The outcome of the only row."""
    [only] = planned([record], everybody)
    return only


def test_somebody_new_is_added_with_all_that_the_row_has() -> None:
    """Addresses in their normal form, with what was typed."""
    found = one(
        row(
            "Zoë@X.org",
            name=" Zoë\nZ. ",
            user_name="zoe",
            external_id="E9",
            also=("z@x.org", "ZOË@x.org", "zoë@x.org"),
        )
    )

    assert (found.outcome, found.person) == (Outcome.NEW, "zoë@x.org")
    assert found.change == Change(
        None,
        "zoe",
        "Zoë Z.",
        (("zoë@x.org", "Zoë@X.org"), ("z@x.org", "z@x.org"), ("zoË@x.org", "ZOË@x.org")),
        external_id="E9",
    )


def test_a_name_is_that_of_the_mailbox_where_the_row_has_none() -> None:
    """As when somebody is added by hand."""
    change = one(row("zoe@x.org")).change

    assert change == Change(None, "zoe", "zoe", (("zoe@x.org", "zoe@x.org"),))


@pytest.mark.parametrize(
    "record",
    [
        row("ada@x.org"),
        row("ADA@x.org", external_id="E1", name="Ada Lovelace", user_name="ada"),
        row("lovelace@x.org", also=("ada@x.org",)),
        row(external_id="E1"),
    ],
)
def test_what_is_so_already_is_unchanged(record: Record) -> None:
    """An empty cell says nothing: it takes nothing away."""
    found = one(record)

    assert (found.outcome, found.person, found.reason) == (Outcome.UNCHANGED, "ada@x.org", "")


def test_a_row_changes_what_is_different() -> None:
    """And says what that is."""
    found = one(
        row("bob@x.org", name="Robert", user_name="rob", external_id="E2", also=("rob@x.org",))
    )

    assert found.outcome is Outcome.UPDATED
    assert found.reason == "user name, name, address, id"
    assert found.change == Change(
        "U2", "rob", "Robert", (("rob@x.org", "rob@x.org"),), external_id="E2"
    )


def test_two_rows_for_one_person_change_nothing() -> None:
    """Each run would give them the other row's name, and a merge leaves two addresses and ids."""
    merged = replace(THERE, by_external_id={"E1": "U1", "E0": "U1"})
    rows = [
        row("ada@x.org", external_id="E0", name="Ada"),
        row("lovelace@x.org", external_id="E1", name="Countess"),
        row("bob@x.org", name="Robert"),
    ]

    found = planned(rows, merged)

    assert [each.outcome for each in found] == [Outcome.DUPLICATE] * 2 + [Outcome.UPDATED]
    assert [each.change for each in found[:2]] == [None, None]
    assert [each.email for each in missing(found, merged)] == []


@pytest.mark.parametrize("external_id", ["E0", "E1"])
def test_somebody_merged_is_known_by_each_of_their_ids(external_id: str) -> None:
    """And moves by each of them."""
    merged = replace(THERE, by_external_id={"E1": "U1", "E0": "U1"})

    found = one(row("ada@new.org", external_id=external_id), merged)

    assert found.change
    assert found.change.moves
    assert found.change.external_id is None


def test_whoever_is_known_by_an_id_moves_to_a_new_address() -> None:
    """The old one stays a further one; who is known by an address only gets another one."""
    moved = one(row("ada@new.org", external_id="E1"))
    added = one(row("bob@x.org", also=("bob@new.org",)))

    assert moved.change == Change("U1", added=(("ada@new.org", "ada@new.org"),), moves=True)
    assert moved.reason == "first address, address"
    assert added.change
    assert not added.change.moves


def test_a_further_address_does_not_become_the_first_by_a_file() -> None:
    """An address that was changed here stays, until the file has one that nobody knew."""
    assert one(row("lovelace@x.org", external_id="E1")).outcome is Outcome.UNCHANGED


@pytest.mark.parametrize(
    ("record", "outcome", "reason"),
    [
        (row("nonsense"), Outcome.UNREADABLE, "no e-mail address"),
        (row("a@x.org", external_id="x" * 256), Outcome.UNREADABLE, "more than 255 characters"),
        (row("a@x.org", external_id="4\x00711"), Outcome.UNREADABLE, "nobody can see"),
        (row("a@x.org", external_id="\u202e4711"), Outcome.UNREADABLE, "nobody can see"),
        (row(external_id="E7"), Outcome.UNREADABLE, "somebody new needs an email address"),
        (row(fault="7 cells"), Outcome.UNREADABLE, "7 cells"),
        (row("ada@x.org", also=("bob@x.org",)), Outcome.AMBIGUOUS, "lead to 2 people"),
        (row("bob@x.org", external_id="E1"), Outcome.AMBIGUOUS, "ada@x.org, bob@x.org"),
        (row("ada@x.org", external_id="E5"), Outcome.AMBIGUOUS, "known by another id, E1"),
        (row("eve@x.org"), Outcome.LEFT, "was deactivated"),
    ],
)
def test_nothing_is_guessed(record: Record, outcome: Outcome, reason: str) -> None:
    """Such a row changes nothing."""
    found = one(record)

    assert found.outcome is outcome
    assert reason in found.reason
    assert found.change is None


def test_rows_for_one_person_are_both_refused() -> None:
    """By an address or an id that two rows have."""
    rows = [
        row("a@x.org"),
        row("b@x.org", also=("A@x.org",)),
        row("c@x.org", external_id="E8"),
        row("d@x.org", external_id="E8"),
        row("e@x.org"),
    ]

    outcomes = [each.outcome for each in planned(rows, THERE)]
    assert outcomes == [Outcome.DUPLICATE] * 4 + [Outcome.NEW]


def test_rows_that_mean_one_person_in_different_ways_are_both_refused() -> None:
    """One by the id, and one by an address: they would undo each other at each run."""
    rows = [row(external_id="E1", user_name="bob"), row("ada@x.org", user_name="ada")]

    assert [each.outcome for each in planned(rows, THERE)] == [Outcome.DUPLICATE] * 2


def test_missing_are_the_active_people_whom_no_row_means() -> None:
    """A row that failed means somebody all the same; bots are in no file."""
    assert missing(planned([row("zoe@x.org")], THERE), THERE) == [ADA, BOB]
    assert missing(planned([row("ada@x.org", external_id="E5")], THERE), THERE) == [BOB]


def crowd(number: int) -> Everybody:
    """So many people."""
    people = {f"U{each}": Somebody(f"U{each}", f"{each}@x.org", "n", "N") for each in range(number)}
    return Everybody(people, {}, {})


@pytest.mark.parametrize(
    ("count", "there", "holds"),
    [(10, 20, True), (11, 110, True), (11, 109, False), (50, 500, True), (51, 500, False)],
)
def test_a_file_that_lacks_many_people_is_not_believed(count: int, there: int, holds: bool) -> None:
    """More than ten, who are more than a tenth."""
    assert bool(fuse(count, [], crowd(there))) is not holds


def test_a_file_with_a_row_that_cannot_be_read_is_not_whole() -> None:
    """Nobody knows whom it meant; where nobody is missing that does no harm."""
    rows = planned([row("nonsense")], THERE)

    assert "could not be read" in fuse(1, rows, THERE)
    assert fuse(0, rows, THERE) == ""


def after(everybody: Everybody, rows: list[Planned]) -> Everybody:
    """Everybody once it is done, by a model that is simpler than the database."""
    people, emails = dict(everybody.people), dict(everybody.by_email)
    ids = dict(everybody.by_external_id)
    for number, each in enumerate(rows):
        change = each.change
        if change is None:
            continue
        user_id = change.user_id or f"N{number}"
        before = people.get(user_id, Somebody(user_id, "", "", ""))
        moves = change.moves or change.user_id is None
        email = change.added[0][0] if moves else before.email
        people[user_id] = replace(
            before,
            email=email,
            name=change.name or before.name,
            real_name=change.real_name or before.real_name,
            external_id=change.external_id or before.external_id,
        )
        emails |= {email: user_id for email, _ in change.added}
        if change.external_id:
            ids[change.external_id] = user_id
    return Everybody(people, emails, ids)


NAMES = st.sampled_from(["", "ada", "bob", "zoe", "Zoë  Z."])
EMAILS = st.sampled_from(["", "ada@x.org", "BOB@x.org", "eve@x.org", "a@new.org", "b@new.org", "?"])
RECORDS = st.builds(
    Record,
    number=st.just(1),
    key=st.just("x"),
    email=EMAILS,
    also=st.lists(EMAILS.filter(bool), max_size=2).map(tuple),
    external_id=st.sampled_from(["", "E1", "E2", "E3"]),
    user_name=NAMES,
    name=NAMES,
)


@settings(max_examples=500)
@given(st.lists(RECORDS, max_size=6))
def test_a_second_run_changes_nothing(records: list[Record]) -> None:
    """Whatever the file has, and nobody gets what is another one's."""
    first = planned(records, THERE)
    there = after(THERE, first)

    second = planned(records, there)

    assert [each.change for each in second if each.change and not each.change.is_empty] == []
    taken = [email for each in first if each.change for email, _ in each.change.added]
    assert len(taken) == len(set(taken))
    assert not set(taken) & set(THERE.by_email)


def test_a_name_has_a_bound_and_nothing_that_cannot_be_seen() -> None:
    """As names that come in by other doors."""
    assert kept_name("a\x1b[31m" + "x" * 300) == ("a [31m" + "x" * 300)[:200]
