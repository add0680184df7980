"""Untrusted. What a loop body computes: its new state as expressions, their domain, the template of its summary."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from hyperion.errors import Span
from hyperion.ir.function import Region, Value, walk
from hyperion.ir.types import BoolType, FloatType, IntType, Type
from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import untuple
from hyperion.logic.terms import Term
from hyperion_proofs.cases import Contradictory
from hyperion_proofs.derived import NoProof, head
from hyperion_proofs.equality import Domain
from hyperion_proofs.evaluate import WORDS, Evaluator, no_range
from hyperion_proofs.invariants import keeping, with_invariants
from hyperion_proofs.ladder.rungs import summarise
from hyperion_proofs.ladder.step import Step, Summary
from hyperion_proofs.laws import atom
from hyperion_proofs.templates import NotLinear
from hyperion_proofs.traps import without_traps


def nothing(element: Term) -> Sequence[Theorem]:
    """That nothing is known of an element."""
    return ()


_ROUNDING = {"add", "sub", "mul", "div", "div.trap", "sqrt", "exp", "log", "cast.round"}


class Refused(Exception):
    """Why there is no proven equivalent: the reason, the law that fails and values that break it."""

    def __init__(self, reason: str, law: str = "", counterexample: str = "", span: Span | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.law = law
        self.counterexample = counterexample
        self.span = span


@dataclass(frozen=True)
class Body:
    """A loop body `\\s. \\x. outcome`, evaluated, and its summary."""

    state: Term
    element: Term
    domain: Domain
    types: tuple[Type, ...]  # of the components of the state
    atoms: tuple[Term, ...]
    elements: tuple[tuple[Term, Type], ...]  # the parts of an element as they occur in expressions
    summary: Summary
    ranges: tuple[Term, ...]  # integer expressions that must stay in range
    assumed: tuple[tuple[Term, Term], ...] = ()  # tests of the element, and the values with which no step traps
    settled: tuple[tuple[Term, Term], ...] = ()  # tests of the state that always have these values
    by_facts: bool = False  # whether what is known of elements and values from outside decides tests

    @property
    def count(self) -> int:
        return len(self.types)

    @property
    def real(self) -> bool:
        """Whether floats of the state are reals."""
        return any(a.type is t.REAL for a in self.atoms)


def analyse(
    step: Term,
    carried: Sequence[Value],
    region: Region,
    elements: Sequence[Type] = (),
    initial: Sequence[Term] = (),
    facts: Callable[[Term], Sequence[Theorem]] = nothing,
) -> Body:
    """`elements` are the types of the arrays' elements, `initial` the values that the loop is entered with, `facts`
    what is known of an element.

    Raises Refused or NotLinear.
    """
    types = tuple(v.type for v in carried)
    s = t.var("s", step.bound_type)
    x = t.var("x", step.body.bound_type)
    state = untuple(s, len(carried))
    real = _carrier(carried, state)
    call = t.app(step, s, x)
    known_of_x = facts(x)
    try:
        exact, ranges, assumed, domain = _evaluated(call, s, real, known_of_x)
    except Refused as why:
        if not real:
            _explain_rounding(types, region, why)
        raise
    by_facts = bool(known_of_x) and _evaluated(call, s, real, ())[0] is not exact
    settled = [th for th in assumed if s in th.left.free]
    assumed = [th for th in assumed if th not in settled]
    exprs = [_value(v) for v in untuple(exact.argument, len(carried))]
    if domain == "exact" and any(_wraps(e) or _sums(e, s) for e in exprs):
        domain = "modular"
    atoms = tuple(atom(u) for u in state)
    parts = tuple((atom(u), ty) for u, ty in zip(untuple(x, len(elements)), elements, strict=True)) if elements else ()
    known = tuple(_value(v) for v in initial)
    literal = tuple(v if v.kind == "K" else None for v in known)
    whole = Step(tuple(range(len(types))), types, atoms, (tuple(exprs),), x, domain, literal)
    try:
        narrower = _by_facts(whole, parts, known_of_x) if carried else None
        by_facts = by_facts or narrower is not None
        if by_facts:  # sums on branches that are gone need no range
            live = {u for e in (narrower.exprs if narrower is not None else exprs) for u in t.subterms(e)}
            ranges = tuple(e for e in ranges if e in live)
        summary = narrower.summary if narrower is not None else summarise(whole, parts) if carried else _NOTHING
    except NotLinear as why:
        if domain == "modular":
            _explain_wrapping(whole, parts, region, why)
        if not real:
            _explain_rounding(types, region, why)
        raise
    if summary.algebra is not None:  # that no step leaves the word follows from where its bits are
        domain, ranges = "exact", ()
    needs = dict.fromkeys((th.left, th.right) for th in assumed) | dict.fromkeys(summary.needs)
    tests = tuple((th.left, th.right) for th in settled)
    return Body(s, x, domain, types, atoms, parts, summary, ranges, tuple(needs), tests, by_facts)


_NOTHING = Summary((), ((),), mul=lambda later, earlier: [], act=lambda summary, state: [])
"""Of a loop without a state."""


def _evaluated(
    call: Term, state: Term, real: bool, known: Sequence[Theorem]
) -> tuple[Term, tuple[Term, ...], list[Theorem], Domain]:
    """ok of the new state, the sums that must stay in range, what is assumed of element and state, the domain."""
    try:
        th, assumed = without_traps(Evaluator(no_range, state=state), call, state, known)
        if head(th.right) != "ok" and real:
            th, assumed = without_traps(Evaluator(no_range, state=state), call, state, known, anyway=True)
    except Contradictory:
        raise Refused("what is assumed holds for no element") from None
    if head(th.right) == "ok":
        return th.right, (), assumed, "exact"
    return *_assuming(call, state, real, known), "budget"


@dataclass(frozen=True)
class _Narrower:
    """A step as invariants of the state make it, and its summary."""

    exprs: tuple[Term, ...]
    summary: Summary


def _by_facts(whole: Step, parts: Sequence[tuple[Term, Type]], facts: Sequence[Theorem]) -> _Narrower | None:
    """None where invariants decide nothing, or the step has no summary then."""
    if not facts or whole.domain == "modular":
        return None
    narrower, invariants = with_invariants(whole, facts)
    if not invariants:
        return None
    try:
        return _Narrower(narrower.exprs, keeping(summarise(narrower, parts), narrower, invariants, facts))
    except (NotLinear, NoProof):
        return None


def _value(x: Term) -> Term:
    """What a component is in expressions: an integer for a word."""
    if x.type.name not in WORDS:
        return x
    return x.argument if head(x) == f"ofZ.{x.type.name}" else atom(x)


def _carrier(carried: Sequence[Value], state: Sequence[Term]) -> bool:
    """Whether floats are reals. Refuses what no rung understands."""
    floats = [u for v, u in zip(carried, state, strict=True) if isinstance(v.type, FloatType)]
    if floats and all(u.type is t.REAL for u in floats):
        return True
    strange = [str(v.type) for v in carried if not isinstance(v.type, IntType | FloatType | BoolType)]
    if strange:
        raise Refused(f"the state has {', '.join(strange)}; integers, truth values and floats are understood")
    return False


def _explain_rounding(types: Sequence[Type], region: Region, why: Exception) -> None:
    """Refuses with the law that breaks, where a float of the state may be rounded at every step."""
    rounds = any(e.op in _ROUNDING and isinstance(e.result.type, FloatType) for e in walk(region.equations))
    if rounds and any(isinstance(ty, FloatType) for ty in types):
        raise Refused(
            'IEEE addition rounds, so a regrouped loop gives other bits; fp="reassoc" grants regrouping',
            law="(a + b) + c = a + (b + c) on floats",
            counterexample=_float_counterexample(),
        ) from why


def _float_counterexample() -> str:
    """Values found by search that break associativity in f64."""
    samples = (0.1, 0.2, 0.3, 1e16, -1e16, 1.0)
    for a in samples:
        for b in samples:
            for c in samples:
                if (a + b) + c != a + (b + c):
                    return f"a = {a!r}, b = {b!r}, c = {c!r}: {(a + b) + c!r} is not {a + (b + c)!r}"
    return ""


def _assuming(
    call: Term, state: Term, real: bool, known: Sequence[Theorem]
) -> tuple[Term, tuple[Term, ...], list[Theorem]]:
    """Evaluate with every sum assumed in range; the assumptions become obligations under the budget."""
    other: list[str] = []

    def oracle(word: str, e: Term) -> Theorem | None:
        if word != "i64":
            other.append(word)
            return None
        return k.assume(apply(f"inr.{word}", e), TRUE)

    th, assumed = without_traps(Evaluator(oracle, state=state), call, state, known, anyway=real)
    if head(th.right) != "ok":
        if other:
            raise Refused(
                f"the steps trap at the range of {other[0]}; only i64 has a proved transport to the integers so far, "
                'and overflow="wrap" needs none'
            )
        raise Refused("a step may trap for another reason than the range of its sums, such as % or // or an index")
    ranges = tuple(left.argument for left, _ in th.hypotheses if head(left).startswith("inr."))
    return th.right, ranges, assumed


def _wraps(e: Term) -> bool:
    return any(
        head(u).startswith("toZ.") and head(u.argument) == f"ofZ.{head(u)[4:]}" for u in t.subterms(e) if u.kind == "A"
    )


def _sums(e: Term, s: Term) -> bool:
    names = {"add", "sub", "mul", "neg"}
    return any(head(u) in names and s in u.free for u in t.subterms(e) if u.kind == "A")


def _explain_wrapping(step: Step, parts: Sequence[tuple[Term, Type]], region: Region, why: NotLinear) -> None:
    """Refuses with the law that breaks, where over the integers the loop would be fine: then wrapping is what breaks
    it."""
    lattice = next((e for e in walk(region.equations) if e.op in ("max", "min", "if", "select")), None)
    words = {str(ty) for ty in step.types if isinstance(ty, IntType)}
    if lattice is None or len(words) != 1:
        return
    (word,) = words
    plain = tuple(_unwrapped(e, word) for e in step.exprs)
    try:
        summarise(replace(step, modes=(plain,), domain="exact"), parts)
    except NotLinear:
        return
    name = "min" if "min" in {head(u) for e in plain for u in t.subterms(e)} else "max"
    raise Refused(
        f"{name} does not distribute over wrapping addition, so a summary of a chunk does not exist",
        law=f"c + {name}(a, b) = {name}(c + a, c + b) on {word}, wrapping",
        counterexample=_wrap_counterexample(word, name),
        span=lattice.span,
    ) from why


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
