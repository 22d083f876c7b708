"""Writing files so that nobody ever sees half of one: a temporary place first, then a rename."""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from derive.errors import DeriveError, Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

_REASONS = {
    errno.ENOSPC: ("the disk is full", "make room, or choose another folder"),
    errno.EDQUOT: ("the disk quota is used up", "make room, or choose another folder"),
    errno.EROFS: ("the disk is read-only", "choose a folder that you may write to"),
    errno.EACCES: ("permission denied", "choose a folder that you may write to"),
    errno.EPERM: ("permission denied", "choose a folder that you may write to"),
    errno.EISDIR: ("a folder of that name is in the way", "move it, or choose another folder"),
    errno.ENOTDIR: ("a part of the path is a file, not a folder", "choose another folder"),
    errno.EEXIST: ("a part of the path is a file, not a folder", "choose another folder"),
    errno.ENAMETOOLONG: ("the name is too long", "choose a shorter name"),
}
_FULL = (errno.ENOSPC, errno.EDQUOT)


class FileError(DeriveError):
    """A file or folder that cannot be written."""


def cannot_write(path: Path, error: OSError) -> FileError:
    """The operating system's refusal to write `path`, in words."""
    reason, hint = _REASONS.get(error.errno or 0, (error.strerror or str(error), ""))
    return FileError(Fault(found=f"cannot write: {reason}", hint=hint, where=str(path)))


def write_atomically(path: Path, data: bytes | str) -> None:
    """Write `data` to `path` (text as UTF-8), whole or not at all; the folders above are made if missing."""
    content = data.encode("utf-8") if isinstance(data, str) else data
    temporary = _hidden_name(path.parent)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_through(temporary, content)
        temporary.replace(path)
        _sync(path.parent)
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


@contextmanager
def staged_folder(target: Path) -> Iterator[Path]:
    """A temporary folder whose files move into `target` together, and only if the block succeeds.

    Files already in `target` stay as they are unless one of the same name replaces them.
    """
    staged = _hidden_name(target.parent)
    with ExitStack() as undo:
        try:
            if target.exists() and not target.is_dir():
                raise NotADirectoryError(errno.ENOTDIR, "", str(target))
            _make_folders(target.parent, undo)
            staged.mkdir()
        except OSError as error:
            raise cannot_write(target, error) from error
        try:
            with _told_of(staged, target):
                yield staged
            _move_into(staged, target)
        finally:
            shutil.rmtree(staged, ignore_errors=True)
        undo.pop_all()


@contextmanager
def _told_of(staged: Path, target: Path) -> Iterator[None]:
    """Failures to write into `staged` name the place in `target` that the user knows."""
    try:
        yield
    except OSError as error:
        named = Path(str(error.filename or ""))
        if staged in named.parents:
            raise cannot_write(target / named.relative_to(staged), error) from error
        if error.errno in _FULL:
            raise cannot_write(target, error) from error
        raise
    except FileError as error:
        faults = (Fault(f.found, f.expected, f.hint, f.where.replace(str(staged), str(target))) for f in error.faults)
        raise FileError(*faults) from error


def _move_into(staged: Path, target: Path) -> None:
    """Move every file of `staged` to its place in `target`; after a failure all old files are back."""
    try:
        files = sorted(path for path in staged.rglob("*") if path.is_file())
        for file in files:
            _sync(file)
        if not target.exists():
            staged.replace(target)
        else:
            _replace_each({file: target / file.relative_to(staged) for file in files}, _hidden_name(staged))
        _sync(target.parent)
    except OSError as error:
        raise cannot_write(target, error) from error


def _replace_each(moves: dict[Path, Path], kept: Path) -> None:
    """Do all `moves` or none: what a move replaces waits in `kept` until the last one has succeeded."""
    kept.mkdir()
    with ExitStack() as undo:
        for number, (source, destination) in enumerate(moves.items()):
            if destination.is_dir():
                raise IsADirectoryError(errno.EISDIR, "", str(destination))
            _make_folders(destination.parent, undo)
            if destination.exists():
                old = kept / str(number)
                destination.replace(old)
                undo.callback(old.replace, destination)
            else:
                undo.callback(destination.unlink, missing_ok=True)
            source.replace(destination)
        undo.pop_all()


def _write_through(path: Path, content: bytes) -> None:
    """Write a new file (with the usual permissions, as the umask says) and wait until the disk has it."""
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(path: Path) -> None:
    """Ask the disk to keep `path` now; some file systems refuse this for folders, which does no harm."""
    with suppress(PermissionError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        except OSError as error:
            if error.errno not in (errno.EINVAL, errno.EBADF, errno.ENOTSUP):
                raise
        finally:
            os.close(descriptor)


def _hidden_name(parent: Path) -> Path:
    return parent / f".derive-{secrets.token_hex(6)}"


def is_unfinished(name: str) -> bool:
    """Whether a name is that of a file on its way, which only a killed run leaves behind."""
    return re.fullmatch(r"\.derive-[0-9a-f]{12}|\.answers\.[a-z]+\.part", name) is not None


def _make_folders(folder: Path, undo: ExitStack) -> None:
    """Make `folder` and those above it that do not exist; `undo` takes them away again."""
    for missing in [path for path in reversed((folder, *folder.parents)) if not path.exists()]:
        missing.mkdir(exist_ok=True)
        undo.callback(_remove_if_empty, missing)


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()
