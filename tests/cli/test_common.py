"""What all verbs share: exit codes and where errors go."""

import os
import subprocess
import sys
from pathlib import Path

from support.patience import PATIENCE_S


def likeness(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a shell would."""
    own = {f"LIKENESS_{name.upper()}": value for name, value in settings.items()}
    command = [sys.executable, "-m", "likeness", *words]
    return subprocess.run(
        command,
        env=os.environ | own,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )


def test_a_refusal_goes_to_stderr_with_exit_code_1(tmp_path: Path) -> None:
    """Nothing on stdout that a script could mistake for an answer."""
    run = likeness("token", "issue", "nobody@example.org", "--json", data=str(tmp_path))

    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.startswith("error: ")
    assert "nobody@example.org" in run.stderr
    assert "Traceback" not in run.stderr


def test_wrong_usage_has_exit_code_2() -> None:
    """As shells expect."""
    run = likeness("token", "isue")

    assert run.returncode == 2
    assert run.stdout == ""


def test_wrong_settings_are_all_told_with_exit_code_2(tmp_path: Path) -> None:
    """Before anything is opened or made."""
    run = likeness("serve", data=str(tmp_path / "data"), port="http", workers="0")

    assert run.returncode == 2
    assert "LIKENESS_PORT" in run.stderr
    assert "LIKENESS_WORKERS" in run.stderr
    assert not (tmp_path / "data").exists()


def test_an_option_wins_over_the_environment(tmp_path: Path) -> None:
    """`--data` names the folder that is used."""
    run = likeness("workspace", "add", "A", "--data", str(tmp_path / "x"), data=str(tmp_path / "y"))

    assert run.returncode == 0, run.stderr
    assert (tmp_path / "x" / "likeness.db").is_file()
    assert not (tmp_path / "y").exists()
