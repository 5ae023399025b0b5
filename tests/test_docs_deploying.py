"""What the page about deploying says is done, as far as it can be without an engine or systemd."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from support.docs import ROOT, blocks, example, page
from support.fronts import program

PAGE = "docs/deploying.md"

NOT_HERE = ("useradd", "systemctl", "docker", "kubectl")
"""Programs for which this machine is no place; their files are tried by tests/deploy."""


@pytest.mark.slow
def test_the_steps_for_systemd_install_it(tmp_path: Path) -> None:
    """All of them but those that need a running systemd, below another folder."""
    script = example("systemd", PAGE).replace("sudo ", "")
    for folder in ("/opt/", "/etc/"):
        assert folder in script
        script = script.replace(folder, f"{tmp_path}{folder}")
    lines = [line for line in script.splitlines() if not line.startswith(NOT_HERE)]
    (tmp_path / "etc/systemd/system").mkdir(parents=True)
    (tmp_path / "opt").mkdir()

    subprocess.run(["bash", "-euc", "\n".join(lines)], cwd=ROOT, check=True, umask=0o077)

    program = tmp_path / "opt/likeness/bin/likeness"
    assert b"photo" in subprocess.run([program, "--help"], capture_output=True, check=True).stdout
    # Whoever installs it may have a umask that shuts out others, and the service is somebody else.
    installed = [path for path in (tmp_path / "opt/likeness").rglob("*") if not path.is_symlink()]
    shut = [path for path in installed if not path.stat().st_mode & 0o004]
    assert shut == [], "deploy/install must open these to the service's user"
    unit = (tmp_path / "etc/systemd/system/likeness.service").read_text()
    assert unit == (ROOT / "deploy/likeness.service").read_text()
    secret = tmp_path / "etc/likeness/environment"
    assert secret.stat().st_mode & 0o777 == 0o600
    assert "LIKENESS_PUBLIC_URL=https://" in secret.read_text()


def test_verbs_run_as_the_service_does() -> None:
    """By options that systemd has; what they say is what the unit says."""
    shown = example("verbs", PAGE)
    words = shlex.split(re.sub(r"\\\n", "", shown.partition("{")[2].partition("}")[0]))
    options = dict(word.partition("=")[::2] for word in words if word.startswith("--"))
    unit = (ROOT / "deploy/likeness.service").read_text().splitlines()
    told = [f"EnvironmentFile={options['--property'].partition('=')[2]}"]
    told += [f"User={options['--uid']}", f"ExecStart={words[-2]} serve"]
    first = [line.split()[0] for line in unit if line.startswith("Environment=")]
    known = subprocess.run(
        [program("systemd-run"), "--help"], capture_output=True, text=True, check=True
    ).stdout

    apart = [line for line in told if line not in unit]
    assert apart == [], f"write it alike in {PAGE} and in deploy/likeness.service"
    assert f"Environment={options['--setenv']}" in first
    strange = [each for each in options if f"{each}=" not in known and f"{each} " not in known]
    assert strange == [], f"systemd-run has no such option: mend {PAGE}"


def test_every_command_names_a_file_that_there_is() -> None:
    """A command that cannot be run here is at least about something."""
    shown = "\n".join(blocks("sh", PAGE))
    named = set(re.findall(r"deploy/[\w./-]+", shown))

    assert len(named) >= 6
    dead = [name for name in named if not (ROOT / name).exists()]
    assert dead == [], f"{PAGE} names a file that is not there"


def test_the_page_names_settings_and_metrics_that_there_are() -> None:
    """As in the source."""
    source = "".join(path.read_text() for path in (ROOT / "src/likeness").rglob("*.py"))
    reference = page("docs/reference/configuration.md")
    text = page(PAGE)

    for setting in re.findall(r"LIKENESS_[A-Z_]+", text):
        assert setting in reference
    for metric in re.findall(r"`(likeness_[a-z_]+)`", text):
        assert metric.removesuffix("_total") in source
    for event in ("database_away", "sweep_postponed", "photo_file_missing"):
        assert event in text
        assert event in source
