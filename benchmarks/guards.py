"""What run-time guards cost: each loop with its guard against the same parallel form without, by hand from its IR.

    uv run python benchmarks/guards.py             # in cache, at 2**15 and 2**17 elements; from memory, at 2**24
    uv run python benchmarks/guards.py --sizes 100000 --rounds 50 --threads 2

The form without a guard has no theorem, so both go to the code generator directly; no user can run it. It gives the
same result here, because the data keep within the guard. Times are processor time, the best of interleaved rounds, on
one thread: other programs on the machine matter less to it than to the time on the clock.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from time import process_time
from typing import Any

import numpy as np

import hyperion as hp
from hyperion.guards import guard_cost, guards
from hyperion.ir.function import Equation, Function, Program, Region, Value, walk
from hyperion.ir.verifier import verify
from hyperion_cpu.target import CpuTarget


def total(xs: Any) -> Any:
    s = 0
    for x in xs:
        s += x
    return s


def largest_segment(xs: Any) -> Any:
    here = best = 0
    for x in xs:
        here = max(here + x, 0)
        best = max(best, here)
    return best


def highest_prefix(xs: Any) -> Any:
    s = best = 0
    for x in xs:
        s += x
        best = max(best, s)
    return best


def above(xs: Any) -> Any:
    count = 0
    for x in xs:
        if x > 7:
            count += 1
    return count


def regrouped(xs: Any) -> Any:
    s = 0.0
    for x in xs:
        s += x
    return s


Loop = tuple[Callable[[Any], Any], str, dict[str, Any]]  # Any: options of hp.jit
LOOPS: tuple[Loop, ...] = (
    (total, "int32", {}),
    (total, "int64", {}),
    (above, "int64", {}),
    (highest_prefix, "int32", {}),
    (highest_prefix, "int64", {}),
    (largest_segment, "int32", {}),
    (largest_segment, "int64", {}),
    (regrouped, "float64", {"fp": "reassoc"}),
)


def without_guards(program: Program) -> Program:
    """The derived version alone: no test of elements, no choice, no loop as written."""
    function = program.main
    instead: dict[str, Value] = {}
    kept: list[Equation] = []
    for e in function.equations:
        e = replace(e, operands=tuple(instead.get(v.name, v) for v in e.operands))
        loops = [any(i.op == "fold" for i in walk(r.equations)) for r in e.regions]
        if e.op == "if" and loops == [False, True]:
            yielded = [instead.get(v.name, v) for v in e.regions[0].results]
            instead.update(zip((r.name for r in e.results), yielded, strict=True))
        elif e.op == "par.reduce" and len(e.regions) == 4:
            kept.append(replace(e, results=e.results[1:], regions=e.regions[:3]))
        else:
            kept.append(e)
    results = tuple(instead.get(v.name, v) for v in function.results)
    functions = {**program.functions, program.entry: _needed(replace(function, results=results), kept)}
    made = replace(program, functions=functions)
    verify(made)
    return made


def _needed(function: Function, equations: list[Equation]) -> Function:
    wanted = {v.name for v in function.results}
    kept: list[Equation] = []
    for e in reversed(equations):
        if any(r.name in wanted for r in e.results):
            wanted |= {v.name for v in e.operands} | {v.name for r in e.regions for v in _read(r)}
            kept.append(e)
    return replace(function, equations=tuple(reversed(kept)))


def _read(region: Region) -> list[Value]:
    return [*region.results, *(v for e in walk(region.equations) for v in e.operands)]


def measure(calls: list[Callable[[], object]], rounds: int, repeats: int) -> list[float]:
    """The seconds of one call each."""
    best = [float("inf")] * len(calls)
    for _ in range(rounds):
        for i, call in enumerate(calls):
            start = process_time()
            for _ in range(repeats):
                call()
            best[i] = min(best[i], (process_time() - start) / repeats)
    return best


def compare(instance: hp.Instance, loop: Loop, size: int, rounds: int) -> str:
    """A row of the table."""
    function, dtype, granted = loop
    xs: np.ndarray[Any, np.dtype[Any]] = np.asarray(np.arange(size) % 17 - 8, dtype=dtype)
    jitted = hp.jit(function, instance=instance, **granted)
    assert jitted.explain(xs).taken == "parallel"
    derived = jitted.compiled(xs).derivation.chosen
    guarded, bare = (CpuTarget().compile(p).entry for p in (derived, without_guards(derived)))
    assert guarded(xs) == bare(xs)
    repeats = max(1, 100_000 // size)
    on, off = (s / size * 1e9 for s in measure([partial(f, xs) for f in (guarded, bare)], rounds, repeats))
    tests = "yes" if any(g.each for g in guards(derived)) else "no"
    cost = guard_cost(derived, instance.machine()) / off
    times = f"{on:.3f} | {off:.3f} | {xs.itemsize / on:.1f} | {on / off - 1:+.1%} | {cost:+.1%}"
    return f"| {function.__name__} | {dtype} | {size:,} | {tests} | {times} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1 << 15, 1 << 17, 1 << 24])
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    os.environ["HYPERION_NUM_THREADS"] = str(options.threads)
    print(f"best of {options.rounds} rounds, {options.threads} threads")
    print("| loop | elements | size | tests each | ns with | ns without | GB/s with | cost | predicted |")
    print("|---|---|---|---|---|---|---|---|---|")
    with hp.Instance(config={"prefer": "proven"}) as instance:
        for size in options.sizes:
            for loop in LOOPS:
                print(compare(instance, loop, size, options.rounds if size < 1 << 20 else options.rounds // 6))


if __name__ == "__main__":
    main()
