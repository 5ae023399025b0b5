"""What providers say of people, in all the ways in which they say it."""

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.errors import NotAdmitted
from likeness.identities import Claims
from likeness.model import Secret
from likeness.site.claims import ClaimRules, claims_of, together

ISSUER: Final = "https://id.example.org"
STRICT: Final = ClaimRules()
TRUSTING: Final = ClaimRules(trusts_silence=True)
ADMINS: Final = ClaimRules(admins=(("groups", "admins"), ("roles", "Likeness.Admin")))

VALUES: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
NAMES: Final = st.sampled_from(
    ["sub", "email", "email_verified", "xms_edov", "name", "picture", "sid", "groups", "roles"]
) | st.just("_claim_names")


def read(rules: ClaimRules = STRICT, **said: Any) -> Claims:
    """The claims of somebody with an address."""
    return claims_of({"iss": ISSUER, "sub": "x", "email": "ada@x.example", **said}, rules, None)


def test_everything_that_is_said_is_read() -> None:
    """The access token comes with it."""
    said = {
        "iss": ISSUER,
        "sub": "x",
        "email": "ada@x.example",
        "email_verified": True,
        "name": "Ada",
        "picture": "https://x.example/ada.jpg",
        "sid": "s",
    }

    assert claims_of(said, STRICT, "secret") == Claims(
        ISSUER,
        "x",
        "ada@x.example",
        is_email_verified=True,
        name="Ada",
        picture="https://x.example/ada.jpg",
        sid="s",
        access_token=Secret("secret"),
    )


@pytest.mark.parametrize("subject", [None, "", 7, ["x"], "x" * 256, "a\x00b", "a\nb"])
def test_a_subject_that_nobody_can_have_is_refused(subject: object) -> None:
    """The database could not keep it."""
    with pytest.raises(NotAdmitted, match="did not say who you are"):
        read(sub=subject)


@pytest.mark.parametrize(
    ("said", "strict", "trusting"),
    [
        ({"email_verified": True}, True, True),
        ({"email_verified": "true"}, True, True),
        ({"email_verified": "TRUE"}, True, True),
        ({"email_verified": False}, False, False),
        ({"email_verified": "False"}, False, False),
        ({"email_verified": ""}, False, False),
        ({"email_verified": "yes"}, False, False),
        ({"email_verified": [True]}, False, False),
        ({"email_verified": None}, False, True),
        ({}, False, True),
        ({"xms_edov": True}, True, True),
        ({"xms_edov": 1}, True, True),
        ({"xms_edov": "1"}, True, True),
        ({"xms_edov": False}, False, False),
        ({"xms_edov": "0"}, False, False),
        ({"xms_edov": True, "email_verified": False}, False, False),
        ({"email_verified": True, "email": ""}, False, False),
        ({"email_verified": True, "email": ["ada@x.example"]}, False, False),
    ],
)
def test_an_address_is_verified_where_the_provider_says_so(
    said: dict[str, object], strict: bool, trusting: bool
) -> None:
    """Or where it says nothing and the settings trust it; never against what it says."""
    assert read(STRICT, **said).is_email_verified is strict
    assert read(TRUSTING, **said).is_email_verified is trusting


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"groups": ["all", "admins"]}, True),
        ({"groups": "admins"}, True),
        ({"roles": ["Likeness.Admin"]}, True),
        ({"groups": ["all"], "roles": "Likeness.Admin"}, True),
        ({"groups": ["Admins"]}, False),
        ({"groups": "admins,all"}, False),
        ({"groups": {"admins": True}}, False),
        ({"groups": [["admins"]]}, False),
        ({"roles": ["admins"]}, False),
        ({}, False),
        ({"_claim_names": {"groups": "src1"}}, None),
        ({"_claim_names": {"groups": "src1"}, "roles": "Likeness.Admin"}, True),
        ({"_claim_names": {"address": "src1"}}, False),
        ({"_claim_names": "groups"}, False),
    ],
)
def test_administrators_have_one_of_the_values(
    said: dict[str, object], expected: bool | None
) -> None:
    """In a text or a list; where the provider had no room for the claim, nobody knows."""
    assert read(ADMINS, **said).is_admin is expected
    assert read(STRICT, **said).is_admin is None


def test_what_is_wanted_is_an_address_and_what_makes_administrators() -> None:
    """Userinfo is asked for it."""
    assert STRICT.wanted == {"email"}
    assert ADMINS.wanted == {"email", "groups", "roles"}
    assert ClaimRules(picture=("picture",)).wanted == {"email", "picture"}


def test_what_is_signed_wins_and_an_address_keeps_what_is_said_of_it() -> None:
    """Another document may speak of another address."""
    more = {"sub": "y", "email": "b@x.example", "email_verified": True, "groups": ["a"]}

    assert together({"sub": "x", "email": "a@x.example"}, more) == {
        "sub": "x",
        "email": "a@x.example",
        "groups": ["a"],
    }
    assert together({"sub": "x"}, more) == {**more, "sub": "x"}


@given(said=st.dictionaries(NAMES, VALUES), rules=st.sampled_from([STRICT, TRUSTING, ADMINS]))
def test_whatever_is_said_is_read_or_refused(said: dict[str, Any], rules: ClaimRules) -> None:
    """What is read fits into the database, and nobody is verified without an address."""
    try:
        claims = claims_of(said, rules, None)
    except NotAdmitted:
        return

    assert 0 < len(claims.subject) <= 255
    assert claims.email or not claims.is_email_verified
    assert claims.sid is None or 0 < len(claims.sid) <= 300
    assert claims.picture != ""


def test_the_object_id_is_that_of_entra_alone() -> None:
    """At others people may be able to set a claim of that name."""
    oid = "6f1c1b9e-0000-4000-8000-000000000001"
    entra = "https://login.microsoftonline.com/11111111-0000-4000-8000-000000000002/v2.0"

    assert read(iss=entra, oid=oid).object_id == oid
    assert read(iss=entra, oid=oid, sub="x" * 16).shared_ids == (oid, "x" * 16)
    assert read(iss=entra, oid=["x"]).object_id is None
    assert read(iss=entra).object_id is None
    assert read(iss="https://id.example.org", oid=oid).object_id is None
    assert read(sub="ada").shared_ids == ()
