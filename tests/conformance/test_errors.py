"""Every error that the table declares is provoked through a socket, and explains itself."""

import pytest

from likeness.errors import NotAllowedTokenType, UserIsBot
from likeness.webapi.method import COMMON_ERRORS, Audience
from likeness.webapi.methods import METHODS
from support.live import LiveServer
from support.people import Cast
from support.scenarios import SCENARIOS, SET, Scenario, Stage, picture, upload
from support.wire import document, form, send

SEED_ERRORS = [
    "bad_image",
    "too_large",
    "too_many_frames",
    "not_authed",
    "invalid_auth",
    "account_inactive",
    "user_is_bot",
    "invalid_arg_name",
    "invalid_array_arg",
    "invalid_charset",
    "invalid_form_data",
    "invalid_post_type",
    "missing_post_type",
    "request_timeout",
]


def test_no_declared_error_lacks_a_scenario() -> None:
    """A method's own errors are each provoked with it; the common ones with some method."""
    own = {(method.name, error.code) for method in METHODS.values() for error in method.errors}
    common = {error.code for error in COMMON_ERRORS}

    provoked = {(scenario.method, scenario.error) for scenario in SCENARIOS}
    assert set() == own - provoked, (
        "add a Scenario that provokes it to SCENARIOS in tests/support/scenarios.py"
    )
    assert set() == common - {error for _, error in provoked}, (
        "add a Scenario with any method to SCENARIOS in tests/support/scenarios.py"
    )


def test_no_scenario_provokes_what_nobody_declares() -> None:
    """The other way round: what can be provoked stands in the table."""
    provoked = {(scenario.method, scenario.error) for scenario in SCENARIOS}
    declared = {
        (method.name, error.code)
        for method in METHODS.values()
        for error in (*method.errors, *COMMON_ERRORS)
    }

    assert set() == provoked - declared, "name it in `errors=` of the method in src/likeness/webapi"


def test_a_method_for_people_names_what_bots_are_answered() -> None:
    """What a method does not name is answered as internal_error."""
    answered = {UserIsBot, NotAllowedTokenType}

    silent = {
        method.name
        for method in METHODS.values()
        if method.audience is Audience.USERS and not answered <= set(method.errors)
    }
    assert set() == silent, (
        "name UserIsBot and NotAllowedTokenType in `errors=` of the method in src/likeness/webapi, "
        "or say Audience.USERS_AND_BOTS there"
    )


def test_the_seeds_errors_are_all_here() -> None:
    """All 14 errors that the seed lists for users.setPhoto are provoked with it."""
    provoked = {scenario.error for scenario in SCENARIOS if scenario.method == SET}

    assert 14 == len(SEED_ERRORS)
    assert set() == set(SEED_ERRORS) - provoked, "add it to SCENARIOS in tests/support/scenarios.py"


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.id)
def test_an_error_is_answered_and_explained(scenario: Scenario, stage: Stage) -> None:
    """HTTP 200 (429 for rate limits), the code, and a sentence that says what was found."""
    reply = scenario.play(stage)

    assert scenario.error == reply.error, reply.document
    assert (429 if scenario.error == "ratelimited" else 200) == reply.status
    assert reply.document["ok"] is False
    assert reply.messages
    assert all(message.startswith("[ERROR] ") for message in reply.messages)
    assert scenario.finds in " ".join(reply.messages)


def test_missing_scope_says_what_is_needed_and_what_was_there(
    server: LiveServer, people: Cast
) -> None:
    """The two keys that clients show: comma-separated, without spaces."""
    request = form("users.setPhoto", people.whole)
    lacking = form("users.list", people.without_scopes)

    document_of_lacking = send(server, lacking).document

    assert "missing_scope" == document_of_lacking["error"]
    assert "users:read" == document_of_lacking["needed"]
    assert "" == document_of_lacking["provided"]
    assert "bad_image" == send(server, request).error


def test_an_unknown_method_is_named(server: LiveServer) -> None:
    """`req_method` repeats what was asked for, and no token is needed to be told."""
    answer = send(server, form("users.setFoto", None)).document

    assert ("unknown_method", "users.setFoto") == (answer["error"], answer["req_method"])


def test_too_many_calls_are_told_when_to_come_back(stage: Stage) -> None:
    """HTTP 429 with an integer; another method and another token go on working."""
    (scenario,) = (one for one in SCENARIOS if one.error == "ratelimited")

    reply = scenario.play(stage)

    assert 429 == reply.status
    assert 1 <= int(reply.headers["retry-after"]) <= 60
    assert "" == send(stage.cramped, form("auth.test", stage.cramped_people.other)).error
    assert "" == send(stage.cramped, form("users.deletePhoto", stage.cramped_people.admin)).error


def test_a_refused_size_is_a_key_of_its_own(server: LiveServer, people: Cast) -> None:
    """`dims` beside the error, for programs (contract § 2.2)."""
    (wide,) = (one for one in SCENARIOS if one.id.endswith("too_large-wide"))
    (small,) = (one for one in SCENARIOS if one.id.endswith("bad_image-small"))
    stage = Stage(server, people, server, people)

    assert "1025x600" == wide.play(stage).document["dims"]
    assert "300x200" == small.play(stage).document["dims"]


def test_a_body_without_charset_earns_a_warning(server: LiveServer, people: Cast) -> None:
    """`missing_charset` for JSON, and the call still works."""
    request = document("auth.test", people.whole, b"{}").with_headers(
        Content_Type="application/json"
    )

    answer = send(server, request).document

    assert answer["ok"] is True
    assert "missing_charset" == answer["warning"]
    assert ["missing_charset"] == answer["response_metadata"]["warnings"]


def test_a_form_with_charset_earns_a_warning(server: LiveServer, people: Cast) -> None:
    """`superfluous_charset` for a form, and the photo is set all the same."""
    request = upload(SET, people.whole, picture())
    kind = dict(request.headers)["Content-Type"]

    answer = send(server, request.with_headers(Content_Type=f"{kind}; charset=utf-8")).document

    assert answer["ok"] is True
    assert "superfluous_charset" == answer["warning"]
    assert ["superfluous_charset"] == answer["response_metadata"]["warnings"]
    assert ["warning", "response_metadata"] == list(answer)[-2:]
