"""Who may replace whose photo: every cell of the table, and a model that was written apart."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.errors import AccessDenied
from likeness.model import Source
from likeness.precedence import Kept, Offer, Policy, Standing, judge, locked
from support.rows import NOW, at, photo, user

SELF, ADMINISTRATOR = Source.SELF, Source.ADMINISTRATOR
IMPORT, DIRECTORY, PROVIDER = Source.IMPORT, Source.DIRECTORY, Source.PROVIDER
COMING: Final = (SELF, ADMINISTRATOR, IMPORT, DIRECTORY, PROVIDER)

STANDINGS: Final = {
    "never chosen": Standing(False, None),
    "removed": Standing(False, SELF),
    "own": Standing(True, SELF, None, NOW, "U1"),
    "administrator": Standing(True, ADMINISTRATOR, None, NOW, "U2"),
    "import": Standing(True, IMPORT, None, NOW, "cli"),
    "directory": Standing(True, DIRECTORY, None, NOW, "ldap"),
    "provider": Standing(True, PROVIDER, None, NOW, "oidc"),
    "locked": Standing(True, SELF, "passport", NOW, "U1"),
}

# What each of COMING may do: + always, a with ALWAYS only, L with `opens_locks` only, - never.
TABLE: Final = {
    "never chosen": "+++++",
    "removed": "++a--",
    "own": "++aa-",
    "administrator": "++aa-",
    "import": "++++-",
    "directory": "++++-",
    "provider": "+++++",
    "locked": "-+L--",
}
CELLS: Final = [
    (now, source, letter)
    for now, letters in TABLE.items()
    for source, letter in zip(COMING, letters, strict=True)
]


def offer(
    source: Source, policy: Policy = Policy.IF_NOT_OWN, *, opens_locks: bool = False
) -> Offer:
    """An offer by the directory that set the photo before, where one did."""
    return Offer(source, policy, set_by="ldap", opens_locks=opens_locks)


@pytest.mark.parametrize(("now", "source", "letter"), CELLS)
def test_each_cell(now: str, source: Source, letter: str) -> None:
    """As the table says, with each policy that replaces photos."""
    standing = STANDINGS[now]

    usual = judge(standing, offer(source)) is None
    always = judge(standing, offer(source, Policy.ALWAYS)) is None
    opened = judge(standing, offer(source, Policy.ALWAYS, opens_locks=True)) is None

    assert usual == (letter == "+")
    assert always == (letter in "+a")
    assert opened == (letter in "+aL")


@pytest.mark.parametrize(
    ("now", "source", "reason"),
    [
        ("removed", IMPORT, Kept.REMOVED),
        ("own", IMPORT, Kept.OWN),
        ("administrator", DIRECTORY, Kept.ADMINISTRATOR),
        ("import", PROVIDER, Kept.OTHER_SOURCE),
        ("locked", SELF, Kept.LOCKED),
    ],
)
def test_the_reason_is_told(now: str, source: Source, reason: Kept) -> None:
    """In words that a report can print."""
    assert judge(STANDINGS[now], offer(source)) is reason


@pytest.mark.parametrize("now", [name for name, each in STANDINGS.items() if each.has_photo])
def test_who_fills_gaps_only_replaces_nothing(now: str) -> None:
    """Whoever's photo it is."""
    expected = Kept.LOCKED if now == "locked" else Kept.NOT_EMPTY

    assert judge(STANDINGS[now], offer(IMPORT, Policy.IF_EMPTY)) is expected


@pytest.mark.parametrize("now", ["own", "administrator"])
def test_a_newer_file_wins_over_a_choice(now: str) -> None:
    """One of the same moment, or of no known moment, does not."""
    made = [NOW - timedelta(seconds=1), NOW, None, at(1)]

    taken = [judge(STANDINGS[now], Offer(IMPORT, Policy.NEWER, each)) is None for each in made]

    assert taken == [False, False, False, True]


@pytest.mark.parametrize("source", Source)
def test_the_picture_that_is_shown_is_no_change(source: Source) -> None:
    """Whoever sends it; where digests are unknown, nobody can say so."""
    now, coming = replace(STANDINGS["import"], upload_digest=b"1"), offer(source, Policy.ALWAYS)

    assert judge(now, replace(coming, upload_digest=b"1")) is Kept.UNCHANGED
    assert judge(now, replace(coming, upload_digest=b"2")) is not Kept.UNCHANGED
    assert judge(now, coming) is not Kept.UNCHANGED
    assert judge(replace(now, upload_digest=None), coming) is not Kept.UNCHANGED


def test_another_directory_fills_gaps_only() -> None:
    """The one that set the photo keeps it in step."""
    scim = Offer(DIRECTORY, set_by="scim")

    assert judge(STANDINGS["directory"], scim) is Kept.OTHER_SOURCE
    assert judge(Standing(False, DIRECTORY), scim) is None


def test_how_somebody_stands_is_known_of_them() -> None:
    """With a photo, and without one."""
    mine = photo(set_by="ldap", source=DIRECTORY)
    with_one = user(photo=mine, lock_reason="passport")

    assert Standing.of(user(photo_source=SELF)) == Standing(False, SELF)
    assert Standing.of(with_one) == Standing(
        True, DIRECTORY, "passport", mine.set_at, "ldap", mine.upload_digest
    )


def test_who_is_locked_is_told_why() -> None:
    """The reason is the administrator's own words."""
    with pytest.raises(AccessDenied, match="the badge shows it; ask them"):
        raise locked("the badge shows it")


def forces(now: Standing, coming: Offer) -> bool:
    """Whether an offer may win over a choice."""
    if coming.policy is Policy.NEWER:
        return bool(coming.made_at and now.set_at and coming.made_at > now.set_at)
    return coming.policy is Policy.ALWAYS


def is_shut(now: Standing, coming: Offer) -> bool:
    """Whether a lock is in the way."""
    opens = coming.source is ADMINISTRATOR or (coming.source is IMPORT and coming.opens_locks)
    return now.lock_reason is not None and not opens


def may_fill(now: Standing, coming: Offer) -> bool:
    """The rules of those who bring photos of many people."""
    is_chosen = now.source in {SELF, ADMINISTRATOR}
    is_theirs = now.source is not DIRECTORY or now.set_by == coming.set_by
    by_source = {
        PROVIDER: now.source in {None, PROVIDER},
        IMPORT: forces(now, coming) or not is_chosen,
        DIRECTORY: (not is_chosen and (is_theirs or not now.has_photo))
        or (forces(now, coming) and (now.has_photo or now.source is not SELF)),
    }
    is_filled = coming.policy is Policy.IF_EMPTY and now.has_photo
    return by_source[coming.source] and not is_filled


def may(now: Standing, coming: Offer) -> bool:
    """The rules once more, as sentences."""
    chooses = coming.source in {SELF, ADMINISTRATOR}
    return not is_shut(now, coming) and (chooses or may_fill(now, coming))


MOMENTS: Final = st.none() | st.integers(-2, 2).map(at)
NAMES: Final = st.sampled_from([None, "ldap", "scim"])


@given(
    now=st.builds(
        Standing,
        st.booleans(),
        st.none() | st.sampled_from(Source),
        st.none() | st.just("reason"),
        MOMENTS,
        NAMES,
    ),
    coming=st.builds(
        Offer, st.sampled_from(Source), st.sampled_from(Policy), MOMENTS, st.booleans(), NAMES
    ),
)
def test_it_is_what_the_rules_say(now: Standing, coming: Offer) -> None:
    """For any standing and any offer."""
    assert (judge(now, coming) is None) == may(now, coming)
