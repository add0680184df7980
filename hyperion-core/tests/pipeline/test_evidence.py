"""A pass without evidence is refused, or, where policy lets it, its output is marked for good."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

import hyperion as hp
from hyperion.cost import PARALLEL_LINEAR
from hyperion.driver import compiled_as_written, derive
from hyperion.errors import CodegenError, PassError, ProofError
from hyperion.evidence import Policy, same_term
from hyperion.interfaces.compiler_pass import PassResult
from hyperion.interfaces.strategy import Candidate
from hyperion.ir.function import Equation, Value
from hyperion.ir.parser import parse_program
from hyperion.ir.printer import print_program
from hyperion.ir.types import I64
from hyperion.logic import kernel
from hyperion.logic.denote import denote
from hyperion.pipeline import OptimizerPipeline

BELIEVED = Policy(unproved_passes=frozenset({"exchange", "tells"}))

LOOP = """
func @f(%xs: i64[n]) -> i64 {
  %zero = const 0 : i64
  %sum = fold (%xs), (%zero) {
    ^(%x: i64, %s: i64):
      %t = add.wrap %s, %x : i64
      yield %t
  }
  return %sum
}
"""
PARALLEL = """
func @f(%xs: i64[n]) -> i64 {
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


class Tells:
    """A pass that gives what it is told to."""

    name = "tells"

    def __init__(self, result: Any) -> None:
        self._result = result

    def run(self, program: Any, context: Any) -> Any:
        return self._result


@pytest.fixture
def trusting(toy_plugin: Any) -> Any:
    with hp.Instance(
        plugins=[toy_plugin], config={"unproved_passes": ["exchange"], "pipeline": "exchange,grow{most=1}"}
    ) as made:
        yield made


def test_it_is_refused_unless_policy_lets_it(toy: hp.Instance, toys: SimpleNamespace) -> None:
    with pytest.raises(PassError, match=r"HY4003.*gives no theorem"):
        toy.pipeline("exchange").run(toys.TEXT)


def test_what_it_changed_is_marked(toys: SimpleNamespace) -> None:
    outcome = OptimizerPipeline([toys.LiteralsFirst(), toys.Exchange()], BELIEVED).run(toys.TEXT)
    assert outcome.unproved == ("exchange",)
    assert not outcome.checked
    assert outcome.theorem is None
    assert [s.evidence for s in outcome.steps] == ["same term", "none"]


def test_a_pass_with_evidence_is_not_marked_though_policy_names_it(toys: SimpleNamespace) -> None:
    program = parse_program(toys.TEXT)
    after = toys.LiteralsFirst().run(program, SimpleNamespace(count=lambda *_: None)).function
    outcome = OptimizerPipeline([Tells(PassResult(after))], BELIEVED).run(program)
    assert outcome.checked
    outcome = OptimizerPipeline([Tells(PassResult(program.main))], BELIEVED).run(program)
    assert outcome.checked
    assert outcome.steps[0].evidence == "unchanged"


@pytest.mark.parametrize(
    "rest",
    [
        "literals-first",
        "fixpoint(grow{most=3})",
        "repeat(turn)",
        "try(grow,fails)",
        "exchange",
        "try(exchange,fails)",
        "",
    ],
)
def test_the_mark_is_not_lost(toy: hp.Instance, toys: SimpleNamespace, rest: str) -> None:
    for text in (f"exchange,{rest}".rstrip(","), f"fixpoint(exchange,{rest})".replace(",)", ")")):
        outcome = OptimizerPipeline(toy.pipeline(text).nodes, BELIEVED).run(toys.TEXT)
        assert outcome.unproved == ("exchange",), text
        assert not outcome.checked
        assert outcome.theorem is None
        again = toy.pipeline("literals-first").run(outcome)  # nor where another pipeline goes on
        assert again.unproved == ("exchange",)
        assert again.theorem is None


def test_what_is_undone_leaves_no_mark(toys: SimpleNamespace, toy: hp.Instance) -> None:
    outcome = OptimizerPipeline(toy.pipeline("try(exchange,fails)").nodes, BELIEVED).run(toys.TEXT)
    assert outcome.unproved == ()
    assert outcome.program == parse_program(toys.TEXT)


def test_a_theorem_after_the_mark_says_nothing_about_the_source(toys: SimpleNamespace) -> None:
    program = parse_program(toys.TEXT)
    exchanged = OptimizerPipeline([toys.Exchange()], BELIEVED).run(program)
    proved = Tells(PassResult(_shorter(exchanged.program.main), kernel.refl(denote(exchanged.program.main))))
    outcome = OptimizerPipeline([toys.Exchange(), proved], BELIEVED).run(program)
    assert [s.evidence for s in outcome.steps] == ["none", "theorem"]
    assert outcome.theorem is None
    assert outcome.unproved == ("exchange",)


def _shorter(main: Any) -> Any:
    """The same function with an equation more that nobody uses."""
    return replace(main, equations=(*main.equations, Equation((Value("more", I64),), "const", (), (("value", 3),))))


def test_no_policy_allows_a_refused_theorem_other_types_or_a_parallel_loop(toys: SimpleNamespace) -> None:
    program = parse_program(toys.TEXT)
    other = replace(program.main, parameters=(*program.main.parameters, Value("z", I64)))
    wrong = toys.Exchange().run(program, None).function
    parallel = parse_program(PARALLEL)
    for source, result, words in (
        (program, PassResult(wrong, kernel.refl(denote(program.main))), "no valid evidence"),
        (program, PassResult(other), "other parameter types"),
        (parse_program(LOOP), PassResult(parallel.main), "makes a par.reduce without a theorem"),
    ):
        with pytest.raises(PassError, match="HY4003") as caught:
            OptimizerPipeline([Tells(result)], BELIEVED).run(source)
        assert words in caught.value.message


def test_the_mark_reaches_explain(trusting: hp.Instance, toys: SimpleNamespace) -> None:
    function = trusting.compile(toys.TEXT, frontend="ir")["f"]
    assert function(10, 3) == 3 - 10 + 7  # what the careless pass made
    explanation = function.explain(10, 3)
    assert explanation.unproved == ("exchange",)
    assert not explanation.checked
    assert explanation.theorem is None
    assert not explanation.parallel
    assert "NOT PROVED: changed without evidence by exchange" in str(explanation)
    assert explanation.json()["unproved"] == ["exchange"]
    assert explanation.json()["checked"] is False
    assert [r.reason for r in explanation.refusals] == [
        "changed without proof by exchange; so nothing is derived from it"
    ]


def test_without_a_pass_that_changes_something_there_is_no_mark(trusting: hp.Instance) -> None:
    function = trusting.compile("func @f(%x: i64) -> i64 { return %x }", frontend="ir")["f"]
    assert function.explain(1).unproved == ()
    assert "NOT PROVED" not in str(function.explain(1))


def test_nothing_is_derived_from_what_is_not_proved(toy: hp.Instance, tiny: Any, toys: SimpleNamespace) -> None:
    """A strategy that proves something about the marked program is not even asked."""
    program = parse_program(toys.TEXT)
    asked: list[object] = []

    class Offers:
        name = "offers"

        def derive(self, function: Any) -> Any:
            asked.append(function)
            return [Candidate("offers", function, kernel.refl(denote(function)), PARALLEL_LINEAR, True, "same")]

    pipeline = OptimizerPipeline([toys.Exchange()], BELIEVED)
    found = derive(program, pipeline, [Offers()], BELIEVED, lambda event: None)
    assert asked == []
    assert found.unproved == ("exchange",)
    assert found.theorem is None
    assert found.equality is None
    assert not found.verdict.checked
    assert not found.parallel
    assert derive(program, OptimizerPipeline([], BELIEVED), [Offers()], BELIEVED, lambda event: None).verdict.checked
    assert asked != []


def test_a_proved_program_is_not_polished_without_proof(toys: SimpleNamespace) -> None:
    """The pass finds nothing to do in the source, and something in the candidate, which stays as it was proved."""
    program = parse_program("func @f(%x: i64, %y: i64) -> i64 { return %x }")
    more = Equation((Value("d", I64),), "sub.wrap", program.main.parameters)
    larger = replace(program.main, equations=(more,))

    class Offers:
        name = "offers"

        def derive(self, function: Any) -> Any:
            return [Candidate("offers", larger, kernel.refl(denote(program.main)), PARALLEL_LINEAR, False, "larger")]

    class Turned:
        """Returns the other parameter, where there is a subtraction."""

        name = "tells"

        def run(self, program: Any, context: Any) -> PassResult:
            main = program.main
            return PassResult(replace(main, results=(main.parameters[1],)) if main.equations else main)

    pipeline = OptimizerPipeline([Turned()], BELIEVED)
    found = derive(program, pipeline, [Offers()], BELIEVED, lambda event: None)
    assert found.verdict.checked
    assert found.unproved == ()
    assert found.chosen.main == larger


def test_the_source_as_written_has_no_mark(trusting: hp.Instance, toys: SimpleNamespace) -> None:
    marked = trusting.derive(parse_program(toys.TEXT))
    assert marked.unproved == ("exchange",)
    plain = compiled_as_written(marked, CodegenError("HY8001", "no lowering"))
    assert plain.unproved == ()
    assert plain.chosen == plain.source


def test_a_trap_that_the_source_has_not_is_blamed_on_the_pass(toy_plugin: Any, tiny: Any) -> None:
    text = "func @f(%x: i64, %y: i64) -> i64 { %s = sub.trap %x, %y : i64  return %s }"

    class Trapping:
        name = "tells"

        def run(self, program: Any, context: Any) -> PassResult:
            main = program.main
            return PassResult(replace(main, equations=tuple(replace(e, op="mul.trap") for e in main.equations)))

    tiny.passes["tells"] = Trapping
    config = {"unproved_passes": ["tells"], "pipeline": "tells"}
    with hp.Instance(plugins=[toy_plugin], config=config) as instance:
        function = instance.compile(text, frontend="ir")["f"]
        assert function(2, 3) == 6
        with pytest.raises(PassError, match="HY4008") as caught:
            function(2**62, 2**62)
        assert "which tells changed without proof" in caught.value.message


def test_the_same_term_between_float_formats_is_no_evidence() -> None:
    """Over the reals f32 and f64 denote alike."""
    source = parse_program('func @f(%x: f64, %y: f64) -> f64 { %z = add %x, %y {fp = "reassoc"} : f64  return %z }')
    retyped = parse_program(print_program(source).replace("f64", "f32"))
    assert denote(source.main) == denote(retyped.main)
    assert not same_term(source, retyped)
    with pytest.raises(PassError, match="HY4003"):
        OptimizerPipeline([Tells(PassResult(retyped.main))]).run(source)


def test_a_function_without_meaning_needs_policy_to_change(toys: SimpleNamespace) -> None:
    """Regrouped floats mixed with others denote nothing, so no pass has evidence about them."""
    text = (
        'func @f(%x: f64, %y: f64) -> f64 { %z = add %x, %y {fp = "reassoc"} : f64  %w = add %z, %y : f64  return %w }'
    )
    program = parse_program(text)
    with pytest.raises(ProofError):
        denote(program.main)
    turned = replace(program.main, results=(program.main.equations[0].result,))
    with pytest.raises(PassError, match="HY4003"):
        OptimizerPipeline([Tells(PassResult(turned))]).run(program)
    assert OptimizerPipeline([Tells(PassResult(turned))], BELIEVED).run(program).unproved == ("tells",)


@pytest.mark.parametrize("each", [True, False])
def test_invalid_ir_is_found_whether_each_pass_is_verified_or_the_last(toys: SimpleNamespace, each: bool) -> None:
    policy = Policy(unproved_passes=frozenset({"fails"}), verify_each=each)
    with pytest.raises(PassError, match="HY4002"):
        OptimizerPipeline([toys.Fails("invalid")], policy).run(toys.TEXT)
    with pytest.raises(PassError, match="HY4002"):
        OptimizerPipeline([toys.Fails("invalid")], policy, verify_each=not each).run(toys.TEXT, verify_each=each)
