"""Bounds checks that passes took away stay away in compiled code, with the theorem that the gate asks for."""

from __future__ import annotations

import numpy as np
import pytest

import hyperion as hp
from hyperion.errors import ProofError
from hyperion.evidence import Policy, authorise
from hyperion.ir.function import Function
from hyperion.ir.parser import parse_program
from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.denote import denote
from hyperion.logic.derived import arguments, head, use
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs.derived import replace_all, unfold

TEXT = """func @f(%xs: i64[n], %ys: f64[m]) -> f64 {
  %zero = const 0 : i64
  %one = const 1 : i64
  %start = const 0x0p+0 : f64
  %n = len %xs : i64
  %m = len %ys : i64
  %r = for %zero, %n, %one, (%start) {
    ^(%i: i64, %s: f64):
      %x = get %xs, %i
      %low = le %zero, %x
      %high = lt %x, %m
      %inside = and %low, %high : bool
      %t = if %inside {
        %y = get %ys, %x
        yield %y
      } {
        yield %s
      }
      yield %t
  }
  return %r
}"""


@pytest.mark.parametrize("passes", ["default", "bounds-checks", "index-loops,bounds-checks,licm,dce"])
def test_compiled_without_checks(passes: str) -> None:
    with hp.Instance(config={"pipeline": passes}) as instance:
        module = instance.compile(TEXT, frontend="ir")
        f = module["f"]
        xs, ys = np.array([3, -1, 2, 99, -(2**63)]), np.array([0.5, 1.5, 2.5])
        assert f(xs, ys) == 2.5
        assert f(xs[:0], ys) == 0.0
        unchecked = f.ir().count("get.unchecked")
        assert unchecked == {"default": 0, "bounds-checks": 2, "index-loops,bounds-checks,licm,dce": 1}[passes]


READS_OUTSIDE = """func @f(%xs: i64[n], %i: i64, %a: i64) -> i64 {
  %ok, %v = attempt %a {
    %x = get.unchecked %xs, %i
    yield %a
  }
  return %v
}"""


def test_an_attempt_may_not_hide_an_unchecked_access() -> None:
    """It would give one value whether the access traps, diverges or ends, so its index need not be inside."""
    source = parse_program("func @f(%xs: i64[n], %i: i64, %a: i64) -> i64 { return %a }")
    chosen = parse_program(READS_OUTSIDE)
    with pytest.raises(ProofError, match=r"get\.unchecked in an attempt has no denotation"):
        denote(chosen.main)
    with pytest.raises(ProofError, match="no theorem, no unchecked access"):
        authorise(chosen, source, _whatever_it_reads(source.main), Policy())


def _whatever_it_reads(source: Function) -> Theorem:
    """|- the source = what the attempt denoted when it passed as an outcome, by cases on what the access gives."""
    checked = parse_program(READS_OUTSIDE.replace("get.unchecked", "get"))
    whole, variables = denote(checked.main), list[Term]()
    while whole.kind == "L":
        variables.append(t.var(f"v{len(variables)}", whole.bound_type))
        whole = t.open_binder(whole, variables[-1])
    bound = whole.argument.body.function.function.function.argument  # bind (get ..) (\x. ok a)
    access = bound.function.argument
    undefined = t.const("op:undefined", access.type)
    function, (_, *rest) = arguments(access)
    unchecked = t.app(function, undefined, *rest)
    whole = t.transform(whole, lambda u, _: unchecked if u is access else None, lambda u, _: False)
    value = t.var("w", variables[2].type)
    ways = [apply("ok", value), t.const("trap", unchecked.type), t.const("diverge", unchecked.type)]
    cases = [_reduced(whole, k.assume(unchecked, way)) for way in ways]
    th = k.sym(k.outcome_cases(unchecked, value, cases[0], cases[1], cases[2]))
    for v in reversed(variables):
        th = k.abs_(v, th)
    assert th.left is denote(source)
    return th


def _reduced(x: Term, known: Theorem) -> Theorem:
    """|- x = its value, where `known` says what the access gives."""

    def rule(u: Term) -> Theorem | None:
        if u is known.left:
            return known
        if u.kind == "A" and u.function.kind == "L":
            return k.beta(u)
        if u.kind == "P" and u.body.kind == "T":
            return k.projbeta(u)
        for name in ("outcase.ok", "outcase.trap", "outcase.diverge"):
            found = use(name, u)
            if found is not None:
                return found
        return unfold("bind", u) if u.kind == "A" and len(arguments(u)[1]) == 2 and head(u).startswith("bind") else None

    th: Theorem = k.refl(x)
    while (step := replace_all(th.right, rule)) is not None:
        th = k.trans(th, step)
    return th
