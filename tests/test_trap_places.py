"""A trap in compiled code points at the user's line, whichever way the code came to be."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import hyperion as hp
from hyperion.errors import (
    HyperionError,
    OutOfMemoryError,
    TrapIndexError,
    TrapOverflowError,
    TrapValueError,
    TrapZeroDivisionError,
    TypeCheckError,
)
from hyperion.ir.builder import Builder
from hyperion.ir.function import Program, walk
from hyperion.ir.inline import inline_calls
from hyperion.ir.parser import parse_program
from hyperion.ir.places import located
from hyperion.ir.types import I64

LARGE = 1 << 62


def straight(a: int, b: int) -> int:
    c = a + 1
    return c * b  # here


def product(a: int, b: int) -> int:
    return a * b  # here


def helped(a: int, b: int) -> int:
    c = a + 1
    return 1 + product(c, b)  # called


def helped_twice(a: int, b: int) -> int:
    return helped(a, b)  # called


def summed(xs: Any) -> int:
    s = 0
    for x in xs:
        s += x  # here
    return s


def summed_by_a_helper(xs: Any) -> int:
    s = 0
    for x in xs:
        s = added(s, x)  # called
    return s


def added(s: int, x: int) -> int:
    return s + x  # here


def divided(a: int, b: int) -> int:
    return a // b  # here


def counted(n: int) -> int:
    k, s = 0, 1
    while k < n:
        s = s * 3  # here
        k += 1
    return s


def read(xs: Any, i: int) -> int:
    return xs[i]  # here


def shifted(a: int, b: int) -> int:
    return a << b  # here


def zeros(n: int) -> Any:
    return np.zeros(n)  # here


MANY = np.full(100_000, LARGE, dtype=np.int64)
FEW = MANY[:3]

# The function, its arguments, the error, the functions whose marked lines are shown: that of the trap first.
CASES: list[tuple[Callable[..., Any], tuple[Any, ...], type[HyperionError], tuple[Callable[..., Any], ...]]] = [
    (straight, (LARGE, 4), TrapOverflowError, (straight,)),
    (helped, (LARGE, 4), TrapOverflowError, (product, helped)),
    (helped_twice, (LARGE, 4), TrapOverflowError, (product, helped, helped_twice)),
    (summed, (FEW,), TrapOverflowError, (summed,)),
    (summed, (MANY,), TrapOverflowError, (summed,)),  # the parallel version
    (summed_by_a_helper, (MANY,), TrapOverflowError, (added, summed_by_a_helper)),
    (divided, (LARGE, 0), TrapZeroDivisionError, (divided,)),
    (counted, (100,), TrapOverflowError, (counted,)),
    (read, (FEW, 7), TrapIndexError, (read,)),
    (shifted, (1, -1), TrapValueError, (shifted,)),
    (zeros, (1 << 45,), OutOfMemoryError, (zeros,)),
]


@pytest.fixture(scope="module")
def instance() -> Iterator[hp.Instance]:
    with hp.Instance() as made:
        yield made


def marked_line(function: Callable[..., Any]) -> tuple[int, str]:
    lines, first = inspect.getsourcelines(function)
    ((offset, text),) = [(i, line) for i, line in enumerate(lines) if "# here" in line or "# called" in line]
    return first + offset, text.rstrip("\n")


@pytest.mark.parametrize("way", ["jit", "compile"])
@pytest.mark.parametrize(("function", "arguments", "kind", "shown"), CASES, ids=lambda x: getattr(x, "__name__", None))
def test_python_functions(
    way: str,
    function: Callable[..., Any],
    arguments: tuple[Any, ...],
    kind: type[HyperionError],
    shown: tuple[Callable[..., Any], ...],
    instance: hp.Instance,
) -> None:
    if way == "jit":
        compiled: Any = hp.jit(function, instance=instance)
    else:
        compiled = instance.compile(function, arguments=arguments)[function.__name__]
    with pytest.raises(kind) as caught:
        compiled(*arguments)
    error = caught.value
    assert error.span is not None
    places = [error.span, *(label.span for label in error.labels)]
    assert [(p.file, p.line, p.text) for p in places] == [(__file__, *marked_line(f)) for f in shown]
    assert [label.text for label in error.labels] == ["called from here"] * (len(shown) - 1)
    assert places[0].caret().splitlines()[1].strip().startswith("^")
    for function_ in shown:
        assert f"{__file__}:{marked_line(function_)[0]}:" in str(error)
    assert_short(error, 1)


def assert_short(error: HyperionError, frames: int) -> None:
    """The traceback shows the caller and as many frames of Hyperion, and no other exceptions."""
    assert len(traceback.extract_tb(error.__traceback__)) <= 1 + frames
    text = "".join(traceback.format_exception(error))
    assert "During handling" not in text
    assert "direct cause" not in text


def test_a_parallel_version_was_derived(instance: hp.Instance) -> None:
    for function in (summed, summed_by_a_helper):
        assert hp.jit(function, instance=instance).explain(MANY).parallel


def test_the_first_and_later_calls_are_short(instance: hp.Instance) -> None:
    compiled = hp.jit(straight, instance=instance)
    for _ in range(3):
        with pytest.raises(TrapOverflowError) as caught:
            compiled(LARGE, 4)
        assert_short(caught.value, 1)


def test_a_refusal_is_short_unless_asked(instance: hp.Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    def odd(x: int) -> str:
        return str(x)

    with pytest.raises(TypeCheckError) as caught:
        hp.jit(odd, instance=instance)(1)
    assert_short(caught.value, 1)
    assert caught.value.span is not None
    monkeypatch.setenv("HYPERION_TRACEBACK", "full")
    with pytest.raises(TypeCheckError) as caught:
        hp.jit(odd, instance=instance)(1)
    assert len(traceback.extract_tb(caught.value.__traceback__)) > 4


HIR = """func @f(%x: i64) -> i64 {
  %y = call @square(%x) : i64
  %z = add.wrap %y, %x : i64
  return %z
}
func @square(%x: i64) -> i64 {
  %y = mul.trap %x, %x : i64
  return %y
}
"""


def test_text_of_the_ir(instance: hp.Instance) -> None:
    compiled = instance.compile(HIR, frontend="ir")["f"]
    assert compiled(3) == 12
    with pytest.raises(TrapOverflowError) as caught:
        compiled(LARGE)
    error = caught.value
    assert error.span is not None
    assert (error.span.line, error.span.text) == (7, "  %y = mul.trap %x, %x : i64")
    assert [(label.span.line, label.text) for label in error.labels] == [(2, "called from here")]
    assert_short(error, 1)


def test_each_of_several_calls_is_told_from_the_others(instance: hp.Instance) -> None:
    text = """func @f(%x: i64, %y: i64) -> i64 {
  %a = call @g(%x) : i64
  %b = call @g(%y) : i64
  %c = add.wrap %a, %b : i64
  return %c
}
func @g(%x: i64) -> i64 {
  %a = call @h(%x) : i64
  %one = const 1 : i64
  %b = sub.trap %x, %one : i64
  %c = call @h(%b) : i64
  return %c
}
func @h(%x: i64) -> i64 {
  %ten = const 10 : i64
  %y = floordiv.trap %ten, %x : i64
  return %y
}
"""
    compiled = instance.compile(text, frontend="ir")["f"]
    for arguments, lines in [((0, 5), [8, 2]), ((1, 5), [11, 2]), ((5, 0), [8, 3]), ((5, 1), [11, 3])]:
        with pytest.raises(TrapZeroDivisionError) as caught:
            compiled(*arguments)
        assert caught.value.span is not None
        assert caught.value.span.line == 16
        assert [label.span.line for label in caught.value.labels] == lines


def built() -> Program:
    inner = Builder("inner")
    a = inner.parameter("a", I64)
    inner_function = inner.build([inner.op("mul.trap", a, a, type=I64, name="b")])
    outer = Builder("outer")
    x = outer.parameter("x", I64)
    (y,) = outer.call(inner_function, x)
    outer_function = outer.build([outer.op("add.wrap", y, x, type=I64, name="z")])
    return Program({f.name: f for f in (outer_function, inner_function)}, "outer")


def test_built_programs_point_at_their_printed_lines(instance: hp.Instance) -> None:
    with pytest.raises(TrapOverflowError) as caught:
        instance.compile_program(built())(LARGE)
    error = caught.value
    assert error.span is not None
    assert (str(error.span), error.span.text) == ("<@inner>:2:3", "  %b = mul.trap %a, %a : i64")
    assert [str(label.span) for label in error.labels] == ["<@outer>:2:3"]
    assert "    %b = mul.trap %a, %a : i64" in str(error)


def test_built_programs_that_are_inlined(instance: hp.Instance) -> None:
    with pytest.raises(TrapOverflowError) as caught:
        instance.compile_program(inline_calls(located(built())))(LARGE)
    assert caught.value.span is not None
    assert str(caught.value.span) == "<@inner>:2:3"
    assert [str(label.span) for label in caught.value.labels] == ["<@outer>:2:3"]


def test_places_of_programs_that_have_them_stay() -> None:
    program = parse_program(HIR, "f.hir")
    assert located(program) is program
    whole = located(built())
    assert whole == built()
    assert all(e.span is not None for f in whole.functions.values() for e in walk(f.equations))


def places(error: HyperionError) -> list[tuple[str, int, str]]:
    """Where the error is, and the calls that led there."""
    assert error.span is not None
    return [(p.file, p.line, p.text) for p in (error.span, *(label.span for label in error.labels))]


@pytest.mark.parametrize("text", [HIR, ""], ids=["calls", "built"])
def test_the_interpreter_says_the_same(text: str, instance: hp.Instance) -> None:
    program = parse_program(text, "<ir>") if text else built()
    with pytest.raises(TrapOverflowError) as interpreted:
        instance.interpreter().run(program, [LARGE])
    with pytest.raises(TrapOverflowError) as compiled:
        instance.compile_program(program)(LARGE)
    assert places(interpreted.value) == places(compiled.value)
    assert len(places(compiled.value)) == 2


def test_places_survive_a_module_file(instance: hp.Instance) -> None:
    data = instance.compile(helped_twice, arguments=(1, 2)).to_bytes()
    with hp.Instance() as other, pytest.raises(TrapOverflowError) as caught:
        other.load(data)["helped_twice"](LARGE, 4)
    assert places(caught.value) == [(__file__, *marked_line(f)) for f in (product, helped, helped_twice)]
    assert_short(caught.value, 1)
