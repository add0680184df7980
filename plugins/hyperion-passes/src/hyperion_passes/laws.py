"""Laws: theorems about two small functions, used as rules that rewrite the one into the other wherever it stands.

Anybody can make one from a theorem of the kernel; `law` reads one from text and proves it, if it can.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TypeAlias

from hyperion.errors import PassError
from hyperion.ir.function import Attribute, Equation, Function
from hyperion.ir.ops import is_total
from hyperion.ir.printer import print_function
from hyperion.ir.types import Type
from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.denote import denote
from hyperion.logic.derived import arguments, match
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_passes.arithmetic import Arithmetic
from hyperion_passes.congruence import Congruence
from hyperion_passes.derived import both, head, replaced, value_of
from hyperion_passes.evaluation import Evaluation
from hyperion_passes.expressions import functions
from hyperion_passes.facts import Facts, after
from hyperion_passes.matching import instances
from hyperion_passes.meaning import normalizer

Shape: TypeAlias = tuple[str, tuple[object, ...], tuple[tuple[str, Attribute], ...], str]


@dataclass(frozen=True)
class Law:
    """|- denote(before) = denote(after): functions of the same parameters, with equations of one result and no regions.

    The last equation of `before`, the root, makes its result; it is what the law replaces. What else may trap in
    `before` stays, and `after` may have it too. Of its own, `after` may have one equation that may trap, its last, if
    the root may trap. A law without a theorem is proved when it is first used. Raises PassError (HY4041) for anything
    else.
    """

    before: Function
    after: Function
    theorem: Theorem | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        problem = _problem(self)
        if problem:
            raise PassError("HY4041", f"this is no law: {problem}", hints=["see hyperion_passes.laws.Law"])

    @property
    def root(self) -> Equation:
        return self.before.equations[-1]

    @cached_property
    def definitions(self) -> Mapping[str, Equation]:
        """The equations of `before` by the name of their result."""
        return {e.result.name: e for e in self.before.equations}

    @cached_property
    def shared(self) -> Mapping[str, str]:
        """By the names of values of `after`: the values of `before` that are the same, short of the root."""
        shapes: dict[Shape, str] = {}
        names = {p.name: p.name for p in self.before.parameters}
        for e in self.before.equations[:-1]:
            names[e.result.name] = shapes.setdefault(_shape(e, names), e.result.name)
        names = {a.name: b.name for a, b in zip(self.after.parameters, self.before.parameters, strict=True)}
        for e in self.after.equations:
            same = shapes.get(_shape(e, names))
            if same is not None:
                names[e.result.name] = same
        return names

    @cached_property
    def added(self) -> tuple[Equation, ...]:
        """The equations of `after` that `before` does not have."""
        return tuple(e for e in self.after.equations if e.result.name not in self.shared)

    @cached_property
    def needed(self) -> tuple[str, ...]:
        """The names of values of `before` that are used in the place of the root."""
        used = (*(v for e in self.added for v in e.operands), self.after.results[0])
        return tuple(self.shared[v.name] for v in used if v.name in self.shared)

    def step(self) -> Theorem:
        """A |- l = r, over variables for the parameters: the values of the two results, or their outcomes where the
        root may trap. A says that nothing before the root trapped. Raises PassError (HY4042) without a proof."""
        return _step(self)

    def rule(self, x: Term, facts: Facts) -> Iterator[Theorem]:
        """A |- x = y by the law, with A among the facts."""
        return instances(self.step(), x, facts)

    def guide(self, left: Term, right: Term, facts: Facts) -> Iterator[Theorem]:
        """The same for x = left, where the term `right` may stand for y."""
        step = self.step()
        if step.right.kind != "V" and match(step.right, right, {}, {}):
            yield from instances(step, left, facts)


def law(text: str, type: Type, variables: Mapping[str, Type] | None = None) -> Law:
    """A law from text, see `expressions`: `(= (sub.wrap (add.wrap x y) y) x)`.

    It is proved by arithmetic modulo 2**width and by case splits. Raises PassError: HY4042 where that does not reach
    it, HY4040 and HY4041 for what is no law.
    """
    found = Law(*functions(text, variables or {}, type))
    found.step()
    return found


def proved(before: Function, after: Function) -> Theorem | None:
    """|- denote(before) = denote(after), or None."""

    def compare(left: Term, right: Term, facts: Facts) -> Theorem | None:
        """By arithmetic, with the values of what did not trap written out."""
        tests: list[Theorem] = []
        first, last = k.refl(left), k.refl(right)
        for fact in facts:
            if fact.right not in (TRUE, FALSE):
                first, last = (both(th, replaced(th.right, fact)) for th in (first, last))
                tests = [both(k.sym(replaced(test.left, fact)), test) for test in tests]
            else:
                tests.append(fact)
        middle = Arithmetic(tests).equal(first.right, last.right)
        return both(first, middle, k.sym(last)) if middle else None

    return Congruence(Evaluation(normalizer()), {}, compare)(denote(before), denote(after))


@cache
def _step(law: Law) -> Theorem:
    th, count = law.theorem or proved(law.before, law.after), 0
    if th is None:
        sides = [" ".join(print_function(f).split()) for f in (law.before, law.after)]
        raise PassError("HY4042", "no proof was found of this law", notes=sides, hints=["is it true? give its theorem"])
    while th.left.kind == "L":
        th = k.app(th, k.refl(t.var(f"law.{count}", th.left.bound_type)))
        th, count = both(k.sym(k.beta(th.left)), th, k.beta(th.right)), count + 1
    evaluate, facts = Evaluation(normalizer()), Facts()
    while head(th.left) == "bind":
        o = arguments(th.left)[1][0]
        facts = facts.among(*(fact for fact in after(o, TRUE) if fact[1] in (TRUE, FALSE)))
        first, last = evaluate(th.left, facts), evaluate(th.right, facts)
        if first is None:  # an outcome that nothing is known of
            break
        th = both(k.sym(first), th, last)
    return value_of(th) if head(th.left) == head(th.right) == "ok" else th


def _shape(e: Equation, names: Mapping[str, str]) -> Shape:
    return e.op, tuple(names.get(v.name) for v in e.operands), e.attributes, str(e.result.type)


def _problem(law: Law) -> str:
    before, after = law.before, law.after
    every = (*before.equations, *after.equations)
    if [p.type for p in before.parameters] != [p.type for p in after.parameters]:
        return "the two sides have different parameters"
    if any(len(e.results) != 1 or e.regions for e in every) or len(before.results) != 1 or len(after.results) != 1:
        return "an equation, or a side, does not have one result, or an equation has a region"
    if not before.equations or before.results[0] != law.root.result:
        return "the last equation of the left side does not make its result"
    trapping = [e for e in law.added if not is_total(e)]
    if trapping and (is_total(law.root) or trapping != [after.equations[-1]] or after.results != trapping[0].results):
        return "the right side may trap where the left does not"
    th = law.theorem
    if th is not None and (th.hypotheses or (th.left, th.right) != (denote(before), denote(after))):
        return "its theorem says something else"
    return ""
