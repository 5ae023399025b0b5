"""The Dockerfile, by its steps done by hand: no container engine is needed for that."""

import json
import shlex
import signal
import subprocess
from fnmatch import fnmatch

import pytest

from support.deployed import Deployed, files_of, owned_by, set_a_photo
from support.docs import ROOT
from support.fronts import program
from support.image import Image
from support.patience import PATIENCE_S
from support.processes import survivors, tree


def lines(name: str) -> list[str]:
    """A file without comments."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_hadolint_has_nothing_to_say() -> None:
    """All of its rules."""
    run = subprocess.run(
        [program("hadolint"), ROOT / "Dockerfile"], capture_output=True, text=True, check=False
    )

    assert (run.returncode, run.stdout) == (0, "")


def test_the_build_gets_what_is_copied_and_nothing_else() -> None:
    """`.dockerignore` shuts everything out but those."""
    first, *rest = lines(".dockerignore")
    let_in = {line[1:] for line in rest if line[0] == "!"}
    copies = [line.split()[1:-1] for line in lines("Dockerfile") if line.startswith("COPY ")]
    copied = {word for words in copies for word in words if not word.startswith(("--", "/"))}

    assert first == "*"
    assert copied == let_in
    assert not any(fnmatch(".env", line) for line in let_in)


@pytest.mark.slow
def test_what_the_steps_make_serves(image: Image) -> None:
    """As a user who owns its data folder alone, until the signal that containers get."""
    user = int(image.words["USER"].partition(":")[0])
    data = owned_by(image.here("/data"), user)
    own = dict(word.split("=", 1) for word in shlex.split(image.words["ENV"]))
    own["PATH"] = own["PATH"].replace("/opt/", f"{image.root}/opt/").replace("$PATH", "/usr/bin")
    own["LIKENESS_DATA"] = str(data)
    likeness = image.here("/opt/likeness/bin") / json.loads(image.words["ENTRYPOINT"])[0]
    assert ["serve"] == json.loads(image.words["CMD"])
    server = Deployed(data, program=likeness, user=user, own=own)

    with server:
        everybody = tree(server)
        assert {user} == {process.uids().real for process in everybody}
        photo = set_a_photo(server)
        assert (200, "image/jpeg") == (photo.status_code, photo.headers["content-type"])
        check = json.loads(image.words["HEALTHCHECK"].partition("CMD ")[2])
        check[-1] = check[-1].replace("8080", str(server.port))
        subprocess.run(check, env=server.environment, check=True)
        assert server.process
        server.process.send_signal(signal.Signals[image.words["STOPSIGNAL"]])
        assert server.process.wait(PATIENCE_S) == 0
        server.process = None

    assert survivors(everybody) == []
    strange = [path for path in files_of(image.root, user) if not path.is_relative_to(data)]
    assert strange == []
    assert '"sandbox": "full"' in server.log()
    assert subprocess.run(
        check, env=server.environment, check=False, capture_output=True
    ).returncode
