"""Owners and modes of our files, private to their folder's owner; why one cannot be used.

A verb that root runs in the folder of the service's user must leave nothing there that this user
cannot open. Nothing here follows a link that stands where a file or folder of ours belongs.
"""

import errno
import os
import pwd
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

PRIVATE_FOLDER: Final = 0o700
PRIVATE_FILE: Final = 0o600

_ORDINARY_FOLDER: Final = 0o777
"""Less what the umask takes from it: folders above ours are not ours to close."""

_REFUSED: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})

_NEW: Final = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_LOOK: Final = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC
"""A descriptor that reads nothing: to close an ordinary one would end SQLite's locks on a file."""


class Owner(NamedTuple):
    """The user and the group of a file, by their numbers."""

    user_id: int
    group_id: int


def make_folder(path: Path, mode: int = PRIVATE_FOLDER) -> None:
    """Make a folder for its owner alone, and those above it as usual. One that is there stays."""
    if path.is_dir():
        return
    make_folder(path.parent, _ORDINARY_FOLDER)
    try:
        path.mkdir(mode)
    except FileExistsError:
        if not path.is_dir():
            raise
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        keep_owner(descriptor, path.parent)
    finally:
        os.close(descriptor)


def make_file(path: Path) -> int:
    """Make an empty file for its owner alone; its descriptor, for reading and writing.

    Raises FileExistsError when something is there already.
    """
    descriptor = os.open(path, _NEW, PRIVATE_FILE)
    keep_owner(descriptor, path.parent)
    return descriptor


def keep_owner(descriptor: int, folder: Path) -> None:
    """Where root made a file in a folder, give it to the owner of that folder."""
    if owner := heir(folder):
        give(descriptor, owner)


def heir(folder: Path) -> Owner | None:
    """The owner for files that root makes in a folder; None where the owner is right already."""
    if os.geteuid() != 0:
        return None
    state = folder.stat()
    return Owner(state.st_uid, state.st_gid) if state.st_uid != 0 else None


def give(descriptor: int, owner: Owner) -> None:
    """Make it the owner's. A root without this right leaves it, as any other user would."""
    with suppress(PermissionError):
        os.fchown(descriptor, owner.user_id, owner.group_id)


def close_to_others(path: Path) -> bool:
    """Remove the permissions of all others from a file or folder that is open to the world.

    A file that is open to a group alone was opened on purpose, and stays. Links, missing files and
    those of another user are left as they are. Gives whether anything was changed.
    """
    try:
        descriptor = os.open(path, _LOOK)
    except OSError:
        return False
    try:
        state = os.fstat(descriptor)
        is_ours = state.st_uid == os.geteuid() and not stat.S_ISLNK(state.st_mode)
        if not is_ours or not state.st_mode & stat.S_IRWXO:
            return False
        Path(f"/proc/self/fd/{descriptor}").chmod(state.st_mode & stat.S_IRWXU)
        return True
    finally:
        os.close(descriptor)


def openness(path: Path) -> int:
    """The permissions of others than the owner, as the bits of the mode."""
    return path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)


def obstacle(path: Path, access: int) -> str:
    """Why this process cannot use an absolute path, in a sentence; "" where nothing is in its way.

    `access` is os.R_OK, os.W_OK or both. For a missing file the nearest existing folder above it is
    judged, in which it would be made.
    """
    for folder in reversed(path.parents):
        if not _is_there(folder):
            return _unmade(folder)
        if not folder.is_dir():
            return f"{folder} is no folder"
        if not _may(folder, os.X_OK):
            return f"{_owned(folder)} cannot pass it; {_remedy(folder, 'u+x')}"
    if _is_there(path):
        return _refused(path, access)
    # Files of ours have a suffix, folders have none.
    return _refused(path.parent, os.W_OK) if path.suffix else _unmade(path)


def explain(error: OSError) -> str:
    """An error of the system as a sentence, with the owner of the file where that is the matter."""
    reason = ""
    if error.errno in _REFUSED and isinstance(error.filename, str | Path):
        reason = obstacle(Path(error.filename).absolute(), os.R_OK | os.W_OK)
    return f"{error.strerror}: {reason}" if reason else str(error)


def person(number: int) -> str:
    """A user by name and number."""
    try:
        return f"{pwd.getpwuid(number).pw_name} ({number})"
    except KeyError:
        return f"user {number}"


def _may(path: Path, access: int) -> bool:
    return os.access(path, access, effective_ids=True)


def _is_there(path: Path) -> bool:
    try:
        path.lstat()
    except OSError:
        return False
    return True


def _unmade(folder: Path) -> str:
    """Why a missing folder may not be made. The one above it is not to be given away."""
    above = folder.parent
    if not (refused := _refused(above, os.W_OK)) or above.stat().st_uid == os.geteuid():
        return refused
    if _is_read_only(above):
        return refused
    made = f"install -d -m 700 -o {os.geteuid()} {folder}"
    return f"{_owned(above)} may not make {folder.name} in it; run this as {_owner(above)}: {made}"


def _refused(path: Path, access: int) -> str:
    """Why an existing file may not be read or written."""
    if _may(path, access):
        return ""
    if access & os.W_OK and _is_read_only(path):
        return f"the file system of {path} is mounted read-only"
    return _shut(path)


def _is_read_only(path: Path) -> bool:
    return bool(os.statvfs(path).f_flag & os.ST_RDONLY)


def _shut(path: Path) -> str:
    return f"{_owned(path)} may not use it; {_remedy(path, 'u+rwX')}"


def _remedy(path: Path, change: str) -> str:
    """The remedy: never one that would open it to everybody, or give somebody's home away."""
    if path.stat().st_uid == os.geteuid():
        return f"chmod {change} {path}"
    if _is_home(path):
        return f"run this as {_owner(path)}, or choose a folder elsewhere"
    give = f"chown {os.geteuid()} {path}"
    return f"run this as {_owner(path)}, or give it to this user: {give}"


def _owner(path: Path) -> str:
    return person(path.stat().st_uid)


def _is_home(path: Path) -> bool:
    try:
        return Path(pwd.getpwuid(path.stat().st_uid).pw_dir) == path
    except KeyError:
        return False


def _owned(path: Path) -> str:
    """The beginning of a sentence about something of somebody else's and this user."""
    state = path.stat()
    return (
        f"{path} belongs to {_owner(path)} with mode {stat.S_IMODE(state.st_mode):o}, and "
        f"{person(os.geteuid())}"
    )
