"""What proofs cost: making them by the kernel, writing, packing, and checking them: in this process ("replay"), where
processor time is seen, and in the checker's own ("check").

    uv run python benchmarks/proofs.py [--rounds 7] [--only check] [--sizes 10000 100000]

Real proofs are those that Hyperion derives for the loops of loops.py; the synthetic one turns a long sum around. A size
counts steps. benchmarks/compiler.py explains the columns.
"""

from __future__ import annotations

import argparse
import gc
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

import hyperion as hp
import loops
from compiler import Measure, Work, machine, run, table
from hyperion.logic import checker, kernel, literals
from hyperion.logic import terms as t
from hyperion.logic.checking import Checker
from hyperion.logic.kernel import Theorem
from hyperion.logic.proof import Proof, ProofFile, file_of
from hyperion.logic.replay import replayed
from hyperion.logic.theory import axiom_text

SIZES = [10_000, 100_000]
LOOPS = (loops.segment_clamped, loops.segment_branching, loops.highest_prefix, loops.total)


def long_sum(steps: int) -> Theorem:
    """n + .. + (1 + (0 + x)) = x + 0 + 1 .. + n by commutativity; 4 steps and more terms for each number."""
    x, a, b = (t.var(name, t.INT) for name in "xab")
    add = t.const("add", t.SIGNATURE["add"])
    th, swap = kernel.refl(x), kernel.axiom("int.add.comm")
    for i in range(steps // 4):
        number = literals.int_lit(i)
        turned = kernel.inst({a: number, b: th.right}, swap)
        th = kernel.trans(kernel.app(kernel.refl(t.app(add, number)), th), turned)
    return th


def derived() -> Iterator[tuple[str, Proof]]:
    """The loops' theorems, as compiling finds them without a library."""
    with tempfile.TemporaryDirectory() as home, hp.Instance(config={"home": home}) as instance:
        for loop in LOOPS:
            module = instance.compile(loop, arguments=[np.arange(4, dtype=np.int64)])
            theorem = module.entry.derivation.theorem
            assert theorem is not None, loop.__name__
            yield loop.__name__, theorem


THEORY = checker.Theory(axiom_text())


def replay(file: ProofFile) -> None:
    """What the checker does with a proof, in this process, so that its processor time is seen."""
    gc.disable()
    answer = checker.answer(THEORY, file.text)
    gc.enable()
    assert answer["ok"], answer


def works(name: str, proof: Proof, process: Checker, make: Work | None = None) -> Iterator[Measure]:
    file = file_of(proof)
    answer = process.ask(file.text, 600)
    assert answer["ok"], answer
    size, packed = int(str(answer["steps"])), file.packed()
    print(f"{name}: {size:,} steps, {len(file.text):,} bytes, {len(packed):,} packed", file=sys.stderr)

    def measure(what: str, work: Work) -> Measure:
        return Measure(f"{what}: {name}", size, "steps", work)

    yield measure("make", make or (lambda: replayed(file)))
    if isinstance(proof, Theorem):
        yield measure("write", lambda: file_of(proof))
    yield measure("pack", file.packed)
    yield measure("unpack", lambda: ProofFile.unpack(packed))
    yield measure("replay", lambda: replay(file))
    yield measure("check", lambda: process.ask(file.text, 600))
    yield measure("check packed", lambda: process.ask(packed, 600))


def proofs(sizes: Sequence[int], process: Checker) -> Iterable[Measure]:
    for name, proof in derived():
        yield from works(name, proof, process)
    for size in sizes:
        yield from works("long sum", long_sum(size), process, lambda size=size: long_sum(size))


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    options.add_argument("--only", default="", help="what has this in its name")
    chosen = options.parse_args()
    process = Checker()
    measures = [m for m in proofs(chosen.sizes, process) if chosen.only in m.name]
    run(measures, chosen.rounds)
    process.close()
    print(f"{machine()}; medians of {chosen.rounds} rounds.\n\n{table(measures, [])}")


if __name__ == "__main__":
    main()
