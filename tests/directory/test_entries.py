"""What entries of OpenLDAP, 389, FreeIPA and Active Directory say of people."""

from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.directory.entries import (
    LISTED,
    VALUE_LENGTH_MAX,
    Entry,
    entry_of,
    guid,
    id_of,
    is_active,
    proxy_addresses,
)
from likeness.directory.port import Values
from likeness.identities import EMAILS_MAX, SUBJECT_LENGTH_MAX

DN = "uid=ada,dc=example,dc=org"
GUID = UUID("7b0cd8a4-1111-4222-8333-000000000002")
OPENLDAP = {
    "entryuuid": [b"7b0cd8a4-0000-4000-8000-000000000001"],
    "displayname": ["Ada Zöë".encode()],
    "cn": [b"Ada Lovelace"],
    "uid": [b"ada"],
    "mail": [b"ada@example.org", b"Lovelace@example.org"],
    "entrycsn": [b"20261129130354.028377Z#000000#000#000000"],
}
ACTIVE_DIRECTORY = {
    "objectguid": [GUID.bytes_le],
    "cn": [b"Ada"],
    "samaccountname": [b"ada"],
    "userprincipalname": [b"ada@corp.example.org"],
    "mail": [b"ada@example.org"],
    "proxyaddresses": [
        b"smtp:lovelace@example.org",
        b"x500:/o=Example",
        b"SMTP:ADA@example.org",
        b"SIP:ada@example.org",
    ],
    "useraccountcontrol": [b"512"],
    "whenchanged": [b"20261129130354.0Z"],
    "usnchanged": [b"4711"],
}

values = st.dictionaries(
    st.sampled_from(LISTED), st.lists(st.binary(max_size=40), max_size=4), max_size=8
)


def test_openldap_says_who_somebody_is() -> None:
    """All its addresses; the name that people see before the one that sorts."""
    entry = entry_of(DN, OPENLDAP)
    assert entry == Entry(
        DN,
        "7b0cd8a4-0000-4000-8000-000000000001",
        ("ada@example.org", "Lovelace@example.org"),
        "Ada Zöë",
        "ada",
        stamp=entry.stamp,
        tells_changes=True,
    )


def test_active_directory_says_so_by_other_names() -> None:
    """The address of Exchange that is the same as `mail` counts once."""
    entry = entry_of(DN, ACTIVE_DIRECTORY)

    assert entry.id == str(GUID)
    assert entry.emails == ("ada@example.org", "lovelace@example.org")
    assert (entry.name, entry.user_name, entry.is_active) == ("Ada", "ada", True)


@pytest.mark.parametrize(
    ("name", "value"), [("nsuniqueid", "66446001-1dd211b2"), ("ipauniqueid", "7b0cd8a4-1111")]
)
def test_others_have_names_of_their_own(name: str, value: str) -> None:
    """389 Directory Server and FreeIPA."""
    assert entry_of(DN, {name: [value.encode()], "mail": [b"a@b.org"]}).id == value


@pytest.mark.parametrize(
    ("values", "words"),
    [({"mail": [b"a@b.org"]}, "entryuuid"), ({"entryuuid": [b"1"]}, "no email address")],
)
def test_without_an_id_or_an_address_nobody_is_meant(values: Values, words: str) -> None:
    assert words in entry_of(DN, values).fault


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"useraccountcontrol": [b"514"]}, False),
        ({"useraccountcontrol": [b"66048"]}, True),
        ({"useraccountcontrol": [b"66050"]}, False),
        ({"useraccountcontrol": [b"-2147483646"]}, False),
        ({"useraccountcontrol": [b"two"]}, True),
        ({"pwdaccountlockedtime": [b"000001010000Z"]}, False),
        ({"pwdaccountlockedtime": [b"20261129130354Z"]}, True),
        ({"nsaccountlock": [b"TRUE"]}, False),
        ({"nsaccountlock": [b"false"]}, True),
        ({}, True),
    ],
)
def test_an_account_is_closed_by_those_who_may(values: Values, *, expected: bool) -> None:
    """Wrong passwords lock it for a while, which anybody can bring about."""
    assert is_active(values) is expected


@given(st.uuids())
def test_a_guid_is_read_as_active_directory_shows_it(uuid: UUID) -> None:
    assert guid(uuid.bytes_le) == str(uuid)


@given(st.binary(max_size=40))
def test_no_bytes_break_a_guid(data: bytes) -> None:
    assert isinstance(guid(data), str)


@given(st.integers(-(2**31), 2**32 - 1))
def test_the_second_bit_says_that_an_account_is_disabled(control: int) -> None:
    assert is_active({"useraccountcontrol": [str(control).encode()]}) is not bool(control & 2)


mailboxes = st.from_regex(r"[a-z]{1,8}@[a-z]{1,8}\.org", fullmatch=True)


@given(mailboxes, st.lists(mailboxes, max_size=6), st.randoms())
def test_the_first_proxy_address_is_the_one_in_capitals(
    first: str, others: list[str], random: Random
) -> None:
    """Wherever it stands among the others, some of which are of other kinds."""
    told = [f"smtp:{each}".encode() for each in others] + [b"x400:c=de", f"SMTP:{first}".encode()]
    random.shuffle(told)
    assert proxy_addresses(told)[0] == first
    assert sorted(proxy_addresses(told)) == sorted([first, *others])


@given(st.lists(st.binary(max_size=30), max_size=5))
def test_no_bytes_break_proxy_addresses(told: list[bytes]) -> None:
    assert all(proxy_addresses(told))


@given(values)
def test_no_values_break_an_entry(found: dict[str, list[bytes]]) -> None:
    """What cannot be used has a fault; what can has an id that can be kept."""
    entry = entry_of(DN, found)
    assert entry.fault or (entry.emails and 0 < len(entry.id) <= SUBJECT_LENGTH_MAX)
    assert id_of(found) == entry.id


@given(values, st.sampled_from(LISTED), st.binary(min_size=1, max_size=10))
def test_whatever_changes_changes_the_stamp(
    found: dict[str, list[bytes]], name: str, value: bytes
) -> None:
    """The order of values does not: a set has none."""
    stamp = entry_of(DN, found).stamp
    assert entry_of(DN, {each: found[each][::-1] for each in found}).stamp == stamp
    assert entry_of(DN, found | {name: [*found.get(name, []), value]}).stamp != stamp


def test_values_are_bounded() -> None:
    """Very long ones count as none, and of very many addresses the first ones count."""
    long = b"x" * (VALUE_LENGTH_MAX + 1)
    assert entry_of(DN, OPENLDAP | {"displayname": [long]}).name == "Ada Lovelace"
    many = [f"a{each}@example.org".encode() for each in range(EMAILS_MAX + 9)]
    assert len(entry_of(DN, OPENLDAP | {"mail": many}).emails) == EMAILS_MAX
    assert id_of({"entryuuid": [b"x" * (SUBJECT_LENGTH_MAX + 1)]}) == ""


def test_only_a_note_of_changes_tells_that_nothing_changed() -> None:
    """Where a server has none, photos have to be compared themselves."""
    assert not entry_of(DN, {"entryuuid": [b"1"], "mail": [b"a@b.org"]}).tells_changes
