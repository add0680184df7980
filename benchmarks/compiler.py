"""How fast the compiler itself is: import, Instance, parsing, checking, printing and denoting, and how each grows.

    uv run python benchmarks/compiler.py                  # prints a table
    uv run python benchmarks/compiler.py --write          # and replaces COMPILER.md
    uv run python benchmarks/compiler.py --rounds 3 --only parse

Every size is measured once in each round, in an order that changes; a figure is the median of the rounds. `processor`
is the time of the processor, which other programs disturb less than the clock; `rate` is by it. `growth` is how many
times as long one line takes as at the size before: 1.0 is linear. Module files are measured by `module_files.py`.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hyperion.ir import Program, parse_program, print_program, verify

RESULTS = Path(__file__).parent / "COMPILER.md"
SIZES = (1_000, 10_000, 100_000)

Work = Callable[[], object]


@dataclass
class Measure:
    """One thing at one size; `size` counts `unit`s, 0 where it has no size."""

    name: str
    size: int
    unit: str
    run: Work
    wall: list[float] = field(default_factory=list[float])
    processor: list[float] = field(default_factory=list[float])

    def once(self) -> None:
        clock, processor = time.perf_counter(), time.process_time()
        self.run()
        self.wall.append(time.perf_counter() - clock)
        self.processor.append(time.process_time() - processor)

    @property
    def median(self) -> float:
        return statistics.median(self.wall)

    @property
    def median_processor(self) -> float:
        return statistics.median(self.processor)


# Texts


def many_functions(lines: int) -> str:
    """Functions of 25 lines, as people write them: arithmetic, a loop over an array, a branch, a call."""
    return "\n".join(_function(i) for i in range(max(1, lines // 25)))


def _function(i: int) -> str:
    call = f"call @f{i - 1}(%xs, %x, %f)" if i else "add.trap %x, %x"
    return f"""\
func @f{i}(%xs: i64[n], %x: i64, %f: f64) -> i64 {{
  %zero = const 0 : i64
  %step = const {i % 1000} : i64
  %half = const 0x1.0p-1 : f64
  %last = {call} : i64
  %moved = sub.wrap %last, %step : i64
  %g = mul %f, %half {{fp = "reassoc"}} : f64
  %h = div %g, %half : f64
  %big = lt %moved, %zero
  %best, %sum = fold (%xs), (%zero, %moved) {{
    ^(%e: i64, %b: i64, %s: i64):
      %s1 = add.wrap %s, %e : i64
      %b1 = max %b, %s1 : i64
      yield %b1, %s1
  }}
  %chosen = if %big {{
    %d = mul.wrap %best, %step : i64
    yield %d
  }} {{
    yield %sum
  }}
  %exact = cast.round %chosen : f64
  %k = add %exact, %h {{fp = "reassoc"}} : f64
  %r = select %big, %chosen, %last : i64
  return %r
}}
"""


def one_function(lines: int) -> str:
    """One function of that many equations, each using the one before."""
    chance = random.Random(1)
    found = ["func @f(%x: i64, %y: f64, %xs: i64[n]) -> i64 {"]
    last = "x"
    for i in range(lines - 3):
        forms = (
            f"add.wrap %{last}, %x : i64", f"const {chance.randrange(1000)} : i64", f"lt %{last}, %x",
            'mul %y, %y {fp = "reassoc"} : f64', f"get %xs, %{last}", f"max %{last}, %x : i64",
        )  # fmt: skip
        found.append(f"  %v{i} = {forms[i % 6]}")
        last = f"v{i}" if i % 6 in (0, 4, 5) else last
    return "\n".join([*found, f"  return %{last}", "}"]) + "\n"


def straight(lines: int) -> str:
    """One function of that many equations on machine integers, of which three in ten may trap."""
    chance, names = random.Random(1), ["x", "y"]
    found = ["func @f(%x: i64, %y: i64) -> i64 {"]
    for i in range(lines):
        op = "add.trap" if chance.random() < 0.3 else chance.choice(("add.wrap", "mul.wrap", "max", "sub.wrap"))
        found.append(f"  %v{i} = {op} %{chance.choice(names[-6:])}, %{chance.choice(names[-6:])} : i64")
        names.append(f"v{i}")
    return "\n".join([*found, f"  return %{names[-1]}", "}"]) + "\n"


def equations(program: Program) -> int:
    from hyperion.ir.function import walk

    return sum(1 for function in program.functions.values() for _ in walk(function.equations))


# Measures


def compiler(sizes: Sequence[int]) -> Iterable[Measure]:
    """Parsing, checking and printing, of texts of both shapes."""
    for shape, make in (("many functions", many_functions), ("one function", one_function)):
        for size in sizes:
            text = make(size)
            lines = text.count("\n")
            program = parse_program(text)
            verify(program)
            yield Measure(f"parse, {shape}", lines, "lines", lambda t=text: parse_program(t))
            yield Measure(f"check, {shape}", equations(program), "equations", lambda p=program: verify(p))
            yield Measure(f"print, {shape}", lines, "lines", lambda p=program: print_program(p))


def denoting() -> Iterable[Measure]:
    """What functions denote, computed anew; `denote` itself computes it once for each function."""
    from hyperion.logic.denote import Denotation

    for size in (250, 500, 1000, 2000):
        program = parse_program(straight(size))
        yield Measure("denote, straight line", size, "equations", lambda p=program: Denotation(p.main, p).function())


_IN_NEW_PROCESS = """
import time
def now():
    return time.perf_counter(), time.process_time()
times = [now()]
import hyperion as hp
times.append(now())
instance = hp.Instance()
times.append(now())
hp.Instance().close()
times.append(now())
for before, after in zip(times, times[1:]):
    print(after[0] - before[0], after[1] - before[1])
"""


def started(rounds: int) -> list[Measure]:
    """Bare Python, and in new processes what the import adds to it, the first and the second Instance."""

    def bare() -> None:
        subprocess.run([sys.executable, "-c", "pass"], check=True)

    found = [Measure(name, 0, "", bare) for name in ("bare Python", "import hyperion", "Instance", "second Instance")]
    for _ in range(rounds + 1):  # the first round writes the byte code
        start = time.perf_counter()
        bare()
        found[0].wall.append(time.perf_counter() - start)
        done = subprocess.run([sys.executable, "-c", _IN_NEW_PROCESS], check=True, capture_output=True, text=True)
        for measure, line in zip(found[1:], done.stdout.splitlines(), strict=True):
            wall, processor = map(float, line.split())
            measure.wall.append(wall)
            measure.processor.append(processor)
    for measure in found:
        del measure.wall[:1], measure.processor[:1]
    return found


def run(measures: Sequence[Measure], rounds: int) -> None:
    order = list(measures)
    for _ in range(rounds):
        random.shuffle(order)
        for measure in order:
            measure.once()


# Report


def table(measures: Sequence[Measure], starts: Sequence[Measure]) -> str:
    lines = ["| what | size | median | processor | rate | growth |", "|---|---:|---:|---:|---:|---:|"]
    for start in starts:
        processor = f"{start.median_processor * 1e3:.1f} ms" if start.processor else ""
        lines.append(f"| {start.name} | | {start.median * 1e3:.1f} ms | {processor} | | |")
    before: dict[str, Measure] = {}
    for measure in sorted(measures, key=lambda m: (m.name, m.size)):
        known = before.get(measure.name)
        growth = ""
        if known is not None:
            each = measure.median_processor / measure.size
            growth = f"{each / (known.median_processor / known.size):.2f}"
        before[measure.name] = measure
        rate = f"{measure.size / measure.median_processor:,.0f} {measure.unit}/s"
        times = f"{measure.median * 1e3:.1f} ms | {measure.median_processor * 1e3:.1f} ms"
        lines.append(f"| {measure.name} | {measure.size:,} {measure.unit} | {times} | {rate} | {growth} |")
    return "\n".join(lines)


def machine() -> str:
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors"
    return f"Python {platform.python_version()}, {system}{load}"


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    options.add_argument("--only", default="", help="what has this in its name; `start` is import and Instance")
    options.add_argument("--write", action="store_true", help="replace benchmarks/COMPILER.md")
    chosen = options.parse_args()
    starts = started(chosen.rounds) if chosen.only in ("", "start") else []
    measures = [m for m in (*compiler(chosen.sizes), *denoting()) if chosen.only in m.name]
    run(measures, chosen.rounds)
    text = f"{machine()}; medians of {chosen.rounds} rounds.\n\n{table(measures, starts)}\n"
    print(text)
    if chosen.write:
        written = "# The compiler itself\n\nWritten by `benchmarks/compiler.py --write`, which explains the columns."
        RESULTS.write_text(f"{written}\n\n{text}", encoding="utf-8")


if __name__ == "__main__":
    main()
