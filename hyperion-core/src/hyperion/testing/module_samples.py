"""A module with everything that a module file can hold, made without a plugin."""

from __future__ import annotations

from hyperion.costing import cost_of
from hyperion.driver import Derivation, GuardedTarget
from hyperion.errors import PluginError, Span
from hyperion.evidence import UNPROVED, Policy, judge
from hyperion.explain import CandidateReport, ProvedEquality
from hyperion.interfaces.codegen import NativeCode
from hyperion.interfaces.strategy import Refusal
from hyperion.ir.function import Program
from hyperion.ir.parser import parse_program
from hyperion.logic import kernel
from hyperion.logic.denote import denote
from hyperion.logic.proof import file_of
from hyperion.module import Module, ModuleFunction
from hyperion.module.about import About, PluginVersion
from hyperion.module.stored_code import stored_code

TOTAL = """
func @total(%xs: i64[n0]) -> i64 {
  %zero = const 0 : i64
  %sum = fold (%xs), (%zero) {
    ^(%x: i64, %s: i64):
      %t = add.wrap %s, %x : i64
      yield %t
  }
  return %sum
}
"""

KINDS = """
func @kinds(%b: bool, %h: f16, %r: i128[m, 3], %w: u64) -> (bool, f16, i128[m, 3]) {
  %huge = const 170141183460469231731687303715884105727 : i128
  %low = const -9223372036854775808 : i64
  %nan = const nan : f32
  %tiny = const -0x0.0p+0 : f64
  %yes = const true : bool
  %one = const 1 : i64
  %pair = tuple %b, %h : ((bool, f16))
  %c = if %b {
    %i, %j = for %low, %one, %one, (%one, %tiny) {
      ^(%k: i64, %p: i64, %q: f64):
        %z = call @total2(%p, %q) : f64
        yield %k, %z
    }
    yield %yes
  } {
    yield %b
  }
  %d = reduce %r {axes = [0, 1], monoid = "add.wrap"} : i128
  return %c, %h, %r
}
func @total2(%x: i64, %y: f64) -> f64 {
  return %y
}
"""


def _target() -> GuardedTarget:
    raise PluginError("HY1002", "the sample has no target")


def sample_module() -> Module:
    """Two functions, one with a theorem, spans with callers, refusals, candidates, and something in place of code."""
    proven, plain = _proven(), _plain()
    functions = {d.source.entry: ModuleFunction.deferred(d, _target) for d in (proven, plain)}
    about = About("total", "0.0.1", "canonicalize,cse", "fake", (PluginVersion("fake", "hyperion-fake", "1.2"),))
    code = {name: NativeCode("object", "fake machine", name.encode() * 20) for name in functions}
    return Module(functions, about, code=[stored_code("fake", code)])


def _proven() -> Derivation:
    source, chosen = parse_program(TOTAL, "total.hir"), parse_program(TOTAL.replace("%sum", "%all"), "total.hir")
    theorem = kernel.refl(denote(source.main, source))
    proof = file_of(theorem)
    verdict = judge(source, chosen, proof, Policy())
    equality = ProvedEquality("the same\n  loop", "rename", verdict.left, verdict.right, proof.value)
    reports = (CandidateReport("rename", "the same\n  loop", "O(n)", "chosen"),)
    cost = cost_of(source)
    return Derivation(source, chosen, proof, verdict, equality, False, cost, cost_of(chosen), reports, ())


def _plain() -> Derivation:
    source: Program = parse_program(KINDS, "kinds.hir")
    called = Span("kinds.hir", 3, 1, 3, 9, "  f(x, y)")
    place = Span("kinds.hir", 12, 3, 14, 4, "  %c = if %b {", called)
    refusal = Refusal("search", "no law of this kind", "(a + b) + c = a + (b + c)", "a = 1e16", place)
    cost = cost_of(source)
    return Derivation(source, source, None, UNPROVED, None, False, cost, cost, (), (refusal,))
