"""What the theorem library saves: deriving a loop cold, with its own theorem known, and with one of its shape known.

    uv run python benchmarks/library.py                    # prints a table
    uv run python benchmarks/library.py --write            # and replaces LIBRARY.md
    uv run python benchmarks/library.py --rounds 3 --only hash

A time is that of `Instance.derive` in a new process, with the imports and the checker's start that it takes. All
variants of a loop run once in each round; the order of loops changes. A ratio is the median of those within rounds.
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
import json, sys, time
import numpy as np
import hyperion as hp
from hyperion.interfaces.frontend import CompileOptions

given = json.loads(sys.argv[1])
arguments = {"xs": np.ones(4, given["element"]), "n": 9, "base": 3}
with hp.Instance(config={"home": given["home"]}) as instance:
    options = CompileOptions(given["overflow"], given["fp"])
    values = tuple(arguments[name] for name in given["parameters"].split(", "))
    program = instance.program((given["text"], "f"), arguments=values, options=options)
    start = time.perf_counter()
    found = instance.derive(program)
    print(json.dumps([time.perf_counter() - start, found.verdict.checked, found.recalled]))
"""
HEAD = """\
# The theorem library

What a theorem in the library saves: how many times as long a derivation takes cold, without it. "exact" is with the
loop's own theorem in the library, "by shape" with only that of a loop with another literal. A time is that of
`Instance.derive` in a new process, with the imports that it needs (a search imports more). Empty: the loop has no
literal to vary; "derived": a theorem of the shape was there and did not apply, so the loop was derived.
"""


@dataclass
class Case:
    """One loop on elements of one type, and the seconds of each variant by rounds."""

    loop: Loop
    element: str
    seconds: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    recalled: dict[str, str] = field(default_factory=dict[str, str])

    def derive(self, home: str, literal: str) -> tuple[float, bool, str]:
        given = {
            "home": home, "element": self.element, "overflow": self.loop.overflow, "fp": self.loop.fp,
            "parameters": self.loop.parameters, "text": self.loop.text(literal),
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-c", CHILD, json.dumps(given)], capture_output=True, text=True, check=True
        )
        found: Any = json.loads(done.stdout)
        return found[0], found[1], found[2]

    def measure(self) -> None:
        """One round: cold, then again with what that put into the library, then with another literal's theorem."""
        with tempfile.TemporaryDirectory() as home:
            for variant in (COLD, EXACT):
                self._note(variant, self.derive(home, self.loop.literal))
        if self.loop.literal:
            with tempfile.TemporaryDirectory() as home:
                self.derive(home, self.loop.other)
                self._note(SHAPE, self.derive(home, self.loop.literal))

    def _note(self, variant: str, found: tuple[float, bool, str]) -> None:
        seconds, checked, recalled = found
        if not checked:
            raise SystemExit(f"{self.loop.name}: no theorem")
        self.seconds.setdefault(variant, []).append(seconds)
        self.recalled[variant] = recalled

    def ratio(self, variant: str) -> float:
        pairs = zip(self.seconds[COLD], self.seconds[variant], strict=True)
        return statistics.median(cold / warm for cold, warm in pairs)


def rows(cases: Sequence[Case]) -> Iterator[str]:
    yield "| loop | elements | cold s | exact s | by shape s | cold / exact | cold / by shape |"
    yield "|---|---|---:|---:|---:|---:|---:|"
    for case in cases:
        medians = {v: f"{statistics.median(s):.2f}" for v, s in case.seconds.items()}
        shape = "" if SHAPE not in medians else f"{case.ratio(SHAPE):.1f}" if case.recalled[SHAPE] else "derived"
        times = " | ".join(medians.get(v, "") for v in (COLD, EXACT, SHAPE))
        name = case.loop.name + (f", {case.loop.other} known" if case.loop.literal else "")
        element = case.element if case.loop.parameters == "xs" else "scalars"
        yield f"| {name} | {element} | {times} | {case.ratio(EXACT):.1f} | {shape} |"


def summary(cases: Sequence[Case]) -> str:
    exact = [c for c in cases if c.recalled[EXACT] == "exact"]
    tried = [c for c in cases if SHAPE in c.recalled]
    found = [c for c in tried if c.recalled[SHAPE] not in ("", "exact")]
    texts = [
        f"{len(exact)} of {len(cases)} loops were found exactly, {statistics.median(c.ratio(EXACT) for c in cases):.1f}"
    ]
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
    cases = [Case(loop, e) for loop in LOOPS if arguments.only in loop.name for e in loop.elements]
    order, work = random.Random(0), list(cases)
    for number in range(arguments.rounds):
        order.shuffle(work)
        for done, case in enumerate(work):
            print(f"\r\033[Kround {number + 1}: {done} of {len(work)}", end="", file=sys.stderr, flush=True)
            case.measure()
    print("\r\033[K", end="", file=sys.stderr)
    notes = f"{summary(cases)}\n\n{machine()}; {arguments.rounds} rounds."
    text = "\n".join([HEAD, *rows(cases), "", notes, ""])
    print(text)
    if arguments.write:
        RESULTS.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
