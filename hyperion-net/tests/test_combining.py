"""Reductions mean what the IR says, element by element, through NumPy or not."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import numpy as np
import pytest

from hyperion.buffers.host import allocate_view, view
from hyperion.errors import HyperionError
from hyperion.interfaces.buffer import BufferView
from hyperion.interfaces.network import Reduction
from hyperion.ir.monoids import MONOIDS
from hyperion.ir.ops import Trap, evaluate
from hyperion.ir.rounding import round_float
from hyperion.ir.types import BoolType, ComplexType, FloatType, IntType, scalar_types
from hyperion.reductions import in_order
from hyperion_net.combining import combined, elements, running, view_of

KINDS = {name: kind for name, kind in scalar_types().items() if name not in ("int", "real", "index")}
MORE = ("sub.wrap", "sub", "div", "floordiv.trap")


def reductions() -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for op, dtype in product((*MONOIDS, *MORE), KINDS):
        try:
            in_order(op, dtype)
        except HyperionError:
            continue
        found.append((op, dtype))
    return found


def samples(dtype: str) -> list[Any]:
    kind = KINDS[dtype]
    if isinstance(kind, BoolType):
        return [False, True]
    if isinstance(kind, IntType):
        return list(dict.fromkeys(kind.wrap(n) for n in (0, 1, -1, 2, 100, 1 << (kind.width - 1), kind.maximum)))
    part = kind.part if isinstance(kind, ComplexType) else kind
    assert isinstance(part, FloatType)
    top = round_float(1.5 * 2.0**part.largest_exponent, part)
    floats = [0.0, -0.0, 1.0, -1.5, 2.0**-part.precision, top, math.inf, -math.inf, math.nan]
    if isinstance(kind, ComplexType):
        return [complex(a, b) for a, b in zip(floats, floats[3:] + floats[:3], strict=True)]
    return floats


def test_there_are_reductions_of_every_type() -> None:
    assert {dtype for _, dtype in reductions()} == set(KINDS)


def shown(x: object) -> str:
    return repr(x).replace("-nan", "nan")


@pytest.mark.parametrize(("op", "dtype"), reductions())
def test_each_pair_of_values_gives_what_the_op_gives(op: str, dtype: str) -> None:
    kind, how = KINDS[dtype], in_order(op, dtype)
    pairs = list(product(samples(dtype), repeat=2))
    expected: list[Any] = []
    for pair in pairs:
        try:
            expected.append(evaluate(op, pair, (kind, kind), kind))
        except Trap:
            expected.append(None)
    sides = [filled(dtype, [pair[k] for pair in pairs]) for k in (0, 1)]
    if None in expected:
        with pytest.raises(HyperionError, match="reduction by"):
            combined(how, sides)
    kept = [n for n, value in enumerate(expected) if value is not None]
    sides = [filled(dtype, [pairs[n][k] for n in kept]) for k in (0, 1)]
    found = elements(combined(how, sides)).tolist()
    assert list(map(shown, found)) == [shown(expected[n]) for n in kept]


def filled(dtype: str, values: list[Any]) -> BufferView:
    like = allocate_view(dtype, (len(values),))
    column = elements(like).copy()
    column[:] = values
    return view_of(column, like)


def test_a_theorem_brackets_and_the_order_does_not() -> None:
    """Subtraction tells bracketings apart: no theorem says that it associates, so this one is forged."""
    sides = [view(np.array([n])) for n in (1, 2, 4, 8, 16)]
    assert elements(combined(in_order("sub.wrap", "i64"), sides)).tolist() == [1 - 2 - 4 - 8 - 16]
    forged = Reduction("sub.wrap", "i64", "forged")
    assert elements(combined(forged, sides)).tolist() == [((1 - 2) - (4 - 8)) - 16]


def test_running_reductions_keep_the_shape() -> None:
    given = [view(np.full((2, 3), n, np.uint8)) for n in (100, 100, 100)]
    found = list(running(in_order("add.wrap", "u8"), given))
    assert [v.shape for v in found] == [(2, 3)] * 3
    assert [elements(v).tolist()[0] for v in found] == [100, 200, 44]


def test_a_trap_says_where_it_came_from() -> None:
    with pytest.raises(ZeroDivisionError, match=r"in the reduction by floordiv\.trap on i64") as caught:
        combined(in_order("floordiv.trap", "i64"), [view(np.array([1])), view(np.array([0]))])
    assert isinstance(caught.value, HyperionError)
    assert caught.value.code == "HY5102"
