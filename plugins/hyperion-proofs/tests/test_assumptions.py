"""What `hp.assume` and `hp.Range` say is used in proofs, and fails where it does not hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any

import numpy as np
import pytest

import hyperion as hp
from hyperion.explain import Explanation
from hyperion.ir.parser import parse_program
from hyperion_proofs.joined_tests import joined

MOST = 2**62
SIZES = (0, 1, 17, 200, 33_001)


@pytest.fixture(scope="module")
def instance() -> Iterator[hp.Instance]:
    with hp.Instance(config={"library": False, "budget": 60, "prefer": "proven"}) as made:
        yield made


def total(xs: Annotated[Any, hp.Range(-1000, 1000)]) -> int:
    s = 0
    for x in xs:
        s += x
    return s


def total_of_large(xs: Annotated[Any, hp.Range(-MOST, MOST)]) -> int:
    s = 0
    for x in xs:
        s += x
    return s


def overdrawn(deposits: Any) -> Any:
    hp.assume(all(x >= 0 for x in deposits))
    balance = 0
    days = 0
    for x in deposits:
        balance = max(balance + x, 0)
        if balance < 0:
            days += 1
    return balance, days


def overdrawn_by_bytes(deposits: Any) -> Any:
    balance = 0
    days = 0
    for x in deposits:
        balance += x
        if balance < 0:
            days = 3 - days
    return balance, days


def running(xs: Annotated[Any, hp.Range(-1000, 1000)]) -> Any:
    out = np.zeros(len(xs), dtype=np.int64)
    s = 0
    for i in range(len(xs)):
        s += xs[i]
        out[i] = s
    return out


def by_a_parameter(xs: Any, w: int) -> int:
    hp.assume(w > 0)
    s = 0
    c = 0
    for x in xs:
        s += x
        if w < 0:
            c = c * c + x
    return s + c


def said_later(xs: Any) -> int:
    s = 0
    for x in xs:
        s += x
    hp.assume(all(-1000 <= x <= 1000 for x in xs))
    return s


def of_another(xs: Any, ys: Annotated[Any, hp.Range(0, 9)]) -> int:
    s = 0
    for x in xs:
        s += x
    return s


def outcome(f: Callable[..., Any], *arguments: Any) -> Any:
    try:
        found = f(*arguments)
    except OverflowError:
        return OverflowError
    except hp.AssumptionError:
        return hp.AssumptionError
    return found.tolist() if isinstance(found, np.ndarray) else found


def plain(f: Callable[..., Any], *arguments: Any) -> Any:
    """What the plain function gives of Python's integers; it does not look at annotations and knows no overflow."""
    return outcome(f, *([int(x) for x in a] for a in arguments))


def elements(n: int, low: int, high: int, dtype: str = "i8") -> np.ndarray[Any, Any]:
    return np.random.default_rng(n).integers(low, high, n, dtype=dtype, endpoint=True)


def explained(f: hp.JitFunction, *arguments: Any) -> Explanation:
    found = f.explain(*arguments)
    assert found.checked
    assert found.parallel
    return found


def test_a_range_takes_the_place_of_the_guard(instance: hp.Instance) -> None:
    f = hp.jit(total, instance=instance)
    for n in SIZES:
        xs = elements(n, -1000, 1000)
        assert f(xs) == plain(total, xs)
    found = explained(f, xs)
    assert found.candidates[-1].guards == ("len(xs) * 1000 <= 9223372036854775807",)
    assert f.ir(xs).count("par.reduce") == 1
    assert found.taken == "parallel"
    for wrong in (-(2**63), -1001, 1001, 2**63 - 1):
        for place in (0, len(xs) // 2, len(xs) - 1):
            ys = xs.copy()
            ys[place] = wrong
            assert outcome(f, ys) is hp.AssumptionError


def test_overflow_is_where_the_loop_has_it(instance: hp.Instance) -> None:
    f = hp.jit(total_of_large, instance=instance)
    assert f(np.array([MOST, -MOST, MOST])) == MOST
    for raised in ([MOST, MOST], [MOST, MOST, -MOST], [-MOST, -MOST, -1]):
        assert outcome(f, np.array(raised)) is OverflowError
    assert outcome(f, np.array([-MOST, -MOST])) == -2 * MOST
    assert outcome(f, np.array([MOST + 1])) is hp.AssumptionError
    explained(f, np.array([1]))


def test_branches_on_sums_of_nonnegative_elements_fall_away(instance: hp.Instance) -> None:
    f = hp.jit(overdrawn, instance=instance)
    for n in SIZES:
        xs = elements(n, 0, 2**40)
        assert f(xs) == plain(overdrawn, xs)
    assert "for states with 0 <= balance" in str(explained(f, xs).theorem)
    assert outcome(f, np.array([5, -1])) is hp.AssumptionError
    assert outcome(f, np.array([2**63 - 1, 1])) is OverflowError
    assert outcome(f, np.array([2**63 - 1, 0])) == (2**63 - 1, 0)


def test_unsigned_elements_need_no_assumption(instance: hp.Instance) -> None:
    f = hp.jit(overdrawn_by_bytes, instance=instance)
    for n in SIZES:
        xs = elements(n, 0, 255, "u1")
        assert f(xs) == plain(overdrawn_by_bytes, xs)
    explained(f, xs)


def test_facts_about_parameters_decide_branches(instance: hp.Instance) -> None:
    f = hp.jit(by_a_parameter, instance=instance)
    xs = elements(200, -9, 9)
    assert f(xs, 1) == xs.sum()
    assert "given that 0 < w" in str(explained(f, xs, 1).theorem)
    assert outcome(f, xs, 0) is hp.AssumptionError


def test_a_scan_uses_what_is_assumed(instance: hp.Instance) -> None:
    f = hp.jit(running, instance=instance)
    for n in SIZES:
        xs = elements(n, -1000, 1000)
        assert f(xs).tolist() == np.cumsum(xs).tolist()
    explained(f, xs)
    assert outcome(f, xs + 1001) is hp.AssumptionError


@pytest.mark.parametrize("loop", [said_later, of_another])
def test_nothing_is_used_that_is_not_known_there(instance: hp.Instance, loop: Callable[..., Any]) -> None:
    f = hp.jit(loop, instance=instance)
    others = [np.array([3])] * (loop is of_another)
    xs = np.array([2**63 - 1, 1])
    assert outcome(f, xs, *others) is OverflowError
    guards = explained(f, xs, *others).candidates[-1].guards
    assert any("for every x of xs" in guard for guard in guards)


def test_tests_join_no_loop_that_waits_for_what_may_trap() -> None:
    text = """
func @f(%xs: i64[n], %d: i64, %first: i64) -> i64 {
  %held = par.reduce (%xs), () {lanes = 2, piece = 4} {
    ^(%w: i64):
      yield
  } {
    yield
  } {
    yield
  } {
    ^(%x: i64):
      %c = le %d, %x
      yield %c
  }
  %divisor = select %held, %d, %first : i64
  %stops = floordiv.trap %d, %divisor : i64
  %start = floordiv.trap %d, %d : i64
  %s = par.reduce (%xs), (%start) {lanes = 2, piece = 4} {
    ^(%y: i64):
      yield %y
  } {
    ^(%a: i64, %b: i64):
      %ab = add.wrap %a, %b : i64
      yield %ab
  } {
    ^(%r: i64, %t: i64):
      %u = add.wrap %r, %t : i64
      yield %u
  }
  %z = select %held, %s, %d : i64
  return %z
}"""
    waiting = parse_program(text).main
    assert joined(waiting) == waiting
    free = parse_program(text.replace("%start = floordiv.trap", "%start = add.wrap")).main
    assert sum(e.op == "par.reduce" for e in joined(free).equations) == 1
