"""The fixtures, in a run of pytest that knows nothing but what is installed."""

from pathlib import Path
from textwrap import dedent

import pytest

from support.doubles import passes

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

    passes(tmp_path, "2 passed")
