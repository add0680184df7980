"""What an executor adds to calls of compiled functions, and what overlaps.

uv run python benchmarks/executor.py
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import median

import numpy as np

import hyperion as hp
from hyperion.interfaces.codegen import CompiledFunction
from hyperion.interfaces.device import Device
from hyperion.interfaces.executor import Executor, Place

CALLS, ROUNDS = 100, 120
"""Many short batches: some of them nothing else on the machine disturbs."""

SCALED = """
    func @scaled(%xs: i64[n], %a: i64) -> i64[n] {
      %ys = map (%xs) {
        ^(%x: i64):
          %y = mul.trap %x, %a : i64
          yield %y
      }
      return %ys
    }
"""


def weighted(xs: list[float], a: float) -> float:
    s = 0.0
    for x in xs:
        s = s + x * a
    return s


def used(work: Callable[[], object]) -> tuple[float, float]:
    """Microseconds of each of CALLS calls: on the clock, and of processor time of all threads."""
    start, before = time.perf_counter(), time.process_time()
    work()
    took, used = time.perf_counter() - start, time.process_time() - before
    return took / CALLS * 1e6, used / CALLS * 1e6


def rows(name: str, function: CompiledFunction, plain: list[object], viewed: bool, executor: Executor) -> None:
    """The ways take turns, so that what else the machine does hits all of them alike. Functions are called with arrays,
    executors too, or with views of them."""
    arguments = [hp.view(x) if viewed and isinstance(x, np.ndarray) else x for x in plain]
    with ThreadPoolExecutor(1) as pool:

        def pooled() -> None:
            for future in [pool.submit(function, *plain) for _ in range(CALLS)]:
                future.result()

        def submitted() -> None:
            for future in [executor.submit(function, arguments) for _ in range(CALLS)]:
                future.result()

        def rounds() -> None:
            for _ in range(CALLS):
                pool.submit(function, *plain).result()

        def trips() -> None:
            for _ in range(CALLS):
                executor.submit(function, arguments).result()

        ways: dict[str, Callable[[], object]] = {
            "calling the function": lambda: [function(*plain) for _ in range(CALLS)],
            "execute": lambda: [executor.execute(function, arguments) for _ in range(CALLS)],
            "submit, then all results": submitted,
            "ThreadPoolExecutor, then all results": pooled,
            "submit(..).result() each": trips,
            "ThreadPoolExecutor, each": rounds,
        }
        times = {way: [used(work)] for way, work in ways.items()}
        for _ in range(ROUNDS):
            for way, work in ways.items():
                times[way].append(used(work))
    own = 0.0
    for way, found in times.items():
        clock, processor = (sorted(each) for each in zip(*found[1:], strict=True))
        own = own or processor[0]
        figures = clock[0], median(clock), processor[0], median(processor), processor[0] - own
        print(f"| {name} | {way} |", " | ".join(f"{x:.1f}" for x in figures), "|", flush=True)


def overlap(instance: hp.Instance) -> None:
    """Virtual devices take 4 ms for each copy and 4 ms for each run."""
    scaled = instance.compile(SCALED, frontend="ir")["scaled"]
    xs = np.arange(8, dtype=np.int64)
    options = {"latency": 0.004, "seconds": 0.004}
    first, second = (instance.device(f"virtual:{n}", **options) for n in range(2))
    cases: list[tuple[str, list[Device], Place]] = [
        ("one device, results to the host", [first], "host"),
        ("one device, results stay there", [first], "device"),
        ("two devices, results to the host", [first, second], "host"),
    ]
    for name, devices, place in cases:
        with instance.executor(devices) as executor:
            executor.execute(scaled, [xs, 2])
            start = time.perf_counter()
            for _ in range(20):
                executor.execute(scaled, [xs, 2], place=place)
            one_by_one = time.perf_counter() - start
            start = time.perf_counter()
            for future in [executor.submit(scaled, [xs, 2], place=place) for _ in range(20)]:
                future.result()
            together = time.perf_counter() - start
        print(f"| {name} | {one_by_one * 50:.1f} | {together * 50:.1f} | {one_by_one / together:.2f} |")


def main() -> None:
    xs = np.arange(10.0)
    with hp.Instance() as instance:
        scalar = instance.compile(weighted, arguments=(xs, 2.0))["weighted"]
        array = instance.compile(SCALED, frontend="ir")["scaled"]
        print("Microseconds per call, least and median of the batches; processor time is that of all threads.\n")
        print("| function | way | clock | median | processor | median | above the call |\n|---|---|" + "---:|" * 5)
        with instance.executor(["cpu:0"]) as executor:
            for viewed, kind in ((False, "array"), (True, "view")):
                rows(f"{kind} to scalar", scalar, [xs, 2.0], viewed, executor)
                rows(f"{kind} to array", array, [np.arange(10), 2], viewed, executor)
        print("\n| 20 calls of 4 ms copies, 4 ms runs | ms each, one by one | ms each, submitted | ratio |")
        print("|---|---:|---:|---:|")
        overlap(instance)


if __name__ == "__main__":
    main()
