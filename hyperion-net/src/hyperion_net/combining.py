"""Reductions, element by element, with the meaning that the IR gives each op.

NumPy computes where it has exactly that meaning; every other op is evaluated one element at a time as the IR says.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from itertools import accumulate
from typing import Any, Final, TypeAlias

import numpy as np

from hyperion.buffers.elements import TYPESTRS
from hyperion.buffers.host import allocate_view, view
from hyperion.interfaces.buffer import BufferView
from hyperion.interfaces.network import Reduction
from hyperion.ir.ops import Trap, evaluate
from hyperion.ir.rounding import float_bits, float_of_bits
from hyperion.ir.traps import trap_error
from hyperion.ir.types import BoolType, ComplexType, FloatType, IntType, scalar_types

Array: TypeAlias = np.ndarray[Any, Any]
_TYPES: Final = scalar_types()
Combine: TypeAlias = Callable[[Array, Array], Array]


def combined(how: Reduction, views: Sequence[BufferView]) -> BufferView:
    """The reduction of the views, one for each rank, in new memory. Raises the trap of the op."""
    combine = _combine(how)
    columns = [elements(v) for v in views]
    with np.errstate(all="ignore"):
        whole = _bracketed(combine, columns) if how.theorem else reduce(combine, columns)
    return view_of(whole, views[0])


def running(how: Reduction, views: Sequence[BufferView]) -> Iterator[BufferView]:
    """For each rank the reduction of what ranks 0 to it gave. Raises as `combined`."""
    with np.errstate(all="ignore"):
        found = list(accumulate((elements(v) for v in views), _combine(how)))
    return (view_of(column, views[0]) for column in found)


def _bracketed(combine: Combine, columns: list[Array]) -> Array:
    """Neighbours first, so that half of the work could be done before the last rank comes."""
    while len(columns) > 1:
        pairs = [combine(a, b) for a, b in zip(columns[::2], columns[1::2], strict=False)]
        columns = pairs + columns[2 * len(pairs) :]
    return columns[0]


def _combine(how: Reduction) -> Combine:
    kind = _TYPES[how.dtype]
    native = how.dtype in TYPESTRS
    match kind:
        case BoolType() if how.op in _BITS:
            rule = _BITS[how.op]
        case IntType() if native and how.op in _BITS | _INTEGERS:
            rule = (_BITS | _INTEGERS)[how.op]
        case IntType() if native and how.op in _FITTED:
            rule = _FITTED[how.op](kind)
        case FloatType() if native and how.op in _FLOATS:
            rule = _FLOATS[how.op]
        case ComplexType() if how.op == "add":
            rule = np.add
        case _:
            rule = _by_one(how)
    return rule


def _by_one(how: Reduction) -> Combine:
    kind = _TYPES[how.dtype]

    def combine(a: Array, b: Array) -> Array:
        made = np.empty_like(a)
        try:
            for n, pair in enumerate(zip(a.tolist(), b.tolist(), strict=True)):
                made[n] = evaluate(how.op, pair, (kind, kind), kind)
        except Trap as trap:
            raise trap_error(trap.kind, None, (f"in the reduction by {how}",)) from None
        return made

    return combine


def _overflows(a: Array, b: Array, total: Array, kind: IntType) -> Array:
    """Where the sum `total` of a and b, modulo the word's size, is not their sum."""
    return ((a ^ total) & (b ^ total)) < 0 if kind.signed else total < a


def _add_or_trap(kind: IntType) -> Combine:
    def combine(a: Array, b: Array) -> Array:
        total = a + b
        if _overflows(a, b, total, kind).any():
            raise trap_error("overflow", None, (f"in the reduction by add.trap on {kind}",))
        return total

    return combine


def _add_saturating(kind: IntType) -> Combine:
    def combine(a: Array, b: Array) -> Array:
        total = a + b
        low, high = np.array(kind.minimum, a.dtype), np.array(kind.maximum, a.dtype)
        return np.where(_overflows(a, b, total, kind), np.where(a < 0, low, high), total)

    return combine


def _larger(a: Array, b: Array) -> Array:
    """Where `a` is above `b` or equal to it, -0 below +0; nothing about a NaN."""
    return (a > b) | ((a == b) & ~np.signbit(a))


def _maximum(a: Array, b: Array) -> Array:
    return np.where(np.isnan(a) | np.isnan(b), a.dtype.type(np.nan), np.where(_larger(a, b), a, b))


def _minimum(a: Array, b: Array) -> Array:
    return np.where(np.isnan(a) | np.isnan(b), a.dtype.type(np.nan), np.where(_larger(a, b), b, a))


def _or_the_number(rule: Combine) -> Combine:
    return lambda a, b: np.where(np.isnan(a), b, np.where(np.isnan(b), a, rule(a, b)))


_BITS: dict[str, Combine] = {"and": np.bitwise_and, "or": np.bitwise_or, "xor": np.bitwise_xor}
_INTEGERS: dict[str, Combine] = {
    "add.wrap": np.add,
    "sub.wrap": np.subtract,
    "mul.wrap": np.multiply,
    "max": np.maximum,
    "min": np.minimum,
}
_FITTED: dict[str, Callable[[IntType], Combine]] = {"add.trap": _add_or_trap, "add.sat": _add_saturating}
_FLOATS: dict[str, Combine] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "maximum": _maximum,
    "minimum": _minimum,
    "maxnum": _or_the_number(_maximum),
    "minnum": _or_the_number(_minimum),
}


def elements(given: BufferView) -> Array:
    """The elements in C order along one axis; Python's numbers where NumPy has no such type."""
    if given.dtype in TYPESTRS:
        return np.ascontiguousarray(np.asarray(given)).reshape(-1)
    kind, size = _TYPES[given.dtype], given.nbytes // max(given.size, 1)
    memory = bytes(given.copy().host())
    made = np.empty(given.size, object)
    for n in range(given.size):
        bits = memory[n * size : (n + 1) * size]
        if isinstance(kind, FloatType):
            made[n] = float_of_bits(int.from_bytes(bits, sys.byteorder), kind)
        else:
            made[n] = int.from_bytes(bits, sys.byteorder, signed=True)
    return made


def view_of(column: Array, like: BufferView) -> BufferView:
    if column.dtype != object:
        return view(column).reshape(*like.shape)
    kind = _TYPES[like.dtype]
    bits = [float_bits(x, kind) if isinstance(kind, FloatType) else x % (1 << 128) for x in column.tolist()]
    made = allocate_view(like.dtype, like.shape)
    size = made.nbytes // max(made.size, 1)
    made.host()[:] = b"".join((x % (1 << 8 * size)).to_bytes(size, sys.byteorder) for x in bits)
    return made
