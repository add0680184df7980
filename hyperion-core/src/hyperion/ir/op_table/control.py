"""Branches, loops, calls, and what goes over whole arrays; the parallel forms of loops."""

from __future__ import annotations

from collections.abc import Iterator

from hyperion.ir import bulk_rules, region_rules
from hyperion.ir.op_table.definition import OpDef
from hyperion.ir.scalars import TrapKind


def rows() -> Iterator[OpDef]:
    yield from _branches()
    yield from _loops()
    yield from _whole()
    yield from _parallel()
    yield from _pieces()


def _branches() -> Iterator[OpDef]:
    doc, control = "The yields of the region chosen; the other is not run.", "control"
    yield OpDef("if", "bool -> S", doc, region_rules.conditional, regions=("then", "else"), denotation=control)
    every: tuple[TrapKind, ...] = ("overflow", "zero-division", "index", "value", "inexact", "recursion")
    doc, rule = "The results of another function of the program.", region_rules.call
    yield OpDef("call", "S -> R", doc, rule, every, attributes=("callee",), diverges=True, denotation=control)
    doc = (
        "Whether the region has a value, and this value; where a step of it traps, false and the operands. What may "
        "run for ever has no place in the region."
    )
    yield OpDef("attempt", "S -> bool, S", doc, region_rules.attempted, regions=("body",), denotation="control")
    yield from _recursions()


def _recursions() -> Iterator[OpDef]:
    deep: tuple[TrapKind, ...] = ("recursion",)
    doc = (
        "The body at the operands, in which `self` is the body at other operands; 2**64 calls inside of each other "
        "trap, as does a stack that ends before. With `memo`, a call whose result is known does not run again."
    )
    rule = region_rules.recursion
    yield OpDef(
        "recurse",
        "S -> R",
        doc,
        rule,
        deep,
        attributes=("memo",),
        regions=("body",),
        denotation="control",
        inert=("memo",),
    )
    doc = "The results of the `recurse` around it at these operands."
    yield OpDef("self", "S -> R", doc, region_rules.itself, diverges=True, denotation="control")


def _loops() -> Iterator[OpDef]:
    value: tuple[TrapKind, ...] = ("value",)
    body, control = ("body",), "control"
    doc, rule = "Python's range(lo, hi, step) with carried values; step 0 traps.", region_rules.counted
    yield OpDef("for", "i64, i64, i64, S -> S", doc, rule, value, regions=body, denotation=control)
    yield OpDef(
        "while",
        "S -> S",
        "Runs the body while the condition yields true.",
        region_rules.repeated,
        regions=("condition", "body"),
        diverges=True,
        denotation=control,
    )
    doc = "The body on the elements of arrays of equal length, first to last; other lengths trap."
    arrays, rule = ("arrays",), region_rules.fold
    yield OpDef("fold", "T[n].., S -> S", doc, rule, value, attributes=arrays, regions=body, denotation=control)
    doc, rule = "The body on the elements at each place of arrays of one shape.", region_rules.map_elements
    yield OpDef("map", "T[n..].. -> U[n..]..", doc, rule, attributes=arrays, regions=body, denotation=control)
    doc = "As fold; the body yields the next state, then elements. Gives the last state, then arrays of the elements."
    rule = region_rules.scan
    yield OpDef("scan", "T[n].., S -> S, U[n]..", doc, rule, attributes=arrays, regions=body, denotation=control)
    doc = "An array of what the body yields for each index, in ascending row-major order; traps on a negative count."
    yield OpDef(
        "build",
        "i64.. -> T[p..]..",
        doc,
        region_rules.build,
        value,
        regions=body,
        denotation="opaque outcome",
        makes_sizes="every axis",
    )


def _whole() -> Iterator[OpDef]:
    doc = (
        "Over these axes in ascending row-major order from the unit of the monoid, an op such as add.wrap; a "
        "scalar where no axis is left. Traps where that op does."
    )
    traps: tuple[TrapKind, ...] = ("overflow",)
    attributes = ("axes", "monoid")
    meaning = "opaque outcome"
    yield OpDef("reduce", "T[n..] -> T[m..]", doc, bulk_rules.reduce, traps, attributes=attributes, denotation=meaning)
    doc = (
        "Axes: the batch axes, the other axes of the left, those of the right. Each element: acc = add(acc, mul(x, y)) "
        "from the initial value, over the contracted axes in ascending row-major order. Traps where contracted sizes "
        "differ."
    )
    yield OpDef(
        "contract",
        "T[n..], U[m..], A -> A[p..]",
        doc,
        bulk_rules.contract,
        ("value",),
        attributes=("left", "right", "batch_left", "batch_right"),
        regions=("mul", "add"),
        denotation="product | opaque outcome",
    )


def _parallel() -> Iterator[OpDef]:
    cuts = ("arrays", "lanes", "piece")
    doc = (
        "Pieces (see `pieces`) are summarised by R = lift(first), R = mul(lift(x), R), then s = act(R, s) in order. "
        "With a guard, a first result says whether the guard holds for every element. With `growing` the pieces "
        "are short at first, so many of one element: a search ends soon where `act` keeps a state that is final."
    )
    yield OpDef(
        "par.reduce",
        "T[n].., S -> (bool,) S",
        doc,
        region_rules.parallel_reduce,
        ("value",),
        attributes=(*cuts, "growing"),
        regions=("lift", "mul", "act", "guard"),
        optional_regions=1,
        denotation="control",
        total_regions=True,
    )
    doc = (
        "As scan, cut into pieces (see `pieces`): a piece starts in s = act(R, s) of the pieces before it, where R is "
        "their summary as in par.reduce, and runs `step` in order."
    )
    yield OpDef(
        "par.scan",
        "T[n].., S -> S, U[n]..",
        doc,
        region_rules.parallel_scan,
        attributes=cuts,
        regions=("step", "lift", "mul", "act"),
        denotation="control",
        total_regions=True,
    )
    doc = (
        "The products of all windows of w neighbours, each R = lift(first), R = mul(lift(next), R), in this order and "
        "in any brackets; w below 1 counts as 1. There are max(0, len - w + 1)."
    )
    yield OpDef(
        "par.windows",
        "T[n].., i64 -> M[p]..",
        doc,
        region_rules.parallel_windows,
        attributes=("arrays",),
        regions=("lift", "mul"),
        denotation="control",
        makes_sizes="every axis",
        total_regions=True,
    )
    doc = "k steps of one constant update, k = len(range(lo, hi, step)), by squaring: O(log k). Step 0 traps."
    yield OpDef(
        "par.power",
        "i64, i64, i64, S -> S",
        doc,
        region_rules.parallel_power,
        ("value",),
        regions=("lift", "mul", "act"),
        denotation="control",
        total_regions=True,
    )


def _pieces() -> Iterator[OpDef]:
    """The two passes of the parallel forms by themselves: each piece on its own, so that nothing is regrouped."""
    cuts = ("arrays", "lanes", "piece")
    doc = (
        "The summary of each piece (see `pieces`), as par.reduce makes it: R = lift(first), R = mul(lift(x), R). With "
        "a guard, a last result says whether the guard holds for every element."
    )
    yield OpDef(
        "pieces.summaries",
        "T[n].. -> R[p].. (, bool)",
        doc,
        region_rules.summaries_of_pieces,
        ("value",),
        attributes=cuts,
        regions=("lift", "mul", "guard"),
        optional_regions=1,
        denotation="opaque outcome",
        makes_sizes="every axis",
        total_regions=True,
    )
    doc = (
        "Runs `step` in order in each piece (see `pieces`) from the state given for it. Gives the states that leave "
        "the pieces, then arrays of the elements. Traps unless there is one state for each piece."
    )
    yield OpDef(
        "pieces.scan",
        "T[n].., S[p].. -> S[p].., U[n]..",
        doc,
        region_rules.scan_of_pieces,
        ("value",),
        attributes=cuts,
        regions=("step",),
        denotation="opaque outcome",
        total_regions=True,
    )
