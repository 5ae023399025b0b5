"""Blobs as files below one folder, durable before `put` returns.

Values are written to nameless files, synced, and only then given their names, so a crash leaves
either a whole blob or nothing. Values never change; a key that is there already stays as it is.
"""

import errno
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple, Self

from likeness.blobs.keys import check_key, check_prefix
from likeness.blobs.port import StoredBlob
from likeness.blobs.sync import sync_files
from likeness.errors import ServiceUnavailable
from likeness.ownership import Owner, give, heir, make_folder

_AWAY: Final = frozenset(
    {errno.EACCES, errno.EDQUOT, errno.EIO, errno.ENOSPC, errno.ENOTDIR, errno.EROFS, errno.ESTALE}
)
"""Errors of a full, unmounted or failing disk: an outage, never a missing photo."""

_NO_SUCH_FILE: Final = (FileNotFoundError, IsADirectoryError, NotADirectoryError)
"""Errors for a key that was never put, or is only a prefix of others, or continues one."""

_READ_WRITE: Final = 0o666
"""The bits of a folder's mode that make sense for a file."""

_NAMELESS: Final = os.O_TMPFILE | os.O_WRONLY | os.O_CLOEXEC
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


class _Place(NamedTuple):
    """Where the file of a key lies: a folder below the store's, and its name there."""

    folder: str
    name: str

    @classmethod
    def of(cls, key: str) -> Self:
        """Raises ValueError for a key that could leave the store."""
        check_key(key)
        # The grammar already keeps `..` out. This is the second line, should it ever be widened.
        if key.startswith("/") or ".." in key.split("/"):
            raise ValueError(f"{key!r} leads out of the store")
        folder, _, name = key.rpartition("/")
        return cls(folder, name)


class DiskBlobs:
    """The store below `root`, which is made for its owner alone when it is missing.

    Files and folders get the mode of `root`, less the umask, and its owner, even if root puts
    them. So an operator who wants others to read photos opens one folder.
    """

    def __init__(self, root: Path, *, create: bool = True) -> None:
        self._root = root.absolute()
        if create:
            make_folder(self._root)

    def put(self, blobs: Mapping[str, bytes]) -> None:
        """Write every blob, sync them together, name them, and sync their folders.

        One value under several keys of a folder, as the original of a square picture and its
        largest size, is one file with several names.
        """
        # By identity: the caller passes equal bytes as one object, and comparing takes long.
        files = [(_Place.of(key), id(data), data) for key, data in blobs.items()]
        with _outage_named(), ExitStack() as opened:
            mode, owner = self._mode(), heir(self._root)
            folders = {
                folder: opened.enter_context(self._opened(self._root / folder, mode))
                for folder in dict.fromkeys(place.folder for place, _, _ in files)
            }
            drafts: dict[tuple[str, int], int] = {}
            for place, value, data in files:
                if (place.folder, value) not in drafts:
                    draft = opened.enter_context(_draft(folders[place.folder], mode, owner))
                    _fill(draft, data)
                    drafts[place.folder, value] = draft
            sync_files(list(drafts.values()))
            for place, value, _ in files:
                _name(drafts[place.folder, value], folders[place.folder], place.name)
            for descriptor in folders.values():
                os.fsync(descriptor)

    def get(self, key: str) -> bytes | None:
        """The bytes of the file, or None when there is none of that name."""
        path = self._path(key)
        with _outage_named():
            try:
                return path.read_bytes()
            except _NO_SUCH_FILE:
                self._check_root()
                return None

    def delete(self, keys: Sequence[str]) -> None:
        """Remove the files and sync their folders, so that they do not come back."""
        paths = [self._path(key) for key in keys]
        with _outage_named():
            self._check_root()
            for path in paths:
                with suppress(*_NO_SUCH_FILE):
                    path.unlink()
            for folder in {path.parent for path in paths}:
                with suppress(*_NO_SUCH_FILE):
                    _sync(folder)

    def keys(self, prefix: str) -> Iterator[StoredBlob]:
        """Every file below the folder `prefix`."""
        check_prefix(prefix)
        folder = self._root / prefix
        with _outage_named():
            self._check_root()
            for path in folder.rglob("*"):
                # A file may go between the listing and the look at it; then it is no entry.
                with suppress(FileNotFoundError):
                    if path.is_file():
                        yield self._describe(path)

    def _describe(self, path: Path) -> StoredBlob:
        status = path.stat()
        written_at = datetime.fromtimestamp(status.st_mtime, UTC)
        return StoredBlob(path.relative_to(self._root).as_posix(), status.st_size, written_at)

    def _path(self, key: str) -> Path:
        """The file of a key. Raises ValueError for a key that could leave the folder."""
        place = _Place.of(key)
        return self._root / place.folder / place.name

    def _check_root(self) -> None:
        """Raise when the whole store is gone, as when its disk is not mounted.

        Nothing is missing then, and nothing may be written where the disk belongs.
        """
        if not self._root.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "its folder is gone", str(self._root))

    def _mode(self) -> int:
        """The mode of new folders: that of the root."""
        self._check_root()
        return stat.S_IMODE(self._root.stat().st_mode)

    @contextmanager
    def _opened(self, folder: Path, mode: int) -> Iterator[int]:
        """The descriptor of a folder, which is made where it is missing."""
        self._make(folder, mode)
        with _descriptor(os.open(folder, _FOLDER)) as descriptor:
            yield descriptor

    def _make(self, folder: Path, mode: int) -> None:
        """Make the folder and those above it, each known to the disk before it is used."""
        if folder.is_dir():
            return
        if folder == self._root:
            self._check_root()
        self._make(folder.parent, mode)
        make_folder(folder, mode)
        _sync(folder.parent)


@contextmanager
def _descriptor(number: int) -> Iterator[int]:
    """The descriptor, closed at the end. Python's own file objects would call fstat three times."""
    try:
        yield number
    finally:
        os.close(number)


@contextmanager
def _draft(folder: int, mode: int, owner: Owner | None) -> Iterator[int]:
    """A nameless file in a folder; without a name it is gone with its last descriptor."""
    with _descriptor(os.open(".", _NAMELESS, mode & _READ_WRITE, dir_fd=folder)) as draft:
        if owner:
            give(draft, owner)
        yield draft


def _fill(draft: int, data: bytes) -> None:
    """Write all of it. A disk that fills up takes a part without a word and refuses the rest."""
    left = memoryview(data)
    while left:
        left = left[os.write(draft, left) :]


def _name(draft: int, folder: int, name: str) -> None:
    """Give a nameless file its name. Raises ValueError where a folder has it."""
    try:
        # Without `src_dir_fd` CPython calls link() instead of linkat(), which answers EXDEV.
        os.link(
            f"/proc/self/fd/{draft}",
            name,
            src_dir_fd=folder,
            dst_dir_fd=folder,
            follow_symlinks=True,
        )
    except FileExistsError:
        # Values never change, so a file of that name has the same bytes.
        if stat.S_ISDIR(os.stat(name, dir_fd=folder).st_mode):
            raise ValueError(f"{name!r} is no blob key, since others begin with it") from None


def _sync(folder: Path) -> None:
    with _descriptor(os.open(folder, _FOLDER)) as descriptor:
        os.fsync(descriptor)


@contextmanager
def _outage_named() -> Iterator[None]:
    """Turn errors of the disk into ServiceUnavailable."""
    try:
        yield
    except OSError as error:
        if error.errno not in _AWAY:
            raise
        raise ServiceUnavailable(
            f"the photo store cannot be used now ({error.strerror}); nothing was changed, try again"
        ) from error
