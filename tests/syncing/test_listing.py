"""What a listing is, and what shows of an entry only beside the others."""

from likeness.directory.entries import Entry
from likeness.syncing.listing import judged


def entry(number: int, *emails: str, fault: str = "") -> Entry:
    return Entry(f"uid=u{number}", str(number), emails, fault=fault)


def test_of_two_with_one_first_address_neither_is_taken() -> None:
    """However it is written; which is right, nobody here knows."""
    found = list(judged([entry(1, "ada@x.org"), entry(2, "ADA@X.org"), entry(3, "bob@x.org")]))
    assert [bool(each.fault) for each in found] == [True, True, False]
    assert "2 entries have the address ada@x.org" in found[0].fault


def test_a_further_address_of_two_is_nobodys() -> None:
    """Neither where it is the first one of somebody else."""
    all_, bob = "all@x.org", "bob@x.org"
    found = list(judged([entry(1, "ada@x.org", all_, bob, "a@x.org"), entry(2, bob, all_)]))
    assert [each.emails for each in found] == [("ada@x.org", "a@x.org"), (bob,)]


def test_of_two_with_one_id_neither_is_taken() -> None:
    found = list(judged([entry(1, "ada@x.org"), entry(1, "bob@x.org")]))
    assert all("2 entries have the id 1" in each.fault for each in found)


def test_a_fault_stays_and_a_text_that_is_no_address_stands_for_itself() -> None:
    """It is refused when it is taken, with the reason."""
    found = list(judged([entry(1, fault="no id"), entry(2, "no address")]))
    assert [each.fault for each in found] == ["no id", ""]
