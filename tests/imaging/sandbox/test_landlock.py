"""What the kernel is asked to deny, by the version that it speaks. The rest: test_attacks.py."""

import ctypes
from typing import Any

import pytest

from likeness.imaging.sandbox import landlock


def test_this_kernel_speaks_it() -> None:
    """Since Linux 5.13."""
    assert landlock.version() >= 1


def test_elsewhere_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking does no harm."""
    monkeypatch.setattr(landlock, "IS_LINUX", False)
    assert landlock.version() == 0


@pytest.mark.parametrize(
    ("version", "length", "expected"),
    [
        (1, 8, (13, 0, 0)),
        (2, 8, (14, 0, 0)),
        (4, 16, (15, 3, 0)),
        (5, 16, (16, 3, 0)),
        (7, 24, (16, 3, 3)),
    ],
)
def test_older_kernels_are_asked_for_less(
    monkeypatch: pytest.MonkeyPatch, version: int, length: int, expected: tuple[int, int, int]
) -> None:
    """A right that a kernel does not know would make it refuse all; the calls are only recorded."""
    asked: list[tuple[Any, ...]] = []

    def record(number: int, *arguments: Any) -> int:
        asked.append((number, *arguments))
        return version if len(asked) == 1 else 10**6

    monkeypatch.setattr(landlock, "syscall", record)
    monkeypatch.setattr("os.close", lambda _: None)
    landlock.deny_all()
    monkeypatch.undo()

    _, ruleset, size, _ = asked[1]
    found = ctypes.cast(ruleset, ctypes.POINTER(landlock._Ruleset)).contents
    assert size.value == length
    assert (found.fs.bit_length(), found.net, found.scoped) == expected
