"""Compares what random programs denote with what the interpreter computes, for as long as there is time.

    uv run python fuzz/denotation.py --seconds 300
    uv run python fuzz/denotation.py --seed 7 --count 10000

Every fifth program computes over the reals, with fp="reassoc". A disagreement is printed as a program that is as small
as can be, and ends the run with status 1. It becomes a test in `hyperion-core/tests/logic/` first, and is repaired
then.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Sequence

from hyperion.errors import HyperionError
from hyperion.ir.function import Program, walk
from hyperion.ir.printer import print_program
from hyperion.ir.types import BF16, F16, F32, F64
from hyperion.testing.denotation_runs import Comparison, Disagreement, regrouped
from hyperion.testing.every_op import every_op_arguments, every_op_program, real_program
from hyperion.testing.shrinking import shrunk
from hyperion_interp.logical import ready


def case(number: int, chance: random.Random) -> tuple[Program, Program, list[object]]:
    """A program, what computes the same, and arguments."""
    if number % 5:
        program = every_op_program(chance)
        return program, program, every_op_arguments(chance, program.main)
    exact = real_program(chance)
    return as_floats(exact, chance), exact, every_op_arguments(chance, exact.main)


def as_floats(exact: Program, chance: random.Random) -> Program:
    """The program over floats, or itself where it adds and multiplies nothing."""
    program = regrouped(exact, chance.choice((F16, BF16, F32, F64)))
    return program if any(e.attribute("fp") for e in walk(program.main.equations)) else exact


def disagrees(program: Program, exact: Program, arguments: Sequence[object]) -> bool:
    try:
        Comparison(ready).compare(program, arguments, computed=exact)
    except Disagreement:
        return True
    except HyperionError:
        return False
    return False


def show(found: Disagreement, program: Program, exact: Program, arguments: Sequence[object], seed: str) -> None:
    print(f"seed {seed}: {found}\n\nshrunk:")
    if program is exact:
        print(print_program(shrunk(program, lambda p: disagrees(p, p, arguments))))
    else:
        kind = next(v.type for e in walk(program.main.equations) if e.attribute("fp") for v in e.results)
        print(print_program(shrunk(exact, lambda p: disagrees(regrouped(p, kind), p, arguments))))
        print(f'with {kind} for real and fp="reassoc"')


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", default=str(time.time_ns()), help="which programs; the time of day if not given")
    parser.add_argument("--count", type=int, default=sys.maxsize, help="programs at most")
    parser.add_argument("--seconds", type=float, default=60.0, help="time at most")
    options = parser.parse_args()
    print(f"--seed {options.seed}")
    comparison, end = Comparison(ready), time.monotonic() + options.seconds
    for number in range(options.count):
        if time.monotonic() > end:
            break
        seed = f"{options.seed} {number}"
        program, exact, arguments = case(number, random.Random(seed))
        try:
            comparison.compare(program, arguments, computed=exact)
        except Disagreement as found:
            show(found, program, exact, arguments, seed)
            return 1
    print(comparison.counts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
