"""The verb that looks whether this installation can work, and says what to do where it cannot."""

import os
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from secrets import token_bytes, token_hex
from typing import Final

import typer
from anyio import to_thread

from likeness.app import Service
from likeness.app.health import sandbox_level
from likeness.blobs import BlobStore
from likeness.cli.common import AsJson, Data, ask, show
from likeness.errors import Mistake, Refusal

FREE_BYTES_MIN: Final = 2**30
"""A thousand photos take half of that."""

EXIT_SICK: Final = 1


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: whether it is well, and what was seen or is to be done."""

    name: str
    is_well: bool
    detail: str


def add_to(app: typer.Typer) -> None:
    """Hang this file's verb into the command line."""
    app.command("doctor")(doctor)


def doctor(*, data: Data = None, as_json: AsJson = False) -> None:
    """Check the data folder, database, photo store and picture processes. Exit code 1 if sick."""
    findings = ask(data, examine)
    lines = [f"{'ok ' if each.is_well else 'BAD'}  {each.name}: {each.detail}" for each in findings]
    show([asdict(each) for each in findings], "\n".join(lines), as_json=as_json)
    if not all(each.is_well for each in findings):
        raise typer.Exit(EXIT_SICK)


async def examine(service: Service) -> list[Finding]:
    """Everything that can be looked at without changing a photo."""
    checks: dict[str, Callable[[Service], Awaitable[str]]] = {
        "data folder": _folder,
        "database": _database,
        "photo store": _store,
        "picture processes": _pictures,
        "sandbox": _sandbox,
    }
    return [await _found(name, check, service) for name, check in checks.items()]


async def _found(
    name: str, check: Callable[[Service], Awaitable[str]], service: Service
) -> Finding:
    try:
        return Finding(name, True, await check(service))  # noqa: FBT003 - It is well.
    except (Mistake, Refusal, OSError) as error:
        return Finding(name, False, str(error))  # noqa: FBT003 - It is not.


async def _folder(service: Service) -> str:
    if not service.config.has_folder:
        return "none is needed: database, photos and secret key are elsewhere"
    folder = service.config.data.absolute()
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Mistake(f"{folder} cannot be written to; give it to the user that runs Likeness")
    free = shutil.disk_usage(folder).free
    if free < FREE_BYTES_MIN:
        raise Mistake(f"{folder} has {free} bytes left; {FREE_BYTES_MIN} are a sensible minimum")
    return f"{folder}, {free // 2**30} GiB free"


async def _database(service: Service) -> str:
    revision = await to_thread.run_sync(service.database.revision)
    teams = await service.accounts.teams()
    return f"revision {revision}, {len(teams)} workspaces"


async def _store(service: Service) -> str:
    await to_thread.run_sync(_use, service.blobs)
    return service.config.blobs_url


def _use(blobs: BlobStore) -> None:
    """Do once what is done with photos. Raises Mistake or ServiceUnavailable where it fails."""
    # Named as prepared pictures are, so that a sweep takes what a killed doctor leaves.
    key, value = f"staged/{token_hex(16)}.bin", token_bytes(64)
    blobs.put({key: value})
    try:
        if blobs.get(key) != value or key not in {blob.key for blob in blobs.keys("staged")}:
            raise Mistake("it does not give back what it was given; look for what stands between")
    finally:
        blobs.delete([key])
    if blobs.get(key) is not None:
        raise Mistake("it keeps what is deleted; let the key delete objects there")


async def _pictures(service: Service) -> str:
    await service.engine.start()
    return "started, and read JPEG, PNG, GIF and WebP, and nothing else"


async def _sandbox(service: Service) -> str:
    layers = service.engine.layers
    level = sandbox_level(layers)
    if level in {"none", "weak"} and service.config.sandbox != "off":
        raise Mistake(
            f"{level}: this machine has only {', '.join(layers) or 'nothing'}, so that pictures "
            "are decoded without walls; use Linux 5.13 or newer on x86_64 or arm64, not in gVisor"
        )
    return f"{level}: {', '.join(layers)}"
