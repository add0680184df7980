"""Arrays of NumPy over the device's memory, and results back into it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod
from typing import Any, TypeGuard, cast

import numpy as np

from hyperion.arguments import Typed, array_of
from hyperion.buffers.elements import contiguous_strides, itemsize
from hyperion.buffers.host import check_copy, copy_into, view
from hyperion.errors import BufferError_
from hyperion.interfaces.buffer import BufferView
from hyperion.interfaces.codegen import CompiledFunction
from hyperion.ir.types import ArrayType, Type
from hyperion.outs import shapes_of_results

Array = np.ndarray[Any, np.dtype[Any]]  # Any: of every element type
Made = tuple[str, tuple[int, ...], int]
"""The dtype, the shape and the bytes of an array."""
Result = tuple[object, Type | None]
"""What a function gave, with its type where the function tells it."""


def argument(given: object) -> object:
    """An argument as functions take it."""
    match given:
        case BufferView():
            return array_of(given.read_only())
        case tuple():
            return tuple(map(argument, cast("tuple[object, ...]", given)))
        case _:
            return given


def is_array(given: object) -> TypeGuard[Array]:
    return isinstance(given, np.ndarray)


def stored(found: Any, kind: Type | None) -> BufferView:  # Any: an array of results
    """A view of an array of results, of the elements that its type has; of the array's own where it has none. Raises
    `BufferError_` (HY2003) for elements that memory does not hold."""
    element = _element(kind)
    if element == "bf16" and found.dtype == np.float32:
        # Its values are bf16 already: the upper halves are their bits.
        return replace(view((found.view(np.uint32) >> 16).astype(np.uint16)), dtype="bf16")
    if element == "i128" and found.dtype == object:
        flat = b"".join(int(x).to_bytes(16, "little", signed=True) for x in found.flat)
        words = view(np.frombuffer(flat, np.uint64))
        return BufferView(words.buffer, "i128", found.shape, contiguous_strides(found.shape, 16))
    return view(found)


def results(function: CompiledFunction, found: object) -> list[Result]:
    """What a call returned, one by one."""
    types: Sequence[Type | None] | None = None
    if isinstance(function, Typed):
        types = [v.type for v in function.function.results]
        if len(types) == 1:
            return [(found, types[0])]
    several = () if found is None else cast("tuple[object, ...]", found) if isinstance(found, tuple) else (found,)
    return list(zip(several, types or [None] * len(several), strict=True))


def written(found: Sequence[Result], targets: Sequence[BufferView | None]) -> list[bool]:
    """Copies results to targets, where there are; says of each whether it did. Raises `BufferError_`, before it writes
    anything, HY2001 for memory that is not just that of the results, HY2010 for what is read-only."""
    if len(found) != len(targets):
        raise BufferError_("HY2001", f"memory for {len(targets)} results of a function that gives {len(found)}")
    pairs = list[tuple[BufferView, BufferView]]()
    for (result, kind), target in zip(found, targets, strict=True):
        if target is not None:
            if not is_array(result):
                raise BufferError_("HY2001", f"a result that is no array has no use for memory {target.shape}")
            pairs.append((target, stored(result, kind)))
            check_copy(*pairs[-1])
    for target, source in pairs:
        copy_into(target, source)
    return [target is not None for target in targets]


def _element(kind: Type | None) -> str:
    return str(kind.element) if isinstance(kind, ArrayType) else ""


def foreseen(function: CompiledFunction, arguments: Sequence[object]) -> list[Made] | None:
    """The arrays that the function will make, where its arguments alone say that: then nobody need wait for them."""
    if not isinstance(function, Typed):
        return None
    made = list[Made]()
    for result, shape in zip(function.function.results, shapes_of_results(function.function, arguments), strict=True):
        if shape is None:
            return None
        dtype = _element(result.type)
        made.append((dtype, shape, prod(shape) * itemsize(dtype)))
    return made
