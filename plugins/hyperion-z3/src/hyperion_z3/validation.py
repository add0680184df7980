"""Shows that an axiom is true, by the strongest means that reaches it, and says which one that was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from hyperion.errors import ProofError
from hyperion.interfaces.refuter import Verdict
from hyperion.interfaces.theory import Record
from hyperion.ir.types import IntType
from hyperion.logic import definitions, literals
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.terms import Term
from hyperion_z3.arithmetic import Exact, Unbounded
from hyperion_z3.constants import STRUCTURAL, meaning
from hyperion_z3.refuter import Decision, solve
from hyperion_z3.solver import Z3, Untranslatable, ask, context, z3
from hyperion_z3.statements import Statement
from hyperion_z3.transcendental import VALUES, counterexample, is_transcendental
from hyperion_z3.translation import Translation
from hyperion_z3.values import word_of

TIME_LIMIT = 30.0
CONSTRUCTORS = ("true", "false", "ok", "trap", "diverge", "nil", "cons", "zero", "suc")
RECURSIVE = ("int.pow2.zero", "int.pow2.next")
"""The equations that define a constant by recursion on an integer that is not negative."""
LENGTHS = ("count.length",)
"""What says that there is a list of every length."""
Means = Callable[[Statement, float], Verdict]


def validate(statement: Statement, time_limit: float = TIME_LIMIT) -> Record:
    """The record of an axiom; raises ProofError where it is false (HY7023) or undecided (HY7024)."""
    if is_definition(statement):
        return Record("definition", "cases of a constructor", digest=statement.digest)
    if statement.name in RECURSIVE:
        return Record("definition", "recursion on an integer", digest=statement.digest)
    if statement.name in LENGTHS:
        return Record("definition", "a list of every length", digest=statement.digest)
    if is_transcendental(statement):
        return _tested(statement)
    if missing := sorted(statement.constants - known_constants(statement)):
        message = f"the constant {missing[0]} of the axiom {statement.name} has no meaning in z3"
        raise ProofError("HY7022", message, hints=["add it to hyperion_z3/constants.py"])
    for means, detail in MEANS:
        if _tried(means, statement, min(1.0, time_limit)) == "proved":
            return Record("smt", "z3", detail, statement.digest)
    decision = decide(statement, time_limit)
    if decision.verdict == "proved":
        return Record("smt", "z3", digest=statement.digest)
    if decision.verdict == "refuted":
        notes = [str(decision.counterexample)]
        raise ProofError("HY7023", f"the axiom {statement.name} is false", notes=notes)
    hints = ["state it in smaller steps"]
    raise ProofError("HY7024", f"z3 cannot decide the axiom {statement.name}", hints=hints)


def _tested(statement: Statement) -> Record:
    """The record of an axiom about exp or log, which no solver decides."""
    found = counterexample(statement)
    if found:
        raise ProofError("HY7023", f"the axiom {statement.name} is false", notes=[found])
    return Record("tested", "decimals", f"{VALUES} values", statement.digest)


def _tried(means: Means, statement: Statement, time_limit: float) -> Verdict:
    try:
        return means(statement, time_limit)
    except Untranslatable:
        return "unknown"


def decide(statement: Statement, time_limit: float = TIME_LIMIT) -> Decision:
    """z3's verdict on the statement as it stands; with small numbers first where it has lists of a given length, or
    shifts by a variable: z3 finds what breaks it at one number sooner than at any."""
    if is_transcendental(statement):
        return Decision("refuted" if counterexample(statement) else "unknown")
    counted, shifted = "count" in statement.constants, "pow2" in statement.constants
    for n in range(-2, 4) if counted else (1, 3) if shifted else ():
        values = {v: literals.int_lit(n) for v in statement.variables if v.type is t.INT}
        hypotheses = [(t.substitute(a, values), t.substitute(b, values)) for a, b in statement.hypotheses]
        left, right = (t.substitute(side, values) for side in (statement.left, statement.right))
        decision = solve(hypotheses, left, right, time_limit)
        if decision.verdict == "refuted":
            return decision
    return Decision("unknown") if counted else solve(statement.hypotheses, statement.left, statement.right, time_limit)


def known_constants(statement: Statement) -> frozenset[str]:
    """The constants of the statement that z3 has a meaning for."""
    where = context()
    arithmetic = Exact(where)
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


def _directly(statement: Statement, time_limit: float) -> Verdict:
    return decide(statement, time_limit).verdict


def _words(statement: Statement, prefix: str) -> list[IntType]:
    """The words W of the constants `prefix.W`."""
    suffixes = (name.removeprefix(prefix) for name in statement.constants if name.startswith(prefix))
    return [word for s in suffixes if (word := word_of(t.type_of(s))) is not None]


def _with_periods(statement: Statement, time_limit: float) -> Verdict:
    """For products of words: `ofZ` as an unknown function f of which z3 first proves two lemmas, a = f a + 2**bits * q
    for some q, and f (x + 2**bits * k) = f x, used at x = f a * b and k = q * b."""
    words = _words(statement, "ofZ.")
    if len(words) != 1:
        return "unknown"
    (word,) = words
    where = context()
    integers, period = Unbounded(where), 2**word.width
    f = z3.Function("f", z3.IntSort(where), z3.IntSort(where))
    a, x, k = z3.Ints("a x k", where)
    lemmas = (
        a != integers.of_integer(word, a) + period * ((a - word.minimum) / period),
        integers.of_integer(word, x + period * k) != integers.of_integer(word, x),
    )
    if any(ask([lemma], where, time_limit)[0] != "unsat" for lemma in lemmas):
        return "unknown"
    unknown: Callable[[Z3], Z3] = f.__call__
    translation = Translation(integers, where, float("inf"), exceptions={f"ofZ.{word}": unknown})
    said = translation.denial(statement.hypotheses, statement.left, statement.right)
    free: list[Z3] = [value for v, value in translation.variables.items() if v.type is t.INT]
    for i, v in enumerate(free):
        q = z3.Int(f"quotient{i}", where)
        said.append(v == f(v) + period * q)
        said += [f(f(v) * other + period * (q * other)) == f(f(v) * other) for other in free]
    return "proved" if ask(said, where, time_limit)[0] == "unsat" else "unknown"


def _by_sign(statement: Statement, time_limit: float) -> Verdict:
    """For division by a variable m: m is 0, positive or negative, and q, r with a = m * q + r are the quotient and the
    remainder of a, which the range of r determines."""
    zero = literals.int_lit(0)
    for m in (v for v in statement.variables if v.type is t.INT):
        left, right = (t.substitute(side, {m: zero}) for side in (statement.left, statement.right))
        if solve((), left, right, time_limit).verdict != "proved":
            continue
        if all(_for_sign(statement, m, sign, time_limit) for sign in (1, -1)):
            return "proved"
    return "unknown"


def _for_sign(statement: Statement, m: Term, sign: int, time_limit: float) -> bool:
    where = context()
    known: list[Z3] = []

    def divided(a: Z3, b: Z3, which: int) -> Z3:
        q, r = (z3.FreshConst(z3.IntSort(where), name) for name in ("quotient", "remainder"))
        known.extend([a == b * q + r, r * sign >= 0, r * sign < b * sign])
        return (q, r)[which]

    exceptions = {"floordiv": partial(divided, which=0), "mod": partial(divided, which=1)}
    translation = Translation(Unbounded(where), where, float("inf"), exceptions=exceptions)
    said = translation.denial(statement.hypotheses, statement.left, statement.right)
    divisor = translation.variables[m]
    return ask([divisor * sign > 0, *known, *said], where, time_limit)[0] == "unsat"


def _at_each_bit(statement: Statement, time_limit: float) -> Verdict:
    """For bits of words, whose index counts modulo the width: every index below the width. In a hypothesis these are
    some of the indices it speaks of, so that it says less. For other laws about a number that is below the width by
    their hypotheses: every such number."""
    integers = [v for v in statement.variables if v.type is t.INT]
    words = _words(statement, "bit.") or _words(statement, "ofZ.")
    if len(words) != 1 or len(integers) > 1:
        return "unknown"
    (word,) = words
    if not (_below_width(statement, word) or _counts_modulo(statement, word)):
        return "unknown"
    return "proved" if all(_holds_at(s, word, time_limit) for s in _indexed(statement, integers, word)) else "unknown"


def _below_width(statement: Statement, word: IntType) -> bool:
    """Whether the hypotheses say 0 <= n < width of every integer n."""
    width, zero = literals.int_lit(word.width), literals.int_lit(0)
    said = {a for a, b in statement.hypotheses if b is apply("true")}
    integers = (v for v in statement.variables if v.type is t.INT)
    return all(apply("le", zero, n) in said and apply("lt", n, width) in said for n in integers)


def _counts_modulo(statement: Statement, word: IntType) -> bool:
    """Whether integers occur only as indices of bits, or modulo the width."""
    width = literals.int_lit(word.width)

    def free(x: Term) -> bool:
        if x.kind != "A":
            return x.kind == "V" and x.type is t.INT
        _, args = _spine(x)
        is_index = x.function.kind == "A" and _spine(x)[0].startswith("bit.")
        if is_index or (_spine(x)[0] == "mod" and args[-1] is width):
            args = [a for a in args if a.kind != "V" or a.type is not t.INT]
        return any(free(a) for a in args)

    sides = [side for pair in (*statement.hypotheses, (statement.left, statement.right)) for side in pair]
    return f"bit.{word}" in statement.constants and not any(map(free, sides))


def _indexed(statement: Statement, integers: list[Term], word: IntType) -> Iterator[Statement]:
    for i in range(word.width if integers else 1):
        index = {v: literals.int_lit(i) for v in integers}
        yield Statement(
            statement.name,
            tuple((t.substitute(a, index), t.substitute(b, index)) for a, b in statement.hypotheses),
            t.substitute(statement.left, index),
            t.substitute(statement.right, index),
        )


def _holds_at(statement: Statement, word: IntType, time_limit: float) -> bool:
    hypotheses = list(statement.hypotheses)
    for a, b in statement.hypotheses:
        if a.type is t.fun(t.INT, t.BOOL):
            hypotheses.remove((a, b))
            indices = [literals.int_lit(i) for i in range(word.width)]
            hypotheses += [(t.app(a, i), t.app(b, i)) for i in indices]
    return solve(hypotheses, statement.left, statement.right, time_limit).verdict == "proved"


def _by_induction(statement: Statement, time_limit: float) -> Verdict:
    """For powers of two: a law about n >= 0 at 0, and at n + 1 from n, where z3 knows no more than pow2 0 = 1 and
    pow2 (n + 1) = 2 * pow2 n at the exponents of the law."""
    if "pow2" not in statement.constants:
        return "unknown"
    (n, *_) = statement.variables
    next_ = {n: apply("add", n, literals.int_lit(1))}
    where = context()
    f = z3.Function("pow2", z3.IntSort(where), z3.IntSort(where))
    exponents: list[Z3] = []

    def power(x: Z3) -> Z3:
        exponents.append(x)
        return f(x)

    translation = Translation(Unbounded(where), where, float("inf"), exceptions={"pow2": power})
    law = translation.denial(statement.hypotheses, statement.left, statement.right)
    moved = [(t.substitute(a, next_), t.substitute(b, next_)) for a, b in statement.hypotheses]
    after = translation.denial(moved, t.substitute(statement.left, next_), t.substitute(statement.right, next_))
    at = translation.variables[n]
    known = [f(0) == 1, *(z3.Implies(x >= 0, f(x + 1) == 2 * f(x)) for x in exponents)]
    base, step = [*known, at == 0, *law], [*known, at >= 0, z3.Not(z3.And(*law)), *after]
    answers = {ask(said, where, time_limit)[0] for said in (base, step)}
    return "proved" if answers == {"unsat"} else "unknown"


MEANS: tuple[tuple[Means, str], ...] = (
    (_directly, ""),
    (_with_periods, "with lemmas on periods"),
    (_by_sign, "by the sign of the divisor"),
    (_at_each_bit, "at each bit"),
    (_by_induction, "by induction on the exponent"),
)
"""Ways to a proof, in the order in which they are tried."""
