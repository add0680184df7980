"""What this user's processes found out, machine code (ADR 0014) and verdicts (ADR 0017), kept in files that only this
user can write.

A file is named after the hash of all that its contents rely on, and says it again; what is in a file that others could
have written, or that is damaged, is as if it were not there. Nothing here raises: without a store all is made anew.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

MAGIC = b"hyperion-kept 1\n"
MOST_BYTES = 128 << 20


@dataclass(frozen=True, slots=True)
class FolderStore:
    """Implements `CodeStore` in a folder, which is made when something is kept; of more than `most` bytes the files
    that were longest unused are removed."""

    folder: Path
    most: int = MOST_BYTES

    def find(self, compat: str) -> bytes | None:
        try:
            if not _only_ours(os.lstat(self.folder), stat.S_ISDIR):
                return None
            path = self.folder / _name(compat)
            found = _read(path)
            return None if found is None else _unpacked(compat, found)
        except (OSError, AttributeError):  # AttributeError: a system without owners
            return None

    def keep(self, compat: str, data: bytes) -> None:
        path = self.folder / _name(compat)
        own = path.with_suffix(f".{os.urandom(8).hex()}")  # numbers of processes come again, in containers above all
        with suppress(OSError, AttributeError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not _only_ours(os.lstat(self.folder), stat.S_ISDIR):
                return
            handle = os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(_packed(compat, data))
                own.replace(path)
            except BaseException:
                own.unlink()
                raise
            self._shrink()

    def _shrink(self) -> None:
        files = [(entry.stat(follow_symlinks=False), entry.path) for entry in os.scandir(self.folder)]
        total = sum(found.st_size for found, _ in files)
        if total > self.most:
            for found, path in sorted(files, key=lambda f: f[0].st_mtime):
                with suppress(OSError):
                    os.unlink(path)
                total -= found.st_size
                if total <= self.most // 2:
                    return


def _name(compat: str) -> str:
    return sha256(compat.encode()).hexdigest()


def _packed(compat: str, data: bytes) -> bytes:
    body = compat.encode() + b"\n" + data
    return MAGIC + sha256(body).digest() + body


def _unpacked(compat: str, found: bytes) -> bytes | None:
    start, body = len(MAGIC) + 32, compat.encode() + b"\n"
    whole = found[start:]
    fits = found[: len(MAGIC)] == MAGIC and whole.startswith(body)
    return whole[len(body) :] if fits and sha256(whole).digest() == found[len(MAGIC) : start] else None


def _read(path: Path) -> bytes | None:
    """What is in a file of our own; its time says that it was used."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
        if not _only_ours(os.fstat(file.fileno()), stat.S_ISREG):
            return None
        with suppress(OSError):
            os.utime(file.fileno())
        return file.read()


def _only_ours(found: os.stat_result, kind: Callable[[int], bool]) -> bool:
    """Whether it is a file or folder, as `kind` says, that this user owns and nobody else may write."""
    return kind(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o022
