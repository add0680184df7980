"""Terms, theorems and proofs as people read them."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest

from hyperion.errors import ProofError
from hyperion.ir.parser import parse_program
from hyperion.logic import kernel, literals, theory
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply, definitions
from hyperion.logic.denote import denote
from hyperion.logic.kernel import Theorem
from hyperion.logic.proof import ProofFile, file_of
from hyperion.logic.readable import statement, steps
from hyperion.logic.replay import replayed
from hyperion.logic.terms import Term

INTEGERS = {name: t.var(name, t.INT) for name in "abcd"}
F64 = t.type_of("f64")
SCOPE = INTEGERS | {
    "p": t.var("p", t.BOOL),
    "q": t.var("q", t.BOOL),
    "w": t.var("w", t.type_of("i8")),
    "x": t.var("x", F64),
    "ns": t.var("ns", t.list_of(t.INT)),
    "o": t.var("o", t.outcome_of(t.INT)),
    "t1": t.var("t1", t.INT),
}


def term(text: str) -> Term:
    definitions()
    (form,) = theory.read(text)
    return theory.read_term(form, dict(SCOPE))


def shown(x: Term) -> str:
    """The text of `x`, without that of the other side."""
    return statement(x, x).rpartition(" = ")[2]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("(add a (mul b c))", "a + b * c"),
        ("(mul (add a b) c)", "(a + b) * c"),
        ("(sub a (sub b c))", "a - (b - c)"),
        ("(sub (sub a b) c)", "a - b - c"),
        ("(neg (add a b))", "-(a + b)"),
        ("(mul (neg a) b)", "-a * b"),
        ("(add a -1)", "a + (-1)"),
        ("(abs (sub a b))", "|a - b|"),
        ("(floordiv a (mod b c))", "a // (b % c)"),
        ("(max a (min b c))", "max(a, min(b, c))"),
        ("(not (and p (or q p)))", "not (p and (q or p))"),
        ("(and p (not q))", "p and not q"),
        ("(le (add a b) c)", "a + b <= c"),
        ("(and (lt a b) (eq b c))", "a < b and b == c"),
        ("(cond p a b)", "a if p else b"),
        ("(cond (cond p q p) a b)", "a if (q if p else p) else b"),
        ("(cond p (cond q a b) c)", "(a if q else b) if p else c"),
        ("(ofZ.i8 (add (toZ.i8 w) 1))", "i8(int(w) + 1)"),
        ("(inr.i8 (add a b))", "a + b in i8"),
        ("(fadd.f64 x (fmul.f64 x x))", "x +.f64 x *.f64 x"),
        ("(fneg.f64 x)", "-x"),
        ("(pow2 (add a 1))", "2**(a + 1)"),
        ("(mul a (pow2 b))", "a * 2**b"),
        ("(band.i8 (bor.i8 w w) w)", "(w | w) & w"),
        ("(toZ.i8 (bxor.i8 w w))", "int(w ^ w)"),
        ("(real 1/3)", "(1/3)"),
        ("(real 4/1)", "4"),
        ("(tuple a p)", "(a, p)"),
        ("(proj 1 (tuple a p))", "(a, p).1"),
        ("(cons a (cons b ns))", "a :: b :: ns"),
        ("(the nil (list int))", "[]"),
        ("(cons a (cons b (the nil (list int))))", "[a, b]"),
        ("(length (cons (add a b) (the nil (list int))))", "length([a + b])"),
        ("(length ns)", "length(ns)"),
        ("(fn (n int) (add n a))", r"\x. x + a"),
        ("(fn (n int) (fn (m int) (add n m)))", r"\x y. x + y"),
        ("(fn (n int) (fn (m int) m))", r"\_ x. x"),
        ("((fn (n int) n) a)", r"(\x. x)(a)"),
        ("(bind o (fn (n int) (ok (add n 1))))", "x <- o; ok(x + 1)"),
        ("(add t1 1)", "t1' + 1"),
    ],
)  # fmt: skip
def test_a_term_as_people_write_it(source: str, text: str) -> None:
    assert shown(term(source)) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0.0"), (-0.0, "-0.0"), (float("nan"), "nan"), (float("-inf"), "-inf"), (0.1, "0.1")]
)
def test_a_float_literal(value: float, text: str) -> None:
    assert shown(literals.float_lit("f64", value)) == text


def test_a_bound_variable_is_not_called_as_a_free_one() -> None:
    x = t.var("x", t.INT)
    assert shown(t.lam(INTEGERS["a"], apply("add", INTEGERS["a"], x))) == r"\y. y + x"


def test_constants_that_would_look_alike() -> None:
    one, other = (t.const(f"op:{name}", t.INT) for name in ("max", "max@"))
    assert statement(one, other) == "max = max'"


def test_truth_and_hypotheses_in_one_order() -> None:
    a, b = INTEGERS["a"], INTEGERS["b"]
    hypotheses = [(apply("le", a, b), TRUE), (apply("lt", b, a), FALSE), (a, b)]
    texts = {statement(apply("eq", a, b), TRUE, hypotheses[k:] + hypotheses[:k]) for k in range(3)}
    (text,) = texts
    before, _, after = text.partition(" |- ")
    assert sorted(before.split(", ")) == ["a <= b", "a = b", "not (b < a)"]
    assert after == "a == b"


def test_what_a_function_denotes() -> None:
    program = parse_program("""
    func @f(%xs: i64[n], %i: i64) -> i64 {
      %x = get %xs, %i : i64
      %y = add.trap %x, %x : i64
      %z = floordiv.wrap %i, %y : i64
      return %z
    }""")
    assert statement(denote(program.main), denote(program.main)).splitlines() == [
        "t1(xs: (list i64), x: i64) =",
        "  y <- get(trap, xs, int(x))",
        "  z <- ok(i64(int(y) + int(y))) if int(y) + int(y) in i64 else trap",
        "  trap if int(z) == 0 else ok(i64(int(x) // int(z)))",
        "t1 = t1",
    ]


# Proofs


def rewritten(name: str, x: Term) -> Theorem:
    """The axiom on integers `name`, of variables a, b, c, at the arguments of `x`."""
    th = kernel.axiom(name)
    values: dict[Term, Term] = {}
    stack = [(th.left, x)]
    while stack:
        pattern, y = stack.pop()
        if pattern.kind == "V":
            values[pattern] = y
        stack += zip(pattern.children(), y.children(), strict=True) if pattern.kind != "V" else []
    return kernel.inst(values, th)


def calculation() -> Theorem:
    """|- d * ((a + b) + c) = d * (c + (b + a))"""
    swapped = rewritten("int.add.comm", term("(add (add a b) c)"))
    inner = rewritten("int.add.comm", term("(add a b)"))
    within = kernel.app(kernel.refl(swapped.right.function), inner)
    times = kernel.refl(term("(mul d)"))
    return kernel.trans(kernel.app(times, swapped), kernel.app(times, within))


def test_a_calculation() -> None:
    assert list(steps(calculation())) == [
        "theorem",
        "    d * (a + b + c)",
        "  = d * (c + (a + b))    by int.add.comm",
        "  = d * (c + (b + a))    by int.add.comm",
        "",
        "axioms",
        "  int.add.comm: a + b = b + a",
    ]


def test_a_proof_file_reads_as_its_theorem() -> None:
    th = calculation()
    assert list(steps(file_of(th))) == list(steps(th))
    again = replayed(file_of(th))
    assert (again.left, again.right, again.hypotheses) == (th.left, th.right, th.hypotheses)


def test_reductions_and_congruences_are_folded_away() -> None:
    x = term("((fn (n int) (add n n)) (add a b))")
    left = kernel.app(kernel.refl(x.function), rewritten("int.add.comm", x.argument))
    lines = list(steps(kernel.trans(left, kernel.beta(left.right))))
    assert lines[:4] == [
        "theorem",
        r"    (\x. x + x)(a + b)",
        "  = b + a + (b + a)       by int.add.comm",
        "",
    ]


def test_what_only_reduces() -> None:
    assert list(steps(kernel.beta(term("((fn (n int) n) a)")))) == [
        "theorem",
        r"    (\x. x)(a)",
        "  = a             by reduction",
        "",
        "no axioms",
    ]


def test_definitions_are_shown_once_with_those_that_they_use() -> None:
    lines = list(steps(kernel.refl(term("(length ns)"))))
    assert lines.count("definitions") == 1
    assert [line for line in lines if "length(" in line and "listrec" in line] == [
        r"  length(xs: (list 'x)) = listrec(0, \_ _ x. 1 + x, xs)"
    ]


def test_a_hypothesis_is_told_once_and_cited() -> None:
    a, b = INTEGERS["a"], INTEGERS["b"]
    th = kernel.trans(kernel.assume(a, b), kernel.sym(kernel.assume(a, b)))
    th = kernel.trans(th, kernel.assume(a, b))
    assert list(steps(th)) == [
        "h1: a = b",
        "theorem, if h1",
        "    a",
        "  = b    by h1",
        "  = a    by h1",
        "  = b    by h1",
        "",
        "no axioms",
    ]


def test_cases_and_lemmas() -> None:
    p, a = SCOPE["p"], INTEGERS["a"]
    x = apply("cond", p, a, a)
    cases = []
    for value, name in ((TRUE, "cond.true"), (FALSE, "cond.false")):
        assumed = kernel.assume(p, value)
        th = kernel.refl(x.function.function.function)
        for argument in (assumed, kernel.refl(a), kernel.refl(a)):
            th = kernel.app(th, argument)
        law = kernel.inst_type({"'a": t.INT}, kernel.axiom(name))
        cases.append(kernel.trans(th, kernel.inst(dict.fromkeys(law.left.free, a), law)))
    assert list(steps(kernel.bool_cases(p, *cases)))[:17] == [
        "to show",
        "  a if p else a = a",
        "",
        "h1: p",
        "lemma 1, if h1",
        "    a if p else a",
        "  = a if true else a    by h1",
        "  = a                   by cond.true",
        "",
        "h2: not (p)",
        "lemma 2, if h2",
        "    a if p else a",
        "  = a if false else a    by h2",
        "  = a                    by cond.false",
        "",
        "theorem by cases (true: lemma 1; false: lemma 2)",
        "  a if p else a = a",
    ]


def test_what_an_oracle_says_is_marked() -> None:
    a, b = INTEGERS["a"], INTEGERS["b"]
    lines = list(steps(kernel.oracle("z3", [(a, b)], b, a)))
    assert lines == [
        "h1: a = b",
        "theorem, if h1",
        "    b",
        "  = a    by the word of z3",
        "",
        "no axioms",
        "believed without proof: z3",
    ]
    assert list(steps(file_of(kernel.oracle("z3", [(a, b)], b, a)))) == lines


def test_induction() -> None:
    """|- length xs = length xs, by induction for once."""
    xs, x = SCOPE["ns"], INTEGERS["a"]
    side = apply("length", xs)
    base, step = (kernel.refl(apply("length", y)) for y in (t.const("nil", xs.type), apply("cons", x, xs)))
    lines = list(steps(kernel.list_induction(x, xs, side, side, base, step)))
    assert "theorem by induction (empty: lemma 1; one element more: lemma 2)" in lines
    assert list(steps(file_of(kernel.list_induction(x, xs, side, side, base, step)))) == lines


def test_a_proof_is_cut() -> None:
    whole = list(steps(calculation()))
    assert list(steps(calculation(), most=2)) == [*whole[:2], f"... {len(whole) - 2} more lines"]
    assert list(steps(calculation(), most=len(whole))) == whole
    assert list(steps(calculation(), most=0)) == [f"... {len(whole)} more lines"]


@pytest.mark.parametrize(
    "text",
    [
        b"{}", b"[]", b"no json", b'{"types":[],"terms":[],"steps":[]}',
        b'{"types":[["con","int"]],"terms":[["V","a",0]],"steps":[["refl",-1]]}',
        b'{"types":[["con","int"],["con","bool"]],"terms":[["B",0,0],["L",1,0]],"steps":[["refl",1]]}',
        b'{"types":[["con","int"]],"terms":[["V","a",0]],"steps":[["axiom","no.such"]]}',
        b'{"types":[["con","int"]],"terms":[["V","a",0]],"steps":[["believe",0]]}',
    ],
)  # fmt: skip
def test_what_is_no_proof(text: bytes) -> None:
    with pytest.raises(ProofError) as caught:
        list(steps(ProofFile(text)))
    assert caught.value.code == "HY7001"


# Large and deep


def test_deep_terms_and_proofs_are_read_without_recursion() -> None:
    deep, th = INTEGERS["a"], kernel.refl(INTEGERS["a"])
    for _ in range(5000):
        deep = apply("neg", deep)
        th = kernel.app(kernel.refl(deep.function), th)
    binders = INTEGERS["b"]
    for _ in range(2000):
        binders = t.app(t.const("op:f", t.fun(t.fun(t.INT, t.INT), t.INT)), t.lam(INTEGERS["c"], binders))
    for lines in (statement(deep, deep).splitlines(), statement(binders, binders).splitlines(), list(steps(th))):
        assert max(map(len, lines)) < 200
    assert len(list(steps(th))) < 300


def test_a_shared_term_is_written_once() -> None:
    """Written out it has 2**300 characters."""
    x = INTEGERS["a"]
    for _ in range(300):
        x = apply("add", x, x)
    assert len(statement(x, x)) < 10_000


def test_ten_thousand_steps_are_ten_thousand_short_lines_at_most() -> None:
    th = rewritten("int.add.comm", term("(add a b)"))
    whole = th
    for _ in range(5000):
        whole = kernel.trans(kernel.trans(whole, kernel.sym(th)), th)
    lines = list(steps(whole))
    assert len(lines) < 10_100
    assert max(map(len, lines)) < 200


SCRIPT = """
from hyperion.ir.parser import parse_program
from hyperion.logic.denote import denote
from hyperion.logic import kernel
from hyperion.logic.definitions import apply
from hyperion.logic import terms as t
from hyperion.logic.readable import steps
a, b, c = (t.var(n, t.INT) for n in "abc")
th = kernel.axiom("int.le.trans")
law = kernel.axiom("within.range")
th = kernel.tuple_(th, law, kernel.assume(a, b), kernel.assume(b, c))
print(chr(10).join(steps(th)))
"""


def test_one_text_in_every_process() -> None:
    texts = {
        subprocess.run(
            [sys.executable, "-c", textwrap.dedent(SCRIPT)],
            env=os.environ | {"PYTHONHASHSEED": str(seed)}, capture_output=True, text=True, check=True,
        timeout=120).stdout
        for seed in range(4)
    }  # fmt: skip
    (text,) = texts
    assert "h5" in text
