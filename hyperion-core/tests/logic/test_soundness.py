"""Random proofs: kernel and checker agree on every step, the conclusions are true in a model, 0 = 1 never comes out.

The model is Python: integers, truth values, words as integers, lists and tuples as tuples, outcomes as tagged tuples,
functions as functions; a type variable stands for the integers.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import pytest

from hyperion.logic import checker, kernel, literals, proof, theory
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply, definitions
from hyperion.logic.kernel import RuleError, Theorem
from hyperion.logic.terms import Term, TermError, Ty

THEORY = checker.Theory(theory.axiom_text())
A, B = t.type_variable("'a"), t.type_variable("'b")
AXIOMS = [name for name in kernel.AXIOMS if ":" not in name]  # the core's: another test may admit a distribution's
RULES: dict[str, Callable[..., Theorem]] = {
    "refl": kernel.refl, "sym": kernel.sym, "trans": kernel.trans, "app": kernel.app, "abs": kernel.abs_,
    "beta": kernel.beta, "eta": kernel.eta, "tuple": kernel.tuple_, "proj": kernel.proj, "projbeta": kernel.projbeta,
    "tupeta": kernel.tupeta, "assume": kernel.assume, "cut": kernel.cut, "boolcases": kernel.bool_cases,
    "listind": kernel.list_induction, "outcases": kernel.outcome_cases, "compute": kernel.compute,
    "define": kernel.define, "axiom": kernel.axiom, "natind": kernel.nat_induction, "oracle": kernel.oracle,
    "inst": lambda pairs, th: kernel.inst(dict(pairs), th),
    "insttype": lambda pairs, th: kernel.inst_type(dict(pairs), th),
}  # fmt: skip


class World:
    """A pool of terms and theorems, grown at random; each step is tried on the kernel and on the checker."""

    def __init__(self, seed: int, axioms: Sequence[str]) -> None:
        self.random = random.Random(seed)
        self.replay = checker.Replay(THEORY, dict(checker.LIMITS), ["solver"])
        self.replay.signatures = checker.RULES
        self.tables = proof._Tables()
        self.theorems: list[Theorem] = []
        self.index: dict[int, int] = {}
        self.accepted = self.refused = 0
        self.axioms = list(axioms)
        self.types = [t.INT, t.BOOL, A, t.list_of(A), t.list_of(t.INT), t.outcome_of(t.INT), t.type_of("i8"), B, t.NAT]
        self.types += [t.type_of("array2", t.INT), t.type_of("bf16"), t.type_of("ext:owner.angle")]
        self.terms = [t.var(f"{n}{i}", ty) for i, ty in enumerate(self.types) for n in "xy"]
        self.terms += [t.var("f", t.fun(A, B)), t.var("g", t.fun(t.INT, t.INT, t.BOOL)), t.bound(0, t.INT)]
        self.terms += [literals.int_lit(n) for n in (0, 1, -1, 127, 128)] + [kernel.TRUE, kernel.FALSE]
        self.terms += [t.const(n, ty) for n, ty in t.SIGNATURE.items() if not n.startswith(("f", "r")) and ":" not in n]
        self.terms += [t.const("op:undefined", ty) for ty in (t.outcome_of(t.INT), t.outcome_of(A))]
        for th in definitions().values():
            self.step("define", th.arguments)

    def pick(self, items: Sequence[Any]) -> Any:
        return self.random.choice(items)

    def grow(self) -> None:
        """A new random term."""
        x, y = self.pick(self.terms), self.pick(self.terms)
        try:
            match self.random.randrange(7):
                case 0:
                    new = t.tup(x, y)
                case 1:
                    new = t.proj(self.random.randrange(3), x)
                case 2:
                    new = t.lam(self.pick([v for v in self.terms if v.kind == "V"]), x)
                case 3:
                    new = t.instantiate_types(x, {"'a": self.pick(self.types)})
                case _:
                    fitting = [z for z in self.terms if x.type.name == "fun" and z.type is (x.type.args or (None,))[0]]
                    new = t.app(x, self.pick(fitting or [y]))
        except TermError:
            return
        if sum(1 for _ in t.subterms(new)) < 60:
            self.terms.append(new)

    def step(self, rule: str, arguments: Sequence[Any], *premises: Theorem) -> None:
        """Both accept with the same conclusion, or both refuse."""
        try:
            th: Theorem | None = RULES[rule](*arguments, *premises)
        except (RuleError, TermError):
            th = None
        row = [*map(self.tables.argument, (rule, *arguments)), *(self.index[id(p)] for p in premises)]
        if rule == "axiom":
            row.append(theory.axiom_digest(arguments[0]) if th else "0" * 64)
        for kind, entries, read in (
            (self.replay.types, self.tables.types, self.replay.read_type),
            (self.replay.terms, self.tables.terms, self.replay.read_term),
        ):
            for entry in entries[len(kind) :]:
                read(*entry)
        refusal = ""
        try:
            self.replay.read_step(*row)
        except checker.Refused as error:
            refusal = str(error)
        if th is None:
            assert refusal, f"only the kernel refuses {rule} {arguments} {premises}"
            self.refused += 1
            return
        assert not refusal, f"only the checker refuses {rule}: {refusal}"
        sequent = self.replay.steps[-1]
        assert (t.digest(th.left), t.digest(th.right)) == (checker.digest(sequent.left), checker.digest(sequent.right))
        assert {(t.digest(x), t.digest(y)) for x, y in th.hypotheses} == {
            (checker.digest(x), checker.digest(y)) for x, y in sequent.hypotheses
        }
        assert th.basis == sequent.basis
        self.accepted += 1
        self.theorems.append(th)
        self.index[id(th)] = len(self.replay.steps) - 1
        if sum(1 for _ in t.subterms(th.right)) < 60:
            self.terms += [th.left, th.right]

    def wander(self) -> None:
        """One random step, its arguments chosen so that it often applies."""
        rule = self.pick([*RULES, "trans", "app", "compute", "axiom", "inst", "inst", "beta", "cut", "assume"])
        th, other = self.pick(self.theorems), self.pick(self.theorems)
        x, y = self.pick(self.terms), self.pick(self.terms)
        v = self.pick([v for v in self.terms if v.kind == "V"])
        same = [z for z in self.terms if z.type is x.type]
        match rule:
            case "refl" | "beta" | "eta" | "projbeta" | "tupeta" | "compute":
                kind = {"beta": "A", "eta": "L", "projbeta": "P", "compute": "A"}.get(rule)
                self.step(rule, [self.pick([z for z in self.terms if z.kind == kind] or [x])])
            case "sym":
                self.step(rule, [], th)
            case "trans":
                fitting = [o for o in self.theorems if o.left is th.right]
                self.step(rule, [], th, self.pick([*fitting, other]))
            case "cut":
                facts = {(o.left, o.right): o for o in self.theorems}
                fitting = [(facts[h], o) for o in self.theorems for h in o.hypotheses if h in facts]
                self.step(rule, [], *self.pick([*fitting[-40:], (th, other)]))
            case "app" | "tuple":
                self.step(rule, [], th, other)
            case "abs":
                self.step(rule, [v], th)
            case "proj":
                self.step(rule, [self.random.randrange(-1, 3)], th)
            case "inst":
                free = sorted(th.left.free | th.right.free, key=lambda u: u.name) or [v]
                u = self.pick(free)
                fitting = [z for z in self.terms if z.type is u.type]
                self.step(rule, [((u, self.pick([*fitting, x])),)], th)
            case "insttype":
                name = self.pick(["'a", "'b", "'a", "'b", "int"])
                self.step(rule, [((name, self.pick(self.types)),)], th)
            case "assume":
                self.step(rule, [x, self.pick([*same, y])])
            case "boolcases":
                condition = self.pick([z for z in self.terms if z.type is t.BOOL and not z.loose])
                self.step(
                    rule, [condition], th, self.pick([o for o in self.theorems if kernel._says(o) == kernel._says(th)])
                )
            case "outcases":
                o = self.pick([z for z in self.terms if z.type.name == "outcome"] or [x])
                fitting = [z for z in self.terms if z.kind == "V" and t.outcome_of(z.type) is o.type]
                alike = [z for z in self.theorems if kernel._says(z) == kernel._says(th)]
                self.step(rule, [o, self.pick([*fitting, v])], th, self.pick(alike), self.pick(alike))
            case "listind":
                self.induction(x, self.pick(same))
            case "natind":
                self.nat_induction(x, self.pick(same))
            case "oracle":  # a lie would spoil the model
                self.step(rule, [self.pick(["solver", "a b"]), tuple(th.hypotheses), th.left, th.right])
            case "define":
                self.step(rule, [self.pick(["one", "a b", ""]), x])
            case _:
                self.step(rule, [self.pick([*self.axioms, "no.such.axiom"])])

    def induction(self, left: Term, right: Term) -> None:
        element = self.pick([A, t.INT])
        x = t.var("y0" if element is t.INT else "y2", element)
        xs = self.pick([z for z in self.terms if z.kind == "V" and z.type is t.list_of(element)])
        cons = t.app(t.const("cons", t.fun(element, xs.type, xs.type)), x, xs)
        cases: list[Theorem] = []
        for value in (t.const("nil", xs.type), cons):
            self.step("assume", [t.substitute(left, {xs: value}), t.substitute(right, {xs: value})])
            cases.append(self.theorems[-1])
        self.step("listind", [x, xs, left, right], *cases)

    def nat_induction(self, left: Term, right: Term) -> None:
        n = self.pick([z for z in self.terms if z.kind == "V" and z.type is t.NAT])
        cases: list[Theorem] = []
        for value in (t.const("zero", t.NAT), t.app(t.const("suc", t.fun(t.NAT, t.NAT)), n)):
            self.step("assume", [t.substitute(left, {n: value}), t.substitute(right, {n: value})])
            cases.append(self.theorems[-1])
        self.step("natind", [n, left, right], *self.pick([cases, cases[::-1]]))


class Unmodelled(Exception):
    """The model has no such values."""


class Model:
    """A meaning for every constant of the axiom file but the floats'."""

    def __init__(self, rng: random.Random, undefined: tuple[str, ...] = ("trap",)) -> None:
        self.random = rng
        self.budget = 0
        self.undefined = undefined
        self.definitions = {th.left.name: th.right for th in definitions().values()}

    def value(self, ty: Ty) -> Any:
        args = ty.args or ()
        match ty.name:
            case "bool":
                return self.random.random() < 0.5
            case "real":
                return Fraction(self.random.randrange(-3, 4), self.random.randrange(1, 4))
            case "list":
                return tuple(self.value(args[0]) for _ in range(self.random.randrange(4)))
            case "outcome":
                return self.random.choice([("ok", self.value(args[0])), ("trap",), ("diverge",)])
            case "prod":
                return tuple(self.value(a) for a in args)
            case "fun":
                result = self.value(args[1])
                return lambda _: result
            case "f16" | "f32" | "f64":
                raise Unmodelled
            case "nat":
                return self.random.randrange(5)
            case name if name in checker.WORDS:
                return checker.wrap(name, self.random.choice([0, 1, -1, 127, 128, self.random.randrange(1 << 128)]))
            case _:
                return self.random.choice([0, 1, -1, 2, 127, 128, 1 << 63, self.random.randrange(-9, 9)])

    def same(self, ty: Ty, x: Any, y: Any) -> bool:
        args = ty.args or ()
        if ty.name == "fun":
            return all(self.same(args[1], x(z), y(z)) for z in (self.value(args[0]) for _ in range(3)))
        if ty.name in ("list", "outcome", "prod"):
            parts = args if ty.name == "prod" else args * max(len(x), len(y))
            alike = len(x) == len(y) and (ty.name != "outcome" or x[0] == y[0])
            skip = 1 if ty.name == "outcome" else 0
            return alike and all(self.same(p, a, b) for p, a, b in zip(parts, x[skip:], y[skip:], strict=False))
        return x == y and type(x) is type(y)

    def constant(self, name: str) -> Any:
        if name in self.definitions:
            return self.evaluate(self.definitions[name], {}, ())
        if name == "op:undefined":
            return self.undefined
        base, _, word = name.partition(".")
        meanings: dict[str, Any] = {
            "true": True, "false": False, "nil": (), "trap": ("trap",), "diverge": ("diverge",),
            "ok": lambda v: ("ok", v), "cons": lambda x: lambda xs: (x, *xs),
            "cond": lambda c: lambda a: lambda b: a if c else b, "not": lambda p: not p,
            "and": lambda p: lambda q: p and q, "or": lambda p: lambda q: p or q, "xor": lambda p: lambda q: p != q,
            "outcase": lambda o: lambda f: lambda u: lambda v: f(o[1]) if o[0] == "ok" else u if o[0] == "trap" else v,
            "listrec": self.listrec, "natrec": self.natrec, "zero": 0, "suc": lambda n: n + 1,
            "within": lambda p: lambda a: abs(a) <= p,
            "neg": lambda a: -a, "abs": abs, "rneg": lambda a: -a,
            "toZ": lambda x: x, "ofZ": lambda z: checker.wrap(word, z), "inr": lambda z: checker.in_range(word, z),
        }  # fmt: skip
        if base in meanings:
            return meanings[base]
        if name not in checker.OPERATIONS or word:
            raise Unmodelled
        function = checker.OPERATIONS[name][3]
        return lambda a: lambda b: function(a, b)

    def listrec(self, nil: Any) -> Any:
        def over(cons: Any, xs: Any) -> Any:
            result = nil
            for i in reversed(range(len(xs))):
                result = cons(xs[i])(xs[i + 1 :])(result)
            return result

        return lambda cons: lambda xs: over(cons, xs)

    def natrec(self, zero: Any) -> Any:
        def up_to(step: Any, n: int) -> Any:
            result = zero
            for i in range(n):
                result = step(i)(result)
            return result

        return lambda step: lambda n: up_to(step, n)

    def evaluate(self, x: Term, free: dict[Term, Any], bound: tuple[Any, ...]) -> Any:
        self.budget -= 1
        if self.budget < 0:
            raise Unmodelled  # a recursion over lists whose elements are large
        match x.kind:
            case "V":
                return free[x]
            case "B":
                return bound[x.index]
            case "C":
                return self.constant(x.name)
            case "K" if x.type is t.INT:
                return literals.int_value(x)
            case "K" if x.type is t.REAL:
                return literals.real_value(x)
            case "K":
                raise Unmodelled
            case "A":
                return self.evaluate(x.function, free, bound)(self.evaluate(x.argument, free, bound))
            case "L":
                return lambda value: self.evaluate(x.body, free, (value, *bound))
            case "T":
                return tuple(self.evaluate(i, free, bound) for i in x.items)
            case "P":
                return self.evaluate(x.body, free, bound)[x.index]

    def refutes(self, th: Theorem) -> bool:
        """Whether some values make all hypotheses true and the conclusion false."""
        equations = [*th.hypotheses, (th.left, th.right)]
        if any("(fun" in left.type.text for left, _ in th.hypotheses):
            raise Unmodelled  # samples cannot show that two functions are equal
        variables = frozenset[Term]().union(*(side.free for equation in equations for side in equation))
        for _ in range(3):
            self.budget = 20_000
            free = {v: self.value(v.type) for v in variables}
            holds = [
                self.same(left.type, self.evaluate(left, free, ()), self.evaluate(right, free, ()))
                for left, right in equations
            ]
            if all(holds[:-1]) and not holds[-1]:
                return True
        return False


def families() -> dict[str, list[str]]:
    """The axioms by theory: the first part of their names, words by their width."""
    found: dict[str, list[str]] = {}
    for name in AXIOMS:
        found.setdefault(name.partition(".")[0], []).append(name)
    return found


def explore(world: World, steps: int) -> None:
    for _ in range(100):
        world.grow()
    for _ in range(steps):
        world.wander()
        if len(world.terms) < 900 and world.random.random() < 0.3:
            world.grow()


@pytest.mark.parametrize("seed", range(4))
def test_kernel_and_checker_agree_on_random_steps_and_the_model_holds(seed: int) -> None:
    world = World(seed, AXIOMS)
    explore(world, 500)
    assert world.accepted > 200
    assert world.refused > 100
    model = Model(world.random)
    judged = 0
    small = [th for th in world.theorems if sum(1 for _ in t.subterms(th.right)) < 25]
    for th in world.random.sample(small, min(400, len(small))):
        try:
            assert not model.refutes(th), proof.export(th)
            judged += 1
        except (Unmodelled, RecursionError):
            continue
    assert judged > 50


def test_what_is_proved_of_the_undefined_outcome_holds_whatever_it_is() -> None:
    """So what equals a function without it cannot reach it: a trap is no divergence (docs/adr/0010)."""
    world = World(7, [n for n in AXIOMS if n.startswith(("outcase", "listrec", "cond"))])
    unknown, number = t.const("op:undefined", t.outcome_of(t.INT)), t.var("x0", t.INT)
    items, after = t.var("x4", t.list_of(t.INT)), t.lam(number, apply("ok", apply("add", number, number)))
    about = [
        unknown, apply("bind", unknown, after), apply("get", unknown, items, number), apply("outcase", unknown, after,
        unknown, t.const("trap", unknown.type)), apply("cond", apply("le", number, number), unknown, unknown),
        apply("bind", apply("get", unknown, items, number), after), t.app(t.lam(number, unknown), number),
        apply("traverse", t.lam(number, unknown), items),
    ]  # fmt: skip
    world.terms += about * 30
    explore(world, 1500)
    found = [th for th in world.theorems if unknown in set(t.subterms(th.left)) and th.left is not th.right]
    judged = 0
    for th in found:
        try:
            assert not any(Model(world.random, o).refutes(th) for o in (("trap",), ("diverge",)))
            judged += 1
        except (Unmodelled, RecursionError):
            continue
    assert judged > 20
    th = kernel.assume(t.const("op:undefined", t.outcome_of(t.INT)), t.const("trap", t.outcome_of(t.INT)))
    object.__setattr__(th, "hypotheses", frozenset())
    assert Model(world.random, ("diverge",)).refutes(th)


@pytest.mark.parametrize("family", families())
def test_no_theory_derives_that_0_is_1(family: str) -> None:
    """Forward search with the axioms of one theory, instances at 0 and 1, and computation."""
    world = World(len(family), families()[family])
    for name in families()[family]:
        world.step("axiom", [name])
    explore(world, 1500)
    values = {"K", "C"}
    for th in world.theorems:
        if not th.hypotheses and th.left is not th.right and {th.left.kind, th.right.kind} <= values:
            assert "@" in th.left.name + th.right.name, f"{th.left.name} = {th.right.name}"


def test_the_model_refutes_what_is_false() -> None:
    """The judge above is awake."""
    x = t.var("x", t.INT)
    false = [
        kernel.assume(literals.int_lit(0), literals.int_lit(1)),
        kernel.assume(x, literals.int_lit(1)),
        kernel.assume(t.lam(x, x), t.lam(x, literals.int_lit(5))),
    ]
    for th in false:
        object.__setattr__(th, "hypotheses", frozenset())
        assert Model(random.Random(1)).refutes(th)
