"""What a call was given, and what it gave, goes with the last who has it: no cycle waits for a collection."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any  # Any: results of any kind

import numpy as np
import pytest

import hyperion as hp
from hyperion.buffers.view import BufferView
from hyperion.errors import DeadlineError, TrapOverflowError
from hyperion.interfaces.codegen import CompiledFunction
from hyperion.interfaces.executor import Executor
from hyperion.tokens import Token

pytest.importorskip("hyperion_virtual.driver")
SECONDS = 20
SETS = (["cpu:0"], ["virtual:0"], ["cpu:0/2", "cpu:1/2"], ["virtual:0", "virtual:1"], ["cpu:0", "virtual:0"])


@pytest.fixture
def uncollected() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def called(executor: Executor, by: str, function: CompiledFunction, given: list[object], token: Token | None) -> Any:
    if by == "execute":
        return executor.execute(function, given, token=token)
    return executor.submit(function, given, token=token).result(SECONDS)


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize("by", ["execute", "submit"])
@pytest.mark.parametrize("devices", SETS, ids=",".join)
@pytest.mark.parametrize(
    ("fault", "factor", "fails"),
    [("", 3, None), ("", 1 << 62, TrapOverflowError), ("lose at run 1", 3, None), ("hang at run 1", 3, DeadlineError)],
)
def test_arguments_and_results_go_with_the_call(
    maps: dict[str, CompiledFunction],
    devices: list[str],
    by: str,
    fault: str,
    factor: int,
    fails: type[Exception] | None,
) -> None:
    if fault and (devices[-1].startswith("cpu") or (len(devices) == 1 and fault.startswith("lose"))):
        return
    with hp.Instance() as instance:
        if fault:
            instance.device(devices[-1], faults=fault)
        given = hp.view(np.arange(200, dtype=np.int64))
        seen = [weakref.ref(given)]
        executor = instance.executor(devices, launch=0.0)
        token = Token(seconds=0.1) if fails is DeadlineError else None
        with nullcontext() if fails is None else pytest.raises(fails):
            results = called(executor, by, maps["both"], [given, factor], token)
            seen += map(weakref.ref, results)
            del results
        executor.close(SECONDS)  # its threads have let go of what they had
        del given
        assert [x() for x in seen] == [None] * len(seen)


@pytest.mark.parametrize("by", ["execute", "submit"])
@pytest.mark.parametrize("devices", SETS, ids=",".join)
def test_each_result_has_memory_of_its_own(maps: dict[str, CompiledFunction], devices: list[str], by: str) -> None:
    with hp.Instance() as instance, instance.executor(devices, launch=0.0) as executor:
        xs = np.arange(200, dtype=np.int64)
        first, second = called(executor, by, maps["kept"], [xs, 3], None)
        assert isinstance(first, BufferView)
        assert isinstance(second, BufferView)
        assert not first.overlaps(second)
        assert np.asarray(first).tolist() == np.asarray(second).tolist() == (xs * 3).tolist()
