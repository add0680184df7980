"""The kernel stays small and shows its rules; what constructors need follows from the recursors."""

from __future__ import annotations

import gc
import inspect
import os
import re
import threading
from pathlib import Path

import pytest

from hyperion.ir.parser import parse_program
from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.checking import check
from hyperion.logic.definitions import apply
from hyperion.logic.denote import denote
from hyperion.logic.derived import beta_spine, extensionality, use
from hyperion.logic.kernel import RuleError, Theorem
from hyperion.logic.terms import Term, TermError
from hyperion.testing.apart import Apart, at_once, right_in_child

A = t.type_variable("'a")
EQUATIONS = [name for name in k.AXIOMS if name.startswith(("cond.", "outcase.", "listrec.", "natrec."))]
IDENTITY = parse_program("func @same(%x: i64) -> i64 {\n  return %x\n}\n").main
ZERO, ONE = literals.int_lit(0), literals.int_lit(1)
RULES = {
    name: f
    for name, f in vars(k).items()
    if inspect.isfunction(f) and f.__module__ == k.__name__ and name[0] != "_" and name != "install_axioms"
}


def test_terms_and_rules_are_read_in_one_sitting() -> None:
    files = [Path(module.__file__ or "") for module in (t, k)]
    assert sum(len(f.read_text(encoding="utf-8").splitlines()) for f in files) <= 700


@pytest.mark.parametrize("name", RULES)
def test_a_rule_shows_what_it_infers(name: str) -> None:
    above, below = re.split(r"(?m)^-{5,}", inspect.getdoc(RULES[name]) or "")
    assert "|-" in below
    premises = [p for p in inspect.signature(RULES[name]).parameters.values() if "Theorem" in str(p.annotation)]
    assert ("|-" in above) == bool(premises)


def through(function: Term, equation: Theorem) -> Theorem:
    """From |- a = b: |- v = w, where the recursor's equations take function a to v and function b to w."""
    th = k.app(k.refl(function), equation)
    return k.trans(k.trans(k.sym(evaluate(th.left)), th), evaluate(th.right))


def evaluate(x: Term) -> Theorem:
    """One step of a recursor, below a redex or not, and what beta makes of it."""
    opened = beta_spine(x)
    steps = (use(name, opened.right) for name in EQUATIONS)
    step = next(step for step in steps if step is not None)
    return k.trans(opened, k.trans(step, beta_spine(step.right)))


def const(*types: object, value: Term) -> Term:
    """A function that gives `value`, whatever it is given."""
    return t.lams(tuple(t.var(f"unused{i}", ty) for i, ty in enumerate(types) if isinstance(ty, t.Ty)), value)


X, Y, Z, P, Q = (t.var(name, A) for name in "xyzpq")
XS, YS = t.var("xs", t.list_of(A)), t.var("ys", t.list_of(A))
M, N = t.var("m", t.NAT), t.var("n", t.NAT)
LIST = t.list_of(A)


def test_cons_is_injective() -> None:
    same = k.assume(apply("cons", X, XS), apply("cons", Y, YS))
    ahead, rest = t.var("h", A), t.var("t", LIST)
    head = apply("listrec", X, t.lams((ahead, rest, P), ahead))
    th = through(head, same)
    assert (th.left, th.right, th.hypotheses) == (X, Y, same.hypotheses)
    tail = apply("listrec", XS, t.lams((ahead, rest, t.var("r", LIST)), rest))
    th = through(tail, same)
    assert (th.left, th.right) == (XS, YS)
    assert check(th).hypotheses == 1


def test_suc_and_ok_are_injective() -> None:
    same = k.assume(apply("suc", M), apply("suc", N))
    previous = t.var("k", t.NAT)
    th = through(apply("natrec", M, t.lams((previous, t.var("r", t.NAT)), previous)), same)
    assert (th.left, th.right) == (M, N)
    assert check(th).axioms == ("natrec.suc",)
    same = k.assume(apply("ok", X), apply("ok", Y))
    th = through(of_outcome(X, P, P, given=X), same)
    assert (th.left, th.right) == (X, Y)
    assert check(th).hypotheses == 1


def of_outcome(*cases: Term, given: Term = Z) -> Term:
    """\\o. the case of o, among which the first may speak of its value `given`."""
    o = t.var("o", t.outcome_of(A))
    return t.lam(o, apply("outcase", o, t.lam(given, cases[0]), *cases[1:]))


@pytest.mark.parametrize(
    ("left", "right", "apart"),
    [
        (k.TRUE, k.FALSE, t.lam(t.var("b", t.BOOL), apply("cond", t.var("b", t.BOOL), P, Q))),
        (t.const("nil", LIST), apply("cons", X, XS), apply("listrec", P, const(A, LIST, A, value=Q))),
        (t.const("zero", t.NAT), apply("suc", N), apply("natrec", P, const(t.NAT, A, value=Q))),
        (apply("ok", X), t.const("trap", t.outcome_of(A)), of_outcome(P, Q, Q)),
        (apply("ok", X), t.const("diverge", t.outcome_of(A)), of_outcome(P, Q, Q)),
        (t.const("trap", t.outcome_of(A)), t.const("diverge", t.outcome_of(A)), of_outcome(P, P, Q)),
    ],
)
def test_different_constructors_make_everything_equal(left: Term, right: Term, apart: Term) -> None:
    """`left = right |- p = q` for any p and q."""
    th = through(apart, k.assume(left, right))
    assert (th.left, th.right) == (P, Q)
    assert check(th).hypotheses == 1


def test_functions_that_agree_everywhere_are_equal() -> None:
    f, g = (t.var(n, t.fun(A, A)) for n in "fg")
    pointwise = k.assume(t.lam(X, t.app(f, X)), t.lam(X, t.app(g, X)))
    at = k.app(pointwise, k.refl(X))
    at = k.trans(k.trans(k.sym(k.beta(at.left)), at), k.beta(at.right))
    th = extensionality(X, at)
    assert (th.left, th.right) == (f, g)
    with pytest.raises(RuleError):
        extensionality(X, k.assume(t.app(f, X), t.app(g, X)))


def test_induction_on_the_naturals() -> None:
    """|- natrec zero (\\k r. suc r) n = n."""
    r = t.var("r", t.NAT)
    copy = apply("natrec", t.const("zero", t.NAT), t.lams((M, r), apply("suc", r)))
    base = evaluate(t.app(copy, t.const("zero", t.NAT)))
    step = evaluate(t.app(copy, apply("suc", N)))
    hypothesis = k.assume(t.app(copy, N), N)
    step = k.trans(step, k.app(k.refl(t.const("suc", t.SIGNATURE["suc"])), hypothesis))
    th = k.nat_induction(N, t.app(copy, N), N, base, step)
    assert not th.hypotheses
    assert check(th).axioms == ("natrec.suc", "natrec.zero")
    with pytest.raises(RuleError, match="eigenvariable"):
        k.nat_induction(N, t.app(copy, N), N, base, with_hypothesis(step))
    with pytest.raises(RuleError, match="concludes otherwise"):
        k.nat_induction(N, t.app(copy, N), N, step, base)
    with pytest.raises(RuleError, match="not a variable"):
        k.nat_induction(X, X, X, k.refl(X), k.refl(X))


def with_hypothesis(th: Theorem) -> Theorem:
    """The theorem under a further hypothesis about n."""
    fact = k.assume(N, M)
    both = k.tuple_(th, fact)
    first = k.proj(0, both)
    return k.trans(k.trans(k.sym(k.projbeta(first.left)), first), k.projbeta(first.right))


def test_an_oracle_is_never_forgotten() -> None:
    th = k.oracle("solver", [(ZERO, ONE)], ZERO, ONE)
    assert th.hypotheses == {(ZERO, ONE)}
    for consequence in (k.sym(th), k.trans(th, k.refl(ONE)), k.cut(th, k.assume(ZERO, ONE)), k.abs_(X, th)):
        assert consequence.oracles == {"solver"}
    with pytest.raises(RuleError):
        k.oracle("a b", [], ZERO, ONE)
    with pytest.raises(RuleError):
        k.oracle("solver", [], ZERO, k.TRUE)
    with pytest.raises(RuleError):
        k.oracle("solver", [(ZERO, k.TRUE)], ZERO, ONE)


def test_terms_that_nobody_holds_are_let_go() -> None:
    def fill() -> None:
        x = t.var("passing", t.INT)
        for i in range(200):
            x = apply("add", x, literals.int_lit(10**9 + i))

    gc.collect()
    before = len(t._TERMS)
    fill()
    gc.collect()
    assert len(t._TERMS) <= before


def test_threads_make_one_term_of_each_shape() -> None:
    def work(number: int) -> list[Term]:
        mine: list[Term] = []
        for i in range(300):
            x = apply("add", t.var(f"shared{i}", t.INT), literals.int_lit(7 * 10**9 + i))
            mine.append(x)
        return mine

    made = at_once(work, 4)
    assert all(len({id(x) for x in same}) == 1 for same in zip(*made, strict=True))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
def test_a_fork_while_threads_make_terms_leaves_no_lock_behind() -> None:
    stop = threading.Event()

    def work() -> None:
        i = 0
        while not stop.is_set():
            t.var(f"busy{i}", t.INT)
            denote(IDENTITY)
            i += 1

    def makes_terms() -> bool:
        denote(IDENTITY)
        return t.var("child", t.INT) is t.var("child", t.INT)

    busy = [Apart(work) for _ in range(3)]
    try:
        assert all(right_in_child(makes_terms) for _ in range(20))
    finally:
        stop.set()
        for thread in busy:
            thread.outcome()


def test_a_truth_value_is_no_index() -> None:
    """`True` equals 1: the one term of that shape would be hashed and written as the other."""
    x = t.var("pair", t.type_of("prod", t.INT, t.INT))
    for make in (lambda: t.proj(True, x), lambda: t.bound(True, t.INT)):
        with pytest.raises(TermError):
            make()
    th = k.refl(t.proj(1, x))
    assert check(th).left == t.digest(th.left)


def test_types_that_share_their_parts_stay_small() -> None:
    ty = t.INT
    for _ in range(10):
        ty = t.type_of("prod", ty, ty)
    with pytest.raises(TermError, match="too large"):
        t.type_of("prod", ty, ty)


@pytest.mark.parametrize("payload", ["1e999999999", "1.5", "1/0", "2/4", "+1/2", "1_0/1"])
def test_what_is_no_literal_of_a_real_is_refused_before_it_is_computed(payload: str) -> None:
    with pytest.raises(TermError):
        literals.literal(t.REAL, payload)
