"""Making, nesting, running and destroying pipelines."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import hyperion as hp
from hyperion.errors import PassError, TypeCheckError
from hyperion.interfaces.compiler_pass import CompilerPass
from hyperion.ir.parser import parse_program
from hyperion.ir.printer import print_program
from hyperion.pipeline import Fixpoint, Instrument, OptimizerPipeline, Repeat, Timing, Try


def test_it_is_public() -> None:
    assert hp.OptimizerPipeline is OptimizerPipeline


def test_from_objects_names_texts_and_pipelines(toy: hp.Instance, toys: SimpleNamespace) -> None:
    inner = toy.pipeline("fixpoint{max=2}(grow),turn")
    made = toy.create_pipeline(
        [
            toys.Grow(most=3),
            "turn",
            "try(turn),grow",
            inner,
            Fixpoint((toys.Turn(), "grow", inner), max=4),
            Repeat(("turn",)),
        ]
    )
    assert str(made) == (
        "grow{most=3},turn,try(turn),grow,fixpoint{max=2}(grow),turn,"
        "fixpoint{max=4}(turn,grow,fixpoint{max=2}(grow),turn),repeat(turn)"
    )
    assert toy.pipeline(str(made)).nodes == made.nodes
    assert [p.name for p in toy.create_pipeline([Try(("turn", inner))]).passes] == ["turn", "grow", "turn"]
    inner.destroy()
    assert str(made).startswith("grow{most=3}")  # it took the passes, not the pipeline


def test_the_inner_pipelines_instruments_stay_with_it(toy: hp.Instance) -> None:
    inner = toy.pipeline("turn", instruments=[_Counts()])
    assert toy.create_pipeline([inner]).instruments == ()


@pytest.mark.parametrize("junk", [42, None, object(), ["turn"], Fixpoint((7,))])
def test_what_is_no_item_is_an_error(toy: hp.Instance, junk: Any) -> None:
    with pytest.raises(PassError, match="HY4021"):
        toy.create_pipeline([junk])
    with pytest.raises(PassError, match="HY4021"):
        OptimizerPipeline([junk])


def test_a_class_in_the_place_of_a_pass_is_an_error(toy: hp.Instance, toys: SimpleNamespace) -> None:
    with pytest.raises(PassError, match="give an object, not its class"):
        toy.create_pipeline([toys.Turn])


@pytest.mark.parametrize("name", ["two words", "", "try", "9", 9])
def test_a_pass_needs_a_name_that_text_can_hold(name: Any) -> None:
    class Named:
        def run(self, program: Any, context: Any) -> Any: ...

    each: Any = Named()
    each.name = name
    assert isinstance(each, CompilerPass)
    with pytest.raises(PassError, match="HY4021"):
        OptimizerPipeline([each])


def test_destroying(toy: hp.Instance, toys: SimpleNamespace) -> None:
    made = toy.pipeline("turn")
    assert not made.destroyed
    made.destroy()
    made.destroy()
    assert made.destroyed
    uses: list[Any] = [
        lambda: made.run(toys.TEXT),
        lambda: str(made),
        lambda: made.nodes,
        lambda: made.passes,
        lambda: made.instruments,
        lambda: made.attach(_Counts()),
        lambda: toy.create_pipeline([made]),
        made.__enter__,
    ]
    for use in uses:
        with pytest.raises(PassError, match="HY4020"):
            use()
    assert repr(made) == "<OptimizerPipeline (destroyed)>"


def test_as_a_context_manager(toy: hp.Instance, toys: SimpleNamespace) -> None:
    with toy.pipeline("turn") as made:
        assert repr(made) == "<OptimizerPipeline 'turn'>"
        made.run(toys.TEXT)
    assert made.destroyed


def test_an_instance_destroys_its_pipelines_when_it_is_closed(toy_plugin: Any) -> None:
    with hp.Instance(plugins=[toy_plugin]) as instance:
        made = instance.pipeline("turn")
    assert made.destroyed
    with pytest.raises(hp.HyperionError, match="HY1008"):
        instance.pipeline("turn")


def test_an_instance_keeps_no_pipeline_alive(toy: hp.Instance) -> None:
    gone = weakref.ref(toy.pipeline("turn"))
    gc.collect()
    assert gone() is None


def test_it_runs_on_programs_texts_files_and_outcomes(toy: hp.Instance, toys: SimpleNamespace, tmp_path: Path) -> None:
    made = toy.pipeline("literals-first")
    program = parse_program(toys.TEXT)
    file = tmp_path / "f.hir"
    file.write_text(toys.TEXT)
    expected = print_program(made.run(program).program)
    assert expected.splitlines()[1] == "  %k = const 7 : i64"
    assert str(made.run(toys.TEXT)) == str(made.run(file)) == expected
    assert program == parse_program(toys.TEXT)
    outcome = toy.pipeline("grow{most=1}").run(made.run(program))
    assert [s.name for s in outcome.steps] == ["literals-first", "grow"]
    assert outcome.changed
    assert outcome.checked
    assert not toy.pipeline("").run(program).changed


@pytest.mark.parametrize("junk", [42, None, b"func"])
def test_it_does_not_run_on_anything_else(toy: hp.Instance, junk: Any) -> None:
    with pytest.raises(PassError, match="HY4022"):
        toy.pipeline("turn").run(junk)


def test_invalid_ir_is_refused_before_any_pass(toy: hp.Instance, toys: SimpleNamespace) -> None:
    with pytest.raises(TypeCheckError):
        toy.pipeline("fails").run(toys.TEXT.replace("%x, %y", "%x, %q"))


def test_other_functions_of_the_program_stay(toy: hp.Instance) -> None:
    program = parse_program(
        "func @f(%x: i64) -> i64 { %y = call @g(%x) : i64  %k = const 1 : i64  return %y }"
        "func @g(%x: i64) -> i64 { %k = const 1 : i64  %y = add.wrap %x, %k : i64  return %y }"
    )
    after = toy.pipeline("literals-first").run(program).program
    assert [e.op for e in after.main.equations] == ["const", "call"]
    assert after.functions["g"] == program.functions["g"]


def test_the_configuration_names_the_default(toy_plugin: Any) -> None:
    with hp.Instance(plugins=[toy_plugin]) as instance:
        assert str(instance.pipeline()) == ""  # none of the default passes is installed
        assert str(instance.pipeline("")) == ""
    with hp.Instance(plugins=[toy_plugin], config={"pipeline": "turn,grow"}) as instance:
        assert str(instance.pipeline()) == "turn,grow"


@pytest.mark.parametrize(
    "config",
    [
        {"pipelines": "turn"},
        {"pipelines": {"a": 1}},
        {"unproved_passes": "turn"},
        {"verify_each": 1},
        {"reproducers": 1},
    ],
)
def test_a_configuration_of_the_wrong_type(config: dict[str, object]) -> None:
    with pytest.raises(hp.HyperionError, match="HY1007"):
        hp.Instance(plugins=[], config=config)


def test_several_threads_share_one_pipeline(toy: hp.Instance, toys: SimpleNamespace, in_threads: Any) -> None:
    timing = Timing()
    made = toy.pipeline("literals-first,fixpoint(grow{most=5},turn)", instruments=[timing])
    outcomes = in_threads(lambda: str(made.run(toys.TEXT)), 8)
    assert outcomes == [str(made.run(toys.TEXT))] * 8
    assert timing.rows[0].runs == 9


class _Counts(Instrument):
    pass
