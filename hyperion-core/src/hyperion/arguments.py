"""What calls take as arguments: one rule for every target, device and executor, `hp.jit` and `module["f"]`.

A number fits a parameter where it is exactly one of its values, and of its kind: no int stands for a float, no bool for
an int. An array fits where its elements are exactly of the parameter's type, in this machine's byte order; how they lie
in memory does not matter. Sizes of one name are equal. docs/reference/buffers.md has the table.
"""

from __future__ import annotations

import ctypes
import functools
import operator
import sys
from array import array as builtin_array
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, NoReturn, Protocol, TypeGuard, cast, runtime_checkable

from hyperion.buffers.elements import TYPESTRS, contiguous_strides, of_typestr
from hyperion.buffers.host import view
from hyperion.buffers.protocol import exports
from hyperion.buffers.view import BufferView
from hyperion.errors import ArgumentRangeError, ArgumentSizeError, BufferError_, TypeCheckError
from hyperion.ir.function import Function
from hyperion.ir.rounding import float_of_bits
from hyperion.ir.scalars import holds
from hyperion.ir.types import (
    BF16,
    I128,
    INT,
    REAL,
    ArrayType,
    BoolType,
    ComplexType,
    ExtensionType,
    FloatType,
    IntType,
    SpecType,
    TupleType,
    Type,
)

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]  # Any: of what elements is what is found out

PLAIN: Final = frozenset((bool, int, float, complex))
"""The types of numbers that are what they seem."""
_PYTHON_FLOATS = "f16", "f32"
_CASTS = {"f16": "numpy.float16(x)", "f32": "numpy.float32(x)"}


@runtime_checkable
class Typed(Protocol):
    """A compiled function that says what it was compiled from, as those of the built-in targets do."""

    function: Function


def taken(position: int, argument: object) -> object:
    """The argument where any parameter could take it: a number, a NumPy scalar, a plain NumPy array, a view of what
    else offers its memory, or a tuple of these. Messages count arguments from 1.

    Raises `TypeCheckError`: HY6120 for another type, HY6121 for an array whose elements no machine number is, in
    foreign byte order, or of a class that may change what indexing means; `BufferError_` as `hp.view`.
    """
    if type(argument) in PLAIN or isinstance(argument, BufferView):
        return argument
    numpy = sys.modules.get("numpy")  # whoever holds an array or a scalar of it has imported it
    if numpy is not None:
        if isinstance(argument, numpy.ndarray):
            return _plain(position, cast("Array", argument))
        if isinstance(argument, numpy.generic):
            return argument if _element(cast("np.generic", argument).dtype) else _not_taken(position, argument)
    if isinstance(argument, int | float | complex | Fraction):
        return argument
    if isinstance(argument, tuple):
        return tuple(taken(position, x) for x in cast("tuple[object, ...]", argument))
    return _viewed(position, argument)


def fitted(function: Function, arguments: Sequence[object]) -> list[object]:
    """The arguments in the form of the parameters: Python's numbers; arrays as NumPy has them or as BufferViews, which
    may lie on a device; tuples of these. Reads no elements but those of bf16 and of integers of 128 bits.

    Raises as `taken`, and: `TypeCheckError` HY6113 for another number of arguments, HY6120 for a number that is none of
    the parameter's type, HY6121 for other elements or axes; `ArgumentRangeError` (HY6122) for an int out of range,
    `ArgumentSizeError` (HY6113) where sizes of one name differ.
    """
    parameters = function.parameters
    if len(parameters) != len(arguments):
        signature = ", ".join(f"{v.name}: {v.type}" for v in parameters)
        what = f"{function.name} takes {len(parameters)} arguments, {len(arguments)} given"
        raise TypeCheckError("HY6113", what, hints=[f"{function.name}({signature})"])
    sizes: dict[str, int] = {}
    return [
        _Place(function.name, k, v.type, sizes).fit(v.type, x)
        for k, (v, x) in enumerate(zip(parameters, arguments, strict=True))
    ]


def called_with(function: Function, arguments: Sequence[object]) -> list[object]:
    """The same for a call on the host: views are arrays of the same memory. Raises `BufferError_` too: HY2002 for
    memory of a device, HY2007 where it was freed."""
    return [_here(function.name, k, x) for k, x in enumerate(fitted(function, arguments))]


def array_of(seen: BufferView) -> Array:
    """A NumPy array of the same memory, read-only where the view is; bf16 as its bits in uint16, i128 copied to Python
    integers."""
    import numpy as np

    match seen.dtype:
        case "bf16":
            return np.asarray(replace(seen, dtype="u16"))
        case "i128":
            words = np.asarray(BufferView(seen.buffer, "u64", (*seen.shape, 2), (*seen.strides, 8), seen.offset))
            signed = [int.from_bytes(pair.tobytes(), "little", signed=True) for pair in words.reshape(-1, 2)]
            found = np.empty(len(signed), dtype="O")
            found[:] = signed
            return found.reshape(seen.shape)
        case _:
            return np.asarray(seen)


def no_axes(position: int) -> TypeCheckError:
    """The error for an array without axes where a number or an array with some is wanted."""
    hints = ["array.item() is its number, array.reshape(1) an array with one"]
    return TypeCheckError("HY6121", f"argument {position + 1} is an array without axes", hints=hints)


def sequence(position: int, argument: object) -> TypeCheckError:
    """The error for a list or a tuple where an array is wanted."""
    hints = ["numpy.array(values, dtype=numpy.int64) makes one; or with another element type"]
    what = f"argument {position + 1} is a {type(argument).__name__}; arrays are NumPy arrays or BufferViews"
    return TypeCheckError("HY6120", what, hints=hints)


def out_of_range(position: int, given: int, kind: IntType) -> ArgumentRangeError:
    """The error for an int that the machine integer cannot be."""
    what = f"argument {position + 1} is {_shown(given)}, outside the range of {kind}"
    wide = kind == IntType(64) and IntType(64, signed=False).contains(given)
    hints = ["numpy.uint64(value), for a function compiled for that"] if wide else ["reduce it before the call"]
    return ArgumentRangeError("HY6122", what, hints=hints)


# What any parameter could take


def _plain(position: int, array: Array) -> Array:
    import numpy as np

    name = f"argument {position + 1}"
    kind = type(array)
    if kind is not np.ndarray and not isinstance(array, np.memmap):
        what = f"{name} is a {kind.__qualname__}; subclasses of numpy.ndarray may change what indexing means"
        masked = isinstance(array, np.ma.MaskedArray)
        raise TypeCheckError("HY6121", what, hints=["array.filled(value)" if masked else "numpy.asarray(values)"])
    dtype = array.dtype
    if not dtype.isnative:
        what = f"{name} has the foreign byte order of {dtype.str!r}"
        raise TypeCheckError("HY6121", what, hints=["array.astype(array.dtype.newbyteorder('='))"])
    if not _element(dtype) and dtype.kind != "O":
        what = f"{name} has elements of type {dtype}, which is not taken"
        raise TypeCheckError("HY6121", what, notes=[f"taken: {', '.join(TYPESTRS)}"], hints=[_instead_of(dtype.kind)])
    return array if kind is np.ndarray else array.view(np.ndarray)


@functools.lru_cache(64)
def _element(dtype: Any) -> str:  # Any: a NumPy dtype
    """The IR name of elements of that dtype; empty where there is none."""
    if dtype.name == "bfloat16":  # of ml_dtypes
        return "bf16"
    try:
        return of_typestr(dtype.str)
    except BufferError_:
        return ""


def _instead_of(kind: str) -> str:
    match kind:
        case "M" | "m":
            return "array.view(numpy.int64): the ticks as integers"
        case "S" | "U":
            return "numpy.frombuffer(text.encode(), dtype=numpy.uint8) for the bytes of a text"
        case _:
            return "array.astype(numpy.float64), or one field of a structured array"


def _viewed(position: int, argument: object) -> BufferView:
    foreign = hasattr(argument, "__array_interface__") or hasattr(argument, "__dlpack__")
    if not foreign and not exports(argument):
        _not_taken(position, argument)
    given: Any = argument  # Any: whatever offers its memory
    seen = view(given)
    if seen.dtype in _PYTHON_FLOATS and isinstance(given, memoryview | builtin_array | ctypes.Array):
        what = f"the elements of argument {position + 1}, a {type(argument).__name__}, are of type {seen.dtype}"
        notes = ["Python reads them as 64-bit floats, compiled code would compute with fewer bits"]
        hints = ["numpy.asarray(values) has elements of that type; with dtype=float of 64 bits"]
        raise TypeCheckError("HY6121", what, notes=notes, hints=hints)
    return seen


def _not_taken(position: int, argument: object) -> NoReturn:
    if isinstance(argument, list):
        raise sequence(position, cast(object, argument))
    if isinstance(argument, str):
        hints = ["text.encode(), whose elements are ints from 0 to 255; compare them with ord('a')"]
        raise TypeCheckError("HY6120", f"argument {position + 1} is text, which is not taken", hints=hints)
    note = "taken: bool, int, float, complex, bytes, NumPy scalars of those kinds, and arrays that hp.view takes"
    what = f"argument {position + 1} has type {type(argument).__qualname__}, which is not taken"
    raise TypeCheckError("HY6120", what, notes=[note], hints=["convert it before the call"])


# What one parameter takes


class _Place:
    """Where an argument stands, for messages, and the sizes that the arguments before it told."""

    def __init__(self, function: str, position: int, declared: Type, sizes: dict[str, int]) -> None:
        self._function, self._position, self._declared, self._sizes = function, position, declared, sizes

    def fit(self, kind: Type, argument: object) -> object:
        if isinstance(kind, ExtensionType):
            return argument  # only its plugin knows what a value is
        return self._fit(kind, taken(self._position, argument))

    def _fit(self, kind: Type, given: object) -> object:
        match kind:
            case TupleType(kinds):
                items = cast("tuple[object, ...]", given) if isinstance(given, tuple) else ()
                if len(items) != len(kinds):
                    raise self._other("HY6121" if _is_memory(cast(object, given)) else "HY6120", cast(object, given))
                return tuple(self._fit(k, x) for k, x in zip(kinds, items, strict=True))
            case _ if isinstance(given, tuple):
                raise sequence(self._position, cast(object, given))
            case ArrayType():
                return self._array(kind, given)
            case _:
                return self._number(kind, given)

    def _number(self, kind: Type, given: Any) -> object:  # Any: it is found out what it is
        if _is_memory(given):
            raise self._other("HY6121", given) if given.ndim else no_axes(self._position)
        own = type(given) not in PLAIN and _is_generic(given)
        value: Any = given.item() if own else given
        match kind:
            case BoolType() if isinstance(value, bool):
                return value
            case IntType() | SpecType() if isinstance(value, int) and not isinstance(value, bool):
                if isinstance(kind, IntType) and not kind.contains(value):
                    raise out_of_range(self._position, value, kind)
                return operator.index(value)
            case SpecType() if kind == REAL and isinstance(value, Fraction):
                return value
            case FloatType() | ComplexType() if own:
                element = _element(given.dtype)
                if kind == BF16 and element == "u16":
                    return float_of_bits(value, BF16)
                if element == str(kind):
                    return complex(value) if isinstance(kind, ComplexType) else float(value)
            case FloatType() if isinstance(value, float) and holds(kind, value):
                return float(value)
            case ComplexType() if isinstance(value, complex) and holds(kind, value):
                return complex(value)
            case _:
                pass
        raise self._other("HY6120", given, *_hints_for(kind, value, own))

    def _array(self, kind: ArrayType, given: Any) -> object:  # Any: as above
        if not _is_memory(given):
            raise self._other("HY6120", given)
        if given.ndim != len(kind.shape):
            raise self._other("HY6121", given) if given.ndim else no_axes(self._position)
        element = _element_of(given)
        if element == str(kind.element) and (element != "bf16" or isinstance(given, BufferView)):
            self._check_sizes(kind, given.shape)
            return given
        if not isinstance(given, BufferView):
            other = _exactly(kind.element, given, element)
            if other is not None:
                self._check_sizes(kind, given.shape)
                return other
        wanted = TYPESTRS.get(str(kind.element))
        raise self._other("HY6121", given, *([f"array.astype({wanted[1:]!r}) converts it"] if wanted else []))

    def _check_sizes(self, kind: ArrayType, shape: tuple[int, ...]) -> None:
        for axis, (size, length) in enumerate(zip(kind.shape, shape, strict=True)):
            expected = size if isinstance(size, int) else self._sizes.setdefault(size, length)
            if expected != length:
                what = "elements" if len(shape) == 1 else ("rows", "columns")[axis] if len(shape) == 2 else ""
                has = f"{length} {what}" if what else f"length {length} along axis {axis}"
                told = f"{size} = {expected}" if isinstance(size, str) else str(size)
                place = f"argument {self._position + 1} of {self._function}"
                raise ArgumentSizeError("HY6113", f"{place} has {has}, expected {told}")

    def _other(self, code: str, given: object, *hints: str) -> TypeCheckError:
        what = f"argument {self._position + 1} of {self._function} is {_described(given)}, expected {self._declared}"
        return TypeCheckError(code, what, hints=hints)


def _hints_for(kind: Type, value: object, own: bool) -> list[str]:
    """What makes a number of the kind, where something does."""
    match kind, value:
        case FloatType(width=64), int() | float() if not isinstance(value, bool):
            return ["float(x) has 64 bits"]
        case FloatType(), float() if str(kind) in _CASTS:
            return [f"{_CASTS[str(kind)]} rounds it"]
        case IntType(), float():
            return ["int(x) leaves the fraction out"]
        case _:
            return []


def _exactly(kind: Type, array: Array, element: str) -> BufferView | Array | None:
    """An array of elements that NumPy has no type of its own for."""
    if kind == BF16 and element in ("bf16", "u16"):
        return replace(view(array.view("u2")), dtype="bf16")
    if kind == BF16 and element == "f32":
        return _upper_halves(array)
    if kind == INT and element[:1] in ("i", "u"):
        return array
    if array.dtype.kind != "O" or str(kind) in TYPESTRS or not all(_is_one(kind, x) for x in array.flat):
        return None
    if kind == I128:
        flat = b"".join(x.to_bytes(16, "little", signed=True) for x in array.flat)
        return BufferView(view(flat).buffer, "i128", array.shape, contiguous_strides(array.shape, 16), 0, True)
    return array


def _is_one(kind: Type, item: object) -> bool:
    """Whether an element of an array of objects is a value of that type."""
    match kind:
        case IntType():
            return type(item) is int and kind.contains(item)
        case SpecType():
            return type(item) is int or (kind == REAL and isinstance(item, Fraction))
        case _:
            return isinstance(kind, ExtensionType)


def _upper_halves(array: Array) -> BufferView | None:
    """The bits of bf16 numbers that are given as f32; None where one is no such number."""
    import numpy as np

    bits = np.ascontiguousarray(array).view(np.uint32).reshape(array.shape)
    if np.any((bits & 0xFFFF != 0) & ~np.isnan(array)):
        return None
    halves = np.where(np.isnan(array), 0x7FC0, bits >> 16).astype(np.uint16)
    return replace(view(halves), dtype="bf16")


# On the host


def _here(function: str, position: int, given: object) -> object:
    if isinstance(given, tuple):
        return tuple(_here(function, position, x) for x in cast("tuple[object, ...]", given))
    if not isinstance(given, BufferView):
        return given
    try:
        given.buffer.host()
    except BufferError_ as error:
        if error.code != "HY2002":
            raise
        place = f"the {given.buffer.memory_kind} memory of {given.device}"
        raise BufferError_(
            "HY2002",
            f"argument {position + 1} of {function} lies in {place}, and the call runs on the host",
            hints=[
                f"an executor runs it there: instance.executor([{given.device!r}]).execute(f, [view])",
                f"instance.device({given.device!r}).copy(view, hp.view(array)) copies it to the host",
            ],
        ) from None
    return array_of(given)


# What it is, without importing NumPy


def _is_memory(given: object) -> TypeGuard[Array | BufferView]:
    numpy = sys.modules.get("numpy")
    return isinstance(given, BufferView) or (numpy is not None and isinstance(given, numpy.ndarray))


def _is_generic(given: object) -> TypeGuard[np.generic]:
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(given, numpy.generic)


def _element_of(given: Array | BufferView) -> str:
    return given.dtype if isinstance(given, BufferView) else _element(given.dtype)


def _described(given: object) -> str:
    if _is_memory(given):
        return f"an array of {_element_of(given) or 'objects'} with shape {given.shape}"
    return f"{_shown(given)} ({type(given).__name__})"


def _shown(given: object) -> str:
    if isinstance(given, int) and given.bit_length() > 256:  # Python refuses to write very long ones
        return f"an integer of {given.bit_length()} bits"
    text = repr(given)
    return text if len(text) <= 80 else f"{text[:77]}..."
