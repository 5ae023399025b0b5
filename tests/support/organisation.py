"""A generated organisation: a table of its people, and a small photo of each."""

import csv
import io
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

from PIL import Image

from support.pictures import encode

SIDE_PX = 48
"""The least that an import takes, so that thousands take minutes and not hours."""


@dataclass(frozen=True)
class Organisation:
    """So many people in a folder of their own."""

    folder: Path
    people: int

    @property
    def table(self) -> Path:
        """Everybody with their name, id, user name and a further address."""
        return self.folder / "people.csv"

    @property
    def photos(self) -> Path:
        """The folder of photos; a third is named by address, by id and by user name each."""
        return self.folder / "photos"

    @property
    def zip(self) -> Path:
        """The same photos."""
        return self.folder / "photos.zip"

    def digests(self) -> dict[str, bytes]:
        """The SHA-256 of everybody's photo by their address."""
        return {email(each): sha256(picture(each)).digest() for each in range(self.people)}

    def write(self) -> "Organisation":
        """Make the files."""
        self.photos.mkdir(parents=True)
        for each in range(self.people):
            stem = (email(each), f"E{each}", f"user{each}")[each % 3]
            (self.photos / f"{stem}.png").write_bytes(picture(each))
        with ZipFile(self.zip, "w") as archive:
            for path in sorted(self.photos.iterdir()):
                archive.write(path, f"photos/{path.name}")
        text = io.StringIO()
        rows = csv.writer(text)
        rows.writerow(["email", "name", "id", "username", "also"])
        for each in range(self.people):
            more = f"also{each}@example.net"
            rows.writerow([email(each), f"Person {each}", f"E{each}", f"user{each}", more])
        self.table.write_text(text.getvalue())
        return self


def email(number: int) -> str:
    """The address of one of them."""
    return f"person{number}@example.org"


def picture(number: int) -> bytes:
    """The photo of one of them, of a colour that is theirs alone."""
    colour = (number % 256, number // 256 % 256, 128)
    return encode(Image.new("RGB", (SIDE_PX, SIDE_PX), colour), "PNG")
