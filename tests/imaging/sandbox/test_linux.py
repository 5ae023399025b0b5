"""Calls that fail are told by their name."""

import errno
import os
import subprocess
import sys

import pytest

from likeness.imaging.sandbox.linux import PR_SET_NAME, prctl, syscall


def test_a_setting_is_made() -> None:
    """In another process, whose name it changes."""
    code = (
        "from likeness.imaging.sandbox.linux import PR_SET_NAME, prctl\n"
        "prctl(PR_SET_NAME, b'renamed'); print(open('/proc/self/comm').read())"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert run.stdout.strip() == "renamed"


def test_a_setting_that_is_unknown_raises() -> None:
    """With the kernel's reason."""
    with pytest.raises(OSError, match="Invalid argument") as caught:
        prctl(10**6 + PR_SET_NAME, 0)

    assert caught.value.errno == errno.EINVAL


def test_a_call_gives_its_result_or_raises() -> None:
    """By number: getpid, and one that does not exist."""
    assert syscall(39) == os.getpid()
    with pytest.raises(OSError, match="not implemented"):
        syscall(9999)
