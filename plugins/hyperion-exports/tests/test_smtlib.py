"""z3 and cvc5 find no counterexample to what is exported, and do find those of false statements."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from hyperion.errors import ProofError
from hyperion.logic import kernel as k
from hyperion.logic import literals, theory
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.proof import ProofFile, file_of
from hyperion_exports.smtlib import SmtLib, axiom_obligation, denial, script_of

assert theory.axiom_text()
Solver = Callable[[str], list[tuple[str, str]]]
A, B, P = t.var("a", t.INT), t.var("b", t.INT), t.var("p", t.BOOL)
R, S = t.var("r", t.REAL), t.var("s", t.REAL)
ONE, TRUE = literals.int_lit(1), t.const("true", t.BOOL)
I8 = t.type_of("i8")
X, Y = t.var("x", I8), t.var("y", I8)


# left out, and proved by Coq: functions that SMT-LIB does not have, and recursion that solvers do not see through
NO_FORM = (".bit.", ".band.", ".xor.", ".pow2.", "real.exp.", "real.log.")
BEYOND = {name for name in k.AXIOMS if any(part in name for part in NO_FORM)} | {"count.length"}
DECIDED_BY = {"int.floordiv.mod": "cvc5", "real.div.def": "z3"}  # products with a divisor that varies: by one solver
UNDECIDED = {"int.mod.period", *DECIDED_BY}
FLOATS = {name for name in k.AXIOMS if name[0] == "f"}
QUICK = {
    n for n in FLOATS if n.startswith("f32.f") and n.rpartition(".")[2] in ("idem", "less", "comm", "irrefl", "def")
}


def test_every_axiom_holds(solve: Solver) -> None:
    answers = dict(solve(script_of([axiom_obligation(name) for name in k.AXIOMS.keys() - FLOATS - UNDECIDED], "all")))
    assert {f"axiom {name}" for name in k.AXIOMS.keys() - BEYOND - FLOATS - UNDECIDED} <= answers.keys()
    assert set(answers.values()) == {"unsat"}
    assert {name for name in k.AXIOMS if axiom_obligation(name).left_out} == BEYOND


@pytest.mark.parametrize(("name", "solve"), DECIDED_BY.items(), indirect=["solve"])
def test_what_one_solver_leaves_undecided_the_other_decides(name: str, solve: Solver) -> None:
    assert solve(script_of([axiom_obligation(name)], "")) == [(f"axiom {name}", "unsat")]


def test_axioms_of_floats_hold(solve: Solver) -> None:
    """Those of f32 that both solvers decide at once; cvc5 knows no f16."""
    quick = sorted(n for n in QUICK if not any(part in n for part in ("fadd", "fmul", "fneg", "fsub")))
    assert len(quick) > 10
    answers = solve(script_of(map(axiom_obligation, quick), "floats"))
    assert answers == [(f"axiom {name}", "unsat") for name in quick]


def test_no_axiom_has_contradictory_hypotheses(solve: Solver) -> None:
    """Else any conclusion would pass."""
    names = [
        n for n, sequent in k.AXIOMS.items() if sequent[0] and n not in BEYOND and not n.startswith(("f16", "f64"))
    ]
    possible = [denial(name, k.AXIOMS[name][0], literals.int_lit(0), ONE) for name in names]
    assert solve(script_of(possible, "")) == [(name, "sat") for name in names]


def wrapped(x: t.Term, y: t.Term) -> t.Term:
    return apply("ofZ.i8", apply("add", apply("toZ.i8", x), apply("toZ.i8", y)))


FALSE: dict[str, tuple[t.Term, t.Term]] = {
    "a + 1 = a": (apply("add", A, ONE), A),
    "a - b = b - a": (apply("sub", A, B), apply("sub", B, A)),
    "i8: the sum's value is the sum of the values": (
        apply("toZ.i8", wrapped(X, Y)),
        apply("add", apply("toZ.i8", X), apply("toZ.i8", Y)),
    ),
    "i8: 100 + 100 = 100": (wrapped(X, X), X),
    "floor(-7 / 2) = -3": (
        apply("floordiv", literals.int_lit(-7), literals.int_lit(2)),
        literals.int_lit(-3),
    ),
    "max distributes over wrapping addition": (
        apply("max", apply("toZ.i8", wrapped(X, Y)), apply("toZ.i8", X)),
        apply("toZ.i8", wrapped(X, apply("ofZ.i8", apply("max", apply("toZ.i8", Y), literals.int_lit(0))))),
    ),
    "reals: r <= s is r < s": (apply("rle", R, S), apply("rlt", R, S)),
    "reals: r / s * s = r": (apply("rmul", apply("rdiv", R, S), S), R),
    "reals: the maximum is the minimum": (apply("rmax", R, S), apply("rmin", R, S)),
    "a pair is swapped": (t.tup(A, B), t.tup(B, A)),
    "lists": (apply("cons", A, t.const("nil", t.list_of(t.INT))), t.const("nil", t.list_of(t.INT))),
    "a trap is a divergence": (t.const("trap", t.outcome_of(t.INT)), t.const("diverge", t.outcome_of(t.INT))),
}


@pytest.mark.parametrize("name", FALSE)
def test_a_false_statement_has_a_counterexample(name: str, solve: Solver) -> None:
    answers = solve(script_of([denial("false", frozenset(), *FALSE[name])], name))
    assert answers[-1] == ("false", "sat")
    assert {answer for _, answer in answers[:-1]} <= {"unsat"}


@pytest.mark.parametrize("name", ["total", "prefix", "segment", "polynomial", "fibonacci"])
def test_the_axioms_of_derived_theorems_hold(name: str, solve: Solver, derived: Callable[[str], ProofFile]) -> None:
    text = SmtLib().export(derived(name))
    answers = solve(text)
    assert {answer for _, answer in answers} == {"unsat"}
    assert len([n for n, _ in answers if n.startswith("axiom ")]) > 15
    assert "; left out, theorem: SMT-LIB cannot say a function as a value" in text


def test_a_first_order_theorem_is_an_obligation_itself(solve: Solver) -> None:
    swap = k.inst({A: apply("toZ.i8", X), B: apply("toZ.i8", Y)}, k.axiom("int.add.comm"))
    th = k.app(k.refl(t.const("ofZ.i8", t.fun(t.INT, I8))), swap)
    answers = solve(SmtLib().export(file_of(th)))
    assert ("theorem", "unsat") in answers
    assert ("i8: one quotient", "unsat") in answers


def test_hypotheses_are_assumed(solve: Solver) -> None:
    assert solve(SmtLib().export(file_of(k.assume(A, B))))[-1] == ("theorem", "unsat")
    assert solve(script_of([denial("without", frozenset(), A, B)], ""))[-1] == ("without", "sat")


def test_definitions_are_unfolded_and_functions_applied(solve: Solver) -> None:
    twice = k.define("twice", t.lam(A, apply("add", A, A)))
    th = k.app(twice, k.refl(ONE))
    th = k.trans(th, k.beta(th.right))
    assert solve(SmtLib().export(file_of(th)))[-1] == ("theorem", "unsat")
    pair = k.projbeta(t.proj(1, t.tup(A, P)))
    assert solve(SmtLib().export(file_of(pair)))[-1] == ("theorem", "unsat")


def test_values_that_occur_often_are_written_once() -> None:
    x = A
    for _ in range(200):
        x = apply("add", x, x)
    assert len(SmtLib().export(file_of(k.refl(x)))) < 100_000


def test_names_that_smt_lib_keeps_for_itself(solve: Solver) -> None:
    names = ["ok", "trap", "a|b", "a\\b", "let", "x y".replace(" ", "_"), "t", "q", "true", "|"]
    for name in names:
        v, other = t.var(name, t.INT), t.var(name, t.BOOL)
        th = k.tuple_(k.assume(v, ONE), k.assume(other, TRUE))
        assert solve(SmtLib().export(file_of(th)))[-1] == ("theorem", "unsat"), name


def test_what_smt_lib_cannot_say_is_left_out_and_named() -> None:
    text = SmtLib().export(file_of(k.refl(t.lam(A, A))))
    assert "; 0 obligations, 1 left out" in text
    assert re.search("; left out, theorem: SMT-LIB cannot say a function as a value", text)
    unknown = t.app(t.const("op:unknown", t.fun(t.INT, t.INT)), A)
    assert "SMT-LIB cannot say what op:unknown means" in SmtLib().export(file_of(k.refl(unknown)))


@pytest.mark.parametrize(
    "text",
    [b"", b"{}", b"[1]", b'{"types": [], "terms": [], "steps": []}', b"[" * 5000,
     b'{"types": [["con", "int"]], "terms": [["K", 0, "01"]], "steps": [["refl", 0]]}',
     b'{"types": [["con", "int"], ["con", "bool"]], "terms": [["B", 0, 0], ["L", 1, 0]], "steps": [["refl", 1]]}',
     b'{"types": [["con", "int"]], "terms": [["K", 0, "1"]], "steps": [["believe", 0]]}'],
)  # fmt: skip
def test_what_is_no_proof_is_refused(text: bytes) -> None:
    with pytest.raises(ProofError, match="HY7081"):
        SmtLib().export(ProofFile(text))
