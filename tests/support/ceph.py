"""A real Ceph with its S3 door, by Debian's packages: a monitor, a store of objects, a gateway."""

import os
import shutil
import subprocess
import uuid
from pathlib import Path
from typing import Final

import pytest

from support.live import free_port
from support.patience import PATIENCE_S
from support.stores import SECRET, S3Door, Servers, answers

PROGRAMS: Final = ("ceph-mon", "ceph-osd", "radosgw")
ACCESS_KEY: Final = "LIKENESSTESTS"
_ROOM: Final = 4 * 2**30
"""Bytes of the disk that it thinks it has: a file with holes, some 50 MB to begin with."""

_SETTINGS: Final = """
[global]
fsid = {cluster}
mon host = v2:127.0.0.1:{monitor}
public network = 127.0.0.0/8
# The older protocol would be spoken to a monitor on its old port, and hang.
ms bind msgr1 = false
keyring = {folder}/keyring
run dir = {folder}
admin socket = {folder}/$name.asok
log file = {folder}/logs/$name.ceph.log
crash dir = {folder}
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
[mon]
mon data = {folder}/mon
# A full disk of the machine is none of our business.
mon data avail crit = 1
mon data avail warn = 2
paxos propose interval = 0.05
[osd]
osd data = {folder}/osd
osd objectstore = bluestore
public addr = 127.0.0.1
cluster addr = 127.0.0.1
bluestore block size = {room}
bluestore cache size = 134217728
bluestore cache autotune = false
[client.gateway]
# Without tcp_nodelay each answer waits 40 ms for an acknowledgement.
rgw frontends = beast endpoint=127.0.0.1:{door} tcp_nodelay=1
rgw data = {folder}/gateway
rgw thread pool size = 32
rgw override bucket index max shards = 1
rgw enable apis = s3, admin
"""


class Ceph:
    """Its three servers in a folder, on free loopback ports; skips where it is not installed."""

    def __init__(self, folder: Path) -> None:
        if missing := [name for name in PROGRAMS if not shutil.which(name)]:
            pytest.skip(f"Ceph is not installed: {', '.join(missing)} missing")
        self._folder = folder
        self._cluster = str(uuid.uuid4())
        self._monitor, self.port = free_port(), free_port()
        self.door = S3Door(f"http://127.0.0.1:{self.port}", ACCESS_KEY)
        self.environment = self.door.environment
        self.servers = Servers(folder / "logs")
        self.new_bucket = self.door.new_bucket
        for name in ("mon", "osd", "gateway", "logs"):
            (folder / name).mkdir(parents=True)
        self._own = {"CEPH_CONF": str(folder / "ceph.conf")}
        text = _SETTINGS.format(
            cluster=self._cluster, monitor=self._monitor, folder=folder, room=_ROOM, door=self.port
        )
        (folder / "ceph.conf").write_text(text)
        self._make_keys()
        self._is_new = True

    def start(self) -> None:
        """Run all three, one after the other, and wait until the door is open."""
        self.servers.run("monitor", "ceph-mon", "-f", "-i", "a", environment=self._own)
        if self._is_new:
            # A disk must be made under the identity that the monitor has heard of.
            identity = str(uuid.uuid4())
            self._do("ceph", "osd", "new", identity, "0")
            self._do("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", identity)
        self.servers.run("objects", "ceph-osd", "-f", "-i", "0", environment=self._own)
        self.start_gateway()
        if self._is_new:
            keys = (f"--access-key={ACCESS_KEY}", f"--secret-key={SECRET}")
            self._do("radosgw-admin", "user", "create", "--uid=t", "--display-name=t", *keys)
            self._is_new = False

    def start_gateway(self) -> None:
        """Run the gateway alone, and wait for it."""
        command = ("radosgw", "-f", "-n", "client.gateway")
        self.servers.run("gateway", *command, environment=self._own)
        self.servers.wait_until(lambda: answers(self.door.endpoint))

    def _make_keys(self) -> None:
        """Make the monitor, and keys for it and for all who ask it."""
        keyring, every = str(self._folder / "keyring"), ("allow *",)
        allowed = [part for cap in ("mon", "osd", "mgr") for part in ("--cap", cap, *every)]
        monitor = ("--gen-key", "-n", "mon.", "--cap", "mon", *every)
        self._do("ceph-authtool", "--create-keyring", keyring, *monitor)
        for name in ("client.admin", "osd.0", "client.gateway"):
            self._do("ceph-authtool", keyring, "--gen-key", "-n", name, *allowed)
        address = f"[v2:127.0.0.1:{self._monitor}]"
        chart = str(self._folder / "monmap")
        fsid = ("--fsid", self._cluster)
        self._do("monmaptool", "--create", "--addv", "a", address, *fsid, chart)
        self._do("ceph-mon", "--mkfs", "-i", "a", "--monmap", chart, "--keyring", keyring)

    def _do(self, *command: str) -> None:
        done = subprocess.run(
            command,
            env={**os.environ, **self._own},
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        assert done.returncode == 0, done.stderr
