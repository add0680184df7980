"""Untrusted. A whole proof as a file for Coq, which checks every step of it again by its own rules.

Each step becomes a definition with the statement of the step for its type; each axiom a lemma that Coq proves from what
the constants mean. The last line has Coq print what it took without proof.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Final, cast

from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.kernel import Equation, Hypotheses, Theorem
from hyperion.logic.proof import ProofFile, steps
from hyperion.logic.terms import Term, Ty
from hyperion_exports.coq_terms import (
    SIMPLE,
    WORD,
    WORDS,
    Globals,
    Scope,
    definition_name,
    identifier,
    tuples,
    type_binders,
    type_names,
)
from hyperion_exports.replay import replay


@dataclass(frozen=True)
class Context:
    """What a step is about: type variables, variables and hypotheses, in the order in which its lemma takes them."""

    types: tuple[str, ...]
    variables: tuple[Term, ...]
    hypotheses: tuple[Equation, ...]

    @staticmethod
    def of(hypotheses: Hypotheses, left: Term, right: Term) -> Context:
        sides = [side for equation in (*hypotheses, (left, right)) for side in equation]
        types = frozenset[str]().union(*map(_type_variables, sides))
        free = frozenset[Term]().union(*(s.free for s in sides))
        ordered = sorted(hypotheses, key=lambda e: (t.digest(e[0]), t.digest(e[1])))
        return Context(tuple(sorted(types)), tuple(sorted(free, key=t.digest)), tuple(ordered))


_TYPE_VARIABLES: dict[Term, frozenset[str]] = {}


def _type_variables(x: Term) -> frozenset[str]:
    if x not in _TYPE_VARIABLES:
        _TYPE_VARIABLES[x] = t.type_variables(x)
    return _TYPE_VARIABLES[x]


@dataclass(frozen=True)
class Place:
    """Where a proof term is written: the names in force, and the proofs of hypotheses at hand."""

    scope: Scope
    facts: Mapping[Equation, str]

    def with_fact(self, equation: Equation, name: str) -> Place:
        return Place(self.scope, {**self.facts, equation: name})

    def with_variables(self, names: Mapping[Term, str]) -> Place:
        scope = Scope(self.scope.globals, {**self.scope.variables, **names}, self.scope.types)
        return Place(scope, self.facts)


@dataclass(frozen=True)
class Claim:
    """A statement with its name and what it is about."""

    name: str
    binders: str
    statement: str

    def shown(self, proof: str) -> str:
        return f"Definition {self.name}{self.binders} : {self.statement} :=\n  {proof}."

    def proved(self, tactic: str) -> str:
        return f"Lemma {self.name}{self.binders} : {self.statement}.\nProof. {tactic}. Qed."

    def taken(self) -> str:
        return (
            f"Axiom {self.name} : forall{self.binders}, {self.statement}."
            if self.binders
            else (f"Axiom {self.name} : {self.statement}.")
        )


@dataclass
class Writer:
    """Writes the steps of one proof."""

    globals: Globals = field(default_factory=Globals)
    lines: list[str] = field(default_factory=list[str])
    _names: dict[tuple[Hypotheses, Term, Term], str] = field(default_factory=dict[tuple[Hypotheses, Term, Term], str])
    _defined: set[str] = field(default_factory=set[str])
    _contexts: dict[str, Context] = field(default_factory=dict[str, Context])

    def write(self, theorem: Theorem) -> str:
        """Every step of the theorem; the name of the last."""
        every = steps(theorem)
        self.globals.definitions.update({th.left.name: th.right for th in every if th.rule == "define"})
        for name in self.globals.definitions:
            self._definition(name)
        for th in every:
            if th.rule not in ("refl", "assume") or th is theorem:
                self._step(th)
        return self._names[_statement(theorem)]

    def _definition(self, name: str) -> None:
        """A defined constant, after those that it is made of."""
        if name in self._defined:
            return
        self._defined.add(name)
        body = self.globals.definitions[name]
        for u in t.subterms(body):
            if u.kind == "C" and u.name in self.globals.definitions:
                self._definition(u.name)
        types = type_names(body.type.variables)
        scope = Scope(self.globals, {}, types)
        said = f"{type_binders(types)} : {scope.type(body.type)} :=\n  {scope.term(body)}."
        self.lines.append(f"Definition {definition_name(name)}{said}")

    def _step(self, th: Theorem) -> None:
        statement = _statement(th)
        if statement in self._names:
            return
        name = f"axiom_{identifier(str(th.arguments[0]))}" if th.rule == "axiom" else f"s{len(self._names)}"
        context = Context.of(*statement)
        types = type_names(context.types)
        variables = _variable_names(context.variables)
        scope = Scope(self.globals, variables, types)
        facts = {e: f"h{i}" for i, e in enumerate(context.hypotheses)}
        given = "".join(f" ({variables[v]} : {scope.type(v.type)})" for v in context.variables)
        given += "".join(f" ({facts[e]} : {_equation(scope, e)})" for e in context.hypotheses)
        claim = Claim(name, f"{type_binders(types)}{given}", _equation(scope, (th.left, th.right)))
        if th.rule in TAKEN:
            self.lines.append(TAKEN[th.rule](claim, th))
        else:
            self.lines.append(claim.shown(self._proof(th, Place(scope, facts))))
        self._names[statement], self._contexts[name] = name, context

    def use(self, th: Theorem, place: Place, substitution: Mapping[Term, Term] | None = None) -> str:
        """The proof of a premise, its variables replaced by `substitution`."""
        if th.rule == "refl":
            return f"(eq_refl {place.scope.term(t.substitute(th.left, substitution or {}))})"
        mapping = substitution or {}

        def instance(x: Term) -> Term:
            return t.substitute(x, mapping)

        if th.rule == "assume":
            return place.facts[instance(th.left), instance(th.right)]
        name = self._names[_statement(th)]
        context = self._contexts[name]
        given = [text for a in context.types for text in place.scope.types.get(a, ("Z", "0"))]
        given += [place.scope.term(instance(v)) for v in context.variables]
        given += [place.facts[instance(a), instance(b)] for a, b in context.hypotheses]
        return f"({name} {' '.join(given)})" if given else name

    def _use_at_types(self, th: Theorem, place: Place, types: Mapping[str, Ty]) -> str:
        def instance(x: Term) -> Term:
            return t.instantiate_types(x, types)

        if th.rule == "refl":
            return f"(eq_refl {place.scope.term(instance(th.left))})"
        if th.rule == "assume":
            return place.facts[instance(th.left), instance(th.right)]
        name = self._names[_statement(th)]
        context, given = self._contexts[name], list[str]()
        for a in context.types:
            ty = t.instantiate_type(t.type_variable(a), types)
            given += [place.scope.type(ty), place.scope.default(ty)]
        given += [place.scope.term(instance(v)) for v in context.variables]
        given += [place.facts[instance(a), instance(b)] for a, b in context.hypotheses]
        return f"({name} {' '.join(given)})"

    def _proof(self, th: Theorem, place: Place) -> str:
        premises = th.premises
        match th.rule:
            case "refl" | "beta" | "eta" | "projbeta" | "tupeta" | "define":
                return "eq_refl"
            case "assume":
                return place.facts[th.left, th.right]
            case "sym":
                return f"(eq_sym {self.use(premises[0], place)})"
            case "trans":
                return f"(eq_trans {self.use(premises[0], place)} {self.use(premises[1], place)})"
            case "app":
                return f"(mk_app {self.use(premises[0], place)} {self.use(premises[1], place)})"
            case "abs":
                v = cast("Term", th.arguments[0])
                inside = place.with_variables({v: "x"})
                return f"(fun_ext (fun x : {place.scope.type(v.type)} => {self.use(premises[0], inside)}))"
            case "tuple":
                return f"(same_tuple{len(premises)} {' '.join(self.use(p, place) for p in premises)})"
            case "proj":
                return self._projection(th, place)
            case "inst":
                return self.use(premises[0], place, dict(cast("Sequence[tuple[Term, Term]]", th.arguments[0])))
            case "insttype":
                return self._use_at_types(premises[0], place, dict(cast("Sequence[tuple[str, Ty]]", th.arguments[0])))
            case "cut":
                fact = (premises[0].left, premises[0].right)
                return self.use(premises[1], place.with_fact(fact, self.use(premises[0], place)))
            case _:
                return self._by_cases(th, place)

    def _projection(self, th: Theorem, place: Place) -> str:
        ty, premise = th.left.body.type, self.use(th.premises[0], place)
        types = " ".join(map(place.scope.type, ty.args or ()))
        return f"(f_equal (@item{th.left.index}of{len(ty.args or ())} {types}) {premise})"

    def _by_cases(self, th: Theorem, place: Place) -> str:
        if th.rule == "boolcases":
            b = cast("Term", th.arguments[0])
            cases = [
                f"(fun e => {self.use(p, place.with_fact((b, value), 'e'))})"
                for p, value in zip(th.premises, (TRUE, FALSE), strict=True)
            ]
            return f"(bool_cases {place.scope.term(b)} {' '.join(cases)})"
        if th.rule == "outcases":
            return self._outcome_cases(th, place)
        if th.rule == "natind":
            n, left, right = cast("tuple[Term, ...]", th.arguments)
            inside = place.with_variables({n: "n"})
            motive = _equation(inside.scope, (left, right))
            base = self.use(th.premises[0], place)
            step = self.use(th.premises[1], inside.with_fact((left, right), "ih"))
            whole = place.scope.term(n)
            return f"(nat_ind (fun n : nat => {motive}) {base}\n    (fun (n : nat) (ih : {motive}) => {step}) {whole})"
        x, xs, left, right = cast("tuple[Term, ...]", th.arguments)
        inside = place.with_variables({xs: "xs", x: "x"})
        motive = _equation(place.with_variables({xs: "xs"}).scope, (left, right))
        element = place.scope.type(x.type)
        base = self.use(th.premises[0], place)
        step = self.use(th.premises[1], inside.with_fact((left, right), "ih"))
        whole = place.scope.term(xs)
        given = f"(x : {element}) (xs : list {element}) (ih : {motive})"
        return f"(list_ind (fun xs : list {element} => {motive}) {base}\n    (fun {given} => {step}) {whole})"

    def _outcome_cases(self, th: Theorem, place: Place) -> str:
        o, v = cast("tuple[Term, Term]", th.arguments)
        ok = t.app(t.const("ok", t.fun(v.type, o.type)), v)
        values = [ok, t.const("trap", o.type), t.const("diverge", o.type)]
        first = place.with_variables({v: "v"}).with_fact((o, ok), "e")
        cases = [f"(fun v e => {self.use(th.premises[0], first)})"]
        for p, value in zip(th.premises[1:], values[1:], strict=True):
            cases.append(f"(fun e => {self.use(p, place.with_fact((o, value), 'e'))})")
        return f"(out_cases {place.scope.term(o)} {' '.join(cases)})"


def _statement(th: Theorem) -> tuple[Hypotheses, Term, Term]:
    return th.hypotheses, th.left, th.right


def _equation(scope: Scope, equation: Equation) -> str:
    left, right = equation
    return f"@eq {scope.type(left.type)} {scope.term(left)} {scope.term(right)}"


def _variable_names(variables: Sequence[Term]) -> dict[Term, str]:
    names: dict[Term, str] = {}
    for v in variables:
        name = f"v_{identifier(v.name)}"
        names[v] = name if name not in names.values() else f"{name}_{len(names)}_"
    return names


def _has_meaning(name: str) -> bool:
    base, _, suffix = name.partition(".")
    return name in SIMPLE or (base in WORDS and WORD.match(suffix) is not None)


def _axiom(claim: Claim, th: Theorem) -> str:
    """Proved from what the constants mean, where Coq is told that."""
    sides = [side for equation in (*th.hypotheses, (th.left, th.right)) for side in equation]
    used = {u for side in sides for u in t.subterms(side)}
    if not all(_has_meaning(u.name) for u in used if u.kind == "C"):
        return claim.taken()
    return claim.proved("by_reals" if any(u.type is t.REAL for u in used) else "by_words")


def _computation(claim: Claim, th: Theorem) -> str:
    """Coq computes on integers and words; on reals it proves, and of floats it knows nothing."""
    literals = {u.type.name for u in t.subterms(th.left) if u.kind == "K"}
    if "real" in literals:
        return claim.proved("by_reals")
    return claim.taken() if literals - {"int"} else claim.proved("vm_compute; reflexivity")


TAKEN: Final[Mapping[str, Callable[[Claim, Theorem], str]]] = {
    "axiom": _axiom,
    "compute": _computation,
    "oracle": lambda claim, _: claim.taken(),
}
"""The steps without premises that Coq proves by itself, or has to take."""


def _preamble(globals_: Globals) -> Iterator[str]:
    for name in ("prelude.v", "reals.v") if globals_.reals else ("prelude.v",):
        yield files("hyperion_exports").joinpath(name).read_text(encoding="utf-8")
    yield "Set Primitive Projections."
    yield from tuples(globals_.tuples)
    yield "Unset Primitive Projections."
    yield from (globals_.types[name] for name in sorted(globals_.types))
    yield from (globals_.parameters[name] for name in sorted(globals_.parameters))


def text_of(theorems: Sequence[Theorem]) -> str:
    """A file with the proofs of these theorems; what the last one rests on is printed."""
    writer = Writer()
    names = [writer.write(th) for th in theorems]
    head, body = "\n".join(_preamble(writer.globals)), "\n".join(writer.lines)
    return f"{head}\n\n(* The proof *)\n{body}\n\nDefinition theorem := {names[-1]}.\nPrint Assumptions theorem.\n"


@dataclass(frozen=True)
class Coq:
    """Exports a whole proof; `coqc` checks it and prints what it rests on."""

    name: str = "coq"
    suffix: str = ".v"

    def export(self, proof: ProofFile) -> str:
        return text_of([replay(proof)])
