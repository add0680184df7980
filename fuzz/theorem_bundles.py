"""Damages bundles of theorems: bit flips and truncations of a real bundle, and hostile edits whose hashes fit.

    nice -n 15 uv run python fuzz/theorem_bundles.py [--seconds 60] [--seed N] [--keep FOLDER]

A bundle must be refused by an HY3xxx error, or each record refused with a reason or accepted; anything else, or more
than `SLOW` seconds for one, is a defect: the file is kept, and the exit status is 1. What is accepted is checked once
more from outside: source and chosen program are run by the interpreter on random arguments.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from random import Random

import numpy as np

import hyperion as hp
from hyperion.errors import HyperionError, ModuleError
from hyperion.interfaces.frontend import CompileOptions
from hyperion.interfaces.theorem_library import StoredTheorem
from hyperion.ir.function import Equation, Program, Region
from hyperion.ir.types import ArrayType, IntType, Type
from hyperion.logic.literals import int_lit
from hyperion.logic.proof import ProofFile, line_of, text_of
from hyperion.testing.module_files import Hostile
from hyperion_interp.reference import ReferenceInterpreter
from hyperion_library import bundle, record
from hyperion_library.admission import Budget, Refused, admitted
from hyperion_library.constants import with_literals
from hyperion_library.record import Claims

MEMORY = 6 << 30  # bytes of address space; a reader that asks for more fails
SLOW = 30.0  # seconds for one bundle
BUDGET = Budget(seconds=20.0, seconds_each=5.0)


def total(xs):  # type: ignore[no-untyped-def]  what a user writes
    s = 0
    for x in xs:
        s = s + x
    return s


def highest(xs):  # type: ignore[no-untyped-def]  what a user writes
    best = 0
    for x in xs:
        best = max(best, x)
    return best


def horner(xs):  # type: ignore[no-untyped-def]  what a user writes
    h = 0
    for x in xs:
        h = h * 31 + x
    return h


def power(base, n):  # type: ignore[no-untyped-def]  what a user writes
    r = 1
    for _ in range(n):
        r *= base
    return r


def real_records(home: str) -> list[bytes]:
    """The records of some derived theorems."""
    xs = np.arange(5, dtype=np.int64)
    with hp.Instance(config={"home": home}) as instance:
        for loop, arguments, overflow in (
            (total, (xs,), "trap"), (highest, (xs,), "trap"), (horner, (xs,), "wrap"), (power, (3, 5), "wrap"),
        ):  # fmt: skip
            instance.derive(instance.program(loop, arguments=arguments, options=CompileOptions(overflow)))
        instance.theorems.export(Path(home) / "real.hyt")
    return list(bundle.read(Path(home) / "real.hyt"))


@dataclass
class Run:
    """Counts what was tried and what came of it."""

    keep: Path
    counts: Counter[str] = field(default_factory=Counter[str])
    reasons: Counter[str] = field(default_factory=Counter[str])
    defects: int = 0
    slowest: float = 0.0

    def attempt(self, kind: str, data: bytes, work: Callable[[bytes], list[str]]) -> None:
        """`work` returns the outcomes; it may raise `ModuleError` for a bundle that is refused as a whole."""
        start = time.perf_counter()
        try:
            outcomes = work(data)
        except ModuleError as error:
            outcomes = [error.code]
        except Exception as error:
            self.defect(kind, data, error)
            return
        took = time.perf_counter() - start
        self.slowest = max(self.slowest, took)
        if took > SLOW:
            self.defect(kind, data, TimeoutError(f"{took:.1f} s"))
        self.counts[kind] += 1
        self.reasons.update(outcomes)

    def defect(self, kind: str, data: bytes, error: BaseException) -> None:
        self.defects += 1
        path = self.keep / f"defect-{self.defects}.hyt"
        path.write_bytes(data)
        print(f"DEFECT {kind}: {type(error).__name__}: {error}\n  kept as {path}", file=sys.stderr)
        traceback.print_exception(error, limit=-4, file=sys.stderr)


@dataclass
class Fuzz:
    """Makes bundles and takes them in."""

    instance: hp.Instance
    records: list[bytes]
    folder: Path
    random: Random

    def __post_init__(self) -> None:
        registry = self.instance.registry
        self.theorems = [record.decode(data, registry) for data in self.records]
        self.known = {theorem.digest for theorem in self.theorems}
        self.hostile = Hostile(self.records, self.random)

    def take_in(self, data: bytes) -> list[str]:
        """What becomes of each record. An accepted theorem that is not one of the real ones is run."""
        path = self.folder / "try.hyt"
        path.write_bytes(data)
        outcomes: list[str] = []
        for found in admitted(bundle.read(path), self.instance.registry, self.instance.policy, BUDGET):
            if isinstance(found, Refused):
                outcomes.append("record: " + found.reason.partition(":")[0][:40])
            else:
                outcomes.append("known theorem accepted" if found.digest in self.known else "other theorem accepted")
                agree(found, self.random)
        return outcomes

    def damaged(self) -> tuple[str, bytes]:
        data = bytearray(bundle.pack(self.records))
        if self.random.random() < 0.3:
            return "truncation", bytes(data[: self.random.randrange(len(data))])
        for _ in range(self.random.choice((1, 1, 2, 8))):
            data[self.random.randrange(len(data))] ^= 1 << self.random.randrange(8)
        return "bit flips", bytes(data)

    def rehashed(self) -> tuple[str, bytes]:
        """Numbers of the header and lengths of records changed, with hashes that fit."""
        body = bytearray(bundle.pack(self.records)[bundle.HEADER.size :])
        at = self.random.choice((0, bundle.LENGTH.size + len(self.records[0])))
        length = self.random.choice((0, 1, len(body), 1 << 20, 1 << 63, (1 << 64) - 1, self.random.randrange(1 << 16)))
        body[at : at + bundle.LENGTH.size] = bundle.LENGTH.pack(length)
        count = self.random.choice((0, 1, len(self.records), len(self.records) + 1, 1 << 31))
        whole = bundle.HEADER.size + len(body)
        head = bundle.HEADER.pack(bundle.MAGIC, *bundle.VERSION, count, whole, sha256(body).digest())
        return "hostile lengths", head + body

    def hostile_record(self) -> tuple[str, bytes]:
        """A record that `hyperion.testing.module_files` makes: header, sections, JSON, proof or program changed."""
        kind, data = self.hostile.make()
        return f"hostile {kind}", bundle.pack([data])

    def forged(self) -> tuple[str, bytes]:
        """A well-formed record whose proof is about something else."""
        one, other = self.random.choice(self.theorems), self.random.choice(self.theorems)
        kind, made = self.random.choice(FORGERIES)(one, other, self.random)
        try:
            return f"forged {kind}", bundle.pack([record.encode(made, Claims("0", "1", (), ()))])
        except ModuleError:  # what cannot be written cannot be in a bundle
            return "forged nothing", bundle.pack([])


Forgery = tuple[str, StoredTheorem]


def changed_constant(one: StoredTheorem, _: StoredTheorem, random: Random) -> Forgery:
    side = random.choice(("source", "chosen"))
    old, new = random.choice((0, 1, 31, -1)), random.choice((0, 1, 2, 5, -1, 1 << 62, 1 << 70))
    program = with_literals(getattr(one, side), {int_lit(old): int_lit(new)})
    return f"constant of {side}", replace(one, source=program) if side == "source" else replace(one, chosen=program)


def changed_op(one: StoredTheorem, _: StoredTheorem, random: Random) -> Forgery:
    ops = ("add.wrap", "sub.wrap", "mul.wrap", "add.trap", "add.sat", "max", "min", "lt", "le")
    return "operation", replace(one, chosen=_with_op(one.chosen, random.choice(ops), random.randrange(12)))


def swapped(one: StoredTheorem, other: StoredTheorem, random: Random) -> Forgery:
    parts = {"source": other.source, "chosen": other.chosen, "proof": other.proof}
    name = random.choice(list(parts))
    return f"swapped {name}", replace(one, **{name: parts[name]})  # type: ignore[arg-type]  of the part's type


def reflexive(one: StoredTheorem, _: StoredTheorem, __: Random) -> Forgery:
    return "parallel source", replace(one, source=one.chosen)


def changed_proof(one: StoredTheorem, _: StoredTheorem, random: Random) -> Forgery:
    """Another number in one of the proof's rows."""
    value = json.loads(line_of(one.proof))
    table = random.choice(("types", "terms", "steps"))
    row = random.choice(value[table])
    places = [i for i, x in enumerate(row) if type(x) is int]
    if places:
        i = random.choice(places)
        row[i] = random.choice((0, -1, row[i] + 1, row[i] - 1, 1 << 40, random.randrange(len(value[table]))))
    else:
        row[-1] = "0"
    return f"proof {table}", replace(one, proof=ProofFile(text_of(value)))


FORGERIES = (changed_constant, changed_op, swapped, reflexive, changed_proof, changed_proof)


def _with_op(program: Program, op: str, skip: int) -> Program:
    """The program with another operation in one equation of two operands."""
    left = [skip]

    def change(equations: tuple[Equation, ...]) -> tuple[Equation, ...]:
        found: list[Equation] = []
        for e in equations:
            regions = tuple(Region(r.parameters, change(r.equations), r.results) for r in e.regions)
            if len(e.operands) == 2 and not regions:
                left[0] -= 1
                if left[0] == -1:
                    e = replace(e, op=op)
            found.append(replace(e, regions=regions))
        return tuple(found)

    main = replace(program.main, equations=change(program.main.equations))
    return replace(program, functions={**program.functions, program.entry: main})


def agree(theorem: StoredTheorem, random: Random) -> None:
    """Raises where source and chosen program, run by the interpreter, differ."""
    for _ in range(6):
        arguments = tuple(value(p.type, random) for p in theorem.source.main.parameters)
        one, other = (outcome(p, arguments) for p in (theorem.source, theorem.chosen))
        if one != other:
            raise AssertionError(f"{arguments}: {one} by the source, {other} by what was chosen")


def value(kind: Type, random: Random, element: bool = False) -> object:
    if isinstance(kind, ArrayType):
        return [value(kind.element, random, True) for _ in range(random.randrange(6))]
    if not isinstance(kind, IntType):
        raise ValueError(f"no values of {kind}")
    extremes = (kind.minimum, kind.maximum) if element else ()  # a scalar may be how often a loop goes round
    return random.choice([v for v in (-1, 0, 1, 2, 7, 31, *extremes) if kind.contains(v)])


def outcome(program: Program, arguments: tuple[object, ...]) -> object:
    try:
        return ReferenceInterpreter().run(program, arguments)
    except HyperionError as error:
        return type(error).__name__


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as home, hp.Instance(config={"home": home}) as instance:
        fuzz = Fuzz(instance, real_records(home), Path(home), Random(arguments.seed))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        run, end = Run(arguments.keep), time.monotonic() + arguments.seconds
        run.attempt("as exported", bundle.pack(fuzz.records), fuzz.take_in)
        makers = (fuzz.damaged, fuzz.rehashed, fuzz.hostile_record, fuzz.hostile_record, fuzz.forged, fuzz.forged)
        while time.monotonic() < end:
            for make in makers:
                run.attempt(*make(), fuzz.take_in)
    for title, counts in (("bundles", run.counts), ("outcomes", run.reasons)):
        print(f"{title}: {sum(counts.values()):,}")
        for name, count in sorted(counts.items()):
            print(f"  {count:7,}  {name}")
    print(f"slowest bundle: {run.slowest:.2f} s; defects: {run.defects}")
    return 1 if run.defects else 0


if __name__ == "__main__":
    sys.exit(main())
