"""The target `reference`: what no other target compiles runs, and is saved and loaded."""

from __future__ import annotations

import numpy as np
import pytest

import hyperion as hp
from hyperion.errors import CodegenError, TrapOverflowError, TypeCheckError
from hyperion.ir.parser import parse_program
from hyperion_interp.target import ReferenceTarget

ROWS = """
func @rows(%xs: f32[n, m]) -> f32[n] {
  %sums = reduce %xs {axes = [1], monoid = "add"} : f32[n]
  return %sums
}
"""


@pytest.mark.parametrize("shape", [(2, 3), (0, 3), (3, 0), (1, 1)])
def test_a_module_of_arrays_of_two_dimensions(shape: tuple[int, int]) -> None:
    xs = np.arange(shape[0] * shape[1], dtype=np.float32).reshape(shape)
    with hp.Instance() as instance:
        module = instance.compile(ROWS, frontend="ir", target="reference")
        for each in (module, instance.load(module.to_bytes())):
            found = each["rows"](xs)
            assert isinstance(found, np.ndarray)
            assert found.dtype == np.float32
            assert found.tolist() == xs.sum(axis=1).tolist()


def test_the_cpu_target_is_never_replaced_silently() -> None:
    with hp.Instance() as instance, pytest.raises(CodegenError, match="HY8001"):
        instance.compile(ROWS, frontend="ir")


def test_a_loop_is_proved_and_interpreted() -> None:
    def total(xs: object) -> int:
        s = 0
        for x in xs:  # type: ignore[attr-defined]
            s += x
        return s

    xs = np.arange(100, dtype=np.int32)
    with hp.Instance() as instance:
        function = instance.compile(total, arguments=(xs,), target="reference")["total"]
        assert function(xs) == 4950
        assert function.explain(xs).checked


def test_every_kind_of_result() -> None:
    text = """
    func @f(%x: bf16, %z: c64, %n: i128) -> (bf16[2], c64[1], i128[1], (bool, i64)) {
      %t = const true : bool
      %i = const 7 : i64
      %a = array %x, %x : bf16[2]
      %b = array %z : c64[1]
      %c = array %n : i128[1]
      %d = tuple %t, %i : ((bool, i64))
      return %a, %b, %c, %d
    }
    """
    a, b, c, d = ReferenceTarget().compile(parse_program(text))(1.5, 1 + 2j, 1 << 100)  # type: ignore[misc]
    assert (a.dtype, b.dtype, c.dtype) == (np.float32, np.complex64, np.dtype(object))
    assert (a.tolist(), b.tolist(), c.tolist(), d) == ([1.5, 1.5], [1 + 2j], [1 << 100], (True, 7))


def test_nothing_and_traps() -> None:
    target = ReferenceTarget()
    assert target.compile(parse_program("func @f() -> () { return }"))() is None
    double = target.compile(parse_program("func @f(%x: i64) -> i64 { %y = add.trap %x, %x : i64 return %y }"))
    with pytest.raises(TrapOverflowError, match="HY5101"):
        double(1 << 62)
    with pytest.raises(TypeCheckError, match="HY6113"):
        double()


def test_exact_types_are_not_converted() -> None:
    program = parse_program("func @f(%x: f64, %b: bool, %xs: i32[n]) -> f64 { return %x }")
    bound = ReferenceTarget().compile(program).bind(lambda *arguments: "other")
    xs = np.zeros(2, np.int32)
    assert bound(1.5, True, xs) == 1.5
    for wrong in ((1, True, xs), (1.5, 1, xs), (1.5, True, xs.astype(np.int64)), (1.5, True, [0]), (1.5, True)):
        assert bound(*wrong) == "other"
