"""Validates the axioms: z3 shows that the negation of each has no model. Not part of the trusted base; run by CI.

Integers are z3's integers and reals its reals. A machine word is an integer in range, `toZ` the identity, and `ofZ`
reduces modulo 2**bits into the range, so every width is decided as it stands. The equations that define `cond`,
`outcase`, `listrec` and `natrec` by cases of their argument have nothing to be validated against: their status is
`definition`.
The records are kept in `validation.json`; `python -m hyperion_proofs.validate` writes it anew (needs z3-solver).
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

from hyperion.errors import ProofError
from hyperion.ir.types import IntType
from hyperion.logic import literals, theory
from hyperion.logic import terms as t
from hyperion.logic.kernel import Equation
from hyperion.logic.terms import Term

Z3: TypeAlias = Any  # z3's stubs leave most types open
Verdict: TypeAlias = Literal["proved", "refuted", "unknown"]
Status: TypeAlias = Literal["smt", "definition"]

RECORDS = Path(__file__).with_name("validation.json")
DEFINED = ("cond.", "outcase.", "listrec.", "natrec.")
TIME_LIMIT = 20.0


@dataclass(frozen=True, slots=True)
class Axiom:
    """`hypotheses |- left = right`, for all values of the free variables."""

    name: str
    hypotheses: tuple[Equation, ...]
    left: Term
    right: Term

    @property
    def variables(self) -> list[Term]:
        sides = [side for equation in (*self.hypotheses, (self.left, self.right)) for side in equation]
        return sorted(set[Term]().union(*(side.free for side in sides)), key=lambda v: v.name)


def axioms() -> dict[str, Axiom]:
    """The axioms of the axiom file."""
    found: dict[str, Axiom] = {}
    for name, (hypotheses, left, right) in theory.load(theory.axiom_text()).items():
        order = sorted(hypotheses, key=lambda pair: (t.digest(pair[0]), t.digest(pair[1])))
        found[name] = Axiom(name, tuple(order), left, right)
    return found


@cache
def _z3() -> Z3:
    """z3, imported only when an axiom is validated: it is a dependency of development, not of users."""
    try:
        return importlib.import_module("z3")
    except ImportError as error:
        raise ProofError("HY7021", "validating axioms needs z3", hints=["pip install z3-solver"]) from error


@cache
def _meanings() -> dict[str, Callable[..., Z3]]:
    z3 = _z3()
    unary: dict[str, Callable[[Z3], Z3]] = {"neg": lambda a: -a, "abs": lambda a: z3.If(a < 0, -a, a)}
    binary: dict[str, Callable[[Z3, Z3], Z3]] = {
        "add": lambda a, b: a + b,
        "sub": lambda a, b: a - b,
        "mul": lambda a, b: a * b,
        "max": lambda a, b: z3.If(a >= b, a, b),
        "min": lambda a, b: z3.If(a <= b, a, b),
        # z3 divides so that the remainder is not negative, which is the floor for a positive divisor.
        "floordiv": lambda a, b: z3.If(b == 0, 0, z3.If(b > 0, a / b, (-a) / (-b))),
        "mod": lambda a, b: z3.If(b == 0, a, z3.If(b > 0, a % b, -((-a) % (-b)))),
        "le": lambda a, b: a <= b,
        "lt": lambda a, b: a < b,
        "eq": lambda a, b: a == b,
        "within": lambda p, a: z3.If(a < 0, -a, a) <= p,
    }
    meanings: dict[str, Callable[..., Z3]] = {"cond": z3.If, "and": z3.And, "or": z3.Or, "xor": z3.Xor, "not": z3.Not}
    meanings |= {"true": lambda: z3.BoolVal(True), "false": lambda: z3.BoolVal(False)} | unary | binary
    for name in ("add", "sub", "mul", "neg"):
        meanings[f"r{name}"] = meanings[name]
    return meanings


def _word(name: str) -> IntType | None:
    sign, width = name[:1], name[1:]
    return IntType(int(width), sign == "i") if sign in ("i", "u") and width.isdigit() else None


def _of_integer(word: IntType, z: Z3) -> Z3:
    return (z - word.minimum) % 2**word.width + word.minimum


def _meaning(name: str) -> Callable[..., Z3]:
    base, _, suffix = name.partition(".")
    word = _word(suffix)
    if word is None:
        if name not in _meanings():
            raise ProofError("HY7022", f"the constant {name} has no meaning in z3 yet", hints=["add it to validate.py"])
        return _meanings()[name]
    meanings: dict[str, Callable[[Z3], Z3]] = {
        "toZ": lambda x: x,
        "ofZ": lambda z: _of_integer(word, z),
        "inr": lambda z: _z3().And(word.minimum <= z, z <= word.maximum),
    }
    return meanings[base]


def _variable(v: Term) -> Z3:
    z3 = _z3()
    sort: Callable[[str], Z3] = {"bool": z3.Bool, "real": z3.Real}.get(v.type.name, z3.Int)
    if v.type.args is None:  # a type variable: any type, so a sort of which nothing is known
        return z3.Const(v.name, z3.DeclareSort(v.type.name))
    return sort(v.name)


def meaning(x: Term, exceptions: Mapping[str, Callable[[Z3], Z3]] | None = None) -> Z3:
    """The term in z3's language; the terms of axioms are small, so plain recursion does.

    `exceptions` give some constants another meaning than their own.
    """
    if x.kind == "V":
        return _variable(x)
    if x.kind == "K":
        return _z3().IntVal(x.name) if x.type is t.INT else _z3().RealVal(x.name)
    arguments: list[Term] = []
    while x.kind == "A":
        arguments.insert(0, x.argument)
        x = x.function
    if x.kind != "C":
        raise ProofError("HY7022", f"a term of kind {x.kind} has no meaning in z3 yet", hints=["add it to validate.py"])
    function = exceptions[x.name] if exceptions and x.name in exceptions else _meaning(x.name)
    return function(*(meaning(a, exceptions) for a in arguments))


def _search(assumptions: Sequence[Z3], time_limit: float) -> Verdict:
    """Whether the assumptions contradict each other (`proved`)."""
    solver = _z3().Solver()
    solver.set("timeout", int(time_limit * 1000))
    solver.add(*assumptions)
    verdicts: dict[str, Verdict] = {"unsat": "proved", "sat": "refuted"}
    return verdicts.get(str(solver.check()), "unknown")


def decide(axiom: Axiom, time_limit: float = TIME_LIMIT) -> Verdict:
    """Whether the axiom holds for all values, by z3's search for a counterexample."""
    for seconds in (min(1.0, time_limit), time_limit):
        verdict = _search(_denial(axiom), seconds)
        if verdict != "unknown" or _decide_with_periods(axiom, seconds) == "proved":
            return "proved" if verdict == "unknown" else verdict
    return "unknown"


def counterexample(axiom: Axiom) -> str:
    """Values for which a refuted axiom fails."""
    solver = _z3().Solver()
    solver.add(*_denial(axiom))
    return str(solver.model()) if str(solver.check()) == "sat" else "none found"


def _denial(axiom: Axiom, exceptions: Mapping[str, Callable[[Z3], Z3]] | None = None) -> list[Z3]:
    said: list[Z3] = []
    for v in axiom.variables:
        word = _word(v.type.name)
        if word is not None:
            said += [word.minimum <= _variable(v), _variable(v) <= word.maximum]
    said += [meaning(left, exceptions) == meaning(right, exceptions) for left, right in axiom.hypotheses]
    return [*said, meaning(axiom.left, exceptions) != meaning(axiom.right, exceptions)]


def _decide_with_periods(axiom: Axiom, time_limit: float) -> Verdict:
    """A second try for products of words: `ofZ` as an unknown function f of which z3 first proves two lemmas,
    a = f a + 2**bits * q for some q, and f (x + 2**bits * k) = f x, used at x = f a * b and k = q * b."""
    z3 = _z3()
    names = {u.name for side in (axiom.left, axiom.right) for u in t.subterms(side) if u.kind == "C"}
    words = [(n, word) for n in names if n.startswith("ofZ.") and (word := _word(n.removeprefix("ofZ.")))]
    if len(words) != 1:
        return "unknown"
    name, word = words[0]
    period, f = 2**word.width, z3.Function("f", z3.IntSort(), z3.IntSort())
    a, x, k = z3.Ints("a x k")
    lemmas = (
        a != _of_integer(word, a) + period * ((a - word.minimum) / period),
        _of_integer(word, x + period * k) != _of_integer(word, x),
    )
    if any(_search([lemma], time_limit) != "proved" for lemma in lemmas):
        return "unknown"
    said = _denial(axiom, {name: f})
    integers = [_variable(v) for v in axiom.variables if v.type is t.INT]
    for i, v in enumerate(integers):
        q = z3.Int(f"quotient{i}")
        said.append(v == f(v) + period * q)
        said += [f(f(v) * other + period * (q * other)) == f(f(v) * other) for other in integers]
    return "proved" if _search(said, time_limit) == "proved" else "unknown"


SWAPS: Mapping[str, tuple[str, ...]] = {
    "add": ("sub", "mul"), "sub": ("add",), "mul": ("add",), "max": ("min",), "min": ("max",), "neg": ("abs",),
    "abs": ("neg",), "le": ("lt",), "lt": ("le",), "true": ("false",), "false": ("true",), "and": ("or", "xor"),
    "or": ("and",), "xor": ("or",), "radd": ("rmul",), "rmul": ("radd",), "rsub": ("radd",), "within": ("le", "lt"),
}  # fmt: skip


def mutants(axiom: Axiom) -> Iterator[Axiom]:
    """The axiom with one thing changed: a hypothesis dropped, a constant, literal or variable exchanged, arguments
    swapped. Most are false; a few happen to be true too."""
    for i in range(len(axiom.hypotheses)):
        yield Axiom(axiom.name, axiom.hypotheses[:i] + axiom.hypotheses[i + 1 :], axiom.left, axiom.right)
    variables = axiom.variables
    for changed in _changes(axiom.right, variables):
        yield Axiom(axiom.name, axiom.hypotheses, axiom.left, changed)
    for changed in _changes(axiom.left, variables):
        yield Axiom(axiom.name, axiom.hypotheses, changed, axiom.right)
    for i, (left, right) in enumerate(axiom.hypotheses):
        for changed in _changes(left, variables):
            hypotheses = (*axiom.hypotheses[:i], (changed, right), *axiom.hypotheses[i + 1 :])
            yield Axiom(axiom.name, hypotheses, axiom.left, axiom.right)


def _changes(x: Term, variables: Sequence[Term]) -> Iterator[Term]:
    match x.kind:
        case "V":
            yield from (v for v in variables if v is not x and v.type is x.type)
            yield from _next(x)
        case "C":
            yield from (t.const(name, x.type) for name in SWAPS.get(x.name, ()))
        case "K" if x.type is t.INT:
            yield from (literals.int_lit(literals.int_value(x) + step) for step in (1, -1))
        case "K":
            yield literals.real_lit(literals.real_value(x) + 1)
        case "A":
            for f in _changes(x.function, variables):
                yield t.app(f, x.argument)
            for y in _changes(x.argument, variables):
                yield t.app(x.function, y)
            inner = x.function
            if inner.kind == "A" and inner.argument.type is x.argument.type:
                yield t.app(inner.function, x.argument, inner.argument)
        case _:
            pass


def _next(x: Term) -> Iterator[Term]:
    """Another value than x."""
    word = _word(x.type.name)
    if x.type is t.INT:
        yield _apply("add", x, literals.int_lit(1))
    elif word is not None:
        yield _apply(f"ofZ.{word}", _apply("add", _apply(f"toZ.{word}", x), literals.int_lit(1)))
    elif x.type in (t.BOOL, t.REAL):
        yield _apply("not", x) if x.type is t.BOOL else _apply("radd", x, literals.real_lit(Fraction(1)))


def _apply(name: str, *arguments: Term) -> Term:
    return t.app(t.const(name, t.SIGNATURE[name]), *arguments)


def status(axiom: Axiom) -> Status:
    """How the axiom was validated; raises ProofError where it is false (HY7023) or undecided (HY7024)."""
    if axiom.name.startswith(DEFINED):
        return "definition"
    match decide(axiom):
        case "proved":
            return "smt"
        case "refuted":
            raise ProofError("HY7023", f"the axiom {axiom.name} is false", notes=[counterexample(axiom)])
        case "unknown":
            raise ProofError("HY7024", f"z3 cannot decide the axiom {axiom.name}", hints=["state it in smaller steps"])


def recorded() -> dict[str, Status]:
    """The record of the last validation, by axiom; needs no z3."""
    return json.loads(RECORDS.read_text(encoding="utf-8"))


def main() -> int:
    """Validate every axiom and write the record."""
    records = {name: status(axiom) for name, axiom in sorted(axioms().items())}
    RECORDS.write_text(json.dumps(records, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(records)} axioms: {sum(s == 'smt' for s in records.values())} proved by z3\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
