"""The text form: it round-trips, and whatever does not follow it is an error with a caret and a way out."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hyperion as hp
from hyperion.errors import PassError, PluginError
from hyperion.interfaces.compiler_pass import CompilerPass
from hyperion.pipeline import Catalogue, Fixpoint, Repeat, Try
from hyperion.pipeline.options import options_of, value_text
from hyperion.pipeline.printer import pipeline_text
from hyperion.pipeline.syntax import parse_pipeline


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("", ""),
        (" \n ", ""),
        ("grow", "grow"),
        ("  turn ,\n grow ", "turn,grow"),
        ("tuned{}", "tuned"),
        ("tuned{count=4}", "tuned"),
        ("tuned{rate=1 flag, count=9}", "tuned{count=9,flag=true,rate=1.0}"),
        ("tuned{flag=false}", "tuned"),
        ('tuned{label="true"}', 'tuned{label="true"}'),
        ('tuned{label="x-1"}', "tuned{label=x-1}"),
        ('tuned{label="a b\\n\\u00e9"}', 'tuned{label="a b\\n\\u00e9"}'),
        ("tuned{sizes=[ 3,-4 ]}", "tuned{sizes=[3,-4]}"),
        ("tuned{sizes=[]}", "tuned{sizes=[]}"),
        ('tuned{words=[a,"b c"]}', 'tuned{words=[a,"b c"]}'),
        ("tuned{rate=-inf}", "tuned{rate=-inf}"),
        ("tuned{rate=1e3}", "tuned{rate=1000.0}"),
        ("tuned{mode=slow}", "tuned{mode=slow}"),
        ("fixpoint{max=8}(grow)", "fixpoint(grow)"),
        ("fixpoint{max=3}(try(grow,repeat(turn)),turn)", "fixpoint{max=3}(try(grow,repeat(turn)),turn)"),
        ("try()", "try()"),
        ("repeat{n=0}(grow)", "repeat{n=0}(grow)"),
    ],
)
def test_a_text_has_one_canonical_form(toy: hp.Instance, text: str, canonical: str) -> None:
    made = toy.pipeline(text)
    assert str(made) == canonical
    assert toy.pipeline(canonical).nodes == made.nodes


@pytest.mark.parametrize(
    ("text", "code", "place", "words"),
    [
        ("grwo", "HY4011", 1, "did you mean 'grow'?"),
        ("turn, fixpont(grow)", "HY4011", 7, "did you mean 'fixpoint'?"),
        ("tuned{cuont=3}", "HY4012", 7, "did you mean 'count'?"),
        ("fixpoint{mx=3}(grow)", "HY4012", 10, "did you mean 'max'?"),
        ("turn{a=1}", "HY4012", 6, "it has no options"),
        ("tuned{count=x}", "HY4013", 13, "expects int, not `x`"),
        ("tuned{count=1.5}", "HY4013", 13, "expects int, not `1.5`"),
        ("tuned{count=true}", "HY4013", 13, "expects int, not `true`"),
        ("tuned{count}", "HY4013", 7, "expects int, not `true`"),
        ("tuned{flag=1}", "HY4013", 12, "expects bool, not `1`"),
        ("tuned{rate=fast}", "HY4013", 12, "expects float, not `fast`"),
        ("tuned{label=true}", "HY4013", 13, "expects str, not `true`"),
        ("tuned{label=3}", "HY4013", 13, "expects str, not `3`"),
        ("tuned{sizes=3}", "HY4013", 13, "expects [int], not `3`"),
        ("tuned{sizes=[1,x]}", "HY4013", 13, "`x` is no int"),
        ("tuned{mode=medium}", "HY4013", 12, "expects fast|slow, not `medium`"),
        ("tuned{count=-1}", "HY4013", 13, "count may not be negative"),
        ("fixpoint{max=0}(grow)", "HY4013", 14, "at least 1, not 0"),
        ("tuned{rate=" + "9" * 400 + "}", "HY4013", 12, "expects float"),
        ("fixpoint", "HY4014", 1, "needs passes in parentheses"),
        ("grow(turn)", "HY4014", 1, "takes no passes"),
        ("default(turn)", "HY4014", 1, "takes no passes"),
        ("default{a=1}", "HY4014", 9, "has no options"),
        ("grow,,turn", "HY4010", 6, "',' where the name of a pass should be"),
        ("grow,", "HY4010", 6, "the end where the name of a pass should be"),
        ("grow turn", "HY4010", 6, "'turn' is not expected here"),
        ("grow)", "HY4010", 5, "nothing is open here"),
        ("try(grow", "HY4010", 9, "opened here"),
        ("try(grow]", "HY4010", 9, "opened here"),
        ("tuned{sizes=[1,2}", "HY4010", 17, "opened here"),
        ("tuned{", "HY4010", 7, "the end where the name of an option should be"),
        ("tuned{count=}", "HY4010", 13, "'}' where a value should be"),
        ("tuned{=1}", "HY4010", 7, "'=' where the name of an option should be"),
        ("tuned{count=1,count=2}", "HY4010", 15, "set twice"),
        ("tuned{count=1,}", "HY4010", 15, "where the name of an option should be"),
        ('tuned{label="x}', "HY4010", 13, "this string has no end"),
        ('tuned{label="\\x"}', "HY4010", 13, "this string does not read"),
        ("tuned{label='x'}", "HY4010", 13, "double quotes"),
        ("tuned{count=1-2}", "HY4010", 13, "'1-2' is neither a name nor a number"),
        ("grow; turn", "HY4010", 5, "belongs to no pipeline"),
        ("größe", "HY4010", 3, "is neither a name nor a number"),
        ("tuned{count=" + "1" * 5000 + "}", "HY4010", 13, "a number of 5000 characters"),
        ("try(" * 70, "HY4010", 260, "nested more than 64 deep"),
        ("tuned{sizes=" + "[" * 70, "HY4010", 77, "nested more than 64 deep"),
    ],
)
def test_what_is_wrong_is_shown(toy: hp.Instance, text: str, code: str, place: int, words: str) -> None:
    with pytest.raises(PassError) as caught:
        toy.pipeline(text)
    error = caught.value
    assert error.code == code
    assert error.span is not None
    assert (error.span.line, error.span.column) == (1, place)
    assert words in str(error)
    assert "^" in str(error)


def test_a_place_on_a_later_line(toy: hp.Instance) -> None:
    with pytest.raises(PassError) as caught:
        toy.pipeline("grow,\n  tuned{\n    speed=3\n  }")
    assert caught.value.span is not None
    assert (caught.value.span.line, caught.value.span.column) == (3, 5)
    assert caught.value.span.text == "    speed=3"


def test_wrong_names_and_options_are_found_at_once(toy: hp.Instance) -> None:
    with pytest.raises(PassError) as caught:
        toy.pipeline("grwo,tuned{speed=1 count=x},fixpoint{n=2}(trun,cse(turn))")
    found = [(e.code, e.span.column if e.span else 0) for e in caught.value.errors]
    codes = ("HY4011", "HY4012", "HY4013", "HY4011", "HY4011", "HY4012")
    assert found == list(zip(codes, (1, 12, 26, 43, 48, 38), strict=True))


def test_a_pipeline_with_a_name(toy_plugin: Any) -> None:
    config = {"pipelines": {"small": "grow{most=3},turn", "two": "small,fixpoint(small)"}, "pipeline": "two"}
    with hp.Instance(plugins=[toy_plugin], config=config) as instance:
        assert str(instance.pipeline("small")) == "grow{most=3},turn"
        assert str(instance.pipeline()) == "grow{most=3},turn,fixpoint(grow{most=3},turn)"
        with pytest.raises(PassError, match="did you mean 'small'"):
            instance.pipeline("smal")


def test_an_error_inside_a_named_pipeline_points_there(toy_plugin: Any) -> None:
    with hp.Instance(plugins=[toy_plugin], config={"pipelines": {"small": "turn,grwo"}}) as instance:
        with pytest.raises(PassError) as caught:
            instance.pipeline("turn,small")
        assert str(caught.value.span) == "<pipeline small>:1:6"


@pytest.mark.parametrize(
    ("pipelines", "text", "words"),
    [
        ({"a": "b", "b": "turn,a"}, "a", "the pipeline 'a' contains itself: a -> b -> a"),
        ({"grow": "turn"}, "grow", "'grow' is a pipeline and a pass"),
    ],
)
def test_a_name_stands_for_one_thing(toy_plugin: Any, pipelines: dict[str, str], text: str, words: str) -> None:
    with hp.Instance(plugins=[toy_plugin], config={"pipelines": pipelines}) as instance:
        with pytest.raises(PassError, match="HY4015") as caught:
            instance.pipeline(text)
        assert caught.value.message == words


@pytest.mark.parametrize("name", ["try", "default", "two words", ""])
def test_a_pipeline_cannot_have_any_name(name: str) -> None:
    with pytest.raises(PassError, match="HY4015"):
        hp.Instance(plugins=[], config={"pipelines": {name: "turn"}})


def test_a_pass_is_what_its_plugin_says(tiny: Any, toys: SimpleNamespace) -> None:
    tiny.passes["alias"] = toys.Turn
    tiny.passes["grow"] = lambda: toys.Grow(most=3)
    with hp.Instance(plugins=[tiny.module()]) as instance:
        with pytest.raises(PassError, match="HY4007") as caught:
            instance.pipeline("alias")
        assert "'alias' calls itself 'turn'" in caught.value.message
        with pytest.raises(PassError, match="HY4007") as caught:
            instance.pipeline("grow")
        assert "sets most=3; the default is 1000" in caught.value.message


words = st.text(max_size=8)
texts = st.one_of(words, st.sampled_from(["true", "inf", "a-b", "x.y", "", "9", "a,b", '"']))
tuned = st.fixed_dictionaries(
    {},
    optional={
        "flag": st.booleans(),
        "count": st.integers(0, 10**30),
        "rate": st.floats(),
        "label": texts,
        "sizes": st.lists(st.integers(), max_size=4).map(tuple),
        "words": st.lists(texts, max_size=4).map(tuple),
        "mode": st.sampled_from(["fast", "slow"]),
    },
)


def _catalogue(toys: SimpleNamespace) -> Catalogue:
    made: dict[str, CompilerPass] = {kind().name: kind() for kind in (toys.Tuned, toys.Grow, toys.Turn)}

    def get(name: str) -> CompilerPass:
        if name not in made:
            raise PluginError("HY1002", f"no plugin registers {name!r}")
        return made[name]

    return Catalogue(lambda: made, get)


def _same(one: object, other: object) -> bool:
    """Equal, and NaN equals itself."""
    return one == other or repr(one) == repr(other)


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_whatever_is_printed_reads_as_the_same(data: st.DataObject) -> None:
    toys = _toys()
    leaf = st.one_of(
        tuned.map(lambda options: toys.Tuned(**options)),
        st.integers().map(lambda n: toys.Grow(most=n)),
        st.just(toys.Turn()),
    )

    def around(body: Any) -> Any:
        inner = st.lists(body, max_size=3).map(tuple)
        return st.one_of(
            st.builds(Fixpoint, inner, st.integers(1, 99)),
            st.builds(Repeat, inner, st.integers(0, 99)),
            st.builds(Try, inner),
        )

    nodes = tuple(data.draw(st.lists(st.recursive(leaf, around, max_leaves=8), max_size=4)))
    catalogue = _catalogue(toys)
    for defaults in (False, True):
        text = pipeline_text(nodes, defaults)
        read = catalogue.nodes(text)
        assert _same(read, nodes)
        assert pipeline_text(read, defaults) == text
        assert text.isascii()


@given(st.one_of(st.text(max_size=40), st.text("grow,tued{}()[]=\"\\ 1-.x\n'", max_size=40)))
@settings(max_examples=1000, deadline=None)
def test_any_text_is_a_pipeline_or_an_error_with_a_place(text: str) -> None:
    catalogue = _catalogue(_toys())
    try:
        nodes = catalogue.nodes(text)
    except PassError as error:
        for each in error.errors:
            assert each.code in ("HY4010", "HY4011", "HY4012", "HY4013", "HY4014")
            assert each.span is not None
    else:
        assert _same(catalogue.nodes(pipeline_text(nodes)), nodes)


def test_a_long_text_takes_no_deep_stack() -> None:
    elements = parse_pipeline(",".join(["grow"] * 20_000))
    assert len(elements) == 20_000


def test_values_as_text() -> None:
    assert [value_text(v) for v in (True, 3, -0.0, math.inf, "a", "a b", (1, ("x",)))] == [
        "true",
        "3",
        "-0.0",
        "inf",
        "a",
        '"a b"',
        "[1,[x]]",
    ]


@dataclass(frozen=True)
class Annotated:
    """Its annotations cannot be read, nor is every field an option."""

    policy: Missing | None = None  # type: ignore[name-defined]  # noqa: F821  no such class
    count: int = 3
    name: str = "annotated"
    lists: tuple[Missing, ...] = ()  # type: ignore[name-defined]  # noqa: F821
    hidden: int = field(default=1, metadata={"option": False})
    derived: int = field(default=1, init=False)


def test_the_type_of_an_option_is_that_of_its_default_where_the_annotation_does_not_say() -> None:
    assert [str(o) for o in options_of(Annotated).values()] == ["count: int = 3", "lists: [] = []"]


def test_options_are_shown_with_type_and_default(toys: SimpleNamespace) -> None:
    assert [str(o) for o in options_of(toys.Tuned).values()] == [
        "flag: bool = false",
        "count: int = 4",
        "rate: float = 0.5",
        "label: str = plain",
        "sizes: [int] = [1,2]",
        "words: [str] = []",
        "mode: fast|slow = fast",
    ]
    assert options_of(int) == {}


def _toys() -> SimpleNamespace:
    return _TOYS


_TOYS = SimpleNamespace()


@pytest.fixture(autouse=True)
def _keep_toys(toys: SimpleNamespace) -> None:
    _TOYS.__dict__.update(vars(toys))
