"""The builtin entry: arguments, references, interruption, fork."""

from __future__ import annotations

import ctypes
import math
import os
import subprocess
import sys
import textwrap
import threading
from typing import Any

import numpy as np
import pytest

from hyperion.errors import CodegenError, DeviceError, TrapOverflowError, TypeCheckError
from hyperion.ir.parser import parse_program
from hyperion.testing.apart import SECONDS, Apart, right_in_child
from hyperion_cpu import builtin_functions, pool, results, target
from hyperion_cpu import runtime as runtime_module
from hyperion_cpu.function import CpuFunction
from hyperion_cpu.runtime import runtime
from hyperion_cpu.target import CpuTarget
from hyperion_llvm import binding

MIXED = """
func @mixed(%xs: f32[n], %i: i64, %u: u64, %s: i16, %b: bool, %f: f64, %g: f32)
    -> (f32, i64, u64, i16, bool, f64, f32) {
  %zero = const 0 : i64
  %x = get %xs, %zero : f32
  return %x, %i, %u, %s, %b, %f, %g
}
"""
SUM = """
func @total(%xs: i32[n]) -> i64 {
  %zero = const 0 : i64
  %sum = fold (%xs), (%zero) {
    ^(%x: i32, %s: i64):
      %w = cast %x : i64
      %t = add.trap %s, %w : i64
      yield %t
  }
  return %sum
}
"""
TWO = """
func @two(%n: i64) -> (i64[m], i64[m], i64[m]) {
  %one = const 1 : i64
  %two = const 2 : i64
  %xs = fill %n, %one : i64[m]
  %ys = fill %n, %two : i64[m]
  %zs = fill %n, %two : i64[m]
  return %xs, %ys, %zs
}
"""
WIDE = """
func @wide(%x: i128, %xs: i64[n], %b: bool, %f: f32) -> (i128, i64[m], bool, f32) {
  %one = const 1 : i128
  %y = add.trap %x, %one : i128
  %n = len %xs : i64
  %ys = fill %n, %n : i64[m]
  return %y, %ys, %b, %f
}
"""
BIG = (1 << 63) - 1
ARGUMENTS: tuple[Any, ...] = (np.array([0.5], "f4"), -BIG - 1, 2 * BIG + 1, -7, True, 0.1, 0.25)


@pytest.fixture(scope="module")
def mixed() -> CpuFunction:
    return CpuTarget().compile(parse_program(MIXED))


def test_every_scalar_goes_in_and_out(mixed: CpuFunction) -> None:
    assert type(mixed.entry) is type(len)
    want = (0.5, -BIG - 1, 2 * BIG + 1, -7, True, 0.1, float(np.float32(0.1)))
    assert mixed(*ARGUMENTS) == (*want[:-1], 0.25)
    for special in (math.inf, math.nan, -0.0, 2.0**-149):
        assert repr(mixed(*ARGUMENTS[:-1], special)[-1]) == repr(special)
    numpy = (ARGUMENTS[0], np.int64(-BIG - 1), np.uint64(2 * BIG + 1), np.int8(-7), np.bool_(True), np.float64(0.1))
    assert mixed(*numpy, np.float32(0.1)) == want


@pytest.mark.parametrize(
    ("position", "wrong", "error", "words"),
    [
        (0, [0.5], TypeError, "HY6120: argument 1 is a list"),
        (0, np.zeros(3), TypeError, "HY6121: .* array of f64 .*, expected f32"),
        (0, np.zeros((2, 2), "f4"), TypeError, "HY6121: .* shape"),
        (0, np.ma.masked_array(np.zeros(3, "f4"), mask=True), TypeError, "HY6121: argument 1 is a MaskedArray"),
        (1, 1.0, TypeError, "expected i64"),
        (1, True, TypeError, "expected i64"),
        (1, 1 << 63, OverflowError, "HY6122: .* outside the range of i64"),
        (2, -1, OverflowError, "HY6122: .* outside the range of u64"),
        (2, 1 << 64, OverflowError, "HY6122: .* outside the range of u64"),
        (3, 1 << 15, OverflowError, "HY6122: .* outside the range of i16"),
        (4, 1, TypeError, "expected bool"),
        (5, 1, TypeError, "expected f64"),
        (6, None, TypeError, "HY6120: argument 7 has type NoneType"),
        (6, 0.1, TypeError, r"HY6120: .* 0\.1 \(float\), expected f32(.|\n)*numpy\.float32\(x\) rounds it"),
        (6, 1e300, TypeError, "expected f32"),
        (6, np.float64(0.5), TypeError, "expected f32"),
        (5, np.float32(0.5), TypeError, "expected f64"),
    ],
)
def test_other_arguments_are_refused(
    mixed: CpuFunction, position: int, wrong: object, error: type[Exception], words: str
) -> None:
    arguments = [*ARGUMENTS]
    arguments[position] = wrong
    with pytest.raises(error, match=words):
        mixed(*arguments)
    with pytest.raises(TypeError, match="takes 7 arguments, 1 given"):
        mixed.entry(1)


def test_a_caller_can_take_mismatches_over() -> None:
    function = CpuTarget().compile(parse_program(SUM))
    entry = function.bind(lambda *arguments: arguments)
    assert entry(np.array([1, 2], "i4")) == 3
    assert entry("other", 1) == ("other", 1)


def test_references_are_given_back(mixed: CpuFunction) -> None:
    objects: list[Any] = [*ARGUMENTS, object()]
    before = [sys.getrefcount(x) for x in objects]
    for _ in range(200):
        mixed(*ARGUMENTS)
        for bad in ((objects[-1],), (*ARGUMENTS[:-1], objects[-1])):
            with pytest.raises(TypeError):
                mixed(*bad)
    after = [sys.getrefcount(x) for x in objects]
    assert all(abs(x - y) < 100 for x, y in zip(before, after, strict=True))


def test_an_interrupt_while_results_are_wrapped(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is raised as it is, and what was made of the results goes."""
    function = CpuTarget().compile(parse_program(TWO))
    xs, memory, asked = function(100_000), runtime().memory, list[int]()
    assert (xs[0].sum(), xs[1].sum()) == (100_000, 200_000)

    def interrupted(*_: object) -> object:
        asked.append(1)
        if len(asked) % 2 == 0:
            raise KeyboardInterrupt
        return object()

    monkeypatch.setattr(results, "to_array", interrupted)
    for n in range(2, 20, 2):
        with pytest.raises(KeyboardInterrupt):
            function(100_000)
        assert len(asked) == n
    after = runtime().memory
    assert after.mapped - after.kept == memory.mapped - memory.kept


def test_read_only_input() -> None:
    xs = np.arange(5, dtype="i4")
    xs.flags.writeable = False
    assert CpuTarget().compile(parse_program(SUM))(xs) == 10


def test_packed_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    wide = CpuTarget().compile(parse_program(WIDE))
    x, ys, b, f = wide(2**100, np.zeros(3, "i8"), True, 1.5)
    assert (x, ys.tolist(), b, f) == (2**100 + 1, [3, 3, 3], True, 1.5)
    with pytest.raises(TrapOverflowError):
        wide(2**127 - 1, np.zeros(3, "i8"), True, 1.5)
    with pytest.raises(OverflowError):
        wide(2**127, np.zeros(3, "i8"), True, 1.5)
    monkeypatch.setattr(target, "layout", lambda: None)
    assert CpuTarget().compile(parse_program(MIXED))(*ARGUMENTS)[1] == -BIG - 1


def test_the_packed_entry_calls_who_takes_other_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    """As for a second signature of a function of `hp.jit`."""
    monkeypatch.setattr(target, "layout", lambda: None)
    bound = CpuTarget().compile(parse_program(SUM)).bind(lambda *given: given)
    xs = np.arange(5, dtype="i4")
    assert bound(xs) == 10
    for given in ((xs.astype("i8"),), (xs[::2],), (xs, xs), (), ([1, 2],)):
        found = bound(*given)
        assert len(found) == len(given)
        assert all(x is y for x, y in zip(found, given, strict=True))
    with pytest.raises(TypeCheckError, match="HY6121"):
        CpuTarget().compile(parse_program(SUM))(xs.astype("i8"))


@pytest.mark.skipif(sys.implementation.name != "cpython" or object.__basicsize__ != 16, reason="other objects")
@pytest.mark.parametrize("malloc", ["default", "debug"])
def test_layout_holds_here(malloc: str) -> None:
    """`python -X dev` has the second one: freed memory is overwritten."""
    program = "from hyperion_cpu.layout import layout; print(layout() is not None)"
    environment = {**os.environ, "PYTHONMALLOC": malloc}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120, env=environment
    )
    assert done.stdout == "True\n"


def test_unfit_signatures_are_refused() -> None:
    with pytest.raises(CodegenError, match="no form in Python"):
        CpuTarget().compile(parse_program("func @f(%x: int) -> int { return %x }"))


def test_thread_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYPERION_NUM_THREADS", "3")
    assert pool.thread_count() == 3
    monkeypatch.setenv("HYPERION_NUM_THREADS", "none")
    with pytest.raises(DeviceError, match="HYPERION_NUM_THREADS"):
        pool.thread_count()


def test_definitions_are_small() -> None:
    assert ctypes.sizeof(builtin_functions._MethodDefinition) <= 32


INTERRUPT = """
import os, signal, threading, time
import numpy as np
from hyperion.ir.parser import parse_program
from hyperion_cpu.target import CpuTarget
from hyperion_llvm import binding
f = CpuTarget().compile(parse_program('''{text}'''))
sent = []
def send():
    time.sleep(0.3)
    sent.append(time.perf_counter())
    os.kill(os.getpid(), signal.SIGINT)
threading.Thread(target=send).start()
try:
    f({arguments})
    print("finished")
except KeyboardInterrupt:
    print("stopped", time.perf_counter() - sent[0])
print(f({again}))
"""

FOREVER = """
func @forever(%n: i64) -> i64 {
  %one = const 1 : i64
  %x = while (%n) {
    ^(%a: i64):
      %go = ne %a, %one
      yield %go
  } {
    ^(%b: i64):
      %c = add.wrap %b, %one : i64
      %d = mul.wrap %c, %c : i64
      %e = or %d, %n
      yield %e
  }
  return %x
}
"""
NESTED = """
func @nested(%n: i64) -> i64 {
  %zero = const 0 : i64
  %one = const 1 : i64
  %s = for %zero, %n, %one, (%zero) {
    ^(%i: i64, %a: i64):
      %t = for %zero, %n, %one, (%a) {
        ^(%j: i64, %b: i64):
          %k = mul.wrap %i, %j : i64
          %x = xor %k, %b
          yield %x
      }
      yield %t
  }
  return %s
}
"""
LONG = """
func @long(%n: i64) -> i64 {
  %zero = const 0 : i64
  %one = const 1 : i64
  %x = const 7 : i64
  %s = for %zero, %n, %one, (%x) {
    ^(%i: i64, %a: i64):
      %b = mul.wrap %a, %a : i64
      %c = add.wrap %b, %i : i64
      yield %c
  }
  return %s
}
"""


@pytest.mark.parametrize(
    ("text", "arguments", "again"), [(FOREVER, "2", "1"), (NESTED, "10**6", "2"), (LONG, "10**12", "0")]
)
def test_ctrl_c_stops_within_100_ms(text: str, arguments: str, again: str) -> None:
    script = INTERRUPT.format(text=text, arguments=arguments, again=again)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    word, _, rest = done.stdout.partition(" ")
    assert word == "stopped", done.stdout + done.stderr
    assert float(rest.split()[0]) < 0.1


STOP_POOL = """
import os, signal, sys, threading, time
import numpy as np
sys.path.insert(0, {folder!r})
import test_parallel as t
_, f = t.compiled(t.SEGMENT, "u8", "cast %x", 16, 4096)
xs = np.lib.stride_tricks.as_strided(np.zeros(1 << 20, "u1"), (1 << 20,), (1,))
big = np.zeros(2_000_000_000, "u1")
f(xs)
sent = []
def send():
    time.sleep(0.05)
    sent.append(time.perf_counter())
    os.kill(os.getpid(), signal.SIGINT)
threading.Thread(target=send).start()
try:
    while True:
        f(big)
except KeyboardInterrupt:
    print("stopped", time.perf_counter() - sent[0])
print(f(xs), flush=True)
pid = os.fork() if hasattr(os, "fork") else 0
if pid == 0:
    print(f(xs), f.taken(xs), flush=True)
    os._exit(0)
os.waitpid(pid, 0)
print("parent", f(xs))
"""


def test_ctrl_c_and_fork_with_the_pool() -> None:
    script = textwrap.dedent(STOP_POOL).format(folder=os.path.dirname(__file__))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    lines = done.stdout.splitlines()
    assert lines[0].startswith("stopped"), done.stdout + done.stderr
    assert float(lines[0].split()[1]) < 0.1
    assert lines[1:] == ["(0, 0)", "(0, 0) parallel", "parent (0, 0)"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.parametrize("lock", [binding.lock, runtime_module._making], ids=["LLVM", "runtime"])
def test_no_fork_comes_while_another_thread_compiles(lock: Any) -> None:
    """The child would wait for that thread, which it does not have."""
    held, asked = threading.Event(), threading.Event()

    def hold() -> None:
        with lock:
            held.set()
            asked.wait(0.05)

    holding = Apart(hold)
    assert held.wait(SECONDS)
    assert right_in_child(lambda: lock.acquire(timeout=1))
    asked.set()
    holding.outcome()
