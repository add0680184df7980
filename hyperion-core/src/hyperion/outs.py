"""Memory that the caller of a run has for its results, checked before anything runs: one rule for every device."""

from __future__ import annotations

from collections.abc import Sequence

from hyperion.buffers.host import check_apart
from hyperion.errors import BufferError_
from hyperion.interfaces.buffer import BufferView
from hyperion.ir.function import Function
from hyperion.ir.types import ArrayType, Type

Outs = Sequence[BufferView | None]
"""For each result the view that is to be it, or None for new memory."""


def shapes_of_results(function: Function, arguments: Sequence[object]) -> list[tuple[int, ...] | None]:
    """The shape of each result that is an array, where those of the arguments tell it."""
    sizes = _sizes(function, arguments)
    return [None if sizes is None else _shape(v.type, sizes) for v in function.results]


def check_outs(function: Function, outs: Outs, arguments: Sequence[object]) -> bool:
    """Whether the memory is known to be just that of the results: else the sizes of some show when they are there.

    Raises `BufferError_`: HY2001 where there are more or fewer than results, or one is of another type or shape, HY2010
    where it is read-only, HY2008 where it shares bytes with an argument, with itself or with that of another result.
    """
    results = function.results
    if len(outs) != len(results):
        raise BufferError_("HY2001", f"memory for {len(outs)} results of a function that gives {len(results)}")
    known = True
    for value, out, shape in zip(results, outs, shapes_of_results(function, arguments), strict=True):
        if out is None:
            continue
        kind = value.type
        fits = isinstance(kind, ArrayType) and (str(kind.element), len(kind.shape)) == (out.dtype, out.ndim)
        if not fits or shape not in (None, out.shape):
            raise BufferError_("HY2001", f"{out.dtype} of shape {out.shape} is no memory for {kind}")
        if out.readonly or out.buffer.readonly:
            raise BufferError_("HY2010", "the memory for a result is read-only")
        known = known and shape is not None
    check_apart([out for out in outs if out is not None], arguments)
    return known


def _sizes(function: Function, arguments: Sequence[object]) -> dict[str, int] | None:
    """What the names of sizes are; None where the arguments do not fit, as the call will tell."""
    if len(arguments) != len(function.parameters):
        return None
    sizes: dict[str, int] = {}
    for parameter, argument in zip(function.parameters, arguments, strict=True):
        if isinstance(parameter.type, ArrayType):
            shape: tuple[int, ...] = getattr(argument, "shape", ())
            if len(shape) != len(parameter.type.shape):
                return None
            for size, length in zip(parameter.type.shape, shape, strict=True):
                if isinstance(size, str) and sizes.setdefault(size, length) != length:
                    return None
    return sizes


def _shape(kind: Type, sizes: dict[str, int]) -> tuple[int, ...] | None:
    if not isinstance(kind, ArrayType):
        return None
    shape = [sizes.get(n) if isinstance(n, str) else n for n in kind.shape]
    return tuple([n for n in shape if n is not None]) if None not in shape else None
