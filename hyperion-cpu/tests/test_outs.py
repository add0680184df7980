"""Runs that write their results to memory that they are given."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any  # Any: arrays of every element type

import numpy as np
import pytest

import hyperion as hp
from hyperion.buffers.host import HostBuffer
from hyperion.buffers.view import BufferView
from hyperion.errors import BufferError_, TrapZeroDivisionError, WorkCancelledError
from hyperion.ir.parser import parse_program
from hyperion.tokens import NOTHING, Token
from hyperion_cpu.device import CpuDevice, CpuDriver
from hyperion_cpu.function import CpuFunction
from hyperion_cpu.target import CpuTarget

STEP = """
  %ys = pieces.scan (%xs) {lanes = 8, piece = 4112} {
    ^(%x: i64):
      %y = add.wrap %x, %a : i64
      yield %y
  }
"""
MOVED = f"func @moved(%xs: i64[n], %a: i64) -> (i64[n], i64) {{ {STEP} return %ys, %a }}"
INVERTED = """
func @inverted(%xs: i64[n], %a: i64) -> (i64[n], i64) {
  %ys = map (%xs) {
    ^(%x: i64):
      %y = floordiv.trap %a, %x : i64
      yield %y
  }
  return %ys, %a
}
"""
TWICE = f"func @twice(%xs: i64[n], %a: i64) -> (i64[n], i64[n]) {{ {STEP} return %ys, %ys }}"
CHANGED = f"""
func @changed(%xs: i64[n], %a: i64) -> (i64[n], i64[n]) {{ {STEP}
  %zero = const 0 : i64
  %zs = update %ys, %zero, %zero
  return %ys, %zs
}}
"""
IN_A_BRANCH = f"""
func @branch(%xs: i64[n], %a: i64) -> i64[n] {{
  %zero = const 0 : i64
  %c = lt %zero, %a
  %ys = if %c {{ {STEP.replace("ys", "zs")} yield %zs }} {{ yield %xs }}
  return %ys
}}
"""


def compiled(text: str) -> CpuFunction:
    made = CpuTarget().compile(parse_program(text))
    assert isinstance(made, CpuFunction)
    return made


@pytest.fixture(params=["cpu:0", "cpu:0/2"])
def device(request: pytest.FixtureRequest) -> CpuDevice:
    if CpuDriver().describe(request.param).absent:
        pytest.skip("this process has one processor")
    return CpuDriver().open(request.param, {})


def room(length: int, *, before: int = 3) -> tuple[Any, BufferView]:
    whole = np.full(length + 8, -1)
    return whole, hp.view(whole)[before : before + length]


@pytest.mark.parametrize("length", [0, 1, 7, 70_000])
def test_the_kernel_writes_where_the_result_is_to_be(device: CpuDevice, length: int) -> None:
    function, xs = compiled(MOVED), np.arange(length)
    assert function.offers == {0}
    whole, out = room(length)
    assert device.run(function, [hp.view(xs), 5], NOTHING, [out, None]) == (out, 5)
    assert whole.tolist() == [-1] * 3 + (xs + 5).tolist() + [-1] * 5
    (fresh, _) = device.run(function, [hp.view(xs), 6], NOTHING)
    assert isinstance(fresh, BufferView)
    assert np.asarray(fresh).tolist() == (xs + 6).tolist()
    assert whole[3 : 3 + length].tolist() == (xs + 5).tolist(), "the memory was for one run"


def test_a_map_that_traps_writes_nothing_beside_its_memory(device: CpuDevice) -> None:
    function, xs = compiled(INVERTED), np.arange(100) - 50
    assert function.offers == {0}
    whole, out = room(100)
    with pytest.raises(TrapZeroDivisionError):
        device.run(function, [hp.view(xs), 7], NOTHING, [out, None])
    assert whole[:3].tolist() == [-1] * 3
    assert whole[103:].tolist() == [-1] * 5
    xs[50] = 9
    assert device.run(function, [hp.view(xs), 7], NOTHING, [out, None]) == (out, 7)
    assert whole[3:103].tolist() == (7 // xs).tolist()


def test_elements_at_odd_addresses_are_copied_there(device: CpuDevice) -> None:
    raw = np.zeros(8 * 100 + 4, dtype=np.uint8)
    out = hp.BufferView(hp.view(raw).buffer, "i64", (100,), (8,), 4)
    assert device.run(compiled(MOVED), [hp.view(np.arange(100)), 1], NOTHING, [out, None])[0] is out
    assert raw[4:].view(np.int64).tolist() == list(range(1, 101))


@pytest.mark.parametrize(("text", "changed"), [(TWICE, False), (CHANGED, True)])
def test_results_that_are_one_array(device: CpuDevice, text: str, changed: bool) -> None:
    xs = np.arange(1000)
    first, one = room(1000)
    second, two = room(1000)
    assert device.run(compiled(text), [hp.view(xs), 1], NOTHING, [one, two]) == (one, two)
    expected = xs + 1
    assert first[3:1003].tolist() == expected.tolist()
    expected[0] = 0 if changed else 1
    assert second[3:1003].tolist() == expected.tolist()
    (new, there) = device.run(compiled(text), [hp.view(xs), 2], NOTHING, [None, two])
    assert isinstance(new, BufferView)
    assert np.asarray(new).tolist() == (xs + 2).tolist()
    assert there is two


def test_what_a_branch_makes_is_copied(device: CpuDevice) -> None:
    function = compiled(IN_A_BRANCH)
    assert function.offers == frozenset()
    for a, expected in ((1, np.arange(50) + 1), (0, np.arange(50))):
        whole, out = room(50)
        assert device.run(function, [hp.view(np.arange(50)), a], NOTHING, [out]) == (out,)
        assert whole[3:53].tolist() == expected.tolist()


def test_memory_of_the_host_is_one_whoever_gives_it(device: CpuDevice) -> None:
    made = BufferView(device.allocate(1 << 20), "i64", (1 << 17,), (8,))
    same = hp.view(np.asarray(made))
    assert made.overlaps(same)
    assert same[5:].overlaps(made[:6])
    assert not same[:5].overlaps(made[5:])
    with pytest.raises(BufferError_, match="HY2008"):
        device.run(compiled(MOVED), [same[:100], 1], NOTHING, [made[50:150], None])


def test_a_run_that_ends_early_leaves_nothing_behind(device: CpuDevice) -> None:
    whole, out = room(100)
    token = Token()
    token.cancel()
    with pytest.raises(WorkCancelledError):
        device.run(compiled(MOVED), [hp.view(np.arange(100)), 1], token, [out, None])
    with pytest.raises(TypeError):
        device.run(compiled(MOVED), [hp.view(np.arange(100)), 1.5], NOTHING, [out, None])
    fresh, _ = device.run(compiled(MOVED), [hp.view(np.arange(100)), 1], NOTHING)
    assert isinstance(fresh, BufferView)
    assert whole.tolist() == [-1] * 108


BOTH = f"func @both(%xs: i64[n], %a: i64) -> (i64[n], i64[n]) {{ {STEP} {STEP.replace('ys', 'zs')} return %ys, %zs }}"
SOME = f"""
func @some(%xs: i64[n], %a: i64) -> (i64[n], i64[m]) {{ {STEP}
  %zero = const 0 : i64
  %c = lt %zero, %a
  %zs = when %c, %xs : i64[m]
  return %ys, %zs
}}
"""


@pytest.mark.parametrize("text", [BOTH, SOME])
def test_where_one_memory_does_not_fit_none_is_written(device: CpuDevice, text: str) -> None:
    """Also where the size of the other result shows only when it is there."""
    function = compiled(text)
    for lengths in ((100, 101), (101, 100)):
        rooms = [room(n) for n in lengths]
        with pytest.raises(BufferError_, match="HY2001"):
            device.run(function, [hp.view(np.arange(100)), 1], NOTHING, [out for _, out in rooms])
        assert all((whole == -1).all() for whole, _ in rooms), lengths
    rooms = [room(100), room(100)]
    device.run(function, [hp.view(np.arange(100)), 1], NOTHING, [out for _, out in rooms])
    assert rooms[0][0][3:103].tolist() == list(range(1, 101))
    assert rooms[1][0][3:103].tolist() == list(range(1, 101) if text is BOTH else range(100))


class Freeing(HostBuffer):
    """Frees another buffer when its own memory is asked for, as another thread may at any time."""

    def __init__(self, other: HostBuffer) -> None:
        made = HostBuffer.allocate(800)
        super().__init__(made.host(), made.address)
        self.other = other

    def host(self) -> memoryview:
        self.other.free()
        return super().host()


def test_memory_that_is_freed_meanwhile_is_there_until_the_run_ends(device: CpuDevice) -> None:
    given = np.full(100, -1)
    gone = weakref.ref(given)
    first = hp.view(given)
    assert isinstance(first.buffer, HostBuffer)
    second = Freeing(first.buffer)
    del given
    there: list[bool] = []

    class Entry(CpuFunction):
        """Which looks just before the kernel writes."""

        def run_into(self, device: str, arguments: Sequence[object], token: Token, pool: int, outs: int) -> Any:
            there.append(gone() is not None)
            return super().run_into(device, arguments, token, pool, outs)

    function = compiled(BOTH)
    function.__class__ = Entry
    outs = [first, BufferView(second, "i64", (100,), (8,))]
    device.run(function, [hp.view(np.arange(100)), 1], NOTHING, outs)
    assert there == [True]
    assert not first.buffer.alive
    assert gone() is None, "and not longer"
