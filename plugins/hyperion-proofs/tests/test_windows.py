"""Windows by an inner loop: products for all windows at once, against the loop in Python on integers of 64 bits."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any  # Any: loops take arrays and lists

import numpy as np
import pytest

import hyperion as hp
from hyperion.interfaces.strategy import Candidate, Refusal
from hyperion.ir.function import Program
from hyperion.ir.parser import parse_program
from hyperion.ir.verifier import verify
from hyperion.logic.denote import denote
from hyperion.logic.effort import limited
from hyperion_proofs.sliding.strategy import Windows

BIG, LEAST = 2**63 - 1, -(2**63)


class Word(int):
    """An integer whose sums trap as those of compiled code do."""

    def __add__(self, other: int) -> Word:
        total = int(self) + int(other)
        if not LEAST <= total <= BIG:
            raise OverflowError
        return Word(total)

    __radd__ = __add__

    def __rsub__(self, other: int) -> Word:
        return Word(other) + -int(self)


def sums_up_to(xs: Any, w: Any) -> Any:
    """Of the last w elements, of fewer at the start."""
    out = np.zeros(len(xs), dtype=np.int64)
    for i in range(len(xs)):
        s = 0
        for j in range(max(0, i - w + 1), i + 1):
            s += xs[j]
        out[i] = s
    return out


def widest(xs: Any, w: Any) -> Any:
    """The largest difference in a window that begins with its first element."""
    best = 0
    for i in range(len(xs) - w + 1):
        high = xs[i]
        low = xs[i]
        for j in range(1, w):
            high = max(high, xs[i + j])
            low = min(low, xs[i + j])
        if high - low > best:
            best = high - low
    return best


def smallest_slice(xs: Any, w: Any) -> Any:
    """Slices are clamped, and one that is empty has no largest element."""
    best = 0
    for i in range(len(xs)):
        best = min(best, max(xs[max(0, i - 1) : i + w]) - sum(xs[i : i + w]))
    return best


LOOPS: list[tuple[Callable[..., Any], str]] = [(sums_up_to, "i8"), (widest, "i2"), (smallest_slice, "i4")]


@pytest.fixture(scope="module", params=LOOPS, ids=[f.__name__ for f, _ in LOOPS])
def loop(request: pytest.FixtureRequest) -> tuple[Callable[..., Any], Any, str]:
    function, dtype = request.param
    compiled = hp.jit(function, budget=60)
    explained = compiled.explain(np.zeros(30, dtype), 5)
    assert explained.checked, explained.refusals
    assert str(explained.chosen_cost) == "O(n)"
    assert explained.taken == "parallel"
    return function, compiled, dtype


def outcome(function: Callable[..., Any], *arguments: Any) -> object:
    try:
        return np.asarray(function(*arguments)).tolist()
    except OverflowError:
        return OverflowError
    except IndexError:
        return IndexError
    except ValueError:
        return ValueError


def test_every_width_and_length(loop: tuple[Callable[..., Any], Any, str]) -> None:
    plain, compiled, dtype = loop
    for n in (0, 1, 2, 3, 7, 45):
        xs = np.random.default_rng(n).integers(-99, 99, n).astype(dtype)
        for width in (LEAST, -1, 0, 1, 2, 3, 4, n - 1, n, n + 1, BIG):
            want = outcome(plain, [Word(x) for x in xs.tolist()], Word(width))
            assert outcome(compiled, xs, width) == want, (n, width)
    if dtype != "i8":
        return
    for wide in ([BIG, 1, -1, 5], [5, BIG, -3, LEAST, 1], [2**62, 2**62, -5, 3, 2**62], [LEAST] * 3, [BIG, 0, 0, 7]):
        for width in range(6):  # a sum traps where that of the loop does, and nowhere else
            want = outcome(plain, [Word(x) for x in wide], width)
            assert outcome(compiled, np.array(wide), width) == want, (wide, width)


NEST = """
func @f(%xs: i64[n], %ys: i64[n], %w: i64, %n: i64) -> i64 {{
  %z = const 0 : i64
  %o = const 1 : i64
  %m = const -1 : i64
  %r = for %z, %n, %o, (%z) {{
    ^(%i: i64, %best: i64):
      %s2 = for {bounds}, ({start}) {{
        ^(%j: i64, %s: i64):
          %v = {index} : i64
          %x = get %xs, %v
          {step}
          yield %t
      }}
      %b = max %best, %s2 : i64
      yield %b
  }}
  return %r
}}"""
SUM = "%t = add.trap %s, %x : i64"


@pytest.mark.parametrize(
    ("reason", "changes"),
    [
        ("changes from turn to turn", {"bounds": "%z, %i, %o"}),
        ("backwards or in larger steps", {"bounds": "%w, %z, %m"}),
        ("places that are no neighbours", {"index": "sub.trap %i, %j"}),
        ("uses the place in the window", {"step": "%u = mul.trap %j, %x : i64\n%t = add.trap %s, %u : i64"}),
        ("more than one array", {"step": "%y = get %ys, %v\n%u = mul.trap %y, %x : i64\n%t = add.trap %s, %u : i64"}),
        ("depends on `i`", {"start": "%i"}),
        ("proved only for what wraps", {"step": "%u = add.trap %s, %x : i64\n%t = max %u, %z : i64"}),
    ],
)
def test_refusals_say_what_stands_in_the_way(reason: str, changes: dict[str, str]) -> None:
    form = {"bounds": "%z, %w, %o", "start": "%z", "index": "add.trap %i, %j", "step": SUM} | changes
    program = parse_program(NEST.format(**form))
    verify(program)
    with limited(60):
        found = list(Windows().derive(program.main))
    assert all(isinstance(r, Refusal) for r in found)
    assert not found or reason in "".join(r.reason for r in found if isinstance(r, Refusal))
    assert found or reason == "more than one array"


def test_two_windows_of_one_form_are_told_apart() -> None:
    text = NEST.format(bounds="%z, %w, %o", start="%z", index="add.trap %i, %j", step=SUM)
    second = """%s5 = for %z, %w, %o, (%s2) {
        ^(%j3: i64, %s3: i64):
          %v3 = add.trap %i, %j3 : i64
          %x3 = get %xs, %v3
          %t3 = add.trap %s3, %x3 : i64
          yield %t3
      }
      %b = max %best, %s5 : i64"""
    program = parse_program(text.replace("%b = max %best, %s2 : i64", second).replace("(%s2)", "(%o)"))
    verify(program)
    (found,) = Windows().derive(program.main)
    assert isinstance(found, Candidate)
    assert sum(e.op == "par.windows" for e in found.function.equations) == 2
    assert found.theorem.right is denote(found.function)
    assert not found.theorem.hypotheses


def test_two_loops_share_products() -> None:
    text = NEST.format(bounds="%z, %w, %o", start="%z", index="add.trap %i, %j", step=SUM)
    begin, end = text.index("  %r ="), text.index("  return")
    again = re.sub(r"%(r|i|best|s2|j|s|v|x|t|b)\b", r"%\1.again", text[begin:end])
    program = parse_program(text[:end] + again + text[end:].replace("%r", "%r.again"))
    verify(program)
    (found,) = Windows().derive(program.main)
    assert isinstance(found, Candidate)
    verify(Program({"f": found.function}, "f"))
    assert sum(e.op == "par.windows" for e in found.function.equations) == 1
    assert found.theorem.right is denote(found.function)
