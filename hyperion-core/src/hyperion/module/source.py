"""Where a module file's bytes come from: memory, or a file that is read piece by piece."""

from __future__ import annotations

import os
import stat
from collections.abc import Generator
from contextlib import contextmanager
from typing import BinaryIO, Protocol

from hyperion.errors import ModuleError

Path = str | os.PathLike[str]


class Source(Protocol):
    """So many bytes under a name for messages."""

    @property
    def name(self) -> str: ...

    @property
    def size(self) -> int: ...

    def read(self, offset: int, length: int) -> memoryview:
        """Exactly these bytes. Raises `ModuleError`: HY3004 where they are gone, HY3014 where reading fails."""
        ...


class Memory:
    """Bytes in memory; what is read is a view of them."""

    name = "the module"

    def __init__(self, data: bytes | bytearray | memoryview) -> None:
        self._data = memoryview(data).cast("B").toreadonly()
        self.size = self._data.nbytes

    def read(self, offset: int, length: int) -> memoryview:
        return self._data[offset : offset + length]


class File:
    """An open regular file. What is read is a copy, so that a later change of the file does not reach it."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self.file = file
        self.name = name
        self.size = os.fstat(file.fileno()).st_size

    def read(self, offset: int, length: int) -> memoryview:
        try:
            self.file.seek(offset)
            found = self.file.read(length)
        except OSError as error:
            raise _unreadable(self.name, error) from error
        if len(found) != length:
            raise ModuleError("HY3004", f"{self.name} became shorter while it was read", hints=["load it again"])
        return memoryview(found)


@contextmanager
def opened(path: Path) -> Generator[File]:
    """The file at `path`. Raises `ModuleError` (HY3014) where it cannot be opened, or is no regular file."""
    name = os.fsdecode(path)
    try:
        # Without blocking: opening a named pipe would wait for somebody to write to it.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0))
    except (OSError, ValueError) as error:
        raise _unreadable(name, error) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ModuleError("HY3014", f"{name} cannot be read: it is no regular file")
    with open(descriptor, "rb") as file:
        yield File(file, name)


def _unreadable(name: str, error: OSError | ValueError) -> ModuleError:
    why = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return ModuleError("HY3014", f"{name} cannot be read: {why}")
