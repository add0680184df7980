"""The interpreter as a code generation target, `reference`: every op and type of the IR, at the interpreter's speed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NoReturn, cast

from hyperion.arguments import called_with
from hyperion.errors import CodegenError
from hyperion.interfaces.codegen import Taken
from hyperion.ir.function import Function, Program
from hyperion.ir.scalars import Number
from hyperion.ir.types import ArrayType, BoolType, ComplexType, FloatType, IntType, TupleType, Type
from hyperion.tokens import current
from hyperion_interp.arrays import PersistentArray
from hyperion_interp.interpreter import Interpreter
from hyperion_interp.looking import parts


class ReferenceTarget:
    """Follows `hyperion.interfaces.codegen.CodegenTarget`. It is used where it is asked for by name, never instead of
    another target."""

    @property
    def name(self) -> str:
        return "reference"

    def compile(self, program: Program) -> InterpretedFunction:
        return InterpretedFunction(program)

    def lower(self, program: Program, emit: Literal["llvm", "asm"]) -> NoReturn:
        raise CodegenError(
            "HY8013",
            f"the reference target interprets @{program.entry} and makes no {emit} code",
            program.main.span,
            hints=["choose another target to see code"],
        )


class InterpretedFunction:
    """Implements `CompiledFunction`. Results are Python scalars, tuples, and NumPy arrays of the declared types; bf16
    becomes float32, which holds it, and what NumPy has no type for stays Python objects."""

    def __init__(self, program: Program) -> None:
        self.function: Function = program.main
        self._interpreter = Interpreter(program)

    def __call__(self, *arguments: object) -> object:
        """Raises as `hyperion.arguments.called_with` for arguments that do not fit, traps as every target does."""
        found = self._interpreter.values(called_with(self.function, arguments))
        results = [_result(v.type, x) for v, x in zip(self.function.results, found, strict=True)]
        return results[0] if len(results) == 1 else tuple(results) if results else None

    @property
    def entry(self) -> Callable[..., object]:
        return self

    def bind(self, mismatch: Callable[..., object]) -> Callable[..., object]:
        kinds = [v.type for v in self.function.parameters]

        def bound(*arguments: object) -> object:
            fits = len(arguments) == len(kinds) and all(map(_is_exactly, kinds, arguments))
            return self(*arguments) if fits else mismatch(*arguments)

        return bound

    def taken(self, *arguments: object) -> Taken:
        """Always sequential: the interpreter runs parallel forms in order too."""
        self(*arguments)
        return "sequential"


def _result(kind: Type, value: Number) -> object:
    match kind:
        case ArrayType():
            return _array(kind, value)
        case TupleType():
            return tuple(map(_result, kind.elements, value))
        case _:
            return value


def _array(kind: ArrayType, value: PersistentArray) -> Any:  # Any: an array of the element type
    import numpy as np

    flat = np.empty(value.size, dtype=_dtype(kind.element))
    items = value.to_list()
    for some in parts(current(), range(value.size)):
        flat[some.start : some.stop] = items[some.start : some.stop]
    return flat.reshape(value.shape)


def _dtype(element: Type) -> str:
    match element:
        case BoolType():
            return "bool"
        case IntType(width=width, signed=signed) if width <= 64:
            return f"{'i' if signed else 'u'}{width // 8}"
        case FloatType(brain=True):
            return "f4"
        case FloatType(width=width):
            return f"f{width // 8}"
        case ComplexType(width=width):
            return f"c{width // 8}"
        case _:
            return "O"


def _is_exactly(kind: Type, argument: object) -> bool:
    """Whether nothing would be converted."""
    match kind:
        case ArrayType(element, shape):
            import numpy as np

            if not isinstance(argument, np.ndarray):
                return False
            given = cast("np.ndarray[Any, np.dtype[Any]]", argument)  # Any: of what elements is what is compared
            return bool(given.dtype == _dtype(element)) and given.ndim == len(shape)
        case BoolType():
            return type(argument) is bool
        case IntType():
            return type(argument) is int and kind.contains(argument)
        case FloatType(width=64):
            return type(argument) is float
        case _:
            return False
