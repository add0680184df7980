"""Untrusted. What a loop body computes: its new state as expressions, their domain, the template of its summary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hyperion.errors import Span
from hyperion.ir.function import Region, Value, walk
from hyperion.ir.types import FloatType, IntType
from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import untuple
from hyperion.logic.terms import Term
from hyperion_proofs.derived import head
from hyperion_proofs.equality import Domain
from hyperion_proofs.evaluate import Evaluator, no_range
from hyperion_proofs.templates import (
    MAXPLUS,
    MINPLUS,
    MODULAR,
    REAL,
    Form,
    Linear,
    NotLinear,
    Semiring,
    Template,
    close,
)
from hyperion_proofs.tropical import MAX_PLUS, MIN_PLUS, Tropical

_ROUNDING = {"add", "sub", "mul", "div", "div.trap", "sqrt", "cast.round"}


class Refused(Exception):
    """Why there is no proven equivalent: the reason, the law that fails and values that break it."""

    def __init__(self, reason: str, law: str = "", counterexample: str = "", span: Span | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.law = law
        self.counterexample = counterexample
        self.span = span


@dataclass(frozen=True)
class Group:
    """Components of the state that depend on each other, and the template that summarises them."""

    components: tuple[int, ...]
    ring: Semiring
    template: Template


@dataclass(frozen=True)
class Body:
    """A loop body `\\s. \\x. outcome`, evaluated."""

    state: Term
    element: Term
    word: str
    domain: Domain
    groups: tuple[Group, ...]
    ranges: tuple[Term, ...]  # integer expressions that must stay in range

    @property
    def count(self) -> int:
        return sum(len(g.components) for g in self.groups)

    def tropical(self) -> tuple[Tropical | None, ...]:
        rings = {i: g.ring for g in self.groups for i in g.components}
        named = {MAXPLUS.title: MAX_PLUS, MINPLUS.title: MIN_PLUS}
        return tuple(named.get(rings[i].title) for i in range(self.count))


def analyse(step: Term, carried: Sequence[Value], region: Region) -> Body:
    """Raises Refused or NotLinear."""
    if not carried:
        raise Refused("the loop carries no state")
    word, real = _carrier(carried, step, region)
    s = t.var("s", step.bound_type)
    x = t.var("x", step.body.bound_type)
    call = t.app(step, s, x)
    exact = Evaluator(no_range, state=s)(call).right
    ranges: tuple[Term, ...] = ()
    domain: Domain = "real" if real else "exact"
    if head(exact) != "ok":
        if real:
            raise Refused("a step may trap, by a division by zero for example")
        if word != "i64":
            raise Refused(
                f"the steps trap at the range of {word}; only i64 has a proved transport to the integers so far, and "
                'overflow="wrap" needs none'
            )
        exact, ranges = _assuming(call, s)
        domain = "budget"
    values = untuple(exact.argument, len(carried))
    if real:
        return Body(s, x, "", domain, _groups(values, untuple(s, len(carried)), s, [REAL]), ())
    exprs = [v.argument if head(v) == f"ofZ.{word}" else apply(f"toZ.{word}", v) for v in values]
    atoms = [apply(f"toZ.{word}", u) for u in untuple(s, len(carried))]
    if domain == "exact":
        if any(_wraps(e, word) or _sums(e, s) for e in exprs):
            domain = "modular"
        else:
            return Body(s, x, word, domain, _groups(exprs, atoms, s, [MAXPLUS, MINPLUS]), ())
    if domain == "modular":
        return Body(s, x, word, domain, _modular_groups(exprs, atoms, s, word, region), ())
    return Body(s, x, word, domain, _groups(exprs, atoms, s, [MAXPLUS, MINPLUS]), ranges)


def _carrier(carried: Sequence[Value], step: Term, region: Region) -> tuple[str, bool]:
    """The word type of every state component, or whether all are reals."""
    types = {v.type for v in carried}
    if all(isinstance(ty, IntType) for ty in types) and len(types) == 1:
        return str(types.pop()), False
    if all(isinstance(ty, FloatType) for ty in types):
        items = untuple(t.var("s", step.bound_type), len(carried))
        if all(i.type is t.REAL for i in items):
            return "", True
        if not any(e.op in _ROUNDING and isinstance(e.result.type, FloatType) for e in walk(region.equations)):
            raise Refused(
                "comparisons of floats order NaN and the two zeros in their own way; no law for them is proved yet"
            )
        raise Refused(
            'IEEE addition rounds, so a regrouped loop gives other bits; fp="reassoc" grants regrouping',
            law="(a + b) + c = a + (b + c) on floats",
            counterexample=_float_counterexample(),
        )
    shown = ", ".join(str(v.type) for v in carried)
    raise Refused(f'the state is ({shown}); one integer type, or floats under fp="reassoc", is understood so far')


def _float_counterexample() -> str:
    """Values found by search that break associativity in f64."""
    samples = (0.1, 0.2, 0.3, 1e16, -1e16, 1.0)
    for a in samples:
        for b in samples:
            for c in samples:
                if (a + b) + c != a + (b + c):
                    return f"a = {a!r}, b = {b!r}, c = {c!r}: {(a + b) + c!r} is not {a + (b + c)!r}"
    return ""


def _assuming(call: Term, state: Term) -> tuple[Term, tuple[Term, ...]]:
    """Evaluate with every sum assumed in range; the assumptions become obligations under the budget."""

    def oracle(word: str, e: Term) -> Theorem | None:
        return k.assume(apply(f"inr.{word}", e), TRUE) if word == "i64" else None

    th = Evaluator(oracle, state=state)(call)
    if head(th.right) != "ok":
        raise Refused("a step may trap for another reason than the range of its sums, such as % or // or an index")
    return th.right, tuple(left.argument for left, _ in th.hypotheses)


def _wraps(e: Term, word: str) -> bool:
    return any(head(u) == f"toZ.{word}" and head(u.argument) == f"ofZ.{word}" for u in t.subterms(e) if u.kind == "A")


def _sums(e: Term, s: Term) -> bool:
    names = {"add", "sub", "mul", "neg"}
    return any(head(u) in names and s in u.free for u in t.subterms(e) if u.kind == "A")


def _groups(exprs: Sequence[Term], atoms: Sequence[Term], s: Term, rings: Sequence[Semiring]) -> tuple[Group, ...]:
    groups: list[Group] = []
    for members in _components(exprs, atoms):
        failure: NotLinear | None = None
        for ring in rings:
            try:
                groups.append(_group(members, exprs, atoms, s, ring))
                failure = None
                break
            except NotLinear as why:
                failure = failure or why
        if failure is not None:
            raise failure
    return tuple(groups)


def _group(members: Sequence[int], exprs: Sequence[Term], atoms: Sequence[Term], s: Term, ring: Semiring) -> Group:
    linear = Linear(ring, [atoms[i] for i in members], s)
    forms: list[Form] = [linear.form(exprs[i]) for i in members]
    return Group(tuple(members), ring, close(linear, forms))


def _components(exprs: Sequence[Term], atoms: Sequence[Term]) -> list[list[int]]:
    """Indices of the state in classes that do not depend on each other."""
    parent = list(range(len(exprs)))

    def root(i: int) -> int:
        while parent[i] != i:
            i = parent[i]
        return i

    for i, e in enumerate(exprs):
        inside = set(t.subterms(e))
        for j, a in enumerate(atoms):
            if a in inside:
                parent[root(i)] = root(j)
    classes: dict[int, list[int]] = {}
    for i in range(len(exprs)):
        classes.setdefault(root(i), []).append(i)
    return list(classes.values())


def _modular_groups(
    exprs: Sequence[Term], atoms: Sequence[Term], s: Term, word: str, region: Region
) -> tuple[Group, ...]:
    try:
        return _groups(exprs, atoms, s, [MODULAR])
    except NotLinear as why:
        lattice = next((e for e in walk(region.equations) if e.op in ("max", "min", "if", "select")), None)
        if lattice is None:
            raise
        try:  # over the integers the loop would be fine: then wrapping is what breaks it
            plain = [_unwrapped(e, word) for e in exprs]
            _groups(plain, atoms, s, [MAXPLUS, MINPLUS])
        except NotLinear:
            raise why from None
        name = "min" if "min" in {head(u) for e in exprs for u in t.subterms(e)} else "max"
        raise Refused(
            f"{name} does not distribute over wrapping addition, so a summary of a chunk does not exist",
            law=f"c + {name}(a, b) = {name}(c + a, c + b) on {word}, wrapping",
            counterexample=_wrap_counterexample(word, name),
            span=lattice.span,
        ) from None


def _unwrapped(x: Term, own: str) -> Term:
    """`x` as if no word of the type `own` were ever reduced."""

    def oracle(word: str, e: Term) -> Theorem | None:
        return k.assume(apply(f"inr.{word}", e), TRUE) if word == own else None

    return Evaluator(oracle)(x).right


def _wrap_counterexample(word: str, name: str) -> str:
    """Values found by search, edges first, that break the law."""
    ty = IntType(int(word[1:]), word[0] == "i")
    samples = (ty.minimum, ty.minimum + 1, -1 if ty.signed else 0, 0, 1, ty.maximum - 1, ty.maximum)
    pick = max if name == "max" else min
    for a in samples:
        for b in samples:
            for c in samples:
                left, right = ty.wrap(c + pick(a, b)), pick(ty.wrap(c + a), ty.wrap(c + b))
                if left != right:
                    return f"a = {a}, b = {b}, c = {c}: {left} is not {right}"
    return ""
