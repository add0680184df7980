"""Random uses of tuples and of the ops on whole arrays, for `random_program(everything=True)`.

A form returns the values that it made: none where the values so far do not fit it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from hyperion.ir.block_builder import RegionBuilder
from hyperion.ir.function import Value
from hyperion.ir.monoids import MONOIDS, monoid
from hyperion.ir.type_rules import is_sorted
from hyperion.ir.types import BOOL, I64, ArrayType, IntType, TupleType, Type, is_scalar

if TYPE_CHECKING:
    from hyperion.testing.random_programs import Generator

Values = tuple[Value, ...]
Form = Callable[["Generator"], Values]


def _array(g: Generator) -> tuple[Value, ArrayType]:
    value = g.random.choice(g.arrays(None))
    assert isinstance(value.type, ArrayType)
    return value, value.type


def _alike(g: Generator, kind: ArrayType) -> list[Value]:
    """The arrays of that shape."""
    return [v for v in g.arrays(None) if isinstance(v.type, ArrayType) and v.type.shape == kind.shape]


def _axes(g: Generator, rank: int) -> tuple[int, ...]:
    return tuple(g.random.sample(range(rank), g.random.randrange(rank + 1)))


def _sizes(g: Generator, array: Value, kind: ArrayType) -> list[Value]:
    return [g.builder.op("dim", array, attributes=(("axis", axis),)) for axis in range(len(kind.shape))]


def _scalar(g: Generator) -> Value:
    return g.any(g.random.choice(g.scalars)) or g.constant(g.random.choice(g.scalars))


def _scalars(g: Generator, least: int = 1) -> list[Type]:
    return [g.random.choice(g.scalars) for _ in range(g.random.randrange(least, 3))]


def _body(g: Generator, parameters: Sequence[Type], results: Sequence[Type]) -> RegionBuilder:
    with g.builder.region(*(("e", kind) for kind in parameters)) as block:
        g.fill(block, list(results))
    return block


# Tuples and elements


def _tuple(g: Generator) -> Values:
    return (g.builder.op("tuple", *g.random.choices(g.scope, k=g.random.randrange(1, 4))),)


def _item(g: Generator) -> Values:
    found = [v for v in g.scope if isinstance(v.type, TupleType) and v.type.elements]
    if not found:
        return ()
    value = g.random.choice(found)
    assert isinstance(value.type, TupleType)
    index = g.random.randrange(len(value.type.elements))
    return (g.builder.op("item", value, attributes=(("index", index),)),)


def _element(g: Generator) -> Values:
    array, kind = _array(g)
    return g.builder.equation("get", (array, *(g.small(0, 2) for _ in kind.shape)))


def _updated(g: Generator) -> Values:
    array, kind = _array(g)
    value = g.any(kind.element) or g.constant(kind.element)
    return g.builder.equation("update", (array, *(g.small(0, 2) for _ in kind.shape), value))


def _size(g: Generator) -> Values:
    array, kind = _array(g)
    return tuple(_sizes(g, array, kind))


# New arrays


def _filled(g: Generator) -> Values:
    return (g.builder.fill([g.small(0, 4) for _ in range(g.random.randrange(1, 3))], _scalar(g)),)


def _literal(g: Generator) -> Values:
    kind = g.random.choice(g.scalars)
    shape = g.random.choice(((2,), (3,), (2, 2), (1, 3)))
    count = shape[0] * (shape[1] if len(shape) > 1 else 1)
    return (g.builder.array([g.any(kind) or g.constant(kind) for _ in range(count)], shape),)


def _counted(g: Generator) -> Values:
    return (g.builder.iota(g.small(-1, 5), g.random.choice([t for t in g.scalars if isinstance(t, IntType)])),)


# Elements in other places


def _ranged(g: Generator) -> Values:
    step = g.small(1, 3) if g.random.random() < 0.8 else g.small(-2, 1)
    return (g.builder.progression(g.small(), g.small(-2, 8), step),)


def _whether(g: Generator) -> Values:
    numbers = g.builder.progression(g.small(), g.small(), g.small(1, 2))
    return (g.builder.when(g.any(BOOL) or g.constant(BOOL), numbers),)


def _sliced(g: Generator) -> Values:
    array, kind = _array(g)
    bounds = [(g.small(0, 2), size) for size in _sizes(g, array, kind)]
    steps = tuple(g.random.randrange(1, 3) for _ in bounds) if g.random.random() < 0.5 else ()
    return (g.builder.slice(array, bounds, steps),)


def _reversed(g: Generator) -> Values:
    array, kind = _array(g)
    return (g.builder.reverse(array, _axes(g, len(kind.shape))),)


def _transposed(g: Generator) -> Values:
    array, kind = _array(g)
    return (g.builder.transpose(array, g.random.sample(range(len(kind.shape)), len(kind.shape))),)


def _broadcast(g: Generator) -> Values:
    like, shape = _array(g)
    if g.random.random() < 0.3:
        return (g.builder.broadcast(_scalar(g), like),)
    array, kind = _array(g)
    axes = g.random.sample(range(len(shape.shape)), min(len(kind.shape), len(shape.shape)))
    return (g.builder.broadcast(array, like, axes),)


def _reshaped(g: Generator) -> Values:
    array, kind = _array(g)
    sizes = [*_sizes(g, array, kind), g.builder.const(1, I64)]
    g.random.shuffle(sizes)
    return (g.builder.reshape(array, sizes[: g.random.choice((len(sizes), len(sizes), 1))]),)


def _alike_reshaped(g: Generator) -> Values:
    (array, _), (like, _) = _array(g), _array(g)
    return (g.builder.op("reshape.like", array, like),)


def _one_more(g: Generator) -> Values:
    array, kind = _array(g)
    axis = g.random.randrange(len(kind.shape) + 1)
    more = g.builder.expand(array, axis)
    if g.random.random() < 0.5:
        return (more,)
    return (more, g.builder.squeeze(g.builder.transpose(more, _turned(axis, len(kind.shape) + 1)), 0))


def _turned(axis: int, rank: int) -> list[int]:
    """The axes with this one first."""
    return [axis, *(k for k in range(rank) if k != axis)]


def _joined(g: Generator) -> Values:
    array, kind = _array(g)
    axis = g.random.randrange(len(kind.shape))
    others = [v for v in g.arrays(len(kind.shape)) if isinstance(v.type, ArrayType) and v.type.element == kind.element]
    return (g.builder.concat([array, *g.random.choices(others, k=g.random.randrange(3))], axis),)


def _indices(g: Generator, array: Value, axis: int) -> Value:
    """Mostly every index of the axis, so that few programs trap."""
    found = [v for v in g.arrays(None) if isinstance(v.type, ArrayType) and v.type.element == I64]
    if found and g.random.random() < 0.3:
        return g.random.choice(found)
    every = g.builder.iota(g.builder.op("dim", array, attributes=(("axis", axis),)))
    return g.builder.reverse(every) if g.random.random() < 0.5 else every


def _gathered(g: Generator) -> Values:
    array, kind = _array(g)
    axis = g.random.randrange(len(kind.shape))
    return (g.builder.gather(array, _indices(g, array, axis), axis),)


def _scattered(g: Generator) -> Values:
    array, kind = _array(g)
    axis = g.random.randrange(len(kind.shape))
    indices = _indices(g, array, axis)
    values = g.builder.gather(array, indices, axis)
    element = kind.element
    combine = _body(g, (element, element), (element,)) if g.random.random() < 0.5 else None
    return (g.builder.scatter(array, indices, values, axis, combine),)


def _sorted(g: Generator) -> Values:
    array, kind = _array(g)
    if not is_sorted(kind.element):
        return ()
    values = g.random.choices(_alike(g, kind), k=g.random.randrange(3))
    axis = g.random.randrange(len(kind.shape))
    return g.builder.sort(array, *values, axis=axis, descending=g.random.random() < 0.5)


def _reduced(g: Generator) -> Values:
    array, kind = _array(g)
    monoids = [op for op in MONOIDS if monoid(op, kind.element) is not None]
    return (g.builder.reduce(array, g.random.choice(monoids), _axes(g, len(kind.shape))),) if monoids else ()


# With regions


def _contracted(g: Generator) -> Values:
    (left, a), (right, b) = _array(g), _array(g)
    pairs = [(i, j) for i, s in enumerate(a.shape) for j, r in enumerate(b.shape) if s == r]
    g.random.shuffle(pairs)
    chosen: list[tuple[int, int]] = []
    for i, j in pairs:
        if all(i != p and j != q for p, q in chosen):
            chosen.append((i, j))
    cut = g.random.randrange(len(chosen) + 1)
    if (
        cut == len(chosen) == 0
        and g.random.random() < 0.3
        and any(isinstance(s, str) for s in (a.shape[-1], b.shape[0]))
    ):
        chosen, cut = [(len(a.shape) - 1, 0)], 1  # compared at run time
    sums, batch = ((tuple(i for i, _ in part), tuple(j for _, j in part)) for part in (chosen[:cut], chosen[cut:]))
    product, initial = g.random.choice(g.scalars), _scalar(g)
    multiply = _body(g, (a.element, b.element), (product,))
    add = _body(g, (initial.type, product), (initial.type,))
    return (g.builder.contract(left, right, initial, (multiply, add), sums, batch),)


def _mapped(g: Generator) -> Values:
    _, kind = _array(g)
    chosen = g.random.choices(_alike(g, kind), k=g.random.randrange(1, 3))
    elements = [v.type.element for v in chosen if isinstance(v.type, ArrayType)]
    return g.builder.map(chosen, _body(g, elements, _scalars(g)))


def _scanned(g: Generator) -> Values:
    vectors = g.arrays(1)
    if not vectors:
        return ()
    kind = g.random.choice(vectors).type
    assert isinstance(kind, ArrayType)
    chosen = g.random.choices(_alike(g, kind), k=g.random.randrange(1, 3))
    elements = [v.type.element for v in chosen if isinstance(v.type, ArrayType)]
    state = g.carried()
    types = [v.type for v in state]
    return g.builder.scan(chosen, state, _body(g, [*elements, *types], [*types, *_scalars(g, 0)]))


def _built(g: Generator) -> Values:
    rank = g.random.randrange(1, 3)
    body = _body(g, (I64,) * rank, _scalars(g))
    return g.builder.build_([g.small(0, 4) for _ in range(rank)], body)


def _stepped(g: Generator) -> Values:
    """A fold whose state is an array or a tuple."""
    vectors = g.arrays(1)
    carried = [v for v in g.scope if not is_scalar(v.type)]
    if not vectors or not carried:
        return ()
    array, state = g.random.choice(vectors), g.random.choice(carried)
    assert isinstance(array.type, ArrayType)
    with g.builder.region(("e", array.type.element), ("s", state.type)) as block:
        g.fill(block, [])
        block.yields(g.any(state.type) or block.parameters[1])
    return g.builder.fold([array], [state], block)


FORMS: tuple[Form, ...] = (
    _tuple, _item, _element, _updated, _size, _filled, _literal, _counted, _ranged, _whether, _sliced, _reversed,
    _transposed, _broadcast, _reshaped, _alike_reshaped, _one_more, _joined, _gathered, _sorted, _reduced,
)  # fmt: skip
LOOPS: tuple[Form, ...] = (_scattered, _contracted, _mapped, _scanned, _built, _stepped)
