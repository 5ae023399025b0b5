"""Which logout tokens are believed, claim by claim, and that nothing else is."""

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.errors import NotAdmitted
from likeness.site.logout_token import EVENT, LEEWAY_S, LIFE_S, Logout, logout_of

ISSUER: Final = "https://id.example.org"
NOW_S: Final = 1_800_000_000.0
RIGHT: Final[dict[str, Any]] = {
    "iss": ISSUER,
    "aud": "likeness",
    "iat": int(NOW_S),
    "exp": int(NOW_S) + 120,
    "jti": "one",
    "events": {EVENT: {}},
    "sub": "ada",
    "sid": "session",
}
VALUES: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


def read(**changes: Any) -> Logout:
    """What a token says that is right in all but the changes; `...` takes a claim away."""
    claims = {name: value for name, value in (RIGHT | changes).items() if value is not ...}
    return logout_of(claims, ISSUER, "likeness", NOW_S)


def test_a_right_token_says_what_is_over() -> None:
    """And how long it is to be remembered."""
    assert read() == Logout(ISSUER, "ada", "session", "one", NOW_S + 120 + LEEWAY_S)


@pytest.mark.parametrize(
    "changes",
    [
        {"sid": ...},
        {"sub": ...},
        {"aud": ["another", "likeness"]},
        {"exp": ...},
        {"exp": NOW_S - LEEWAY_S},
        {"iat": NOW_S + LEEWAY_S},
        {"iat": NOW_S - LIFE_S - LEEWAY_S, "exp": ...},
        {"events": {EVENT: {"x": 1}, "another": {}}},
        {"more": "x"},
    ],
)
def test_a_token_that_may_be_so_is_believed(changes: dict[str, Any]) -> None:
    """As providers make them."""
    assert read(**changes).token_id == "one"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"iss": ...}, "another issuer"),
        ({"iss": ISSUER + "/"}, "another issuer"),
        ({"aud": ...}, "another client"),
        ({"aud": "another"}, "another client"),
        ({"aud": ["another"]}, "another client"),
        ({"aud": {"likeness": 1}}, "another client"),
        ({"iat": ...}, "when it was issued"),
        ({"iat": "now"}, "no moment"),
        ({"iat": True}, "no moment"),
        ({"iat": float("nan")}, "no moment"),
        ({"exp": float("inf")}, "no moment"),
        ({"iat": NOW_S + LEEWAY_S + 1}, "from the future"),
        ({"iat": NOW_S - LIFE_S - LEEWAY_S - 1, "exp": ...}, "life is over"),
        ({"iat": NOW_S - LIFE_S - LEEWAY_S - 1, "exp": NOW_S + 1e6}, "life is over"),
        ({"exp": NOW_S - LEEWAY_S - 1}, "life is over"),
        ({"events": ...}, "not about a logout"),
        ({"events": {}}, "not about a logout"),
        ({"events": [EVENT]}, "not about a logout"),
        ({"events": {EVENT: True}}, "not about a logout"),
        ({"nonce": "x"}, "has a nonce"),
        ({"nonce": None}, "has a nonce"),
        ({"jti": ...}, "has no id"),
        ({"jti": ""}, "has no id"),
        ({"jti": 7}, "jti cannot be read"),
        ({"jti": "x" * 1001}, "jti cannot be read"),
        ({"sub": ..., "sid": ...}, "neither somebody nor a session"),
        ({"sub": "", "sid": ""}, "neither somebody nor a session"),
        ({"sub": ["ada"]}, "sub cannot be read"),
        ({"sub": "a\x00"}, "sub cannot be read"),
        ({"sid": "x" * 301}, "sid cannot be read"),
    ],
)
def test_a_token_with_anything_wrong_is_not_believed(changes: dict[str, Any], said: str) -> None:
    """Each by itself, in one that is right in all else."""
    with pytest.raises(NotAdmitted, match=said):
        read(**changes)


@given(changes=st.dictionaries(st.sampled_from([*RIGHT, "nonce"]), VALUES))
def test_whatever_the_claims_are_they_are_believed_or_refused(changes: dict[str, Any]) -> None:
    """What is believed names somebody or a session, and ends."""
    try:
        logout = read(**changes)
    except NotAdmitted:
        return

    assert logout.subject or logout.sid
    assert NOW_S <= logout.until_s <= NOW_S + LIFE_S + 2 * LEEWAY_S
