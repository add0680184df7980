"""par.power: a constant update repeated k times, by squaring."""

from __future__ import annotations

from hyperion.ir.function import Equation
from hyperion_llvm.loops import range_length
from hyperion_llvm.lowering import Lowering
from hyperion_llvm.taken import TOOK_POWER, note
from hyperion_llvm.text import scalar_type


def parallel_power(lowering: Lowering, equation: Equation) -> None:
    w = lowering.writer
    low, high, step = (lowering.scalar(x) for x in equation.operands[:3])
    steps = w.variable("i64", range_length(lowering, equation, low, high, step), "k")
    note(lowering, TOOK_POWER)
    lift, multiply, act = equation.regions
    summary_types = [scalar_type(v.type) for v in lift.results]
    state_types = [scalar_type(v.type) for v in equation.results]
    summary = [w.variable(t, v, "m") for t, v in zip(summary_types, lowering.total(lift, []), strict=True)]
    inits = [lowering.scalar(x) for x in equation.operands[3:]]
    state = [w.variable(t, v) for t, v in zip(state_types, inits, strict=True)]
    labels = [w.fresh(x) for x in ("bits", "bit", "apply", "next", "square", "out")]
    head, bit, apply, after, square, out = labels
    w.jump(head)
    w.start(head)
    k = w.load("i64", steps, "k")
    w.branch(w.set(f"icmp ne i64 {k}, 0", "c"), bit, out)
    w.start(bit)
    now = [w.load(t, s) for t, s in zip(summary_types, summary, strict=True)]
    w.branch(w.set(f"trunc i64 {k} to i1", "c"), apply, after)
    w.start(apply)
    before = [w.load(t, s) for t, s in zip(state_types, state, strict=True)]
    for kind, value, slot in zip(state_types, lowering.total(act, now + before), state, strict=True):
        w.store(kind, value, slot)
    w.jump(after)
    w.start(after)
    left = w.set(f"lshr i64 {k}, 1")
    w.store("i64", left, steps)
    w.branch(w.set(f"icmp ne i64 {left}, 0", "c"), square, out)
    w.start(square)
    for kind, value, slot in zip(summary_types, lowering.total(multiply, now + now), summary, strict=True):
        w.store(kind, value, slot)
    w.jump(head)
    w.start(out)
    for value, kind, slot in zip(equation.results, state_types, state, strict=True):
        lowering.bind(value, w.load(kind, slot))
