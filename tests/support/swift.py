"""A real OpenStack Swift with its S3 door, from its package: one copy of everything, one disk.

Of all stores it keeps its promises least quickly.
"""

import subprocess
from functools import partial
from pathlib import Path
from typing import Final

from support.environments import installed
from support.live import free_port
from support.stores import REGION, SECRET, S3Door, Servers, answers

VERSION: Final = "2.38.3"

RINGS: Final = ("object", "container", "account")
"""Where things lie; the name of each is also that of its server."""

_PIPELINE: Final = "catch_errors gatekeeper healthcheck s3api tempauth copy slo dlo proxy-server"

_COMMON: Final = {
    "bind_ip": "127.0.0.1",
    "user": "root",
    "mount_check": "false",
    "workers": "0",
    "log_level": "WARNING",
    "log_address": "/nonexistent",
    "disable_fallocate": "true",
    "fallocate_reserve": "0",
}
"""No disk of its own, no space set aside, one process for each server, no syslog."""


class Swift:
    """Its four servers in a folder, on free loopback ports."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._programs = installed("swift", VERSION)
        self._ports = {name: free_port() for name in (*RINGS, "proxy")}
        self.door = S3Door(f"http://127.0.0.1:{self._ports['proxy']}", "tests:likeness")
        self.environment = self.door.environment
        self.servers = Servers(folder / "logs")
        self.new_bucket = self.door.new_bucket
        self._configure()

    def start(self) -> None:
        """Run what does not run, and wait until the door is open and the others listen."""
        for name in (*RINGS, "proxy"):
            if name not in self.servers.running:
                self.start_one(name)
        self.servers.wait_until(lambda: answers(f"{self.door.endpoint}/healthcheck"))
        # The door opens without them, and says 503 to who comes in.
        for name in RINGS:
            self.servers.wait_until(partial(answers, f"http://127.0.0.1:{self._ports[name]}/"))

    def start_one(self, name: str) -> None:
        """Run one server: of a ring, or the `proxy`."""
        program, settings = self._program(f"swift-{name}-server"), self._folder / f"{name}.conf"
        self.servers.run(name, *program, str(settings))

    def _program(self, name: str) -> list[str]:
        # Their first lines name the folder that they were installed in, before it got its name.
        return [str(self._programs / "python"), str(self._programs / name)]

    def _configure(self) -> None:
        (self._folder / "disks" / "d1").mkdir(parents=True)
        hashing = {"swift_hash_path_prefix": "likeness", "swift_hash_path_suffix": "tests"}
        policy = {"name": "one-copy", "default": "yes"}
        self._write("swift", {"swift-hash": hashing, "storage-policy:0": policy})
        for name in RINGS:
            self._make_ring(name)
            self._write(
                name,
                {
                    "DEFAULT": self._common(name),
                    "pipeline:main": {"pipeline": f"{name}-server"},
                    f"app:{name}-server": {"use": f"egg:swift#{name}"},
                },
            )
        filters = {
            f"filter:{name}": {"use": f"egg:swift#{name}"} for name in _PIPELINE.split()[:-1]
        }
        filters["filter:tempauth"]["user_tests_likeness"] = f"{SECRET} .admin"
        filters["filter:s3api"] |= {"location": REGION, "s3_acl": "false"}
        proxy = {
            "use": "egg:swift#proxy",
            "account_autocreate": "true",
            # A server that failed is asked again soon, and not after a minute.
            "error_suppression_interval": "1",
        }
        self._write(
            "proxy",
            {
                "DEFAULT": self._common("proxy"),
                "pipeline:main": {"pipeline": _PIPELINE},
                **filters,
                "app:proxy-server": proxy,
            },
        )

    def _common(self, name: str) -> dict[str, str]:
        own = {
            "bind_port": str(self._ports[name]),
            "swift_dir": str(self._folder),
            "devices": str(self._folder / "disks"),
            "log_name": name,
        }
        return _COMMON | own

    def _make_ring(self, name: str) -> None:
        """Say that all of it is on the one disk: 2**6 parts, one copy, no pause between moves."""
        builder = f"{name}.builder"
        device = f"r1z1-127.0.0.1:{self._ports[name]}/d1"
        for step in (["create", "6", "1", "0"], ["add", device, "1"], ["rebalance"]):
            subprocess.run(
                [*self._program("swift-ring-builder"), builder, *step],
                cwd=self._folder,
                capture_output=True,
                check=True,
            )

    def _write(self, name: str, sections: dict[str, dict[str, str]]) -> None:
        lines = [
            line
            for section, values in sections.items()
            for line in (f"[{section}]", *(f"{key} = {value}" for key, value in values.items()))
        ]
        (self._folder / f"{name}.conf").write_text("\n".join(lines) + "\n")
