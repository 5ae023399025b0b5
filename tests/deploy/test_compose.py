"""The compose files: of the right form, hardened, and their settings tried on real parts."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from likeness.cli.server import stop_timeout_s
from likeness.config import load
from support.ceph import Ceph
from support.deployed import Deployed, set_a_photo
from support.docs import ROOT
from support.fronts import program
from support.image import Image
from support.postgres import PostgresServer
from support.stores import Store

SMALL: Final = "deploy/compose.small.yaml"
WHOLE: Final = "deploy/compose.yaml"
OURS: Final = {SMALL: ["likeness"], WHOLE: ["likeness-1", "likeness-2"]}


def services(name: str) -> dict[str, dict[str, Any]]:
    """What a file starts."""
    read: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / name).read_text())["services"]
    return read


@pytest.mark.parametrize("name", OURS)
def test_the_schema_has_nothing_to_say(name: str) -> None:
    """That of the Compose Specification."""
    schema = ["--builtin-schema", "vendor.compose-spec"]
    command = [program("check-jsonschema"), *schema, str(ROOT / name)]

    run = subprocess.run(command, capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize("name", OURS)
def test_no_container_may_more_than_it_must(name: str) -> None:
    """A root that cannot be written to, no rights, no way to new ones; no port but in front."""
    for service in services(name).values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert set(service.get("cap_add", [])) <= {"NET_BIND_SERVICE"}
    open_to_all = {each for each, told in services(WHOLE).items() if "ports" in told}
    assert open_to_all == {"front"}


@pytest.mark.parametrize(("name", "ours"), [(f, s) for f, names in OURS.items() for s in names])
def test_settings_are_settings_and_time_is_given(name: str, ours: str) -> None:
    """Each variable is one that there is, and nobody is killed while requests end."""
    service = services(name)[ours]
    named = {key: str(value) for key, value in service["environment"].items() if "LIKENESS" in key}
    plain = {key: value for key, value in named.items() if not key.endswith("_FILE")}
    config = load({key: re.sub(r"\$\{.*?:-(.*?)\}", r"\1", value) for key, value in plain.items()})
    grace_s = int(service["stop_grace_period"].removesuffix("s"))

    assert stop_timeout_s(config) + config.shutdown_delay_s < grace_s
    assert {key.removesuffix("_FILE") for key in named} >= set(plain)


def test_what_is_put_into_containers_is_a_file() -> None:
    """Compose refuses anything else for a root that is read-only, which its schema does not say.

    See https://github.com/docker/compose/pull/12531.
    """
    whole = yaml.safe_load((ROOT / WHOLE).read_text())
    put_in = [*whole["configs"].values(), *whole["secrets"].values()]

    assert [each for each in put_in if list(each) != ["file"]] == []
    assert all((ROOT / "deploy" / each["file"]).is_file() for each in whole["configs"].values())


def test_the_store_is_asked_where_it_listens() -> None:
    """Its port and its region stand in two files."""
    store = tomllib.loads((ROOT / "deploy/garage.toml").read_text())["s3_api"]
    told = services(WHOLE)["likeness-1"]["environment"]

    assert told["AWS_REGION"] == store["s3_region"]
    assert told["AWS_ENDPOINT_URL"].rpartition(":")[2] == store["api_bind_addr"].rpartition(":")[2]


def test_secrets_are_made_once_and_fit_the_file(tmp_path: Path) -> None:
    """Each that is named is there, long enough; a second run changes nothing."""
    folder = tmp_path / "secrets"
    make = ["sh", str(ROOT / "deploy/make-secrets"), str(folder)]
    subprocess.run(make, check=True)
    again = subprocess.run(make, check=False, capture_output=True, text=True)
    whole = yaml.safe_load((ROOT / WHOLE).read_text())
    files = [Path(secret["file"]).name for secret in whole["secrets"].values()]
    env_files = [each for told in services(WHOLE).values() for each in told.get("env_file", [])]
    files += [Path(each).name for each in env_files]

    assert {path.name for path in folder.iterdir()} == set(files)
    assert again.returncode == 1
    assert folder.stat().st_mode & 0o777 == 0o700
    environment = {
        "LIKENESS_SECRET_KEY_FILE": str(folder / "secret_key"),
        "LIKENESS_DATABASE_FILE": str(folder / "database"),
    }
    config = load(environment)
    assert len(config.secret_key.get_secret_value()) == 64
    assert config.database.endswith("@database/likeness")
    keys = dict(line.split("=", 1) for line in (folder / "blobs.env").read_text().split())
    assert set(keys) == {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}


@pytest.mark.slow
def test_a_node_keeps_nothing_of_its_own(
    public_path: Path,
    image: Image,
    server_of: Callable[[str], PostgresServer],
    store_of: Callable[[str], Store],
) -> None:
    """By the settings of the file, on a real PostgreSQL and a real store, with nowhere to write."""
    store = store_of("ceph")
    assert isinstance(store, Ceph)
    secrets = {"secret_key": "k" * 64, "database": server_of("debian").new_database()}
    for name, text in secrets.items():
        (public_path / name).write_text(text)
    own = {key: str(value) for key, value in services(WHOLE)["likeness-1"]["environment"].items()}
    own = {key: text.replace("/run/secrets", str(public_path)) for key, text in own.items()}
    own |= {"LIKENESS_BLOBS": store.new_bucket().partition("?")[0], "AWS_REGION": "us-east-1"}
    own |= {"AWS_ENDPOINT_URL": store.door.endpoint, **store.environment, "PATH": "/usr/bin"}
    own |= {"LIKENESS_PUBLIC_URL": "https://localhost", "LIKENESS_DATA": "/nonexistent/data"}
    own |= {"LIKENESS_LOG_FORMAT": "json", "LIKENESS_SHUTDOWN_DELAY_S": "0"}
    likeness = image.here("/opt/likeness/bin/likeness")
    logs = public_path / "logs" / "x"
    logs.parent.mkdir()

    with Deployed(logs, program=likeness, user=65534, own=own) as server:
        photo = set_a_photo(server)

        assert (200, "image/jpeg") == (photo.status_code, photo.headers["content-type"])
        assert '"sandbox": "full"' in server.log()
    assert sys.platform == "linux"
