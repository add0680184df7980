"""Damages module files: every bit flip and every truncation of a real module, and hostile variants whose hashes fit.

    nice -n 15 uv run python fuzz/module_files.py [--mutations N] [--seed N] [--flips N]

Anything but an HY3xxx error or a module is a defect: the file is kept in the folder `--keep`, and the exit status is 1.
So is a function that `check="first-use"` takes or refuses otherwise than loading all at once, and a file that is taken
but would be written otherwise.
A function that is loaded as checked is run, by the interpreter, against its source on random arguments.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random

import numpy as np

import hyperion as hp
from hyperion.errors import HyperionError, ModuleError
from hyperion.ir.function import Function
from hyperion.ir.types import ArrayType, IntType, Type
from hyperion.module.function import ModuleFunction
from hyperion.module.reading import open_module
from hyperion.module.source import Memory
from hyperion.testing.first_use import load_both
from hyperion.testing.module_files import Hostile, refusal
from hyperion.testing.module_samples import KINDS, TOTAL, sample_module
from hyperion.testing.one_form import check_one_form
from hyperion_interp.reference import ReferenceInterpreter

MEMORY = 4 << 30  # bytes of address space; a reader that asks for more fails
SLOW = 30.0  # seconds for one file


def total(xs, start):  # type: ignore[no-untyped-def]  what a user writes
    s = start
    for x in xs:
        s = s + x
    return s


def segment(xs, start):  # type: ignore[no-untyped-def]  what a user writes
    here = start
    best = 0
    for x in xs:
        here = max(here + x, 0)
        best = max(best, here)
    return best


def fibonacci(n):  # type: ignore[no-untyped-def]  what a user writes
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


def scaled(x, n):  # type: ignore[no-untyped-def]  what a user writes
    y = x * 4 + n * 0 + 1
    return y + x * 4


def real_modules(instance: hp.Instance) -> list[bytes]:
    """Modules with theorems of every kind, rewritten functions, several functions, and machine code."""
    xs = np.arange(5, dtype=np.int32)
    compiled = [
        instance.compile(total, arguments=(xs, 0)),
        instance.compile(segment, arguments=(xs, 0)),
        instance.compile(fibonacci, arguments=(5,), overflow="wrap"),
        instance.compile(scaled, arguments=(5, 1)),
        instance.compile(TOTAL + KINDS.partition("func @total2")[2].join(("func @total2", "")), frontend="ir"),
    ]
    plain = [m.to_bytes() for m in compiled]
    return [*plain, compiled[2].to_bytes(compression="none", spans="places"), compiled[0].to_bytes(code=True)]


class Run:
    """Counts what was tried and what came of it."""

    def __init__(self, keep: Path) -> None:
        self.codes = Counter[str]()
        self.defects = 0
        self.slowest = (0.0, "")
        self._keep = keep

    def try_(self, load: Callable[[bytes], object], data: bytes, what: str) -> str | None:
        """The code, empty where the file is taken; None for a defect."""
        start = time.perf_counter()
        try:
            code = refusal(load, data)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            self.defect(data, what, error)
            return None
        took = time.perf_counter() - start
        self.slowest = max(self.slowest, (took, f"{what} {code or 'taken'}"))
        if took > SLOW:
            self.defect(data, what, TimeoutError(f"{took:.1f} s"))
        self.codes[code or "taken"] += 1
        return code

    def defect(self, data: bytes, what: str, error: BaseException) -> None:
        self.defects += 1
        path = self._keep / f"defect-{self.defects}.hym"
        path.write_bytes(data)
        print(f"DEFECT {what}: {type(error).__name__}: {error}\n  kept as {path}", file=sys.stderr)
        traceback.print_exception(error, limit=-4, file=sys.stderr)

    def report(self, title: str, count: int, start: float) -> None:
        codes = ", ".join(f"{code} {n:,}" for code, n in sorted(self.codes.items()))
        print(f"{title}: {count:,} files in {time.perf_counter() - start:.0f} s: {codes}", flush=True)
        self.codes.clear()


def damage(run: Run, data: bytes, flips: int, random: Random) -> None:
    """Flips of single bits (all of them, or so many) and all truncations: none may be taken."""

    def attempt(changed: bytes) -> object:
        return open_module(Memory(changed))

    bits: Sequence[int] = range(8 * len(data))
    if flips < len(bits):
        bits = sorted(random.sample(bits, flips))
    start = time.perf_counter()
    changed = bytearray(data)
    for bit in bits:
        changed[bit // 8] ^= 1 << bit % 8
        if run.try_(attempt, bytes(changed), f"flip {bit}") == "":
            run.defect(bytes(changed), f"flip {bit}", AssertionError("a flipped bit was not noticed"))
        changed[bit // 8] ^= 1 << bit % 8
    run.report(f"single-bit flips of {len(data):,} bytes", len(bits), start)
    start = time.perf_counter()
    for length in range(len(data)):
        if run.try_(attempt, data[:length], f"truncation to {length}") == "":
            run.defect(data[:length], f"truncation to {length}", AssertionError("a truncation was not noticed"))
    run.report(f"truncations of {len(data):,} bytes", len(data), start)


def hostile(run: Run, instance: hp.Instance, samples: list[bytes], count: int, random: Random) -> None:
    """Variants with hashes that fit. What is taken must still be what it says it is."""
    known = {f.ir() for data in samples for f in instance.load(data).values()}
    maker, kinds, start = Hostile(samples, random), Counter[str](), time.perf_counter()
    agreements = 0
    for done in range(count):
        if done and done % 5000 == 0:
            print(f"  {done:,} of {count:,}", file=sys.stderr, flush=True)
        kind, data = maker.make()
        kinds[kind] += 1
        try:
            check_one_form(data)
        except Exception as error:
            run.defect(data, kind, error)
        if run.try_(lambda d: load_both(instance, d), data, kind) == "":
            try:
                agreements += sum(1 for f in instance.load(data).values() if f.ir() not in known and agrees(f, random))
            except Exception as error:
                run.defect(data, kind, error)
    run.report("hostile variants", count, start)
    print(f"  changes: {', '.join(f'{kind} {n:,}' for kind, n in sorted(kinds.items()))}")
    print(f"  {agreements:,} functions with other IR were taken as checked, and agree with their sources")


def agrees(function: ModuleFunction, random: Random) -> bool:
    """Whether a checked function, where it can be run here, does what its source does."""
    if not function.explain().checked:
        return False
    derivation = function.derivation
    for arguments in draw(derivation.source.main, random):
        one, other = (outcome(p, arguments) for p in (derivation.source, derivation.chosen))
        if one != other:
            raise AssertionError(f"{function.name}{arguments}: {one} by the source, {other} by what was chosen")
    return True


def draw(function: Function, random: Random) -> Iterator[tuple[object, ...]]:
    types = [p.type for p in function.parameters]
    if all(isinstance(t.element if isinstance(t, ArrayType) else t, IntType) for t in types):
        for _ in range(5):
            yield tuple(value(t, random) for t in types)


def value(kind: Type, random: Random) -> object:
    if isinstance(kind, ArrayType):
        return [value(kind.element, random) for _ in range(4)]
    assert isinstance(kind, IntType)
    return random.choice([v for v in (-1, 0, 1, 2, 7, kind.minimum, kind.maximum) if kind.contains(v)])


def outcome(program: object, arguments: tuple[object, ...]) -> object:
    try:
        return ReferenceInterpreter().run(program, arguments)  # type: ignore[arg-type]  a Program
    except HyperionError as error:
        return type(error).__name__


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mutations", type=int, default=50_000)
    parser.add_argument("--flips", type=int, default=1 << 40, help="so many of the single-bit flips, drawn at random")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()))
    arguments = parser.parse_args()
    instance = hp.Instance()
    samples = real_modules(instance)
    sample = sample_module()
    small = [sample.to_bytes(), sample.to_bytes(compression="none", spans="none", code=False)]
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    run = Run(arguments.keep)
    for data in (small[0], samples[2]):
        damage(run, data, arguments.flips, Random(arguments.seed))
    large = arguments.mutations // 10  # each takes the checker 50 ms and more
    hostile(run, instance, small, arguments.mutations - large, Random(arguments.seed))
    hostile(run, instance, samples, large, Random(arguments.seed + 1))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    took, what = run.slowest
    print(
        f"slowest file: {took:.2f} s ({what}); largest memory of this process: {peak:.0f} MiB; defects: {run.defects}"
    )
    return 1 if run.defects else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ModuleError as error:
        sys.exit(str(error))
