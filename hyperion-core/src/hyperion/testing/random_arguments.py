"""Random arguments of a function, with edge values and with sizes that agree."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from random import Random

from hyperion.ir.function import Function
from hyperion.ir.scalars import Number
from hyperion.ir.types import ArrayType, BoolType, ComplexType, FloatType, IntType, TupleType, Type
from hyperion.testing.float_formats import edges, value_of


def random_arguments(random: Random, function: Function, largest: int = 3) -> list[object]:
    """Python values for the parameters: arrays as lists, one level for each axis; sizes of 0 to `largest`."""
    sizes: dict[str, int] = {}

    def argument(kind: Type) -> object:
        match kind:
            case ArrayType():
                shape = [
                    sizes.setdefault(s, random.randint(0, largest)) if isinstance(s, str) else s for s in kind.shape
                ]
                return _nested([random_value(random, kind.element) for _ in range(prod(shape))], shape)
            case TupleType():
                return tuple(map(argument, kind.elements))
            case _:
                return random_value(random, kind)

    return [argument(p.type) for p in function.parameters]


def random_value(random: Random, kind: Type) -> Number:
    """A value of a scalar type other than `int`, `real` and extensions: often small, or an edge."""
    match kind:
        case BoolType():
            return random.random() < 0.5
        case IntType():
            near = [v for v in (-7, -1, 0, 1, 2, 63, kind.minimum, kind.maximum) if kind.contains(v)]
            return random.choice((*near, random.randint(kind.minimum, kind.maximum)))
        case FloatType():
            return random.choice((*edges(kind), value_of(random.randrange(1 << kind.width), kind)))
        case ComplexType():
            return complex(random_value(random, kind.part), random_value(random, kind.part))
        case _:
            raise ValueError(f"no random values of {kind}")


def _nested(items: Sequence[object], shape: Sequence[int]) -> list[object]:
    if len(shape) <= 1:
        return list(items)
    row = prod(shape[1:])
    return [_nested(items[i * row : (i + 1) * row], shape[1:]) for i in range(shape[0])]
