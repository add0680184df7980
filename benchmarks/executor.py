"""What an executor adds to calls of compiled functions, and what overlaps.

uv run python benchmarks/executor.py
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

import hyperion as hp
from hyperion.interfaces.codegen import CompiledFunction
from hyperion.interfaces.device import Device
from hyperion.interfaces.executor import Executor, Place

CALLS, ROUNDS = 2000, 9

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


def best(work: Callable[[], object]) -> tuple[float, float]:
    """Microseconds for each of CALLS calls, and those of processor time of all threads; the best of ROUNDS."""
    times: list[tuple[float, float]] = []
    for _ in range(ROUNDS):
        start, used = time.perf_counter(), time.process_time()
        work()
        times.append((time.perf_counter() - start, time.process_time() - used))
    took, used = map(min, zip(*times, strict=True))
    return took / CALLS * 1e6, used / CALLS * 1e6


def rows(name: str, function: CompiledFunction, arguments: list[object], executor: Executor) -> None:
    with ThreadPoolExecutor(1) as pool:

        def pooled() -> None:
            for future in [pool.submit(function, *arguments) for _ in range(CALLS)]:
                future.result()

        def submitted() -> None:
            for future in [executor.submit(function, arguments) for _ in range(CALLS)]:
                future.result()

        def rounds() -> None:
            for _ in range(CALLS):
                pool.submit(function, *arguments).result()

        def trips() -> None:
            for _ in range(CALLS):
                executor.submit(function, arguments).result()

        ways: dict[str, Callable[[], object]] = {
            "calling the function": lambda: [function(*arguments) for _ in range(CALLS)],
            "execute": lambda: [executor.execute(function, arguments) for _ in range(CALLS)],
            "submit, then all results": submitted,
            "ThreadPoolExecutor, then all results": pooled,
            "submit(..).result() each": trips,
            "ThreadPoolExecutor, each": rounds,
        }
        own = 0.0
        for way, work in ways.items():
            took, used = best(work)
            own = own or took
            print(f"| {name} | {way} | {took:.1f} | {took - own:.1f} | {used:.1f} |")


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
        print("| function | way | us per call | above the call | processor us |\n|---|---|---:|---:|---:|")
        with instance.executor(["cpu:0"]) as executor:
            rows("scalar result", scalar, [xs, 2.0], executor)
            rows("array result", array, [np.arange(10), 2], executor)
        print("\n| 20 calls of 4 ms copies, 4 ms runs | ms each, one by one | ms each, submitted | ratio |")
        print("|---|---:|---:|---:|")
        overlap(instance)


if __name__ == "__main__":
    main()
