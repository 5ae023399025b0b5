"""Every command and example in the documentation is run, and generated pages are fresh."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from likeness.version import DISTRIBUTION
from support import web
from support.docs import ROOT, example, here, page
from support.live import LiveServer, Person, free_port
from support.patience import PATIENCE_S
from support.pictures import jpeg, opened
from support.requirements import pinned_here

ENVIRONMENT_MB_MAX: Final = 150
"""Without what Python itself compiles and keeps there, some 12 MB. Two thirds are seven libraries:
libvips, Pillow's, obstore, cryptography, uvloop, libpq and fonts. Each does what somebody needs."""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder with the picture that the examples speak of."""
    (tmp_path / "me.jpg").write_bytes(jpeg(640, 600))
    return tmp_path


def environment(person: Person) -> dict[str, str]:
    """The shell's environment with the token that the demo printed."""
    return os.environ | {"TOKEN": person.token}


def assert_is_served(output: str) -> None:
    """Some URL of a picture stands in the output, and answers."""
    urls = re.findall(r"http://127\.0\.0\.1:\d+/avatars/[^\s\"\\]+", output.replace("\\/", "/"))

    assert urls, output
    assert web.get(urls[0]).headers["content-type"] == "image/jpeg"


def test_the_run_command_sets_a_photo_and_shows_it(tmp_path: Path) -> None:
    """The words after `uv run` are run as they stand, with --once and a folder of their own."""
    words = example("run-command").strip().partition("uv run --no-dev ")[2].split()
    port = str(free_port())

    run = subprocess.run(
        [Path(sys.executable).with_name(words[0]), *words[1:], "--once", "--port", port],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )

    assert run.returncode == 0, run.stderr
    assert "image_1024" in run.stdout
    assert "curl -F image=@me.jpg" in run.stdout
    assert len(list((tmp_path / "likeness-data" / "blobs").rglob("*.jpg"))) == 8


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with the files of the repository, and with nothing that was made here before."""
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    folder = tmp_path / "clone"
    for name in filter(None, tracked.stdout.decode().split("\0")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)
    return folder


def at_home(command: str, folder: Path, **variables: str) -> str:
    """Run it with the Python of the distribution, which lets nobody install packages for it."""
    path = ":".join([*filter(None, [variables.get("UV_TOOL_BIN_DIR")]), "/usr/bin", "/bin"])
    run = subprocess.run(
        ["sh", "-ec", command],
        cwd=folder,
        env=os.environ | variables | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.mark.slow
def test_the_run_command_works_with_the_python_of_the_distribution(clone: Path) -> None:
    """It installs what runs and nothing else, and takes the room that the page says."""
    shown = at_home(f"{example('run-command').strip()} --once --port {free_port()}", clone)

    assert "image_1024" in shown
    assert not list((clone / ".venv").rglob("playwright")), "only what runs"
    installed = [path for path in (clone / ".venv").rglob("*") if "__pycache__" not in path.parts]
    size = sum(path.lstat().st_size for path in installed)
    assert f"{ENVIRONMENT_MB_MAX} MB on the disk" in page("README.md")
    assert size <= ENVIRONMENT_MB_MAX * 10**6


@pytest.mark.slow
def test_the_install_command_installs_what_was_tested(clone: Path, tmp_path: Path) -> None:
    """With the Python of the distribution; the verbs that the page goes on with are found then."""
    tools = {"UV_TOOL_DIR": str(tmp_path / "tools"), "UV_TOOL_BIN_DIR": str(tmp_path / "bin")}
    at_home(example("install-command"), clone, **tools)
    *verbs, _ = example("serve").strip().splitlines()

    at_home(example("upgrade-tool", "docs/upgrading.md"), clone, **tools)
    at_home("\n".join(verbs), tmp_path, **tools)
    python = tmp_path / "tools" / DISTRIBUTION / "bin" / "python"
    listed = at_home(f".tools/bin/uv pip freeze --quiet --python {python}", clone)

    assert (tmp_path / "likeness-data").is_dir()
    installed = {line for line in listed.splitlines() if not line.startswith(DISTRIBUTION)}
    wanted = {f"{each.name}{each.specifier}" for each in pinned_here("run.txt")}
    assert installed == wanted, "the command of docs/upgrading.md has to install what run.txt pins"


def test_the_curl_example(desk: Path, server: LiveServer, person: Person) -> None:
    """As pasted into a shell."""
    command = here(example("curl"), server.url)

    run = subprocess.run(
        ["bash", "-c", command],
        cwd=desk,
        env=environment(person),
        capture_output=True,
        text=True,
        check=True,
    )

    assert '"ok":true' in run.stdout.replace(" ", "")
    assert_is_served(run.stdout)


def test_the_python_example(desk: Path, server: LiveServer, person: Person) -> None:
    """As saved to a file and run."""
    run = subprocess.run(
        [sys.executable, "-c", here(example("slack_sdk"), server.url)],
        cwd=desk,
        env=environment(person),
        capture_output=True,
        text=True,
        check=True,
    )

    assert_is_served(run.stdout)


def test_the_crop_of_the_python_example_keeps_its_pixels(
    desk: Path, server: LiveServer, person: Person
) -> None:
    """It cuts out 500 of them, and the largest size has as many."""
    code = here(example("slack_sdk"), server.url).replace("image_192", "image_1024")
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=desk,
        env=environment(person),
        capture_output=True,
        text=True,
        check=True,
    )

    assert "crop_w=500" in code
    assert opened(web.get(run.stdout.strip()).content).size == (500, 500)


@pytest.mark.slow
def test_the_node_example(
    desk: Path, server: LiveServer, person: Person, node_modules: Path
) -> None:
    """As saved to a file and run, with the newest client installed."""
    script = here(example("node"), server.url).replace('"@slack/web-api"', '"web-api-8"')

    run = subprocess.run(
        ["node", "-e", script],
        cwd=desk,
        env=environment(person) | {"NODE_PATH": str(node_modules)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert_is_served(run.stdout)


@pytest.mark.slow
def test_the_installation_example(tmp_path: Path) -> None:
    """Each verb is run; the server comes up and is stopped."""
    *verbs, last = example("serve").strip().splitlines()
    likeness = Path(sys.executable).with_name("likeness")
    for verb in verbs:
        subprocess.run([likeness, *verb.split()[1:]], cwd=tmp_path, check=True, capture_output=True)

    assert last == "likeness serve"
    with LiveServer(tmp_path / "likeness-data") as live:
        assert web.get(f"{live.url}/readyz").status_code == 200


def test_ci_runs_the_test_command_of_the_readme() -> None:
    """The script takes it from the README, so that the two cannot part."""
    script = (ROOT / ".ci/run").read_text(encoding="utf-8")

    assert "uv run pytest" in example("test-command")
    assert "<!-- test-command -->" in script


def test_generated_pages_are_fresh() -> None:
    """`python docs/generate.py` would change nothing."""
    run = subprocess.run(
        [sys.executable, ROOT / "docs/generate.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, f"run `just fix`, which writes them: {run.stdout}"


def test_links_between_pages_lead_somewhere() -> None:
    """Relative links in Markdown name files that are there."""
    dead = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]

    assert dead == [], "a page links to a file that is not there: mend the link"
