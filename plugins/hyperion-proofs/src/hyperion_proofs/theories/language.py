"""Untrusted. Reads the theories that are data: files `NAME.txt` beside this one.

    ; the first comment says what the theory is about
    (define NAME TERM)                                        a constant by a closed term
    (theorem NAME ((x TYPE) ..) ((= h h) ..) (= l r) HOW ..)   a law, and how it is proved
    (refuted NAME ((x TYPE) ..) (= l r) (at TERM ..))         a law that fails, and values where it does
    (for W (i8 ..) FORM ..)                                   as in the axiom files, whose language TERM and TYPE are

HOW is `(by induction x)`, `(by outcomes o)`, `(by bits)`, `(by remainders)`, `(by steps)`, none of these for evaluation
and cases alone, `(using LAW ..)` for laws or axioms that are used from left to right, and `(keep NAME ..)` for
definitions that stay folded. A law of another theory is `THEORY:LAW`; a dash before a name turns the law around.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from importlib.resources import files

from hyperion.logic import definitions, theory
from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.derived import NoProof, chain
from hyperion.logic.kernel import Equation, Theorem
from hyperion.logic.terms import Term
from hyperion.logic.theory import Sexp
from hyperion_proofs.theories.normal import Normaliser
from hyperion_proofs.theories.prover import (
    Prover,
    by_bits,
    by_list_induction,
    by_nat_induction,
    by_outcomes,
    by_remainders,
    by_steps,
)


@dataclass(frozen=True, slots=True)
class Law:
    """`hypotheses |- left = right`, and how it is proved."""

    hypotheses: tuple[Equation, ...]
    left: Term
    right: Term
    method: tuple[str, ...]
    using: tuple[str, ...]
    kept: frozenset[str]
    variables: Mapping[str, Term]


@dataclass(frozen=True, slots=True)
class Refuted:
    """left = right fails where its variables have these values, which are closed terms."""

    left: Term
    right: Term
    values: Mapping[Term, Term]

    def sides(self) -> tuple[Theorem, Theorem]:
        """|- left = u and |- right = v at the values, where u and v are different values."""
        run = Normaliser((), (), lambda _: None)
        first, last = (run(t.substitute(side, self.values)) for side in (self.left, self.right))
        if first.right is last.right or not (_is_value(first.right) and _is_value(last.right)):
            raise NoProof("the sides are no different values there")
        return first, last


@dataclass
class Contents:
    """What a theory's file says."""

    summary: str = ""
    definitions: dict[str, Theorem] = field(default_factory=dict[str, Theorem])
    laws: dict[str, Law] = field(default_factory=dict[str, Law])
    refuted: dict[str, Refuted] = field(default_factory=dict[str, Refuted])

    def theorem(self, name: str) -> Theorem:
        """The law, proved by the kernel; raises NoProof, which would be a defect."""
        try:
            return _proved(self, name)
        except NoProof as error:
            raise NoProof(f"{name}: {error}") from error

    def proofs(self) -> dict[str, Callable[[], Theorem]]:
        return {name: partial(self.theorem, name) for name in self.laws}

    def __hash__(self) -> int:
        return id(self)


@cache
def contents(name: str) -> Contents:
    """What the file `NAME.txt` says."""
    text = (files("hyperion_proofs.theories") / f"{name}.txt").read_text(encoding="utf-8")
    definitions.definitions()
    found = Contents(text.partition("\n")[0].removeprefix(";").strip())
    for top in theory.read(text):
        for form in theory.expand(top):
            _add(found, form)
    return found


def _add(found: Contents, form: list[Sexp]) -> None:
    match form:
        case ["define", str(name), body]:
            found.definitions[name] = definitions.define(name, theory.read_term(body, {}))
        case ["theorem", str(name), list(binders), list(hypotheses), equation, *how]:
            scope = _scope(binders)
            left, right = _equation(equation, scope)
            said = tuple(_equation(h, scope) for h in hypotheses)
            kept = frozenset(_words(how, "keep"))
            found.laws[name] = Law(said, left, right, _words(how, "by"), _words(how, "using"), kept, scope)
        case ["refuted", str(name), list(binders), equation, ["at", *values]]:
            scope = _scope(binders)
            closed = (theory.read_term(value, {}) for value in values)
            found.refuted[name] = Refuted(*_equation(equation, scope), dict(zip(scope.values(), closed, strict=True)))
        case _:
            raise t.TermError(f"cannot read the theory at {form!r:.200}")


def _scope(binders: list[Sexp]) -> dict[str, Term]:
    return {str(b[0]): t.var(str(b[0]), theory.read_type(b[1])) for b in binders}


def _equation(form: Sexp, scope: dict[str, Term]) -> Equation:
    _, left, right = form
    return theory.read_term(left, scope), theory.read_term(right, scope)


def _words(how: list[Sexp], word: str) -> tuple[str, ...]:
    return tuple(str(item) for clause in how if clause[0] == word for item in clause[1:])


@cache
def _proved(whole: Contents, name: str) -> Theorem:
    law = whole.laws[name]
    rules = [tuple(_rules(whole, used, law.kept)) for used in law.using]
    assumed = tuple(k.assume(a, b) for a, b in law.hypotheses)
    prover = Prover(tuple(rule for forms in rules for rule in forms), assumed, kept=law.kept)
    match law.method:
        case ():
            return prover.proved_here(law.left, law.right)
        case ("induction", variable):
            v = law.variables[variable]
            induction = by_nat_induction if v.type is t.NAT else by_list_induction
            return induction(prover, v, law.left, law.right)
        case ("bits",):
            return by_bits(prover, law.left, law.right)
        case ("outcomes", variable):
            return by_outcomes(prover, law.variables[variable], law.left, law.right)
        case ("steps",):
            return by_steps(rules, law.left, law.right)
        case ("remainders",):
            run = Normaliser((), (), lambda _: None)
            first, last = run(law.left), run(law.right)
            return chain(first, by_remainders(first.right, last.right), k.sym(last))
        case _:
            raise NoProof(f"there is no method {' '.join(law.method)}")


def _rules(whole: Contents, name: str, kept: frozenset[str]) -> Iterator[Theorem]:
    """The law as it stands, and with both sides evaluated."""
    turned, name = name.startswith("-"), name.removeprefix("-")
    other, _, rest = name.rpartition(":")
    source = contents(other) if other else whole
    th = source.theorem(rest) if rest in source.laws else k.axiom(name)
    th = k.sym(th) if turned else th
    yield th
    run = Normaliser((), [k.assume(a, b) for a, b in th.hypotheses], lambda _: None, kept)
    evaluated = chain(k.sym(run(th.left)), th, run(th.right))
    if evaluated.left is not th.left:
        yield evaluated


def _is_value(x: Term) -> bool:
    """Literals, truth values, words of literals, and tuples and lists of these."""
    name = x.function.name if x.kind == "A" and x.function.kind == "C" else ""
    if name.startswith("ofZ."):
        return x.argument.kind == "K"
    if x.kind in ("T", "A"):
        return all(_is_value(c) for c in x.children())
    return x.kind in ("K", "C")
