"""The refuter: a counterexample by z3, or its verdict."""

from __future__ import annotations

import itertools
import math
import struct
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from hyperion.interfaces.refuter import Counterexample, Verdict
from hyperion.logic import terms as t
from hyperion.logic.kernel import Equation
from hyperion.logic.terms import Term, Ty
from hyperion_z3.arithmetic import Exact, Unbounded
from hyperion_z3.samples import sample
from hyperion_z3.solver import Z3, Untranslatable, ask, context, z3
from hyperion_z3.translation import Exceptions, Translation
from hyperion_z3.values import Function, List, Natural, Outcome, Tuple, Value, arguments_of, word_of

LONGEST = 3
"""Elements of a list, or the largest natural number, where counterexamples are looked for."""


@dataclass(frozen=True, slots=True)
class Decision:
    verdict: Verdict
    counterexample: Counterexample | None = None


class Z3Refuter:
    """z3 over unbounded integers first, then over bit vectors. Free lists are tried at lengths 0 to 3 only, and natural
    numbers from 0 to 3, so that an equation about them is never called proved."""

    name = "z3"

    def refute(
        self, hypotheses: Collection[Equation], left: Term, right: Term, time_limit: float
    ) -> Counterexample | None:
        return solve(hypotheses, left, right, time_limit).counterexample

    def decide(self, hypotheses: Collection[Equation], left: Term, right: Term, time_limit: float) -> Verdict:
        return solve(hypotheses, left, right, time_limit).verdict


def solve(
    hypotheses: Collection[Equation],
    left: Term,
    right: Term,
    time_limit: float,
    exceptions: Exceptions | None = None,
) -> Decision:
    """The first attempt that decides the equation; `unknown` where none does in the time."""
    if left is right:
        return Decision("proved")
    deadline = time.monotonic() + time_limit
    sides = [left, right, *(side for equation in hypotheses for side in equation)]
    attempts = list(_attempts(frozenset[Term]().union(*(x.free for x in sides))))
    for i, (kind, sizes) in enumerate(attempts):
        share = (deadline - time.monotonic()) / min(2, len(attempts) - i)
        decision = _attempt(kind, sizes, hypotheses, left, right, share, exceptions)
        if decision.verdict == "refuted" or (decision.verdict == "proved" and not sizes):
            return decision
    return Decision("unknown")


def _attempts(variables: frozenset[Term]) -> Iterator[tuple[type[Unbounded] | type[Exact], Mapping[Term, int]]]:
    lists = sorted((v for v in variables if v.type.name == "list" or v.type is t.NAT), key=lambda v: v.name)
    for lengths in itertools.product(range(LONGEST + 1), repeat=len(lists)):
        sizes = dict(zip(lists, lengths, strict=True))
        yield Unbounded, sizes
        yield Exact, sizes


def _attempt(
    kind: type[Unbounded] | type[Exact],
    sizes: Mapping[Term, int],
    hypotheses: Collection[Equation],
    left: Term,
    right: Term,
    time_limit: float,
    exceptions: Exceptions | None,
) -> Decision:
    where = context()
    deadline = time.monotonic() + time_limit
    translation = Translation(kind(where), where, deadline, sizes, exceptions)
    try:
        said = translation.denial(hypotheses, left, right)
    except (Untranslatable, RecursionError):
        return Decision("unknown")
    guess = sample(translation, said)
    answer, model = ("sat", guess) if guess else ask(said, where, deadline - time.monotonic())
    if answer == "unsat" and not translation.arithmetic.bounded:
        return Decision("proved")
    if answer != "sat":
        return Decision("unknown")
    try:
        values = {v: python_value(model, value, v.type) for v, value in translation.variables.items()}
    except z3.Z3Exception:  # its time was up while the model was read
        return Decision("unknown")
    return Decision("refuted", Counterexample(values))


def python_value(model: Z3, value: Value, ty: Ty) -> object:
    """The value in the model, as `Counterexample` says."""
    match value:
        case Tuple(items):
            pairs = zip(items, arguments_of(ty), strict=True)
            return tuple(python_value(model, v, a) for v, a in pairs)
        case List(items):
            return [python_value(model, v, arguments_of(ty)[0]) for v in items]
        case Outcome():
            if z3.is_true(model.eval(value.ok, True)):
                return "ok", python_value(model, value.value, arguments_of(ty)[0])
            return ("trap",) if z3.is_true(model.eval(value.traps, True)) else ("diverge",)
        case Natural(count):
            return count
        case Function():
            return "a function"
        case _:
            return _number(model.eval(value, True), ty)


def _number(x: Z3, ty: Ty) -> object:
    word = word_of(ty)
    if ty is t.BOOL:
        return bool(z3.is_true(x))
    if z3.is_bv_value(x):
        return x.as_signed_long() if word is not None and word.signed else x.as_long()
    if z3.is_int_value(x):
        return x.as_long()
    if z3.is_rational_value(x):
        return Fraction(x.numerator_as_long(), x.denominator_as_long())
    if z3.is_fp_value(x):
        if x.isNaN():
            return math.nan
        code, bits = {"f16": ("e", 2), "f32": ("f", 4), "f64": ("d", 8)}[ty.name]
        return struct.unpack(f">{code}", z3.simplify(z3.fpToIEEEBV(x, x.ctx)).as_long().to_bytes(bits, "big"))[0]
    return str(x)
