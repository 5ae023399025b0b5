"""Bytes in slices: none is lost, none is long, and other threads get their turns."""

import sys
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.webapi import slices as module
from likeness.webapi.slices import SLICE_LENGTH, slices


@pytest.fixture
def selfish() -> Iterator[None]:
    """An interpreter in which no thread gives way on its own."""
    usual_s = sys.getswitchinterval()
    sys.setswitchinterval(1000)
    yield
    sys.setswitchinterval(usual_s)


@given(st.integers(0, 5 * SLICE_LENGTH), st.integers(0, 5 * SLICE_LENGTH))
def test_slices_are_what_lies_between(start: int, stop: int) -> None:
    """From `start` to `stop`, and nothing where they are the wrong way round."""
    data = b"0123456789" * (SLICE_LENGTH // 2)
    found = list(slices(data, start, stop))

    assert data[start:stop] == b"".join(found)
    assert all(0 < len(piece) <= SLICE_LENGTH for piece in found)


def test_without_an_end_they_go_to_the_last_byte() -> None:
    data = bytes(SLICE_LENGTH + 1)
    assert [SLICE_LENGTH, 1] == [len(piece) for piece in slices(data)]
    assert list(slices(b"")) == []


def test_other_threads_have_their_turns(selfish: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the interpreter would let a thread compute to its end."""
    monkeypatch.setattr(module, "TURN_S", 0.0)
    data = bytes(2000 * SLICE_LENGTH)
    worker = threading.Thread(target=lambda: sum(map(len, slices(data))))
    turns = 0

    worker.start()
    while worker.is_alive():
        turns += 1
        time.sleep(0)

    assert turns > 10
