"""NumPy's arrays and scalars, without importing NumPy: whoever holds one has imported it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, TypeGuard

from hyperion.tokens import current
from hyperion_interp.looking import parts

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]  # Any: the element type of an argument is what is being found out


def is_array(argument: object) -> TypeGuard[Array]:
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(argument, numpy.ndarray)


def is_scalar(argument: object) -> TypeGuard[np.generic]:
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(argument, numpy.generic)


def row_major(array: Array) -> list[Any]:
    """The elements as Python values; those of a subclass, which may read differently, as what its iterator gives."""
    if not is_plain(array):
        return list(array.flat)
    items: list[Any] = []
    flat = array.reshape(-1)
    for some in parts(current(), range(flat.size)):
        items += flat[some.start : some.stop].tolist()
    return items


def is_plain(array: Array) -> bool:
    return type(array) is sys.modules["numpy"].ndarray
