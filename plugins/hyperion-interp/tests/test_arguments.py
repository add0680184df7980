"""What the interpreter takes as arguments, what it refuses and how it says so, and what it gives back."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperion.errors import BufferError_, HyperionError
from hyperion.ir.parser import parse_program
from hyperion.testing.arrays import random_array
from hyperion_interp.interpreter import interpret


def same(kind: str, argument: object) -> object:
    """The argument as the function that returns its parameter gives it back."""
    (found,) = interpret(parse_program(f"func @f(%x: {kind}) -> ({kind}) {{ return %x }}"), [argument])
    return found


def refusal(text: str, *arguments: object) -> str:
    with pytest.raises(BufferError_) as caught:
        interpret(parse_program(text), arguments)
    assert caught.value.code == "HY2101"
    return str(caught.value)


@pytest.mark.parametrize(
    ("kind", "argument"),
    [("i8", 128), ("i8", True), ("u8", -1), ("i64", 1.0), ("bool", 1), ("f64", "1"), ("f64", None), ("i8[n]", 1),
     ("i8[n]", [1, 300]), ("i8[n]", np.zeros((2, 2), np.int8)), ("i8[2]", [1]), ("i64[n]", [1, 2.0]), ("i64", 10**600),
     ("real", 0.5)],
)  # fmt: skip
def test_arguments_that_do_not_fit_are_refused(kind: str, argument: object) -> None:
    assert "%x" in refusal(f"func @f(%x: {kind}) -> () {{ return }}", argument)


def test_a_huge_argument_is_refused_readably() -> None:
    assert "an int of 19932 bits" in refusal("func @f(%x: i64) -> () { return }", 10**6000)


SHAPES = st.lists(st.integers(0, 4), min_size=1, max_size=4).map(tuple)
KINDS = ["bool", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f16", "f32", "f64", "c64", "c128"]


@given(st.sampled_from(KINDS), SHAPES, st.integers(0, 2**32), st.data())
def test_numpy_arrays_of_any_layout(kind: str, shape: tuple[int, ...], seed: int, data: st.DataObject) -> None:
    xs = random_array(kind, shape, seed)
    order = data.draw(st.permutations(range(len(shape))))
    cuts = tuple(slice(None, None, data.draw(st.sampled_from([1, 2, -1, -3]))) for _ in shape)
    xs = xs.transpose(order)[cuts]
    if data.draw(st.booleans()):
        xs = xs.astype(xs.dtype.newbyteorder())
    if data.draw(st.booleans()):
        xs = np.asfortranarray(xs)
    xs.flags.writeable = data.draw(st.booleans())
    names = ", ".join("nmpq"[: len(shape)])
    assert repr(same(f"{kind}[{names}]", xs)) == repr(xs.tolist())
    if 0 not in xs.shape:
        assert repr(same(f"{kind}[{names}]", xs.tolist())) == repr(xs.tolist())


class Subclass(np.ndarray):
    pass


def test_repeated_elements_and_subclasses() -> None:
    assert same("i64[n, m]", np.broadcast_to(np.arange(3), (2, 3))) == [[0, 1, 2], [0, 1, 2]]
    assert same("i64[n, m]", np.asarray([[1, 2], [3, 4]]).view(Subclass)) == [[1, 2], [3, 4]]
    assert same("i64[n]", np.ma.masked_array([1, 2], [False, False])) == [1, 2]
    assert "%x is i64" in refusal("func @f(%x: i64[n]) -> () { return }", np.ma.masked_array([1, 2], [True, False]))
    with pytest.raises(HyperionError, match="HY5108"):
        same("i8[n, m]", np.broadcast_to(np.int8(0), (2**20, 2**20)))


def test_other_dtypes_are_converted_where_every_element_fits() -> None:
    assert same("i8[n]", np.array([1, -128], np.int64)) == [1, -128]
    assert same("f64[n]", np.array([1, 2], np.int32)) == [1.0, 2.0]
    assert same("f32[n]", np.array([0.1])) == [float(np.float32(0.1))]
    assert same("f16[n]", np.array([65520, 2049], np.uint64)) == [float("inf"), 2048.0]
    assert same("c64[n]", np.array([0.1, 1e300])) == [complex(np.float32(0.1)), complex(float("inf"))]
    assert same("i128[n]", np.array([2**100, -1], object)) == [2**100, -1]
    assert same("int[n]", np.array([1, 2])) == [1, 2]
    assert same("real[n]", [Fraction(1, 3), 2]) == [Fraction(1, 3), 2]


@pytest.mark.parametrize(
    ("kind", "argument", "words"),
    [
        ("i64[n]", np.array(1), ["0-d array", "x[None]"]),
        ("i64", np.array(1), ["0-d array", "x[()]"]),
        ("i64[n, m]", np.zeros(3, np.int64), ["1-d array", "2 axes"]),
        ("i64[n]", np.zeros((3, 3), np.int64), ["2-d array", "1 axes"]),
        ("i64[n]", np.zeros(3), ["float64", "astype('int64')"]),
        ("f32[n]", np.zeros(3, np.complex64), ["complex64", "astype('float32')"]),
        ("f64[n]", np.zeros(3, np.longdouble), ["an array of float"]),
        ("bool[n]", np.zeros(3, np.int8), ["int8", "astype('bool')"]),
        ("i8[n]", np.zeros(3, bool), ["bool"]),
        ("i8[n]", np.array(["a"]), ["<U1"]),
        ("i8[n]", np.array([128]), ["an element of %x is i8, 128"]),
        ("i8[n, m]", [[1, 2], [3]], ["%x[0] has 2 elements", "%x[1] has 1"]),
        ("i8[n, m, p]", [[[1], [2]], [[3], [4, 5]]], ["%x[0][0] has 1 elements", "%x[1][1] has 2"]),
        ("i8[n, m]", [1, 2], ["int given", "nested 2 deep"]),
        ("i8[n]", [[1], [2]], ["an element of %x is i8, [1]"]),
        ("i8[n]", "ab", ["str given"]),
        ("i8[n, 3]", [[1, 2]], ["axis 1 of %x has 2 elements"]),
        ("i8[2]", [1, 2, 3], ["%x is i8[2], but %x has 3 elements"]),
        ("(i64, f64)", (1,), ["a tuple of 1", "a tuple of 2"]),
        ("(i64, f64)", [1, 2.0], ["[1, 2.0] given", "a Python tuple"]),
        ("(i64, (i8, bool))", (1, (300, True)), ["item 0 of item 1 of %x is i8, 300"]),
        ("c64", "1j", ["'1j' given"]),
        ("real", 0.5, ["0.5 given"]),
    ],
)  # fmt: skip
def test_refusals_say_what_and_what_to_try(kind: str, argument: object, words: list[str]) -> None:
    message = refusal(f"func @f(%x: {kind}) -> () {{ return }}", argument)
    assert "%x" in message
    for word in words:
        assert word in message


def test_sizes_agree_across_arguments() -> None:
    text = "func @f(%a: i8[n, m], %b: i8[m, k], %t: (f64[k], i64)) -> i64 { %k = dim %b {axis = 1} return %k }"
    a, b = np.zeros((2, 3), np.int8), np.zeros((3, 4), np.int8)
    assert interpret(parse_program(text), [a, b, ([0.0] * 4, 1)]) == (4,)
    message = refusal(text, a, b.T, ([0.0] * 4, 1))
    assert "%b is i8[m, k] with m = 3, but axis 0 of %b has 4 elements" in message
    assert "m is 3 by axis 1 of %a" in message
    message = refusal(text, a, b, ([0.0], 1))
    assert "item 0 of %t is f64[k] with k = 4, but item 0 of %t has 1 elements" in message
    assert "takes 3 arguments, 1 given" in refusal(text, a)


def test_sizes_that_no_list_tells() -> None:
    text = """func @f(%a: i8[n, m], %b: i8[m, k], %c: i8[p, p, 3]) -> (i64, i64, i64, i64) {
      %m = dim %a {axis = 1} %k = dim %b {axis = 1} %p = dim %c {axis = 1} %q = dim %c {axis = 2}
      return %m, %k, %p, %q }"""
    assert interpret(parse_program(text), [[], [[1, 2]] * 5, []]) == (5, 2, 0, 3)
    assert interpret(parse_program(text), [[[]], [], np.zeros((2, 2, 3), np.int8)]) == (0, 0, 2, 3)
    assert interpret(parse_program(text), [[], np.zeros((0, 7), np.int8), []]) == (0, 7, 0, 3)


def test_brain_floats_are_bits_or_values() -> None:
    bits = np.array([0x3FC0, 0x8000, 0x7F80, 0x7FC1, 0x0001], np.uint16)
    assert repr(same("bf16[n]", bits)) == repr([1.5, -0.0, float("inf"), float("nan"), 2.0**-133])
    assert repr(same("bf16[n]", bits.astype(">u2"))) == repr(same("bf16[n]", bits))
    assert same("bf16", np.uint16(0x3FC0)) == 1.5
    assert same("bf16[n]", [257, 1.0]) == [256.0, 1.0]
    assert same("bf16[n]", np.array([257], np.uint32)) == [256.0]


def test_ml_dtypes() -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    xs = np.array([1.5, -0.0, float("nan")], ml_dtypes.bfloat16)
    assert repr(same("bf16[n]", xs)) == repr(same("f32[n]", xs)) == repr([1.5, -0.0, float("nan")])
    assert same("bf16", xs[0]) == 1.5
    assert "bfloat16" in refusal("func @f(%x: i8[n]) -> () { return }", xs)


def test_results_are_python_values_at_every_depth() -> None:
    value = ((np.float32(0.1), np.array([[1, 2]], np.int8)), np.complex64(1j), np.bool_(True))
    found = same("((f32, i8[n, m]), c64, bool)", value)
    assert found == ((float(np.float32(0.1)), [[1, 2]]), 1j, True)
    assert type(found[0][0]) is float
    assert type(found[1]) is complex
    assert type(found[2]) is bool


def test_objects_of_other_libraries_give_lists() -> None:
    import array

    assert same("i32[n]", array.array("i", [1, -2])) == [1, -2]
    assert same("u8[n]", memoryview(b"ab")) == [97, 98]
    assert same("u8[n, m]", [memoryview(b"ab"), np.array([1, 2])]) == [[97, 98], [1, 2]]
