"""Writes files whole or not at all."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterable
from contextlib import suppress
from typing import BinaryIO, Protocol, runtime_checkable

from hyperion.errors import ModuleError
from hyperion.module.codecs import Bytes
from hyperion.module.source import Path


@runtime_checkable
class Writable(Protocol):
    """A file that is open for writing bytes."""

    def write(self, data: Bytes, /) -> object: ...


def write(target: Path | Writable, pieces: Iterable[Bytes]) -> None:
    """Writes the pieces to an open file, or to a path: there the file is replaced at once, when all is on the disk.

    Raises `ModuleError` (HY3014) where that fails; a file that was there is still the old one then.
    """
    if isinstance(target, Writable):
        _write_all(target, pieces)
    else:
        _replace(target, pieces)


def _write_all(file: Writable, pieces: Iterable[Bytes]) -> None:
    try:
        for piece in pieces:
            rest = memoryview(piece)
            while rest:
                count = file.write(rest)  # an unbuffered file may take a part
                rest = rest[count if isinstance(count, int) else len(rest) :]
    except (OSError, ValueError) as error:
        raise _failed(str(getattr(file, "name", "the file")), error) from error


def _replace(path: Path, pieces: Iterable[Bytes]) -> None:
    name = os.fsdecode(path)
    try:
        target = os.path.realpath(name)  # a link stays, and what it leads to is replaced
        mode = _mode(target)
        if mode is not None and not stat.S_ISREG(mode):
            raise ModuleError("HY3014", f"{name} cannot be written: it is no regular file")
        folder = os.path.dirname(target)
        # In the same folder, since a file cannot be moved between file systems at once; `secrets` names never clash
        # in the child of a fork, as those of `random` do.
        temporary = os.path.join(folder, f".{os.path.basename(target)[:100]}.{secrets.token_hex(8)}.tmp")
        try:
            with open(temporary, "xb") as file:
                if mode is not None and hasattr(os, "fchmod"):
                    os.fchmod(file.fileno(), stat.S_IMODE(mode))
                _write_synced(file, pieces)
            os.replace(temporary, target)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise
        _sync_folder(folder)
    except (OSError, ValueError) as error:
        raise _failed(name, error) from error


def _mode(path: str) -> int | None:
    try:
        return os.stat(path).st_mode
    except FileNotFoundError:
        return None


def _write_synced(file: BinaryIO, pieces: Iterable[Bytes]) -> None:
    for piece in pieces:
        file.write(piece)
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(folder: str) -> None:
    """The new name on the disk too, where the system lets a folder be opened."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _failed(name: str, error: OSError | ValueError) -> ModuleError:
    why = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return ModuleError("HY3014", f"{name} cannot be written: {why}")
