"""The manifests for Kubernetes: of the right form, and their figures follow from ours."""

import subprocess
from typing import Any, Final

import pytest
import yaml

from likeness.cli.server import stop_timeout_s
from likeness.config import load
from support.docs import ROOT
from support.fronts import program

FOLDER: Final = ROOT / "deploy/kubernetes"
RESOURCES: Final = sorted(path.name for path in FOLDER.glob("*.yaml") if "kustom" not in path.name)


def read(name: str) -> dict[str, Any]:
    """A manifest."""
    found: dict[str, Any] = yaml.safe_load((FOLDER / name).read_text())
    return found


@pytest.mark.parametrize("version", ["1.30", "1.37"])
@pytest.mark.parametrize("name", RESOURCES)
def test_the_schemas_have_nothing_to_say(name: str, version: str) -> None:
    """Strictly: a key with a slip of the pen would be ignored by a cluster."""
    command = [program("kubernetes-validate"), "--strict", "-k", version, str(FOLDER / name)]

    run = subprocess.run(command, capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stdout + run.stderr


def test_kustomize_takes_what_is_there() -> None:
    """But for the example of a secret, and what is optional."""
    left_out = {"secret.example.yaml", "autoscaler.yaml"}

    applied = set(read("kustomization.yaml")["resources"])
    assert applied == set(RESOURCES) - left_out, (
        "add the manifest to kustomization.yaml beside it, or to left_out here"
    )


def test_settings_are_settings_and_time_is_given() -> None:
    """Nobody is killed while requests end; what the pod may write to is enough."""
    pod = read("deployment.yaml")["spec"]["template"]["spec"]
    [container] = pod["containers"]
    told = {each["name"]: each["value"] for each in container["env"]}
    told |= read("configmap.yaml")["data"]
    ours = {name: value for name, value in told.items() if name.startswith("LIKENESS_")}
    secret = read("secret.example.yaml")["stringData"]
    kept = {name: value for name, value in secret.items() if name.startswith("LIKENESS_")}
    config = load(ours | kept | {"LIKENESS_SECRET_KEY": "k" * 64})

    assert stop_timeout_s(config) + config.shutdown_delay_s < pod["terminationGracePeriodSeconds"]
    assert not config.has_folder
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert {mount["mountPath"] for mount in container["volumeMounts"]} == {"/data", "/tmp"}  # noqa: S108 - Of the pod.
    assert pod["securityContext"]["runAsUser"] == int(_user_of_image())


def _user_of_image() -> str:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    [user] = [line.split()[1] for line in lines if line.startswith("USER ")]
    return user.partition(":")[0]
