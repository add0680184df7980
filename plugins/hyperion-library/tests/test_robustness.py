"""Whatever happens to the file: functions are derived and answer, and nothing is lost but time."""

from __future__ import annotations

import logging
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hyperion as hp
from hyperion.driver import Derivation
from hyperion.logic.proof import ProofFile, text_of, value_of
from hyperion.testing.apart import Apart, right_in_child
from hyperion_library import record
from hyperion_library.libraries import FILE

Fresh = Callable[..., hp.Instance]
Derive = Callable[..., Derivation]
Write = Callable[[str, int], subprocess.Popen[str]]
XS = np.arange(5, dtype=np.int64)


def total(xs):  # type: ignore[no-untyped-def]  what a user writes
    s = 0
    for x in xs:
        s += x
    return s


WRITER = """
import sys
from dataclasses import replace
import hyperion as hp

with hp.Instance() as instance:
    theorem = next(t for t in instance.theorems if "-" not in t.digest)
    instance.theorems.add(theorem)
    print("ready", flush=True)
    for i in range(int(sys.argv[2])):
        instance.theorems.add(replace(theorem, digest=f"{sys.argv[1]}-{i}"))
    print(len(instance.theorems))
"""
DERIVER = """
import resource, sys
import numpy as np
import hyperion as hp

if len(sys.argv) > 2:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
with hp.Instance() as instance:
    module = instance.compile((open(sys.argv[1]).read(), "total"), arguments=(np.arange(5),))
    function = module.entry
    print(function(np.arange(5)), function.derivation.verdict.checked, function.derivation.recalled or "derived")
"""


@pytest.fixture
def loop(tmp_path: Path) -> Path:
    (tmp_path / "total.py").write_text("def total(xs):\n    s = 0\n    for x in xs:\n        s += x\n    return s\n")
    return tmp_path / "total.py"


def sound(home: Path) -> bool:
    with sqlite3.connect(home / FILE) as connection:
        return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.fixture
def write() -> Iterator[Write]:
    """Starts processes that write; those that a failed test left are killed."""
    started: list[subprocess.Popen[str]] = []

    def start(name: str, count: int) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", WRITER, name, str(count)]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for writer in started:
        with writer:
            writer.kill()


def test_processes_that_write_at_once_lose_nothing(home: Path, fresh: Fresh, derived: Derive, write: Write) -> None:
    derived(fresh(), total)
    writers = [write(name, 40) for name in ("a", "b", "c")]
    ends = [(*writer.communicate(timeout=120), writer.returncode) for writer in writers]
    assert [(err, code) for _, err, code in ends] == [("", 0)] * 3
    digests = {theorem.digest for theorem in fresh().theorems}
    assert {f"{name}-{i}" for name in "abc" for i in range(40)} <= digests
    assert len(fresh().theorems) == 121
    assert sound(home)


def test_a_process_that_is_killed_while_it_writes_leaves_a_sound_file(
    home: Path, fresh: Fresh, derived: Derive, write: Write
) -> None:
    derived(fresh(), total)
    moments, killed = random.Random(1), 0
    kept = 1
    for round_ in range(6):
        writer = write(f"round{round_}", 1_000_000)
        assert writer.stdout is not None
        assert Apart(writer.stdout.readline).outcome() == "ready\n"
        time.sleep(moments.uniform(0.0, 0.4))
        writer.send_signal(signal.SIGKILL)
        writer.communicate(timeout=60)
        killed += writer.returncode == -signal.SIGKILL
        assert sound(home)
        assert len(fresh().theorems) >= kept
        kept = len(fresh().theorems)
    assert killed == 6
    assert kept > 1
    assert derived(fresh(), total).recalled == "exact"


def test_a_full_disk_costs_only_the_theorem(home: Path, loop: Path) -> None:
    def run(*words: str) -> tuple[str, str]:
        done = subprocess.run(
            [sys.executable, "-c", DERIVER, str(loop), *words], capture_output=True, text=True, timeout=120
        )
        return done.stdout, done.stderr

    assert run("8192")[0] == "10 True derived\n"
    assert run()[0] == "10 True derived\n"
    assert run("8192")[0] == "10 True exact\n"


def rubbish(path: Path) -> None:
    path.write_bytes(random.Random(2).randbytes(5000))


def halved(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def holes(path: Path) -> None:
    data = bytearray(path.read_bytes())
    for offset in range(4096, len(data), 4096):
        data[offset : offset + 200] = bytes(200)
    path.write_bytes(data)


def another(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
        connection.execute("PRAGMA user_version = 1")


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def newer(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")


@pytest.mark.parametrize("damage", [rubbish, halved, holes, another])
def test_a_damaged_file_is_moved_aside(
    damage: Callable[[Path], None], home: Path, fresh: Fresh, derived: Derive, caplog: pytest.LogCaptureFixture
) -> None:
    derived(fresh(), total)
    damage(home / FILE)
    bytes_ = (home / FILE).read_bytes()
    with caplog.at_level(logging.WARNING, "hyperion.library"):
        found = derived(fresh(), total)
        assert (found.verdict.checked, found.parallel) == (True, True)
        assert derived(fresh(), total).recalled == "exact"
    aside = [f for f in home.iterdir() if "damaged" in f.name]
    assert [f.read_bytes() for f in aside] == [bytes_]
    assert caplog.text.count("is damaged") == 1
    assert sound(home)


@pytest.mark.parametrize(("damage", "words"), [(folder, "unable to open"), (newer, "update hyperion-library")])
def test_what_is_no_file_of_ours_is_left_alone(
    damage: Callable[[Path], None], words: str, home: Path, fresh: Fresh, derived: Derive,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    derived(fresh(), total)
    damage(home / FILE)
    instance = fresh()
    with caplog.at_level(logging.WARNING, "hyperion.library"):
        for _ in range(2):
            found = derived(instance, total)
            assert (found.recalled, found.verdict.checked) == ("", True)
    assert len(instance.theorems) == 0
    assert caplog.text.count(words) == 1
    assert {f.name for f in home.iterdir()} == {FILE, "verdicts"}


def test_an_empty_file_is_a_new_library(home: Path, fresh: Fresh, derived: Derive) -> None:
    derived(fresh(), total)
    emptied(home / FILE)
    assert derived(fresh(), total).recalled == ""
    assert derived(fresh(), total).recalled == "exact"


@pytest.mark.parametrize("where", ["{tmp_path}/file", "/proc/none/home", "~nobody-of-that-name/home"])
def test_a_home_that_cannot_be_is_no_reason_to_fail(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh: Fresh, derived: Derive,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HYPERION_HOME", where.format(tmp_path=tmp_path))
    with caplog.at_level(logging.WARNING, "hyperion.library"):
        found = derived(fresh(), total)
    assert (found.recalled, found.verdict.checked) == ("", True)
    assert caplog.text.count("is not used as it should") == 1


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may do everything")
def test_a_library_that_may_only_be_read_is_read(home: Path, fresh: Fresh, derived: Derive) -> None:
    derived(fresh(), total)
    (home / FILE).chmod(0o400)
    home.chmod(0o500)
    try:
        assert derived(fresh(), total).recalled == "exact"
    finally:
        home.chmod(0o700)


def test_bytes_that_flip_never_give_a_wrong_theorem(home: Path, fresh: Fresh, derived: Derive) -> None:
    whole = _file(home, fresh, derived)
    flips = random.Random(3)
    for _ in range(12):
        data = bytearray(whole)
        for _ in range(20):
            data[flips.randrange(len(data))] ^= 1 << flips.randrange(8)
        (home / FILE).write_bytes(data)
        found = derived(fresh(), total)
        assert (found.verdict.checked, found.parallel) == (True, True)


def _sharing(value: dict[str, Any]) -> bytes:
    first = len(value["types"])
    more = [["con", "prod", n, n] for n in range(first, first + 60)]
    return text_of({**value, "types": [*value["types"], ["con", "prod", 0, 0], *more]})


def _power(value: dict[str, Any]) -> bytes:
    kinds = [*value["types"], ["con", "real"]]
    return text_of({**value, "types": kinds, "terms": [*value["terms"], ["K", len(kinds) - 1, "1e999999999"]]})


SPOILT: list[Callable[[dict[str, Any]], bytes]] = [
    lambda _: b"no JSON",
    lambda _: b'{"format":"hyperion-proof"}',
    lambda value: text_of({**value, "steps": []}),
    lambda value: text_of({**value, "steps": [["axiom", "none"], *value["steps"]]}),
    lambda value: text_of({**value, "types": [["var", 5], *value["types"]]}),
    _sharing,
    _power,
]


@pytest.mark.parametrize("spoilt", SPOILT)
def test_a_stored_proof_that_is_none_costs_a_search(
    home: Path, fresh: Fresh, derived: Derive, spoilt: Callable[[dict[str, Any]], bytes]
) -> None:
    """It is replayed for a loop of the same shape before the checker sees anything of it."""

    def seven(xs):  # type: ignore[no-untyped-def]  what a user writes
        s = 7
        for x in xs:
            s += x
        return s

    derived(fresh(), total)
    (theorem,) = fresh().theorems
    told = theorem.checked
    claims = record.Claims(told.left, told.right, told.axioms, told.oracles)
    proof = ProofFile(spoilt(dict(value_of(theorem.proof))))
    with sqlite3.connect(home / FILE) as connection:
        connection.execute("UPDATE theorems SET record = ?", (record.encode(replace(theorem, proof=proof), claims),))
    found = derived(fresh(), seven)
    assert (found.verdict.checked, found.recalled) == (True, "")


def _file(home: Path, fresh: Fresh, derived: Derive) -> bytes:
    derived(fresh(), total)
    return (home / FILE).read_bytes()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_the_child_of_a_fork_reads_and_writes(home: Path, fresh: Fresh, derived: Derive) -> None:
    instance: Any = fresh()
    derived(instance, total)
    assert right_in_child(lambda: derived(instance, total).recalled == "exact")
    assert derived(instance, total).recalled == "exact"
