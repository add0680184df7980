"""Files in the home: what comes back is what this user put there, or nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import hyperion as hp
from hyperion.folder_store import FolderStore
from hyperion.testing.apart import right_in_child

CODE = bytes(range(256)) * 40

pytestmark = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="files have no owners here")


@pytest.fixture
def kept(tmp_path: Path) -> FolderStore:
    store = FolderStore(tmp_path / "home" / "code")
    store.keep("this machine", CODE)
    return store


def file_of(store: FolderStore) -> Path:
    (path,) = store.folder.iterdir()
    return path


def test_what_was_kept_comes_back(kept: FolderStore) -> None:
    assert kept.find("this machine") == CODE
    assert kept.find("another machine") is None
    assert kept.folder.stat().st_mode & 0o777 == 0o700
    assert file_of(kept).stat().st_mode & 0o777 == 0o600


def test_a_damaged_file_is_none(kept: FolderStore) -> None:
    whole = file_of(kept).read_bytes()
    for place in (0, 20, 50, 60, len(whole) // 2, len(whole) - 1):
        file_of(kept).write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert kept.find("this machine") is None
    for cut in (0, 10, 60, len(whole) - 1):
        file_of(kept).write_bytes(whole[:cut])
        assert kept.find("this machine") is None


def test_a_file_by_another_name_is_none(kept: FolderStore) -> None:
    first = file_of(kept)
    kept.keep("another machine", b"other")
    (other,) = (path for path in kept.folder.iterdir() if path != first)
    os.replace(first, other)
    assert kept.find("another machine") is None


def test_what_others_may_write_is_none(kept: FolderStore) -> None:
    for path, mode, back in ((file_of(kept), 0o620, 0o600), (kept.folder, 0o777, 0o700)):
        path.chmod(mode)
        assert kept.find("this machine") is None
        path.chmod(back)
        assert kept.find("this machine") == CODE


def test_what_others_own_is_none(kept: FolderStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    assert kept.find("this machine") is None
    kept.keep("another machine", b"other")
    assert len(list(kept.folder.iterdir())) == 1


def test_links_are_not_followed(kept: FolderStore, tmp_path: Path) -> None:
    path = file_of(kept)
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert kept.find("this machine") is None
    (tmp_path / "link").symlink_to(kept.folder)
    path.unlink()
    (tmp_path / "elsewhere").rename(path)
    assert FolderStore(tmp_path / "link").find("this machine") is None


def test_the_longest_unused_go_first(kept: FolderStore) -> None:
    small = FolderStore(kept.folder, most=3 * len(CODE))
    for number in range(3):
        small.keep(f"{number}", CODE)
        for age, path in enumerate(sorted(small.folder.iterdir(), key=lambda p: -p.stat().st_mtime_ns)):
            os.utime(path, (1000 - age, 1000 - age))
    assert small.find("2") == CODE
    assert small.find("this machine") is None


def test_where_nothing_can_be_kept_nothing_is_found(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    for store in (FolderStore(tmp_path / "file"), FolderStore(tmp_path / "file" / "code")):
        store.keep("this machine", CODE)
        assert store.find("this machine") is None


def test_a_full_disk_keeps_no_part_and_is_no_hindrance_later(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    store = FolderStore(tmp_path)

    def fills() -> bool:
        most = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, most))
        store.keep("this machine", CODE)
        left = list(tmp_path.iterdir())
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        store.keep("this machine", CODE)
        return not left and store.find("this machine") == CODE

    assert right_in_child(fills)


def test_the_configuration_turns_it_off(tmp_path: Path) -> None:
    text = "func @one() -> i64 {\n  %one = const 1 : i64\n  return %one\n}\n"
    for code in (False, True):
        with hp.Instance(config={"home": str(tmp_path), "code": code, "library": False}) as instance:
            assert instance.compile(text, "ir")["one"]() == 1
        assert (tmp_path / "code").exists() == code
