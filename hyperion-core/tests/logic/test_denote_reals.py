"""Functions with fp="reassoc" denote functions over the reals."""

from __future__ import annotations

import pytest

from hyperion.errors import ProofError
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.testing.denotation import heads, meaning, opened

REGROUPED = """
func @f(%x: f64, %y: f64) -> f64 {
  %a = add %x, %y {fp = "reassoc"} : f64
  LINE
  return %b
}"""


def test_regrouped_floats_are_reals() -> None:
    text = REGROUPED.replace("LINE", '%b = mul %a, %x {fp = "reassoc"} : f64')
    assert meaning(text).type is t.fun(t.REAL, t.REAL, t.outcome_of(t.REAL))
    assert opened(text).argument is apply(
        "rmul", apply("radd", t.bound(1, t.REAL), t.bound(0, t.REAL)), t.bound(1, t.REAL)
    )


@pytest.mark.parametrize("op", ["add", "sub", "mul"])
def test_strict_and_regrouped_arithmetic_do_not_mix(op: str) -> None:
    with pytest.raises(ProofError) as error:
        meaning(REGROUPED.replace("LINE", f"%b = {op} %a, %x : f64"))
    assert error.value.code == "HY7012"


def test_strict_and_regrouped_functions_do_not_call_each_other() -> None:
    callee = "func @g(%c: f64) -> f64 { %d = add %c, %c : f64 return %d }"
    with pytest.raises(ProofError) as error:
        meaning(REGROUPED.replace("LINE", "%b = call @g(%a) : f64") + callee)
    assert error.value.code == "HY7012"


@pytest.mark.parametrize("value", ["nan", "-0x0.0p+0"])
def test_the_reals_have_no_nan_and_no_negative_zero(value: str) -> None:
    with pytest.raises(ProofError) as error:
        meaning(REGROUPED.replace("LINE", f'%c = const {value} : f64 %b = add %a, %c {{fp = "reassoc"}} : f64'))
    assert error.value.code == "HY7013"


@pytest.mark.parametrize("value", ["inf", "-inf"])
def test_an_infinity_is_a_real_number_of_which_nothing_is_known(value: str) -> None:
    x = opened(REGROUPED.replace("LINE", f'%c = const {value} : f64 %b = add %a, %c {{fp = "reassoc"}} : f64'))
    assert f"op:const[{value}]" in heads(x)


def test_division_over_the_reals_is_theirs_where_it_is_granted() -> None:
    x = opened(REGROUPED.replace("LINE", '%b = div %a, %x {fp = "reassoc"} : f64'))
    assert "rdiv" in heads(x)
    assert not any(name.startswith(("fdiv", "op:div")) for name in heads(x))
    with pytest.raises(ProofError) as error:
        meaning(REGROUPED.replace("LINE", "%b = div %a, %x : f64"))
    assert error.value.code == "HY7012"


@pytest.mark.parametrize(("op", "names"), [("lt", {"rlt"}), ("ge", {"rle"}), ("eq", {"req"}), ("ne", {"req", "not"})])
def test_comparisons_over_the_reals_are_those_of_their_order(op: str, names: set[str]) -> None:
    line = f'%c = {op} %a, %x : bool\n %b = select %c, %a, %x : f64\n %d = add %b, %x {{fp = "reassoc"}} : f64'
    found = set(heads(opened(REGROUPED.replace("LINE", line))))
    assert names <= found
    assert not any(name.startswith(("flt", "fle", "feq", "op:")) for name in found)


def test_a_division_that_traps_divides_as_the_other_does() -> None:
    for op in DIVISIONS:
        assert "rdiv" in heads(opened(REGROUPED.replace("LINE", f'%b = {op} %a, %x {{fp = "reassoc"}} : f64')))
    strict = heads(opened(REGROUPED.replace("LINE", "%b = div.trap %a, %x : f64")))
    assert "rdiv" not in strict
    assert "op:div.real" in strict


DIVISIONS = ("div", "div.trap")


@pytest.mark.parametrize(("op", "source"), [("cast.round", "f64"), ("cast.exact", "i64"), ("cast.round", "i64")])
def test_two_float_formats_over_the_reals_are_refused(op: str, source: str) -> None:
    """f16, f32 and f64 all denote real numbers there; a value of one would stand for a value of the other."""
    text = f"""
func @f(%x: {source}, %r: f64) -> bool {{
  %s = add %r, %r {{fp = "reassoc"}} : f64
  %y = {op} %x : f32
  %z = lt %y, %y : bool
  return %z
}}"""
    with pytest.raises(ProofError, match="HY7012"):
        meaning(text)
