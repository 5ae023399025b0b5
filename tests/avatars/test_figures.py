"""What is counted of reads."""

import pytest

from likeness.avatars import answer
from likeness.avatars.answer import Answer, redirect, unavailable, words
from likeness.avatars.door import PATHS
from likeness.avatars.figures import READ_SECONDS, READS, ReadFigures
from likeness.figures import Sheet


def counted(sheet: Sheet) -> dict[tuple[str, ...], float]:
    """The series that are not 0."""
    return {labels: cells[0] for labels, cells in sheet.board.totals(READS) if cells[0]}


@pytest.mark.parametrize(
    ("path", "door"),
    [("/avatars/2026-11-23/1_a_72.jpg", "url"), ("/avatar/0123", "hash")],
)
def test_what_is_at_hand_is_counted_by_its_head(path: str, door: str) -> None:
    """Whatever the answer is; such a read has no time of its own."""
    sheet = Sheet.alone(READS, READ_SECONDS)
    told = ReadFigures(sheet)
    known = Answer(200, b"picture", {}, has_tag=True)
    tag = dict(known.messages({"headers": [], "method": "GET"})[0]["headers"])[b"etag"]
    heads = [
        known.wire("GET", [])[0],
        known.wire("GET", [(b"if-none-match", tag)])[0],
        redirect("/elsewhere", "no-store").wire("GET", [])[0],
        words(404, "nobody", "no-store").wire("GET", [])[0],
    ]
    for head in heads:
        told.count_at_hand(path, head)

    assert counted(sheet) == {(door, status): 1 for status in ("200", "304", "302", "404")}
    assert all(not any(cells) for _, cells in sheet.board.totals(READ_SECONDS))


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_of_the_door_can_be_counted(path: str) -> None:
    """For each kind of address and each status that there is."""
    sheet = Sheet.alone(READS, READ_SECONDS)
    told = ReadFigures(sheet)
    statuses = {value for name, value in vars(answer).items() if name.isupper() and name[0] != "_"}
    statuses = {each for each in statuses if isinstance(each, int) and each >= 200}
    for status in statuses:
        told.count(path + "x", status, 0.003)

    assert sum(counted(sheet).values()) == len(statuses) == 8
    assert unavailable().wire("GET", [])[0][9:12] == b"503"
