"""What run-time guards cost: each loop with its guard against the same parallel form without, by hand from its IR.

    uv run python benchmarks/guards.py                   # 10 million elements: at memory speed
    uv run python benchmarks/guards.py --elements 100000 --rounds 50

The form without a guard has no theorem, so it goes to the code generator directly; no user can run it. It gives the
same result here, because the data keep within the guard. Times are the best of interleaved rounds.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from time import perf_counter
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


LOOPS: tuple[tuple[Callable[[Any], Any], str, dict[str, Any]], ...] = (  # Any: options of hp.jit
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


def measure(calls: list[Callable[[], object]], rounds: int) -> list[float]:
    best = [float("inf")] * len(calls)
    for _ in range(rounds):
        for i, call in enumerate(calls):
            start = perf_counter()
            call()
            best[i] = min(best[i], perf_counter() - start)
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--elements", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    print(f"{options.elements:,} elements, best of {options.rounds} rounds")
    print("| loop | elements | tests each | ns with | ns without | GB/s with | cost | predicted |")
    print("|---|---|---|---|---|---|---|---|")
    with hp.Instance(config={"prefer": "proven"}) as instance:
        for function, dtype, granted in LOOPS:
            xs: np.ndarray[Any, np.dtype[Any]] = np.asarray(np.arange(options.elements) % 17 - 8, dtype=dtype)
            guarded = hp.jit(function, instance=instance, **granted)
            derived = guarded.compiled(xs).derivation.chosen
            bare = CpuTarget().compile(without_guards(derived)).entry
            assert guarded(xs) == bare(xs)
            assert guarded.explain(xs).taken == "parallel"
            seconds = measure([partial(f, xs) for f in (guarded, bare)], options.rounds)
            on, off = (s / options.elements * 1e9 for s in seconds)
            tests = "yes" if any(g.each for g in guards(derived)) else "no"
            cost = guard_cost(derived, instance.machine()) / off
            times = f"{on:.3f} | {off:.3f} | {xs.itemsize / on:.1f} | {on / off - 1:+.1%} | {cost:+.1%}"
            print(f"| {function.__name__} | {dtype} | {tests} | {times} |")


if __name__ == "__main__":
    main()
