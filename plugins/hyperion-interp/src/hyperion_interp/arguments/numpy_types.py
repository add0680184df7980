"""NumPy's arrays and scalars, without importing NumPy: whoever holds one has imported it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, TypeGuard

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
    return array.reshape(-1).tolist() if is_plain(array) else list(array.flat)


def is_plain(array: Array) -> bool:
    return type(array) is sys.modules["numpy"].ndarray
