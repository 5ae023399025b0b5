"""Uploaders and readers at work on a service that may die at any moment, and what they noticed.

Every upload bears a mark that no other upload of the run has, so a file tells by itself which
upload it was made from.
"""

import re
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

import httpx
from PIL import Image

from support import web
from support.live import LiveServer, Person
from support.marked import Mark
from support.patience import PATIENCE_S, wait_until
from support.pictures import encode, opened
from support.reading import NINE_KEYS, SIZES

PAUSE_S: Final = 0.02
_URL: Final = re.compile(
    r"http://[^/]+/(avatars/\d{4}-\d\d-\d\d/\d{12}_([0-9a-f]{20})_)(original|\d+)\.(jpg|png)"
)
_TRANSIENT: Final = frozenset({"bad_image", "internal_error", "service_unavailable"})
"""What an upload may be told whose picture worker was killed under it."""


@dataclass
class Uploader:
    """One person, who sets one photo after another. `acknowledged` maps turns to profiles."""

    person: Person
    number: int
    turn: int = 0
    acknowledged: dict[int, dict[str, str]] = field(default_factory=dict)
    refused: int = 0
    broken: int = 0

    def side(self, turn: int) -> int:
        """The side of that upload; it varies, so that two uploads can be told apart by it too."""
        return 512 + turn % 3 * 40

    def picture(self) -> bytes:
        """The file of this turn, of which there is no second one."""
        picture = Mark(self.number, self.turn).drawn(self.side(self.turn))
        return encode(picture, "PNG" if self.turn % 2 else "JPEG")

    def turn_of(self, picture: Image.Image) -> int:
        """Which upload a file was made from. Raises AssertionError when it was none, or mixed."""
        mark = Mark.read(picture)
        assert (mark.number, mark.turn <= self.turn) == (self.number, True), (mark, self.turn)
        return mark.turn

    def upload(self, client: httpx.Client) -> None:
        """Set the next photo and note what came of it."""
        self.turn += 1
        answer = call(client, "users.setPhoto", self.person, {"image": self.picture()})
        if answer["ok"]:
            self.acknowledged[self.turn] = answer["profile"]
            return
        assert answer["error"] in _TRANSIENT, answer
        self.refused += 1


@dataclass(kw_only=True)
class Shift:
    """Threads that work until a context is left, and what they found wrong."""

    faults: list[str] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            # It may be waiting for two answers, one after the other.
            thread.join(PATIENCE_S * 2)
        assert not any(thread.is_alive() for thread in self._threads), "a call hangs"


@dataclass
class Load(Shift):
    """The whole crew. Used as a context: it works until the context is left."""

    server: LiveServer
    uploaders: list[Uploader]
    readers: int = 2
    sets_read: int = 0
    reads_broken: int = 0

    @property
    def acknowledged(self) -> int:
        """How many uploads were answered with ok."""
        return sum(len(uploader.acknowledged) for uploader in self.uploaders)

    def wait_for_more(self, uploads: int = 0, sets_read: int = 0) -> None:
        """Return when that many further uploads were answered with ok, and sets of files read."""
        uploaded, read = self.acknowledged + uploads, self.sets_read + sets_read
        wait_until(
            lambda: self.faults or (self.acknowledged >= uploaded and self.sets_read >= read),
            lambda: self.server.log()[-3000:],
        )

    def __enter__(self) -> Self:
        jobs = [*map(self._uploading, self.uploaders)]
        jobs += [self._reading(number) for number in range(self.readers)]
        self._threads = jobs
        for thread in jobs:
            thread.start()
        return self

    def _uploading(self, uploader: Uploader) -> threading.Thread:
        def work() -> None:
            while not self._over.is_set():
                try:
                    with web.Client(base_url=self.server.url) as client:
                        while not self._over.is_set():
                            uploader.upload(client)
                except httpx.TransportError:
                    uploader.broken += 1
                    time.sleep(PAUSE_S)
                except (AssertionError, OSError, ValueError) as error:
                    self.faults.append(f"upload: {error!r}")

        return threading.Thread(target=work, daemon=True)

    def _reading(self, number: int) -> threading.Thread:
        def work() -> None:
            turn = number
            while not self._over.is_set():
                turn += 1
                uploader = self.uploaders[turn % len(self.uploaders)]
                try:
                    with web.Client(base_url=self.server.url) as client:
                        self.sets_read += read_set(client, uploader) > 0
                except httpx.TransportError:
                    self.reads_broken += 1
                    time.sleep(PAUSE_S)
                except (AssertionError, OSError, ValueError) as error:
                    self.faults.append(f"read: {error!r}")

        return threading.Thread(target=work, daemon=True)


def call(
    client: httpx.Client, method: str, person: Person, files: dict[str, bytes] | None = None
) -> dict[str, Any]:
    """Call a method and return its answer, whatever it is."""
    headers = {"Authorization": f"Bearer {person.token}"}
    reply = client.post(f"/api/{method}", headers=headers, files=files)
    assert reply.status_code == httpx.codes.OK, reply
    answer: dict[str, Any] = reply.json()
    return answer


def read_set(client: httpx.Client, uploader: Uploader) -> int:
    """Fetch somebody's photo as their profile names it, check every file, return its turn or 0."""
    # Before the question, since uploads go on while it is answered.
    had_one = bool(uploader.acknowledged)
    profile = call(client, "users.profile.get", uploader.person)["profile"]
    if "image_original" not in profile:
        assert not had_one, "an acknowledged photo is gone"
        return 0
    pictures = {}
    for url in {profile[key] for key in NINE_KEYS[1:]}:
        reply = client.get(url)
        assert reply.status_code == httpx.codes.OK, (url, reply)
        pictures[url] = opened(reply.content)
    return check_set(uploader, profile, pictures)


def check_set(uploader: Uploader, profile: dict[str, str], pictures: dict[str, Image.Image]) -> int:
    """All nine keys are of one photo, each file of the right side, all of one upload: its turn."""
    found = {key: _URL.fullmatch(profile[key]) for key in NINE_KEYS[1:]}
    parts = [match.groups() for match in found.values() if match]
    assert len(parts) == len(found), profile
    assert len({(stem, extension) for stem, _, _, extension in parts}) == 1, profile
    assert profile["avatar_hash"] == parts[0][1][:12], profile
    [turn] = {uploader.turn_of(picture) for picture in pictures.values()}
    side = uploader.side(turn)
    sides = {f"image_{size}": min(size, side) for size in SIZES} | {"image_original": side}
    for key, expected in sides.items():
        assert pictures[profile[key]].size == (expected, expected), key
    return turn


def stored_set(uploader: Uploader, profile: dict[str, str], blobs: Path) -> int:
    """The same check on the files in the store, for a photo that need not be the current one."""
    urls = {profile[key] for key in NINE_KEYS[1:]}
    paths = {url: blobs / url.split("/", 3)[3] for url in urls}
    return check_set(uploader, profile, {u: opened(p.read_bytes()) for u, p in paths.items()})
