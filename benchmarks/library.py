"""What the theorem library saves: deriving a loop cold, with its own theorem known, and with one of its shape known.

    uv run python benchmarks/library.py                    # prints the tables
    uv run python benchmarks/library.py --write            # and replaces LIBRARY.md
    uv run python benchmarks/library.py --rounds 3 --only hash

A time is the processor's in `Instance.derive`, that of the checker's process included (Linux tells it). First each
derivation has a process of its own, with the imports and the checker's start that it takes; then all loops are derived
one after the other in a process that has derived another loop before. A ratio is the median of the ratios within
rounds; the order of loops changes with each round.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any  # JSON values

from compiler import machine
from library_loops import LOOPS, Loop

RESULTS = Path(__file__).parent / "LIBRARY.md"
COLD, EXACT, SHAPE = "cold", "exact", "by shape"
CHILD = """
import json, os, sys, time
import numpy as np
import hyperion as hp
from hyperion.interfaces.frontend import CompileOptions

FIRST = {"element": "int16", "overflow": "sat", "fp": "ieee", "parameters": "xs", "text": (
    "def f(xs):\\n    s = 1\\n    for x in xs:\\n        s = max(s, x)\\n    return s\\n")}

def processor():
    ticks = 0  # of the children: the checker is one
    for pid in open(f"/proc/self/task/{os.getpid()}/children").read().split():
        ticks += sum(map(int, open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[11:13]))
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")

def derive(instance, given):
    arguments = {"xs": np.ones(4, given["element"]), "n": 9, "base": 3}
    values = tuple(arguments[name] for name in given["parameters"].split(", "))
    options = CompileOptions(given["overflow"], given["fp"])
    program = instance.program((given["text"], "f"), arguments=values, options=options)
    start = processor()
    found = instance.derive(program)
    return processor() - start, found.verdict.checked, found.recalled

home, loops = json.loads(sys.argv[1])
if len(loops) > 1:
    with hp.Instance(config={"library": False}) as instance:
        derive(instance, FIRST)
with hp.Instance(config={"home": home, "budget": 60.0, "prefer": "proven"}) as instance:
    print(json.dumps([derive(instance, loop) for loop in loops]))
"""
HEAD = """\
# The theorem library

What a theorem in the library saves: how many times as long a derivation takes cold, without it. "exact" is with the
loop's own theorem in the library, "by shape" with only that of a loop with another literal, of which no pattern has
been made yet. Empty: the loop has no literal to vary; "derived": a theorem of the shape was there and did not apply, so
the loop was derived. Times are the processor's, the checker's included.
"""
ALONE = """\
## In a process of its own

With the imports and the start of the checker, which a search and a lookup both need.
"""
TOGETHER = """\
## In a process that derives them all

One after the other, after another loop: imports are done, the checker runs.
"""
Found = tuple[float, bool, str]


@dataclass
class Case:
    """One loop on elements of one type, and the seconds of each variant by rounds."""

    loop: Loop
    element: str
    seconds: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    recalled: dict[str, str] = field(default_factory=dict[str, str])

    def given(self, literal: str) -> dict[str, str]:
        return {
            "element": self.element, "overflow": self.loop.overflow, "fp": self.loop.fp,
            "parameters": self.loop.parameters, "text": self.loop.text(literal),
        }  # fmt: skip

    def note(self, variant: str, found: Found) -> None:
        seconds, checked, recalled = found
        if not checked:
            raise SystemExit(f"{self.loop.name}: no theorem")
        self.seconds.setdefault(variant, []).append(seconds)
        self.recalled[variant] = recalled

    def ratio(self, variant: str) -> float:
        pairs = zip(self.seconds[COLD], self.seconds[variant], strict=True)
        return statistics.median(cold / warm for cold, warm in pairs)


def derive(home: str, loops: Sequence[dict[str, str]]) -> list[Found]:
    """What a new process finds, for each loop."""
    command = [sys.executable, "-c", CHILD, json.dumps([home, loops])]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: Any = json.loads(done.stdout)
    return [(seconds, checked, recalled) for seconds, checked, recalled in found]


def measure(cases: Sequence[Case]) -> None:
    """One round: cold, again with what that put into the library, and with theorems about other literals."""
    own = [case.given(case.loop.literal) for case in cases]
    with tempfile.TemporaryDirectory() as home:
        for variant in (COLD, EXACT):
            for case, found in zip(cases, derive(home, own), strict=True):
                case.note(variant, found)
    varied = [case for case in cases if case.loop.literal]
    if varied:
        with tempfile.TemporaryDirectory() as home:
            derive(home, [case.given(case.loop.other) for case in varied])
            for case, found in zip(
                varied, derive(home, [case.given(case.loop.literal) for case in varied]), strict=True
            ):
                case.note(SHAPE, found)


def rows(cases: Sequence[Case]) -> Iterator[str]:
    yield "| loop | elements | cold s | exact s | by shape s | cold / exact | cold / by shape |"
    yield "|---|---|---:|---:|---:|---:|---:|"
    for case in cases:
        medians = {v: f"{statistics.median(s):.3f}" for v, s in case.seconds.items()}
        shape = "" if SHAPE not in medians else f"{case.ratio(SHAPE):.1f}" if case.recalled[SHAPE] else "derived"
        times = " | ".join(medians.get(v, "") for v in (COLD, EXACT, SHAPE))
        name = case.loop.name + (f", {case.loop.other} known" if case.loop.literal else "")
        element = case.element if case.loop.parameters == "xs" else "scalars"
        yield f"| {name} | {element} | {times} | {case.ratio(EXACT):.1f} | {shape} |"


def summary(cases: Sequence[Case]) -> str:
    exact = [c for c in cases if c.recalled[EXACT] == "exact"]
    tried = [c for c in cases if SHAPE in c.recalled]
    found = [c for c in tried if c.recalled[SHAPE] not in ("", "exact")]
    ratio = statistics.median(c.ratio(EXACT) for c in cases)
    texts = [f"{len(exact)} of {len(cases)} loops were found exactly, {ratio:.1f}"]
    if found:
        ratio = statistics.median(c.ratio(SHAPE) for c in found)
        texts.append(f"{len(found)} of {len(tried)} by their shape, {ratio:.1f}")
    return f"{'; '.join(f'{t} times as fast in the median' for t in texts)}."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="loops whose name contains this")
    parser.add_argument("--write", action="store_true", help=f"replace {RESULTS.name}")
    arguments = parser.parse_args()
    alone, together = (
        [Case(loop, e) for loop in LOOPS if arguments.only in loop.name for e in loop.elements] for _ in "12"
    )
    order = random.Random(0)
    for number in range(arguments.rounds):
        for done, case in enumerate(order.sample(alone, len(alone))):
            print(f"\r\033[Kround {number + 1}: {done} of {len(alone) + 1}", end="", file=sys.stderr, flush=True)
            measure([case])
        measure(order.sample(together, len(together)))
    print("\r\033[K", end="", file=sys.stderr)
    lines = [HEAD]
    for title, cases in ((ALONE, alone), (TOGETHER, together)):
        lines += [title, *rows(cases), "", summary(cases), ""]
    text = "\n".join([*lines, f"{machine()}; {arguments.rounds} round{'s' if arguments.rounds > 1 else ''}.", ""])
    print(text)
    if arguments.write:
        RESULTS.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
