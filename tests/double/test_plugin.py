"""The fixtures, in a run of pytest that knows nothing but what is installed."""

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from support.patience import PATIENCE_S

CONFTEST = """
import pytest

@pytest.fixture(scope="session")
def likeness_settings():
    return {"frames_max": "1"}
"""

TESTS = """
seen = []

def test_one(likeness_double, likeness_person):
    assert likeness_double.calls() == []
    likeness_double.demand("users.info", "internal_error")
    seen.extend([likeness_double.url, likeness_person.email])

def test_another(likeness_double, likeness_person):
    url, email = seen
    assert likeness_double.url == url
    assert likeness_person.email != email
"""


@pytest.mark.slow
def test_a_run_of_pytest_finds_the_fixtures(tmp_path: Path) -> None:
    """One process for all tests, with the settings of conftest.py, new people in each."""
    (tmp_path / "conftest.py").write_text(dedent(CONFTEST))
    (tmp_path / "test_some.py").write_text(dedent(TESTS))

    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert "2 passed" in run.stdout
