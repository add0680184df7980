"""Shows that an axiom is true, by the strongest means that reaches it, and says which one that was."""

from __future__ import annotations

from collections.abc import Callable

from hyperion.errors import ProofError
from hyperion.interfaces.refuter import Verdict
from hyperion.interfaces.theory import Record
from hyperion.logic import definitions
from hyperion.logic import terms as t
from hyperion.logic.terms import Term
from hyperion_z3.arithmetic import Unbounded
from hyperion_z3.constants import STRUCTURAL, meaning
from hyperion_z3.refuter import Decision, solve
from hyperion_z3.solver import Z3, ask, context, z3
from hyperion_z3.statements import Statement
from hyperion_z3.translation import Translation
from hyperion_z3.values import word_of

TIME_LIMIT = 30.0
CONSTRUCTORS = ("true", "false", "ok", "trap", "diverge", "nil", "cons", "zero", "suc")


def validate(statement: Statement, time_limit: float = TIME_LIMIT) -> Record:
    """The record of an axiom; raises ProofError where it is false (HY7023) or undecided (HY7024)."""
    if is_definition(statement):
        return Record("definition", "cases of a constructor", digest=statement.digest)
    if missing := sorted(statement.constants - known_constants(statement)):
        message = f"the constant {missing[0]} of the axiom {statement.name} has no meaning in z3"
        raise ProofError("HY7022", message, hints=["add it to hyperion_z3/constants.py"])
    decision = decide(statement, time_limit)
    match decision.verdict:
        case "proved":
            return Record("smt", "z3", digest=statement.digest)
        case "refuted":
            notes = [str(decision.counterexample)]
            raise ProofError("HY7023", f"the axiom {statement.name} is false", notes=notes)
        case "unknown":
            hints = ["state it in smaller steps"]
            raise ProofError("HY7024", f"z3 cannot decide the axiom {statement.name}", hints=hints)


def decide(statement: Statement, time_limit: float = TIME_LIMIT) -> Decision:
    """z3's verdict: at once, by periods of words, or after the whole time."""
    for seconds in (min(1.0, time_limit), time_limit):
        found = solve(statement.hypotheses, statement.left, statement.right, seconds)
        if found.verdict == "unknown" and _with_periods(statement, seconds) == "proved":
            return Decision("proved")
        if found.verdict != "unknown":
            return found
    return Decision("unknown")


def known_constants(statement: Statement) -> frozenset[str]:
    """The constants of the statement that z3 has a meaning for."""
    where = context()
    arithmetic = Unbounded(where)
    defined = {th.left.name for th in definitions.definitions().values()}
    return frozenset(
        name
        for name in statement.constants
        if name in defined or name in STRUCTURAL or meaning(name, arithmetic, where) is not None
    )


def is_definition(statement: Statement) -> bool:
    """Whether the left side is a recursor applied to distinct variables and one constructor of distinct variables, and
    the right side uses no other variable: then it defines the recursor on that constructor and says nothing else."""
    head, arguments = _spine(statement.left)
    if statement.hypotheses or head not in ("cond", "outcase", "listrec", "natrec"):
        return False
    seen: list[Term] = []
    constructors: list[str] = []
    for argument in arguments:
        name, inner = _spine(argument)
        if argument.kind == "V":
            seen.append(argument)
        elif name in CONSTRUCTORS and all(i.kind == "V" for i in inner):
            constructors.append(name)
            seen += inner
        else:
            return False
    return len(constructors) == 1 and len(set(seen)) == len(seen) and statement.right.free <= set(seen)


def _spine(x: Term) -> tuple[str, list[Term]]:
    arguments: list[Term] = []
    while x.kind == "A":
        arguments.insert(0, x.argument)
        x = x.function
    return (x.name if x.kind == "C" else ""), arguments


def _with_periods(statement: Statement, time_limit: float) -> Verdict:
    """A second try for products of words: `ofZ` as an unknown function f of which z3 first proves two lemmas,
    a = f a + 2**bits * q for some q, and f (x + 2**bits * k) = f x, used at x = f a * b and k = q * b."""
    names = [n for n in statement.constants if n.startswith("ofZ.")]
    word = word_of(t.type_of(names[0].removeprefix("ofZ."))) if len(names) == 1 else None
    if word is None:
        return "unknown"
    where = context()
    words, period = Unbounded(where), 2**word.width
    f = z3.Function("f", z3.IntSort(where), z3.IntSort(where))
    a, x, k = z3.Ints("a x k", where)
    lemmas = (
        a != words.of_integer(word, a) + period * ((a - word.minimum) / period),
        words.of_integer(word, x + period * k) != words.of_integer(word, x),
    )
    if any(ask([lemma], where, time_limit)[0] != "unsat" for lemma in lemmas):
        return "unknown"
    unknown: Callable[[Z3], Z3] = f.__call__
    translation = Translation(words, where, float("inf"), exceptions={names[0]: unknown})
    said = translation.denial(statement.hypotheses, statement.left, statement.right)
    integers: list[Z3] = [value for v, value in translation.variables.items() if v.type is t.INT]
    for i, v in enumerate(integers):
        q = z3.Int(f"quotient{i}", where)
        said.append(v == f(v) + period * q)
        said += [f(f(v) * other + period * (q * other)) == f(f(v) * other) for other in integers]
    return "proved" if ask(said, where, time_limit)[0] == "unsat" else "unknown"
