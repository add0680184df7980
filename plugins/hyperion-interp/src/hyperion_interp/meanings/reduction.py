"""Reductions and contractions, in one fixed order, so that floats have the same bits everywhere."""

from __future__ import annotations

from collections.abc import Sequence

from hyperion.ir.function import Equation
from hyperion.ir.monoids import monoid
from hyperion.ir.ops import lookup
from hyperion.ir.scalars import Number, Trap
from hyperion.ir.types import ArrayType
from hyperion.tokens import Token
from hyperion_interp.arrays import PersistentArray
from hyperion_interp.block import Block, Environment, Meaning
from hyperion_interp.looking import Looks, listed
from hyperion_interp.meanings.attributes import numbers
from hyperion_interp.meanings.sizes import agree
from hyperion_interp.shapes import Shape, at, offsets, others, strides


def reduce(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    """From the monoid's unit, acc = op(acc, x) ascending row-major over the axes."""
    op, axes, kind = str(equation.attribute("monoid")), numbers(equation, "axes"), equation.operands[0].type
    assert isinstance(kind, ArrayType)
    element = kind.element
    found, join, types = monoid(op, element), lookup(op).evaluate, (element, element)
    assert found is not None
    assert join is not None
    unit = found.unit

    def meaning(environment: Environment, operands: list[Number]) -> tuple[Number, ...]:
        (array,) = operands
        kept = others(len(array.shape), axes)
        shape = at(array.shape, kept)
        environment.machine.room(shape, equation.span)
        token = environment.machine.token
        values, reduced = array.to_list(), _places(array.shape, tuple(sorted(axes)), token)
        items: list[Number] = []
        looks = Looks(token)
        for start in _places(array.shape, kept, token):
            total = unit
            for some in looks.over(reduced):
                for offset in some:
                    total = join((total, values[start + offset]), types, element)
            items.append(total)
        return _array_or_scalar(equation, items, shape)

    return meaning


def contract(equation: Equation, regions: tuple[Block, ...]) -> Meaning:
    """From `init`, acc = add(acc, mul(x, y)) ascending row-major over the contracted axes.

    The result has the batch axes, then the free ones of the left operand, then those of the right; it is a scalar
    where none is left.
    """
    multiply, add = regions
    left, right = numbers(equation, "left", ()), numbers(equation, "right", ())
    batch_left, batch_right = numbers(equation, "batch_left", ()), numbers(equation, "batch_right", ())

    def meaning(environment: Environment, operands: list[Number]) -> tuple[Number, ...]:
        x, y, start = operands
        agree(equation, at(x.shape, batch_left), at(y.shape, batch_right))
        if at(x.shape, left) != at(y.shape, right):
            raise Trap("value")
        free_x, free_y = others(len(x.shape), left + batch_left), others(len(y.shape), right + batch_right)
        shape = (*at(x.shape, batch_left), *at(x.shape, free_x), *at(y.shape, free_y))
        environment.machine.room(shape, equation.span)
        token = environment.machine.token
        summed = listed(token, zip(_places(x.shape, left, token), _places(y.shape, right, token), strict=True))
        batches = zip(_places(x.shape, batch_left, token), _places(y.shape, batch_right, token), strict=True)
        places_x, places_y = _places(x.shape, free_x, token), _places(y.shape, free_y, token)
        pairs = listed(
            token,
            (
                (batch_x + place_x, batch_y + place_y)
                for batch_x, batch_y in batches
                for place_x in places_x
                for place_y in places_y
            ),
        )
        environment.machine.burn(len(pairs) * len(summed), equation.span)
        xs, ys = x.to_list(), y.to_list()
        items: list[Number] = []
        for place_x, place_y in pairs:
            total = start
            for offset_x, offset_y in summed:
                (product,) = multiply.run(environment, (xs[place_x + offset_x], ys[place_y + offset_y]))
                (total,) = add.run(environment, (total, product))
            items.append(total)
        return _array_or_scalar(equation, items, shape)

    return meaning


def _places(shape: Shape, axes: tuple[int, ...], token: Token) -> Sequence[int]:
    return offsets(at(shape, axes), at(strides(shape), axes), token=token)


def _array_or_scalar(equation: Equation, items: list[Number], shape: Shape) -> tuple[Number, ...]:
    return (PersistentArray(items, shape),) if isinstance(equation.result.type, ArrayType) else tuple(items)
