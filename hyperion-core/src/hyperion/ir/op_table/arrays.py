"""Literals, tuples, arrays and what moves their elements. Arrays are values: an update gives a new one.

An op that makes a size takes it from the declared type: a new name, or a number that the size must then equal.
"""

from __future__ import annotations

from collections.abc import Iterator

from hyperion.ir import array_rules, bulk_rules, shape_rules, type_rules
from hyperion.ir.op_table.definition import OpDef
from hyperion.ir.scalars import TrapKind


def rows() -> Iterator[OpDef]:
    doc = "The literal in the attribute `value`: an int, a bool, or the `float.hex` of a float."
    rule = type_rules.constant
    yield OpDef("const", "() -> T", doc, rule, attributes=("value",), denotation="constant")
    yield from _tuples()
    yield from _elements()
    yield from _new()
    yield from _moved()
    yield from _indexed()


def _tuples() -> Iterator[OpDef]:
    yield OpDef("tuple", "A, B.. -> (A, B..)", "The values as one.", array_rules.make_tuple, denotation="tuple")
    doc, rule = "The value at place `index` of a tuple.", array_rules.item
    yield OpDef("item", "(A, B..) -> A", doc, rule, attributes=("index",), denotation="item")


def _elements() -> Iterator[OpDef]:
    length, dimension = array_rules.length, array_rules.dimension
    yield OpDef("len", "T[n..] -> i64 | int", "The size of axis 0.", length, denotation="size")
    yield OpDef(
        "dim", "T[n..] -> i64", "The size of the axis `axis`.", dimension, attributes=("axis",), denotation="size"
    )
    traps: tuple[TrapKind, ...] = ("index",)
    get, update, checked, free = array_rules.get, array_rules.update, "element trap", "element undefined"
    doc = "The element at these indices, one for each axis; traps unless 0 <= index < size."
    yield OpDef("get", "T[n..], i64.. -> T", doc, get, traps, denotation=checked)
    doc = "A new array with the element at these indices replaced; traps unless 0 <= index < size."
    yield OpDef("update", "T[n..], i64.., T -> T[n..]", doc, update, traps, denotation=checked)
    doc = "As get, but what happens unless 0 <= index < size is undefined: compiled only with a theorem."
    signature = "T[n..], i64.. -> T"
    yield OpDef("get.unchecked", signature, doc, get, denotation=free, unchecked=True)
    doc = "As update, but what happens unless 0 <= index < size is undefined: compiled only with a theorem."
    signature = "T[n..], i64.., T -> T[n..]"
    yield OpDef("update.unchecked", signature, doc, update, denotation=free, unchecked=True)


def _new() -> Iterator[OpDef]:
    traps: tuple[TrapKind, ...] = ("value",)
    doc = "That many copies in each axis; traps on a negative count."
    yield _maker("fill", "i64.., T -> T[p..]", doc, array_rules.fill, traps)
    doc = "The operands in row-major order; the sizes are numbers."
    yield OpDef("array", "T.. -> T[2, 3]", doc, array_rules.literal_array, denotation="elements")
    doc = "0, 1, .. count - 1; traps on a negative count, and where the last does not fit T."
    yield _maker("iota", "i64 -> T[m]", doc, array_rules.iota, ("value", "overflow"))
    doc, rule = "Python's range(lo, hi, step) as an array, whose size is a name; step 0 traps.", array_rules.progression
    signature, every = "i64, i64, i64 -> i64[m]", "every axis"
    yield OpDef("progression", signature, doc, rule, traps, denotation="progression", makes_sizes=every)
    doc, rule = "The array where the condition holds, else one without elements; the size is a name.", array_rules.when
    yield OpDef("when", "bool, T[n] -> T[m]", doc, rule, denotation="when", makes_sizes=every)


def _maker(name: str, signature: str, doc: str, rule: type_rules.TypeRule, traps: tuple[TrapKind, ...]) -> OpDef:
    return OpDef(name, signature, doc, rule, traps, denotation="opaque outcome", makes_sizes="every axis")


def _moved() -> Iterator[OpDef]:
    doc = (
        "In each axis the elements lo, lo + step, .. below hi; traps unless 0 <= lo <= hi <= size. Steps are 1 or more."
    )
    yield OpDef(
        "slice",
        "T[n..], (i64, i64).. -> T[p..]",
        doc,
        shape_rules.reslice,
        ("index", "value"),
        attributes=("steps",),
        denotation="opaque outcome",
        makes_sizes="every axis",
    )
    doc = "The elements of these axes in the opposite order."
    yield OpDef("reverse", "T[n..] -> T[n..]", doc, shape_rules.reverse, attributes=("axes",))
    doc = "Axis k of the result is axis permutation[k] of the operand."
    yield OpDef("transpose", "T[n..] -> T[m..]", doc, shape_rules.transpose, attributes=("permutation",))
    doc = "Axis k of the first operand (a scalar has none) becomes axis axes[k] of the shape of the second."
    yield OpDef("broadcast", "T[n..], U[p..] -> T[p..]", doc, shape_rules.broadcast, attributes=("axes",))
    doc = "The elements in row-major order in a new shape; traps where the numbers of elements differ."
    yield _maker("reshape", "T[n..], i64.. -> T[p..]", doc, shape_rules.reshape, ("value",))
    doc = "The elements in row-major order in the shape of the second; traps where the numbers of elements differ."
    rule, meaning = shape_rules.reshape_like, "resized | opaque outcome"
    yield OpDef("reshape.like", "T[n..], U[p..] -> T[p..]", doc, rule, ("value",), denotation=meaning)
    doc = "The same elements with one axis more, `axis`, which has the size 1."
    rule, meaning = shape_rules.expand, "unit axis | opaque"
    yield OpDef("expand", "T[n..] -> T[m..]", doc, rule, attributes=("axis",), denotation=meaning)
    doc, rule = "The same elements without the axis `axis`, whose size is 1 by its type.", shape_rules.squeeze
    yield OpDef("squeeze", "T[n..] -> T[m..]", doc, rule, attributes=("axis",), denotation=meaning)
    doc = "The operands one after the other along `axis`; traps where a declared number is not the size."
    yield OpDef(
        "concat",
        "T[n..].. -> T[k..]",
        doc,
        shape_rules.concat,
        ("value",),
        attributes=("axis",),
        denotation="opaque outcome",
        makes_sizes="the axis",
    )


def _indexed() -> Iterator[OpDef]:
    traps: tuple[TrapKind, ...] = ("index",)
    doc = "The slices at these indices of `axis`, in the shape of the indices; traps unless 0 <= index < size."
    signature, opaque = "T[n..], i64[p..] -> T[p..]", "opaque outcome"
    meaning = f"gathered | {opaque}"
    yield OpDef("gather", signature, doc, shape_rules.gather, traps, attributes=("axis",), denotation=meaning)
    doc = (
        "A new array with slice k of the values put at index k of `axis`, in order: each element becomes the new one, "
        "or what the region makes of the old and the new one. Traps unless 0 <= index < size."
    )
    yield OpDef(
        "scatter",
        "T[n..], i64[k], T[k..] -> T[n..]",
        doc,
        bulk_rules.scatter,
        traps,
        attributes=("axis",),
        regions=("combine",),
        optional_regions=1,
        denotation=opaque,
    )
    doc = (
        "All operands in the order of the first, the keys, along `axis`: stable, -0 = +0, NaN last, descending where "
        "that attribute is true."
    )
    yield OpDef("sort", "K[n..], T[n..].. -> K[n..], T[n..]..", doc, bulk_rules.sort, attributes=("axis", "descending"))
