"""The driver: what is proved is chosen, what is not is refused, and nothing parallel runs without its theorem."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import pytest

import hyperion as hp
from hyperion.cost import CONSTANT, LINEAR, PARALLEL_LINEAR, Cost
from hyperion.costing import cost_of
from hyperion.errors import PassError, ProofError, TypeCheckError
from hyperion.evidence import Policy, authorise, judge
from hyperion.interfaces.compiler_pass import PassContext, PassResult
from hyperion.interfaces.strategy import Candidate, Refusal
from hyperion.ir.function import Function, Program
from hyperion.ir.parser import parse_program
from hyperion.logic import kernel
from hyperion.logic.denote import denote
from hyperion.logic.kernel import Theorem
from hyperion.pipeline import OptimizerPipeline

SUM = parse_program("""
func @total(%xs: i64[n]) -> i64 {
  %zero = const 0 : i64
  %sum = fold (%xs), (%zero) {
    ^(%x: i64, %s: i64):
      %t = add.wrap %s, %x : i64
      yield %t
  }
  return %sum
}
""")
RENAMED = parse_program("""
func @other(%ys: i64[n]) -> i64 {
  %nought = const 0 : i64
  %all = fold (%ys), (%nought) {
    ^(%y: i64, %a: i64):
      %b = add.wrap %a, %y : i64
      yield %b
  }
  return %all
}
""")
WRONG = parse_program("""
func @total(%xs: i64[n]) -> i64 {
  %zero = const 1 : i64
  %sum = fold (%xs), (%zero) {
    ^(%x: i64, %s: i64):
      %t = add.wrap %s, %x : i64
      yield %t
  }
  return %sum
}
""")
PARALLEL = """
func @total(%xs: i64[n]) -> i64 {
  %zero = const 0 : i64
  %sum = par.reduce (%xs), (%zero) {lanes = 4, piece = 16} {
    ^(%x: i64):
      yield %x
  } {
    ^(%a: i64, %b: i64):
      %c = add.wrap %a, %b : i64
      yield %c
  } {
    ^(%m: i64, %s: i64):
      %t = add.wrap %m, %s : i64
      yield %t
  }
  return %sum
}
"""


def same(function: Function) -> Theorem:
    return kernel.refl(denote(function))


@dataclass
class Offers:
    """A strategy that offers what it is told to."""

    found: list[Any]
    name: str = "offers"

    def derive(self, function: Function) -> Iterable[Candidate | Refusal]:
        for each in self.found:
            if isinstance(each, Exception):
                raise each
            yield each


@dataclass
class Rewrites:
    """A pass that gives what it is told to."""

    result: Any
    name: str = "rewrites"

    def run(self, program: Program, context: PassContext) -> PassResult:
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


def candidate(function: Function, theorem: Theorem, cost: Cost = PARALLEL_LINEAR, summary: str = "same") -> Candidate:
    return Candidate("offers", function, theorem, cost, False, summary)


def derived(instance: hp.Instance, tiny: Any, *found: Any) -> Any:
    tiny.strategies["offers"] = lambda: Offers(list(found))
    return instance.derive(SUM)


def test_a_proved_candidate_is_chosen_and_checked(instance: hp.Instance, tiny: Any) -> None:
    d = derived(instance, tiny, candidate(RENAMED.main, same(SUM.main)))
    assert d.verdict.checked, d.verdict.reason
    assert d.chosen.main == RENAMED.main.renamed("total")
    assert (str(d.source_cost), str(d.chosen_cost)) == ("O(n)", "O(n)")
    assert d.equality is not None
    assert [c.verdict for c in d.candidates] == ["chosen"]


def test_a_cost_is_believed_only_for_a_parallel_form(instance: hp.Instance, tiny: Any) -> None:
    d = derived(
        instance,
        tiny,
        candidate(SUM.main, same(SUM.main), LINEAR, "dear"),
        candidate(WRONG.main, same(SUM.main), CONSTANT, "wrong"),
        candidate(RENAMED.main, same(SUM.main), PARALLEL_LINEAR, "cheap"),
    )
    assert str(d.equality) == "dear"  # all run one loop over the array; the first of equals is taken
    assert [c.verdict.split(":")[0] for c in d.candidates] == ["chosen", "refused", "checked, not chosen"]
    assert {c.cost for c in d.candidates} == {"O(n)"}
    assert "right side is not what the compiled function denotes" in d.refusals[0].reason


def test_what_a_strategy_offers_is_never_believed(instance: hp.Instance, tiny: Any) -> None:
    assumed = kernel.assume(denote(SUM.main), denote(WRONG.main))
    forged = object.__new__(Theorem)
    for slot in Theorem.__slots__:
        object.__setattr__(forged, slot, getattr(same(SUM.main), slot))
    object.__setattr__(forged, "right", denote(WRONG.main))
    ill = replace(SUM.main, results=())
    for bad in (
        candidate(WRONG.main, same(SUM.main)),
        candidate(WRONG.main, same(WRONG.main)),
        candidate(WRONG.main, assumed),
        candidate(WRONG.main, forged),
        candidate(ill, same(SUM.main)),
        RuntimeError("search failed"),
    ):
        d = derived(instance, tiny, bad)
        assert not d.verdict.checked
        assert d.theorem is None
        assert d.equality is None
        assert d.chosen.main == SUM.main
        assert d.refusals
        tiny.strategies.clear()
        instance._host._made.clear()


def test_refusals_are_kept(instance: hp.Instance, tiny: Any) -> None:
    d = derived(instance, tiny, Refusal("offers", "not associative", "(a+b)+c = a+(b+c)", "a = 1e16"))
    assert d.refusals == (Refusal("offers", "not associative", "(a+b)+c = a+(b+c)", "a = 1e16"),)
    assert str(d.chosen_cost) == "O(n)"


def test_nothing_is_derived_where_the_configuration_says_so(tiny: Any) -> None:
    tiny.strategies["offers"] = lambda: Offers([candidate(RENAMED.main, same(SUM.main))])
    with hp.Instance(plugins=[tiny.module()], config={"derive": False}) as instance:
        assert instance.derive(SUM).theorem is None


def test_no_theorem_no_parallelism(instance: hp.Instance, tiny: Any) -> None:
    program = parse_program(PARALLEL)
    for attempt in (
        lambda: instance.compile(PARALLEL, frontend="ir"),
        lambda: instance.target().compile(program),
        lambda: instance.target().lower(program, "llvm"),
        lambda: instance.target().compile(program, SUM, same(SUM.main)),
        lambda: instance.target().compile(program, program, kernel.assume(denote(SUM.main), denote(program.main))),
        lambda: authorise(program, None, None, Policy()),
    ):
        with pytest.raises(ProofError, match=r"HY7020: par\.reduce may not be compiled: no theorem, no parallelism"):
            attempt()
    assert tiny.target.compiled == []


def test_no_parallelism_in_called_functions_either(instance: hp.Instance) -> None:
    text = PARALLEL.replace("@total", "@inner")
    caller = "func @outer(%xs: i64[n]) -> i64 { %r = call @inner(%xs) : i64 return %r }"
    with pytest.raises(ProofError, match="HY7020"):
        instance.compile(caller + text, frontend="ir")


def test_a_theorem_about_another_region_is_refused() -> None:
    program, other = parse_program(PARALLEL), parse_program(PARALLEL.replace("add.wrap %m, %s", "add.wrap %s, %m"))
    theorem = kernel.refl(denote(program.main))
    assert judge(program, program, theorem, Policy()).checked
    assert not judge(program, other, theorem, Policy()).checked
    with pytest.raises(ProofError, match="HY7020"):
        authorise(other, program, theorem, Policy())


def test_over_the_reals_the_float_formats_must_stay() -> None:
    text = 'func @f(%x: f64, %y: f64) -> f64 { %z = add %x, %y {fp = "reassoc"} : f64 return %z }'
    narrow = text.replace("f64 {", "f64 { %n = cast.round %x : f32", 1)
    source, target = parse_program(text), parse_program(narrow)
    verdict = judge(source, target, kernel.refl(denote(source.main)), Policy())
    assert not verdict.checked
    assert "computes in f32" in verdict.reason


def test_invalid_ir_is_not_compiled(instance: hp.Instance) -> None:
    with pytest.raises(TypeCheckError):
        instance.compile("func @f(%x: i64) -> i64 { return %y }", frontend="ir")


@pytest.mark.parametrize(
    ("result", "code"),
    [
        (RuntimeError("boom"), "HY4001"),
        (PassResult(replace(SUM.main, equations=())), "HY4002"),
        (PassResult(WRONG.main), "HY4003"),
        (PassResult(WRONG.main, same(SUM.main)), "HY4003"),
        (PassResult(WRONG.main, kernel.assume(denote(SUM.main), denote(WRONG.main))), "HY4003"),
    ],
)
def test_a_pass_is_held_to_its_evidence(result: object, code: str, instance: hp.Instance, tiny: Any) -> None:
    with pytest.raises(PassError, match=code):
        OptimizerPipeline((Rewrites(result),)).run(SUM)
    tiny.passes["canonicalize"] = lambda: Rewrites(result, "canonicalize")
    d = instance.derive(SUM)
    assert d.chosen == SUM
    assert "canonicalize" in d.refusals[0].reason


def test_a_pass_with_evidence_is_used(instance: hp.Instance) -> None:
    for result in (PassResult(RENAMED.main), PassResult(RENAMED.main, same(SUM.main))):
        outcome = OptimizerPipeline((Rewrites(result),)).run(SUM)
        assert outcome.program.main == RENAMED.main.renamed("total")
        assert outcome.program.entry == "total"
        assert [s.evidence for s in outcome.steps] == ["theorem" if result.theorem else "same term"]


def test_pipelines_by_name(instance: hp.Instance, tiny: Any) -> None:
    tiny.passes.update({"dce": lambda: Rewrites(PassResult(SUM.main), "dce")}, own=lambda: Rewrites(None, "own"))
    assert [p.name for p in instance.pipeline().passes] == ["dce"]
    assert [p.name for p in instance.pipeline("own, dce").passes] == ["own", "dce"]
    with pytest.raises(hp.HyperionError, match="HY4011"):
        instance.pipeline("dead-cod")


def _cost(body: str) -> str:
    return str(cost_of(parse_program(f"func @f(%n: i64, %zero: i64, %one: i64) -> i64 {{ {body} }}")))


def test_costs_are_read_off_the_loops() -> None:
    loop = "%{r} = for %zero, %n, %one, (%zero) {{ ^(%i{r}: i64, %s{r}: i64): {body} yield %{y} }}"
    inner = loop.format(r="b", body="", y="sb")
    assert _cost("return %n") == "O(1)"
    assert _cost(loop.format(r="a", body="", y="sa") + " return %a") == "O(n)"
    assert _cost(loop.format(r="a", body=inner, y="b") + " return %a") == "O(n^2)"
    assert (
        _cost(f"%k = const 3 : i64 {loop.format(r='a', body='', y='sa').replace('%zero, %n', '%k, %k')} return %a")
        != ""
    )
    assert str(cost_of(parse_program(PARALLEL))) == "O(n/p)"


def test_a_trap_of_the_derived_version_is_that_of_the_source(instance: hp.Instance, tiny: Any) -> None:
    """The derived version says that it traps; the source says where."""
    trapping = parse_program("func @f(%x: i64) -> i64 { %y = neg.trap %x : i64 return %y }", "source.py")
    moved = Program({"f": replace(trapping.main, equations=tuple(_unplaced(trapping)))}, "f")
    tiny.strategies["offers"] = lambda: Offers([candidate(moved.main, same(trapping.main))])
    function = instance.compile_program(trapping)
    assert function.derivation.theorem is not None
    with pytest.raises(OverflowError) as caught:
        function(-(1 << 63))
    assert "source.py" in str(caught.value)
    assert function.explain(5).checked


def _unplaced(program: Program) -> Iterable[Any]:
    return (replace(e, span=None) for e in program.main.equations)
