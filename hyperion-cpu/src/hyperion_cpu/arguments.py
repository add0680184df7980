"""Arguments as compiled code reads them: of the declared types, arrays native, in C order and aligned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from hyperion.arguments import called_with
from hyperion.ir.function import Function
from hyperion.ir.types import ArrayType
from hyperion_cpu.layout import dtype_of

Array = np.ndarray[Any, np.dtype[Any]]  # Any: of what elements the parameter says


def convert(function: Function, arguments: Sequence[object]) -> list[object]:
    """The arguments as ndarrays and Python scalars of exactly the declared types; arrays of another layout are copied.
    Raises as `hyperion.arguments.called_with`."""
    given = called_with(function, arguments)
    return [
        _laid_out(v.type, cast(Array, x)) if isinstance(v.type, ArrayType) else x
        for v, x in zip(function.parameters, given, strict=True)
    ]


def _laid_out(kind: ArrayType, array: Array) -> Array:
    return np.require(array, dtype=dtype_of(kind.element), requirements=["C", "A", "E"])
