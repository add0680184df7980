"""What running on a device costs, and two groups of processors at the same time.

    uv run python benchmarks/devices.py

Times are the best of several rounds. A call is that of `module["f"].compiled`, without a device; a run is `Device.run`
of the same function on the same elements.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

import numpy as np

import hyperion as hp
from hyperion.interfaces.codegen import CompiledFunction
from hyperion.tokens import NOTHING, Token
from hyperion_cpu.device import CpuDevice, CpuDriver

ROUNDS = 15
SHORT_ROUNDS = 200
"""Of works that take some milliseconds: other programs use the processors in between."""


@hp.jit(overflow="wrap")
def total(xs: Any) -> Any:
    s = 0
    for x in xs:
        s += x
    return s


@hp.jit(overflow="wrap")
def doubled(xs: Any) -> Any:
    out = np.empty(len(xs), dtype=np.int64)
    for i in range(len(xs)):
        out[i] = xs[i] * 2
    return out


def hashed(xs: Any) -> Any:
    """No theorem makes this parallel: every step needs the one before."""
    s = 1
    for x in xs:
        s = (s * 31 + x) % 1000003 if s % 3 else s + x
    return s


def best(call: Callable[[], object], times: int, rounds: int = ROUNDS) -> float:
    """Seconds of one call."""
    found: list[float] = []
    for _ in range(rounds):
        start = perf_counter()
        for _ in range(times):
            call()
        found.append((perf_counter() - start) / times)
    return min(found)


def main() -> None:
    with hp.Instance() as instance:
        few, many = np.arange(10), np.arange(2_000_000)
        functions = {f.__name__: instance.compile(f, arguments=(few,))[f.__name__] for f in (total, doubled, hashed)}
        compiled = {name: f.compiled for name, f in functions.items()}
        overheads(compiled, few)
        side_by_side(compiled["hashed"], many[:200_000], "one after the other in each group")
        side_by_side(compiled["total"], many, "a parallel sum, one processor in each group")


def overheads(compiled: dict[str, CompiledFunction], few: Any) -> None:
    print(f"| 10 elements | {' | '.join(ROWS)} |\n|:--|{'--:|' * len(ROWS)}")
    for name in ("total", "doubled"):
        function = compiled[name]
        times = [best(lambda c=call, f=function: c(f, few), 2000) * 1e6 for call in calls()]
        print(f"| {name}, us | {' | '.join(f'{t:.2f}' for t in times)} |")


ROWS = ("call", "run, arrays", "run, views", "run, views and a token", "run on half of the processors")


def calls() -> Sequence[Callable[[CompiledFunction, Any], object]]:
    whole, half = CpuDriver().open("cpu:0", {}), CpuDriver().open("cpu:0/2", {})
    views: dict[int, Any] = {}
    token = Token(seconds=3600)

    def view(xs: Any) -> Any:
        if id(xs) not in views:
            views[id(xs)] = hp.view(xs)
        return views[id(xs)]

    return (
        lambda f, xs: f(xs),
        lambda f, xs: whole.run(f, (xs,), NOTHING),
        lambda f, xs: whole.run(f, (view(xs),), NOTHING),
        lambda f, xs: whole.run(f, (view(xs),), token),
        lambda f, xs: half.run(f, (view(xs),), NOTHING),
    )


def side_by_side(function: CompiledFunction, xs: Any, what: str) -> None:
    groups = [CpuDriver().open(address, {}) for address in ("cpu:0/2", "cpu:1/2")]
    view = hp.view(xs)
    runs = [lambda g=group: g.run(function, (view,), NOTHING) for group in groups]
    alternate: list[tuple[float, float]] = []
    for _ in range(SHORT_ROUNDS):
        alternate.append((seconds(lambda: [run() for run in runs]), seconds(lambda: together(runs))))
    apart, joined = (min(times) for times in zip(*alternate, strict=True))
    print(f"\n{what}: {apart * 1e3:.1f} ms in turn, {joined * 1e3:.1f} ms at once, {apart / joined:.2f} times as fast")
    close(groups)


def close(groups: Sequence[CpuDevice]) -> None:
    for group in groups:
        group.close()


def together(runs: Sequence[Callable[[], object]]) -> None:
    threads = [threading.Thread(target=run) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def seconds(call: Callable[[], object]) -> float:
    start = perf_counter()
    call()
    return perf_counter() - start


if __name__ == "__main__":
    main()
