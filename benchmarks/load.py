"""Executors under load: many submits from many threads, cancelling at random, refused memory, a fault at every call.

    uv run python benchmarks/load.py            # the full size; --small for a quick look

Raises where something is lost, wrong or still there at the end.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import gc
import random
import resource
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError

import numpy as np

import hyperion as hp
from hyperion.errors import DeviceError, HyperionError
from hyperion.interfaces.codegen import CompiledFunction
from hyperion.interfaces.executor import Executor, Future
from hyperion_virtual.faults import Faults, points

XS = np.arange(64, dtype=np.int64)
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


def expect(so: bool, what: str) -> None:
    if not so:
        raise SystemExit(f"wrong: {what}")


def in_threads(count: int, work: Callable[[int], None]) -> None:
    errors: list[BaseException] = []

    def safely(number: int) -> None:
        try:
            work(number)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=safely, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def submits(executor: Executor, scaled: CompiledFunction, count: int) -> None:
    """From 8 threads; every result is looked at."""

    def work(number: int) -> None:
        futures: list[Future] = []
        for n in range(count // 8):
            futures.append(executor.submit(scaled, [XS, n % 100]))
            if len(futures) == 200:
                check(futures, n - 199)
        check(futures, count // 8 - len(futures))

    def check(futures: list[Future], first: int) -> None:
        for n, future in enumerate(futures, first):
            (result,) = future.result()
            expect(np.asarray(result)[5] == 5 * (n % 100), f"result {n}")
        futures.clear()

    in_threads(8, work)


def cancels(executor: Executor, scaled: CompiledFunction, count: int) -> str:
    rng = random.Random(6)
    futures = [executor.submit(scaled, [XS, n]) for n in range(count)]
    said = {n: futures[n].cancel() for n in rng.sample(range(count), count // 2)}
    for n, future in enumerate(futures):
        try:
            (result,) = future.result(60)
            expect(not said.get(n, False), f"future {n} was said to be cancelled and has a result")
            expect(np.asarray(result)[1] == n, f"result {n}")
        except CancelledError:
            expect(said.get(n, False), f"future {n} was not cancelled")
    return f"{sum(said.values())} of {len(said)} in time"


def refusals(scaled: CompiledFunction, count: int) -> str:
    """Results are kept on a device with little memory until it has none, then given back."""
    with hp.Instance() as instance:
        device = instance.device("virtual:0", memory=1 << 14)
        refused = 0
        with instance.executor([device]) as executor:
            kept: list[object] = []
            for _ in range(count):
                try:
                    kept += executor.execute(scaled, [XS, 2], place="device")
                except DeviceError as error:
                    expect(error.code == "HY5001", str(error))
                    refused += 1
                    kept.clear()
            (result,) = executor.execute(scaled, [XS, 3])
            expect(np.asarray(result)[1] == 3, "the call after the refusals")
    return f"{refused} refusals"


def faults(scaled: CompiledFunction) -> str:
    def workload(chosen: Faults) -> list[int]:
        with hp.Instance() as instance:
            device = instance.device("virtual:0", faults=chosen)
            with instance.executor([device, "virtual:1"]) as executor:
                futures = [executor.submit(scaled, [XS, n]) for n in range(4)]
                return [int(np.asarray(future.result(60)[0])[1]) for future in futures]

    ended: dict[str, int] = {"answers": 0, "errors": 0}
    for chosen in points(workload):
        try:
            expect(workload(chosen) == [0, 1, 2, 3], str(chosen))
            ended["answers"] += 1
        except HyperionError as error:
            expect(str(chosen) in str(error) or error.code == "HY5012", f"{chosen}: {error}")
            ended["errors"] += 1
        except ExceptionGroup:  # closing the device failed, as was asked for
            expect("close" in str(chosen), str(chosen))
            ended["errors"] += 1
    return f"{sum(ended.values())} points: {ended['answers']} answers, {ended['errors']} errors with their reason"


def two_instances(scaled: CompiledFunction, count: int) -> None:
    with hp.Instance() as first, hp.Instance() as second:
        executors = [first.executor(["cpu:0"]), second.executor(["cpu:0"])]
        in_threads(2, lambda n: submits(executors[n], scaled, count))


def closes(scaled: CompiledFunction, rounds: int) -> None:
    """Closed while other threads submit: each submit has a result or is refused."""
    for _ in range(rounds):
        with hp.Instance() as instance:
            executor = instance.executor(["cpu:0"])
            started = threading.Event()

            def work(_: int, executor: Executor = executor, started: threading.Event = started) -> None:
                futures: list[Future] = []
                try:
                    while True:
                        futures.append(executor.submit(scaled, [XS, 1]))
                        started.set()
                except DeviceError as error:
                    expect(error.code == "HY5002", str(error))
                for future in futures:
                    future.result(60)

            def close(executor: Executor = executor, started: threading.Event = started) -> None:
                started.wait(60)
                executor.close()

            closing = threading.Thread(target=close)
            closing.start()
            in_threads(2, work)
            closing.join()


def resident() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def row(name: str, work: Callable[[], object]) -> None:
    start = time.perf_counter()
    said = work()
    print(f"| {name} | {time.perf_counter() - start:.1f} s | {said or 'every result right'} |", flush=True)


class Growth:
    """What resident memory and the number of objects grew by since this was made."""

    def __init__(self) -> None:
        self._objects, self._bytes = self._now()

    def _now(self) -> tuple[int, int]:
        gc.collect()
        return len(gc.get_objects()), resident()

    def so_far(self, most: float) -> str:
        """Raises where it is more than `most` MiB, or more than a few hundred objects."""
        objects, size = (now - before for now, before in zip(self._now(), (self._objects, self._bytes), strict=True))
        mebibytes = size / 2**20
        expect(mebibytes < most and objects < 500, f"grew by {mebibytes:.1f} MiB, {objects} objects")
        return f"{mebibytes:+.1f} MiB, {objects:+} objects"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true")
    scale = 20 if parser.parse_args().small else 1
    print("| what | took | outcome |\n|---|---:|---|")
    with hp.Instance() as instance:
        scaled = instance.compile(SCALED, frontend="ir")["scaled"]
        with instance.executor(["cpu:0"]) as executor:
            submits(executor, scaled, 20_000)  # from here on threads and arenas are there
            growth = Growth()
            count = f"{100_000 // scale:,} submits from 8 threads"
            row(count, lambda: submits(executor, scaled, 100_000 // scale))
            row("memory after that", lambda: growth.so_far(4))
            row(f"{1000 // scale} futures, half of them cancelled", lambda: cancels(executor, scaled, 1000 // scale))
        for _ in range(2):  # the first round makes what is made once
            growth = Growth()
            row("memory until refusal", lambda: refusals(scaled, 400 // scale + 80))
            row("a fault at every call", lambda: faults(scaled))
            row("two Instances at once", lambda: two_instances(scaled, 20_000 // scale))
            row("closed while running", lambda: closes(scaled, max(20 // scale, 2)))
        row("memory after the second of two rounds", lambda: growth.so_far(4))
        threads = [t.name for t in threading.enumerate() if t.name.startswith("hyperion ")]
        expect(not threads, f"threads are left: {threads}")
        left = sum(isinstance(x, concurrent.futures.Future) for x in gc.get_objects())
        expect(not left, f"{left} futures are left")
        print("\nNo thread and no future is left.")


if __name__ == "__main__":
    main()
