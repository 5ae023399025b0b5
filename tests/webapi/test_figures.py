"""What is counted of calls."""

import pytest

from likeness.errors import (
    NotAuthed,
    Queue,
    Ratelimited,
    Refusal,
    ServiceUnavailable,
)
from likeness.figures import Sheet
from likeness.webapi.figures import FULL, OTHER, UNKNOWN, CallFigures, families
from likeness.webapi.methods import METHODS

CALLS, SECONDS, _ = families(METHODS)


def counting() -> tuple[CallFigures, Sheet]:
    """Figures and where they are."""
    sheet = Sheet.alone(*families(METHODS))
    return CallFigures(METHODS, sheet), sheet


@pytest.mark.parametrize(
    ("method", "result", "counted"),
    [
        ("users.setPhoto", "ok", "ok"),
        ("users.setPhoto", "too_large", "too_large"),
        ("api.test", "of_my_own", OTHER),
        (UNKNOWN, "unknown_method", "unknown_method"),
        (UNKNOWN, "internal_error", OTHER),
    ],
)
def test_a_call_is_counted_by_its_result(method: str, result: str, counted: str) -> None:
    """Words that anybody may invent are one result, or a monitor would be flooded with series."""
    told, sheet = counting()
    told.count(method, result, 0.2)

    assert sheet.get(CALLS, (method, counted)) == 1
    [of_method] = [cells for labels, cells in sheet.board.totals(SECONDS) if labels == (method,)]
    assert of_method[3] == 1
    assert of_method[-1] == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("refusal", "queue"),
    [
        (Ratelimited("slowly", 3), "rate"),
        (ServiceUnavailable("full", queue=Queue.PICTURES), "pictures"),
        (ServiceUnavailable("full", queue=Queue.BODIES), "bodies"),
        (ServiceUnavailable("away"), None),
        (NotAuthed("who"), None),
    ],
)
def test_a_queue_that_is_full_is_counted(refusal: Refusal, queue: str | None) -> None:
    """An outage is none."""
    told, sheet = counting()
    told.refused(refusal)

    assert dict(sheet.board.totals(FULL)) == {
        (each,): [float(each == queue)] for each in ("bodies", "pictures", "rate")
    }


def test_a_call_is_counted_where_nobody_looks() -> None:
    """Without a sheet it is this process's own."""
    CallFigures(METHODS, None).count("api.test", "ok", 0.0)
