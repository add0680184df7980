"""Module files on a disk: written whole or not at all, read from whatever a path leads to."""

from __future__ import annotations

import io
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import hyperion as hp
from hyperion.errors import ModuleError
from hyperion.module.module import Module
from hyperion.testing.apart import Apart, at_once
from hyperion.testing.module_samples import sample_module

posix = pytest.mark.skipif(os.name != "posix", reason="files of POSIX")


@pytest.fixture
def module() -> Module:
    return sample_module()


def refused(attempt: Callable[[], object], reason: str = "") -> None:
    with pytest.raises(ModuleError) as caught:
        attempt()
    assert caught.value.code == "HY3014"
    assert reason in caught.value.message


def test_a_file_is_written_and_read(module: Module, sample: bytes, reader: hp.Instance, tmp_path: Path) -> None:
    path = tmp_path / "m.hym"
    for target in (path, str(path), os.fsencode(path).decode()):
        module.save(target)
        assert path.read_bytes() == sample
        assert reader.load(target).to_bytes() == sample
    assert [p.name for p in tmp_path.iterdir()] == ["m.hym"]


def test_open_files_are_written_to(module: Module, sample: bytes, tmp_path: Path) -> None:
    memory = io.BytesIO()
    module.save(memory)
    assert memory.getvalue() == sample
    with open(tmp_path / "raw", "wb", buffering=0) as file:
        module.save(file)
    assert (tmp_path / "raw").read_bytes() == sample
    refused(lambda: module.save(file), "closed")
    with open(tmp_path / "raw", "rb") as closed:
        refused(lambda: module.save(closed))


class Partly(io.RawIOBase):
    """Takes seven bytes at a time, as a pipe may."""

    def __init__(self) -> None:
        self.data = b""

    def write(self, data: Any) -> int:
        self.data += bytes(data[:7])
        return min(7, len(data))


def test_a_file_that_takes_a_part_gets_the_rest(module: Module, sample: bytes) -> None:
    file = Partly()
    module.save(file)
    assert file.data == sample


@pytest.mark.parametrize("data", [b"", b"\x89HY", b"#!/bin/sh\n", b"PK\3\4" + bytes(100)])
def test_files_that_are_no_modules(data: bytes, reader: hp.Instance, tmp_path: Path) -> None:
    (tmp_path / "m.hym").write_bytes(data)
    for source in (tmp_path / "m.hym", data):
        with pytest.raises(ModuleError, match=r"HY300[24]"):
            reader.load(source)


def test_paths_that_lead_to_no_file(reader: hp.Instance, tmp_path: Path, module: Module) -> None:
    refused(lambda: reader.load(tmp_path), "no regular file")
    refused(lambda: reader.load(tmp_path / "none"), "No such file or directory")
    refused(lambda: reader.load("a\0b"), "null byte")
    refused(lambda: module.save(tmp_path), "no regular file")
    refused(lambda: module.save(tmp_path / "none" / "m.hym"), "No such file or directory")
    refused(lambda: module.save(tmp_path / ("x" * 300)), "File name too long")
    refused(lambda: module.save("a\0b"), "null")


@posix
def test_pipes_and_devices_are_refused_at_once(reader: hp.Instance, tmp_path: Path, module: Module) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/null"), Path("/dev/zero")):
        refused(lambda p=path: reader.load(p), "no regular file")
        refused(lambda p=path: module.save(p), "no regular file")
        assert not stat.S_ISREG(path.stat().st_mode)


@posix
def test_a_file_that_may_not_be_read(reader: hp.Instance, tmp_path: Path, module: Module) -> None:
    module.save(tmp_path / "m.hym")
    (tmp_path / "m.hym").chmod(0)
    tmp_path.chmod(0o500)
    root = os.geteuid() == 0
    if root:  # who may read everything
        os.seteuid(65534)
    try:
        refused(lambda: reader.load(tmp_path / "m.hym"), "Permission denied")
        refused(lambda: module.save(tmp_path / "n.hym"), "Permission denied")
    finally:
        if root:
            os.seteuid(0)
        tmp_path.chmod(0o700)


@posix
def test_links_and_modes_stay(module: Module, sample: bytes, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    target, link = tmp_path / "there" / "m.hym", tmp_path / "link.hym"
    target.write_bytes(b"old")
    target.chmod(0o640)
    link.symlink_to(target)
    module.save(link)
    assert link.is_symlink()
    assert target.read_bytes() == sample
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    umask = os.umask(0o027)
    try:
        module.save(tmp_path / "new.hym")
    finally:
        os.umask(umask)
    assert stat.S_IMODE((tmp_path / "new.hym").stat().st_mode) == 0o640


def test_a_failure_leaves_the_old_file(module: Module, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "m.hym"
    path.write_bytes(b"old")
    for name in ("fsync", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(os, name, _fails)
            refused(lambda: module.save(path), "No space left on device")
        assert path.read_bytes() == b"old"
        assert list(tmp_path.iterdir()) == [path]
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", _interrupted)
        with pytest.raises(KeyboardInterrupt):
            module.save(path)
    assert list(tmp_path.iterdir()) == [path]


def _fails(*arguments: object) -> None:
    raise OSError(28, "No space left on device")


def _interrupted(*arguments: object) -> None:
    raise KeyboardInterrupt


FULL = """
import resource, sys
from hyperion.errors import ModuleError
from hyperion.testing.module_samples import sample_module
module = sample_module()
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    module.save(sys.argv[1])
except ModuleError as error:
    print(error.code, error.message)
"""


@posix
def test_a_disk_that_is_full(tmp_path: Path) -> None:
    """The kernel ends the write in the middle of the file."""
    path = tmp_path / "m.hym"
    path.write_bytes(b"old")
    done = subprocess.run([sys.executable, "-c", FULL, path], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == f"HY3014 {path} cannot be written: File too large\n"
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_an_open_file_on_a_full_disk(module: Module) -> None:
    with open("/dev/full", "wb", buffering=0) as file:
        refused(lambda: module.save(file), "No space left on device")


def test_writers_do_not_mix(module: Module, reader: hp.Instance, tmp_path: Path) -> None:
    """Whoever reads meanwhile sees one of the files, whole."""
    path = tmp_path / "m.hym"
    module.save(path)
    wanted = [module.to_bytes(), module.to_bytes(code=False), module.to_bytes(compression="none")]
    stop = threading.Event()
    ways: list[dict[str, Any]] = [{}, {"code": False}, {"compression": "none"}]

    def write(number: int) -> None:
        for _ in range(20):
            module.save(path, **ways[number])

    def read() -> None:
        while not stop.is_set():
            assert reader.load(path).to_bytes() in wanted

    watcher = Apart(read)
    try:
        at_once(write, len(ways))
    finally:
        stop.set()
    watcher.outcome()
    assert path.read_bytes() in wanted
    assert list(tmp_path.iterdir()) == [path]


def test_processes_do_not_mix(sample: bytes, tmp_path: Path) -> None:
    program = "import sys; from hyperion.testing.module_samples import sample_module as m\n"
    program += "for _ in range(30): m().save(sys.argv[1])"
    path = tmp_path / "m.hym"
    command = [sys.executable, "-c", program, path]
    at_once(lambda _: subprocess.run(command, check=True, timeout=120), 2, 150)
    assert path.read_bytes() == sample
    assert list(tmp_path.iterdir()) == [path]


@posix
def test_a_file_that_is_replaced_while_it_is_mapped(
    module: Module, sample: bytes, reader: hp.Instance, tmp_path: Path
) -> None:
    path = tmp_path / "m.hym"
    module.save(path)
    loaded = reader.load(path)
    code = bytes(loaded.code("fake"))
    module.save(path, code=False)
    (tmp_path / "other").write_bytes(b"x" * len(sample))
    os.replace(tmp_path / "other", path)
    assert bytes(loaded.code("fake")) == code
    path.unlink()
    assert loaded.to_bytes() == sample


@posix
@pytest.mark.parametrize("change", ["written over", "cut"])
def test_a_file_that_is_changed_in_place(change: str, module: Module, reader: hp.Instance, tmp_path: Path) -> None:
    path = tmp_path / "m.hym"
    module.save(path)
    loaded = reader.load(path)
    if change == "cut":
        os.truncate(path, 64)  # reading the map there would end the process with SIGBUS
    else:
        with open(path, "r+b") as file:
            file.seek(-1, os.SEEK_END)
            file.write(b"!")
    for _ in range(2):
        with pytest.raises(ModuleError, match="HY3017"):
            loaded.code("fake")
    with pytest.raises(ModuleError, match="HY3017"):
        loaded.to_bytes()
    assert loaded["total"].explain().checked


def test_the_code_is_a_view_of_the_map(reader: hp.Instance, tmp_path: Path, module: Module) -> None:
    path = tmp_path / "m.hym"
    module.save(path)
    loaded = reader.load(path)
    whole, part = loaded.code("fake"), loaded.code("fake", "kinds")
    assert whole.readonly
    assert type(whole.obj).__name__ == "mmap"
    assert whole.obj is part.obj
    assert bytes(part) == b"kinds" * 20


@posix
def test_no_file_stays_open(reader: hp.Instance, tmp_path: Path, module: Module) -> None:
    path = tmp_path / "m.hym"
    module.save(path, code=False)
    before = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else 0
    for _ in range(20):
        reader.load(path)
        refused(lambda: reader.load(tmp_path))
    assert (len(os.listdir("/proc/self/fd")) if before else 0) == before
