"""TRUSTED. What arrays, their elements and tuples denote, by the words that the op table says of them.

Arrays of one dimension are lists, and their elements are found by recursion on the list. Arrays of more dimensions are
tuples of their sizes and of a function from indices to elements.

What an unchecked op denotes where an index is outside is the constant `op:undefined`, of which nothing is known: see
docs/adr/0010.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from hyperion.errors import ProofError
from hyperion.ir.function import Equation
from hyperion.ir.types import I64, ArrayType, TupleType
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.loops import range_of
from hyperion.logic.meaning import (
    Effect,
    Pure,
    argument_type,
    denote_type,
    entries,
    every,
    extent,
    keyed,
    opaque,
    rank,
    tuple_of,
    untuple,
)
from hyperion.logic.scalar import Meaning, Operation, Words, to_integer, to_word
from hyperion.logic.terms import Term


def _size(op: Operation, words: Words) -> Pure:
    """The size of an axis as the integer or word that is asked for."""
    axis = op.equation.attribute("axis", 0)
    assert isinstance(axis, int)
    return Pure((to_word(op.result, extent(op.operands[0], axis)),))


def _element(op: Operation, words: Words) -> Effect:
    """`get`, or with a value after the indices `update`."""
    array = op.operands[0]
    axes = rank(array.type)
    if axes == 0:
        raise ProofError("HY7010", f"{op.equation.op} on {op.kind} has no denotation", op.equation.span)
    indices = [to_integer(I64, i) for i in op.operands[1 : 1 + axes]]
    new = op.operands[1 + axes :]
    outside = _outside(words[0], denote_type(op.result, op.real))
    if axes == 1:
        return Effect(apply("update" if new else "get", outside, array, indices[0], *new))
    inside = [c for axis, i in enumerate(indices) for c in _bounds(i, extent(array, axis))]
    value = _replaced(array, indices, new[0]) if new else t.app(entries(array), *indices)
    return Effect(apply("cond", every(inside), apply("ok", value), outside))


def _replaced(array: Term, indices: list[Term], new: Term) -> Term:
    """The array with another element at these indices."""
    places = tuple(t.var(f"%i{axis}", t.INT) for axis in range(len(indices)))
    here = every([apply("eq", i, place) for i, place in zip(indices, places, strict=True)])
    changed = apply("cond", here, new, t.app(entries(array), *places))
    return t.tup(*(extent(array, axis) for axis in range(len(indices))), t.lams(places, changed))


def _outside(word: str, value: t.Ty) -> Term:
    """What an index outside gives."""
    return t.const("op:undefined" if word == "undefined" else "trap", t.outcome_of(value))


def _bounds(i: Term, size: Term) -> tuple[Term, Term]:
    return apply("le", literals.int_lit(0), i), apply("lt", i, size)


def _elements(op: Operation, words: Words) -> Pure:
    """The array of the operands."""
    ty = op.result
    if not isinstance(ty, ArrayType):
        raise ProofError("HY7010", f"{op.equation.op} of {ty} has no denotation", op.equation.span)
    array = denote_type(ty, op.real)
    if len(ty.shape) > 1:
        return Pure((opaque(keyed("array", {}, ty.shape), op.operands, array),))
    items = t.const("nil", array)
    for x in reversed(op.operands):
        items = apply("cons", x, items)
    return Pure((items,))


def _progression(op: Operation, words: Words) -> Pure | Effect:
    found = range_of(op.operands)
    return Pure((found,)) if found.type.name == "list" else Effect(found)


def _when(op: Operation, words: Words) -> Pure:
    condition, xs = op.operands
    return Pure((apply("cond", condition, xs, t.const("nil", xs.type)),))


def _unit_axis(op: Operation, words: Words) -> Pure | None:
    """`expand` of a list to a matrix of one row or column, and `squeeze` of such a matrix to the list."""
    (array,), axis = op.operands, op.equation.attribute("axis")
    one, place = literals.int_lit(1), tuple(t.var(f"%i{k}", t.INT) for k in range(2))
    if array.type.name == "list":
        along = place[1 - (axis == 1)]
        whole = t.lams(place, apply("nth", array, along))
        sizes = (extent(array, 0), one) if axis == 1 else (one, extent(array, 0))
        return Pure((t.tup(*sizes, whole),))
    if rank(array.type) != 2 or op.equation.op != "squeeze":
        return None
    zero, i = literals.int_lit(0), place[0]
    element = t.app(entries(array), *((zero, i) if axis == 0 else (i, zero)))
    numbers = apply("indices", t.lam(i, i), apply("count", extent(array, 1 if axis == 0 else 0)))
    return Pure((apply("map", t.lam(i, element), numbers),))


def product(regions: Sequence[Term], operands: Sequence[Term], tested: bool) -> Pure | Effect:
    """The product of two matrices from an initial value; `tested` where their types do not say that it exists."""
    left, right, initial = operands
    value = apply("product", *regions, initial, left, right)
    if not tested:
        return Pure((value,))
    same = apply("eq", extent(left, 1), extent(right, 0))
    return Effect(apply("cond", same, apply("ok", value), _outside("trap", value.type)))


def _resized(op: Operation, words: Words) -> Effect | None:
    """`reshape.like` of one dimension."""
    xs, other = op.operands
    if rank(xs.type) != 1 or rank(other.type) != 1:
        return None
    same = apply("eq", apply("length", other), apply("length", xs))
    return Effect(apply("cond", same, apply("ok", xs), _outside("trap", xs.type)))


def _elements_at(op: Operation, words: Words) -> Effect | None:
    """`gather` of one dimension."""
    xs, indices = op.operands
    if rank(xs.type) != 1 or rank(indices.type) != 1:
        return None
    i, trap = t.var("%i", argument_type(indices.type)), _outside("trap", argument_type(xs.type))
    return Effect(apply("traverse", t.lam(i, apply("get", trap, xs, to_integer(I64, i))), indices))


def _tuple(op: Operation, words: Words) -> Pure:
    return Pure((tuple_of(op.operands),))


def _item(op: Operation, words: Words) -> Pure:
    index, ty = op.equation.attribute("index"), op.kind
    assert isinstance(index, int)
    count = len(ty.elements) if isinstance(ty, TupleType) else 0
    return Pure((untuple(op.operands[0], count)[index],))


def made_sizes(equation: Equation, makes: str) -> Iterator[list[int | str]]:
    """The sizes that an op makes, which the types of its terms do not show: numbers, or the places of their names."""
    if makes:
        kind = equation.results[0].type
        assert isinstance(kind, ArrayType)
        axis = equation.attribute("axis")
        made = [s for k, s in enumerate(kind.shape) if makes == "every axis" or k == axis]
        yield [made.index(s) if isinstance(s, str) else str(s) for s in made]


ARRAYS: Final[Mapping[str, tuple[Meaning, frozenset[str]]]] = {
    "size": (_size, frozenset({"axis"})),
    "element": (_element, frozenset()),
    "elements": (_elements, frozenset()),
    "progression": (_progression, frozenset()),
    "when": (_when, frozenset()),
    "resized": (_resized, frozenset()),
    "unit": (_unit_axis, frozenset({"axis"})),
    "gathered": (_elements_at, frozenset({"axis"})),
    "tuple": (_tuple, frozenset()),
    "item": (_item, frozenset({"index"})),
}
"""Of each word: what it means, and the attributes that its meaning reads."""
