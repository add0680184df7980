"""TRUSTED. What the regions of a parallel operation must obey, computed from the operation as it stands.

    join    act (mul A B) s   =  act A (act B s)           par.reduce, par.scan, par.power
    product mul (mul A B) C   =  mul A (mul B C)           par.windows
    step    act (lift x) s    =  the state of step s x     par.scan, the only one with a step

Each law is one equation of closed functions: under binders for what its regions capture, then for A, B and s, or x and
s. Where the laws hold, the pieces of a parallel operation may be cut anywhere: it is the sequential loop. That of
windows says that a product may be bracketed anywhere. A theorem of another's is a hint; what counts is the statement
that the checker concludes from it.

A law may hold only where a guard does (docs/adr/0003). Then no theorem without hypotheses says it, and the operation
needs a theorem about the whole function.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hyperion.errors import Span
from hyperion.ir.function import Equation, Program
from hyperion.logic import terms as t
from hyperion.logic.denote import Denotation, array_count, expanded
from hyperion.logic.meaning import Effect, Pure
from hyperion.logic.terms import Term, domain


@dataclass(frozen=True, slots=True)
class Obligation:
    """One law of one parallel operation."""

    law: str
    op: str
    left: Term
    right: Term
    span: Span | None = None

    @property
    def key(self) -> tuple[str, str]:
        """The canonical hashes of both sides; equal for equal obligations in every process."""
        return t.digest(self.left), t.digest(self.right)

    def __str__(self) -> str:
        return f"{self.law} of {self.op}: {_LAWS[self.law]}"


_LAWS = {
    "join": "act (mul A B) s = act A (act B s)",
    "product": "mul (mul A B) C = mul A (mul B C)",
    "step": "act (lift x) s = the state of step s x",
}


def obligations(program: Program) -> list[Obligation]:
    """The laws of every parallel operation of every function, in order.

    Raises ProofError where a function has no denotation.
    """
    program = expanded(program)
    return [found for function in program.functions.values() for found in _Laws(program, function.name).found()]


def undischarged(laws: Iterable[Obligation], shown: Iterable[tuple[str, str]]) -> list[Obligation]:
    """The obligations that are not among the statements `shown`, either way round: pairs of the hashes of both sides,
    as the checker concluded them without hypotheses, from axioms that are allowed."""
    known = set(shown)
    return [law for law in laws if law.key not in known and law.key[::-1] not in known]


class _Laws(Denotation):
    """Denotes a function and keeps the laws of the parallel operations that it meets."""

    def __init__(self, program: Program, name: str) -> None:
        super().__init__(program.functions[name], program)
        self._found: list[Obligation] = []

    def found(self) -> list[Obligation]:
        self.function()
        return self._found

    def equation(self, equation: Equation, env: dict[str, Term]) -> Pure | Effect:
        if equation.op in ("par.reduce", "par.scan", "par.power"):
            self._found += self._laws(equation, env)
        if equation.op == "par.windows":
            self._found.append(self._associative(equation, env))
        return super().equation(equation, env)

    def _associative(self, equation: Equation, env: dict[str, Term]) -> Obligation:
        _, mul = self.product(equation.regions, (array_count(equation),), env)
        a, b, c = (self.fresh(domain(mul.type)) for _ in range(3))
        return _closed("product", equation, (a, b, c), t.app(mul, t.app(mul, a, b), c), t.app(mul, a, t.app(mul, b, c)))

    def _laws(self, equation: Equation, env: dict[str, Term]) -> Iterator[Obligation]:
        arrays = 0 if equation.op == "par.power" else array_count(equation)
        first = 1 if equation.op == "par.scan" else 0
        lift, mul, act = self.summary(equation.regions[first : first + 3], (arrays,) if arrays else (), env)
        summary = domain(act.type)
        a, b, s = self.fresh(summary), self.fresh(summary), self.fresh(domain(act.body.type))
        sides = t.app(act, t.app(mul, a, b), s), t.app(act, a, t.app(act, b, s))
        yield _closed("join", equation, (a, b, s), *sides)
        if equation.op == "par.scan":
            step = self.scan_step(equation.regions[0], arrays, env, total=True)
            x = self.fresh(domain(lift.type))
            yield _closed("step", equation, (x, s), t.app(act, t.app(lift, x), s), t.proj(0, t.app(step, s, x)))


def _closed(law: str, equation: Equation, variables: tuple[Term, ...], left: Term, right: Term) -> Obligation:
    captured = sorted((left.free | right.free) - set(variables), key=lambda v: (len(v.name), v.name))
    binders = (*captured, *variables)
    return Obligation(law, equation.op, t.lams(binders, left), t.lams(binders, right), equation.span)
