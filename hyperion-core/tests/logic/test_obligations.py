"""What the regions of parallel operations must obey, and that nothing runs in parallel without it."""

from __future__ import annotations

import numpy as np
import pytest

import hyperion as hp
from hyperion.errors import ProofError
from hyperion.evidence import Policy, authorise
from hyperion.ir.function import Program
from hyperion.ir.parser import parse_program
from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.denote import denote
from hyperion.logic.kernel import Theorem
from hyperion.logic.obligations import Obligation, obligations, undischarged
from hyperion.logic.terms import Term
from hyperion_passes.list_lemmas import joined

SUM = """
func @sum(%xs: i64[n], %s: i64) -> i64 {
  %r = par.reduce (%xs), (%s) {lanes = 2, piece = 3} {
    ^(%x: i64):
      yield %x
  } {
    ^(%a: i64, %b: i64):
      %ab = add.wrap %a, %b : i64
      yield %ab
  } {
    ^(%c: i64, %t: i64):
      %ct = add.wrap %c, %t : i64
      yield %ct
  }
  return %r
}"""

SCAN = """
func @sums(%xs: i64[n], %s: i64) -> (i64, i64[n]) {
  %r, %ys = par.scan (%xs), (%s) {lanes = 2, piece = 3} {
    ^(%x: i64, %u: i64):
      %v = add.wrap %x, %u : i64
      yield %v, %u
  } {
    ^(%y: i64):
      yield %y
  } {
    ^(%a: i64, %b: i64):
      %ab = add.wrap %a, %b : i64
      yield %ab
  } {
    ^(%c: i64, %t: i64):
      %ct = add.wrap %c, %t : i64
      yield %ct
  }
  return %r, %ys
}"""

POWER = """
func @power(%n: i64, %m: i64, %s: i64) -> i64 {
  %lo = const 0 : i64
  %one = const 1 : i64
  %k = add.wrap %m, %m : i64
  %r = par.power %lo, %n, %one, (%s) {
    yield %k
  } {
    ^(%a: i64, %b: i64):
      %ab = add.wrap %a, %b : i64
      yield %ab
  } {
    ^(%c: i64, %t: i64):
      %ct = add.wrap %c, %t : i64
      yield %ct
  }
  return %r
}"""


WINDOWS = """
func @windows(%xs: i64[n], %w: i64) -> i64[k] {
  %sums = par.windows %xs, (%w) : i64[k] {
    ^(%x: i64):
      yield %x
  } {
    ^(%a: i64, %b: i64):
      %ab = add.wrap %a, %b : i64
      yield %ab
  }
  return %sums
}"""


def program(text: str) -> Program:
    return parse_program(text)


def associative(obligation: Obligation) -> Theorem:
    """|- add (add A B) s = add A (add B s) on words that wrap, under the binders of the obligation."""
    left, right, variables = obligation.left, obligation.right, list[Term]()
    while left.kind == "L":
        v = t.var(f"v{len(variables)}", left.bound_type)
        variables.append(v)
        left, right = t.open_binder(left, v), t.open_binder(right, v)
    first, last = _sum(left), _sum(right)
    th = k.trans(first, k.sym(last))
    for v in reversed(variables):
        th = k.abs_(v, th)
    return th


def _sum(x: Term) -> Theorem:
    """|- x = ofZ (toZ a + (toZ b + toZ s)), for nested sums of words, each an applied abstraction."""
    th = _reduced(x)
    outer = th.right.argument  # add (toZ u) (toZ w), u or w a sum itself
    first, second = outer.function.argument, outer.argument
    inner = first if first.argument.kind == "A" else second
    terms = _parts(inner.argument.argument)
    nested = {t.var("a", t.INT): inner.argument.argument}
    if inner is second:
        swapped = k.inst({t.var("a", t.INT): first, t.var("b", t.INT): second}, k.axiom("int.add.comm"))
        th = k.trans(th, k.app(k.refl(th.right.function), swapped))
        other = first
    else:
        other = second
    th = k.trans(th, k.inst(nested | {t.var("b", t.INT): other}, k.axiom("i64.of.add")))
    if inner is second:
        a, b = t.var("a", t.INT), t.var("b", t.INT)
        back = k.inst({a: inner.argument.argument, b: other}, k.axiom("int.add.comm"))
        return k.trans(th, k.app(k.refl(th.right.function), back))
    a, b, c = (t.var(n, t.INT) for n in "abc")
    grouped = k.inst({a: terms[0], b: terms[1], c: other}, k.axiom("int.add.assoc"))
    return k.trans(th, k.app(k.refl(th.right.function), grouped))


def _parts(x: Term) -> tuple[Term, Term]:
    return x.function.argument, x.argument


def _reduced(x: Term) -> Theorem:
    """|- x = x with every applied abstraction reduced, innermost first."""
    if x.kind == "P" and x.body.kind == "A":
        inner = k.proj(x.index, _reduced(x.body))
        return k.trans(inner, k.projbeta(inner.right))
    if x.kind != "A":
        return k.refl(x)
    th = k.app(_reduced(x.function), _reduced(x.argument))
    if th.right.function.kind == "L":
        th = k.trans(th, k.beta(th.right))
        th = k.trans(th, _reduced(th.right))
    return th


@pytest.mark.parametrize("text", [SUM, POWER])
def test_a_parallel_operation_runs_with_a_theorem_about_its_regions(text: str) -> None:
    (join,) = obligations(program(text))
    assert join.law == "join"
    verdict = authorise(program(text), None, None, Policy(), [associative(join)])
    assert not verdict.checked  # nothing is said about another function
    assert "are proved" in verdict.reason


@pytest.mark.parametrize("target", ["cpu", "reference"])
def test_a_program_that_is_written_in_parallel_compiles_with_its_laws(target: str) -> None:
    with hp.Instance() as instance:
        guarded = instance.target(target)
        with pytest.raises(ProofError, match="HY7020"):
            guarded.compile(program(SUM))
        compiled = guarded.compile(program(SUM), laws=[associative(o) for o in obligations(program(SUM))])
        assert compiled(np.arange(100, dtype=np.int64), 7) == 4957


def test_products_of_windows_must_be_associative() -> None:
    (product,) = obligations(program(WINDOWS))
    assert product.law == "product"
    wrong = program(WINDOWS.replace("add.wrap", "sub.wrap"))
    for text, laws in ((program(WINDOWS), []), (wrong, [associative(product)])):
        with pytest.raises(ProofError, match="no theorem, no parallelism") as error:
            authorise(text, None, None, Policy(), laws)
        assert any("not proved: product of par.windows" in n for n in error.value.notes)
    with hp.Instance() as instance:
        compiled = instance.target("cpu").compile(program(WINDOWS), laws=[associative(product)])
        made = np.asarray(compiled(np.arange(6, dtype=np.int64), 4))
        assert np.array_equal(made, [6, 10, 14])


def test_a_parallel_scan_has_the_law_of_its_step_too() -> None:
    join, step = obligations(program(SCAN))
    assert (join.law, step.law) == ("join", "step")
    with pytest.raises(ProofError) as error:
        authorise(program(SCAN), None, None, Policy(), [associative(join)])
    assert [n for n in error.value.notes if n.startswith("not proved")] == [f"not proved: {step}"]
    law = _step_law(step)
    authorise(program(SCAN), None, None, Policy(), [associative(join), law])
    assert not undischarged([join, step], [step.key[::-1], join.key])


def _step_law(step: Obligation) -> Theorem:
    left, right, variables = step.left, step.right, list[Term]()
    while left.kind == "L":
        v = t.var(f"v{len(variables)}", left.bound_type)
        variables.append(v)
        left, right = t.open_binder(left, v), t.open_binder(right, v)
    th = k.trans(_reduced(left), k.sym(_reduced(right)))
    for v in reversed(variables):
        th = k.abs_(v, th)
    return th


@pytest.mark.parametrize(
    ("wrong", "law"),
    [
        (SUM.replace("%ab = add.wrap", "%ab = sub.wrap"), "join of par.reduce"),
        (SUM.replace("%ct = add.wrap", "%ct = sub.wrap"), "join of par.reduce"),
        (POWER.replace("%ab = add.wrap", "%ab = mul.wrap"), "join of par.power"),
        (SCAN.replace("yield %y", "yield %s"), "step of par.scan"),
        (SCAN.replace("%v = add.wrap", "%v = mul.wrap"), "step of par.scan"),
    ],
)
def test_a_wrong_region_is_refused_and_its_law_named(wrong: str, law: str) -> None:
    """Whatever is proved of the right regions says nothing of the wrong ones."""
    right = next(x for x in (SUM, POWER, SCAN) if x.split("(")[0] == wrong.split("(")[0])
    laws = [associative(o) if o.law == "join" else _step_law(o) for o in obligations(program(right))]
    authorise(program(right), None, None, Policy(), laws)
    with pytest.raises(ProofError) as error:
        authorise(program(wrong), None, None, Policy(), laws)
    assert error.value.code == "HY7020"
    assert any(f"not proved: {law}" in n for n in error.value.notes)


def test_a_law_with_hypotheses_discharges_nothing() -> None:
    (join,) = obligations(program(SUM))
    with pytest.raises(ProofError, match="HY7020"):
        authorise(program(SUM), None, None, Policy(), [k.assume(join.left, join.right)])


def test_obligations_are_the_same_in_every_process_and_closed() -> None:
    for text in (SUM, SCAN, POWER):
        for one, other in zip(obligations(program(text)), obligations(program(text)), strict=True):
            assert one.key == other.key
            assert not one.left.free | one.right.free


def test_what_a_region_captures_is_part_of_its_law() -> None:
    captured = POWER.replace("%ct = add.wrap %c, %t", "%ct = mul.wrap %c, %k")
    (law,) = obligations(program(captured))
    (plain,) = obligations(program(POWER))
    assert law.left.type is t.fun(*[t.type_of("i64")] * 5)  # m, A, B, s -> state
    assert plain.left.type is t.fun(*[t.type_of("i64")] * 4)


def test_a_function_that_the_entry_does_not_call_is_not_covered_by_its_theorem() -> None:
    source = program("func @main(%x: i64) -> i64 { return %x }")
    both = program("func @main(%x: i64) -> i64 { return %x }" + SUM)
    th = k.refl(_meaning(source))
    with pytest.raises(ProofError, match="HY7020"):
        authorise(both, source, th, Policy())
    assert authorise(source, source, th, Policy()).checked


def _meaning(of: Program) -> Term:
    return denote(of.main, of)


GET = "func @f(%xs: i64[n], %i: i64) -> i64 { %x = get.unchecked %xs, %i : i64 return %x }"


def test_an_unchecked_access_needs_a_theorem_from_a_function_without_one() -> None:
    checked = program(GET.replace(".unchecked", ""))
    for source in (None, program(GET), checked):
        with pytest.raises(ProofError, match="HY7020") as error:
            authorise(program(GET), source, k.refl(_meaning(program(GET))), Policy())
        assert "get.unchecked" in error.value.message
    with pytest.raises(ProofError, match="HY7020"):
        authorise(program(GET), checked, k.refl(_meaning(checked)), Policy())


def test_an_access_that_is_proved_inside_may_be_unchecked() -> None:
    text = "func @f() -> i64 { %v = const 0 : i64 %ys = array %v : i64[1] %x = GET %ys, %v : i64 return %x }"
    checked, free = program(text.replace("GET", "get")), program(text.replace("GET", "get.unchecked"))
    th = _same_value(_meaning(checked), _meaning(free))
    assert authorise(free, checked, th, Policy()).checked


def _same_value(left: Term, right: Term) -> Theorem:
    """Both functions give the element at index 0 of a list of one."""
    variables = list[Term]()
    while left.kind == "L":
        v = t.var(f"p{len(variables)}", left.bound_type)
        variables.append(v)
        left, right = t.open_binder(left, v), t.open_binder(right, v)
    th = joined(left, right)
    for v in reversed(variables):
        th = k.abs_(v, th)
    return th
