"""NumPy arrays for tests: any bits, and the values that break things more often than chance. Needs NumPy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]  # Any: of every element type

_NAMES = {"b": "bool", "f": "float", "i": "int", "u": "uint", "c": "complex"}


def dtype_name(kind: str) -> str:
    """NumPy's name of a scalar type; uint16, its bits, for bf16.

    >>> dtype_name("i8"), dtype_name("c64"), dtype_name("bool"), dtype_name("bf16")
    ('int8', 'complex64', 'bool', 'uint16')
    """
    match kind:
        case "bool":
            return kind
        case "bf16":
            return "uint16"
        case "i128" | "int" | "real":
            return "object"
        case _:
            return _NAMES[kind[0]] + kind[1:]


def random_array(kind: str, shape: Sequence[int], seed: int) -> Array:
    """An array of one scalar type, the same one for the same seed.

    Elements are random bits; about half are replaced: floats by NaN, zeros of both signs, infinities and small numbers,
    integers by the ends of the range and numbers near 0. Raises `ValueError` for a type that NumPy lacks.
    """
    import numpy as np

    random = np.random.default_rng(seed)
    name = dtype_name(kind)
    if name == "object":
        raise ValueError(f"NumPy has no {kind}")
    if kind == "bool":
        return random.random(tuple(shape)) < 0.5
    size = np.dtype(name).itemsize
    bits = random.integers(0, 256, (*shape, size), dtype=np.uint8)
    found = bits.view(name).reshape(tuple(shape))
    with np.errstate(all="ignore"):
        special = np.array(_specials(kind), dtype=name)
    chosen = random.random(tuple(shape)) < 0.5
    return np.where(chosen, random.choice(special, tuple(shape)), found)


def _specials(kind: str) -> list[Any]:  # Any: numbers of the kind
    width = int(kind.lstrip("biufc"))
    match kind[0]:
        case "i":
            return [-(1 << (width - 1)), (1 << (width - 1)) - 1, -1, 0, 1, 2, 3]
        case "u":
            return [0, 1, 2, 3, (1 << width) - 1]
        case "b":
            return [0x7FC0, 0x0000, 0x8000, 0x7F80, 0xFF80, 0x3F80, 0xC040, 0x0001]
        case _:
            return [float("nan"), 0.0, -0.0, float("inf"), float("-inf"), 1.0, -3.0, 0.1, 2.0**-24]
