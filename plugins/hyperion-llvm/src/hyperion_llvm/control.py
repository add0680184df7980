"""Control: if, for, while, fold and call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from hyperion.errors import CodegenError
from hyperion.ir.function import Equation, Region, walk
from hyperion_llvm import arrays, contracting, matrices, power, recursion, reduce, scan, separate, windows
from hyperion_llvm.leaving import exit_of
from hyperion_llvm.loops import BLOCK, Carried, Results, counted, is_heavy, range_length, taken, weight
from hyperion_llvm.lowering import Emitter, Lowering, Operand
from hyperion_llvm.ownership import Scope, loop_reads
from hyperion_llvm.sources import element_at
from hyperion_llvm.taken import TOOK_FALLBACK, note
from hyperion_llvm.text import element_of

PARALLEL = frozenset({"par.reduce", "par.scan", "par.windows", "par.power"})
SEQUENTIAL = frozenset({"for", "while", "fold", "scan", "recurse"})


def emitters() -> Mapping[str, Emitter]:
    """The lowering of every op that is not scalar, by name."""
    return {
        "len": arrays.length,
        "dim": arrays.length,
        "expand": matrices.unit_axis,
        "squeeze": matrices.unit_axis,
        "reshape": matrices.reshape,
        "transpose": matrices.transpose,
        "contract": contracting.contract,
        "get": arrays.get,
        "get.unchecked": arrays.get,
        "update": arrays.update,
        "update.unchecked": arrays.update,
        "fill": arrays.fill,
        "iota": arrays.iota,
        "progression": arrays.progression,
        "when": arrays.when,
        "gather": arrays.gather,
        "reshape.like": arrays.resize,
        "concat": arrays.concat,
        "slice": arrays.slice_,
        "reverse": arrays.reverse,
        "if": conditional,
        "attempt": attempted,
        "for": counted_for,
        "while": repeated,
        "fold": fold,
        "call": call,
        "recurse": recursion.recurse,
        "self": recursion.self_call,
        "map": scan.scan,
        "scan": scan.scan,
        "par.reduce": reduce.parallel_reduce,
        "par.scan": scan.parallel_scan,
        "par.windows": windows.parallel_windows,
        "par.power": power.parallel_power,
        "pieces.summaries": separate.summaries,
        "pieces.scan": separate.scan_pieces,
    }


def conditional(lowering: Lowering, equation: Equation) -> None:
    w = lowering.writer
    labels = (w.fresh("then"), w.fresh("else"))
    join = w.fresh("join")
    w.branch(lowering.scalar(equation.operands[0]), labels[0], labels[1])
    results = Results(lowering, equation.results)
    outer = lowering.scope
    mine = outer.givable()
    for label, region in zip(labels, equation.regions, strict=True):
        w.start(label)
        _note_fallback(lowering, region)
        lowering.equations(region.equations, lowering.child_scope(region, mine))
        results.store(taken(lowering, region.results))
        w.jump(join)
    lowering.scope = outer
    w.start(join)
    results.bind()
    then, otherwise = equation.regions
    lowering.ranges.join(equation, (then.results, otherwise.results))


_ATTEMPTED = frozenset({"if", "attempt", "for", "fold", "get", "len"})
"""Ops of several steps that may stand in an attempt: of what else ends a call, memory say, it could not tell a trap."""


def attempted(lowering: Lowering, equation: Equation) -> None:
    """The region in place, with traps that go on behind it."""
    w, (region,) = lowering.writer, equation.regions
    for inner in walk(region.equations):
        if inner.op in lowering.control and inner.op not in _ATTEMPTED:
            raise CodegenError("HY8004", f"{inner.op} cannot be in an attempt", inner.span)
    results = Results(lowering, equation.results)
    caught, join, around, outer = w.fresh("caught"), w.fresh("join"), w.caught, lowering.scope
    w.caught = caught
    lowering.equations(region.equations, lowering.child_scope(region))
    results.store(["true", *(lowering.scalar(v) for v in region.results)])
    w.caught, lowering.scope = around, outer
    w.jump(join)
    w.start(caught)
    results.store(["false", *(lowering.scalar(v) for v in equation.operands)])
    w.jump(join)
    w.start(join)
    results.bind()


def _note_fallback(lowering: Lowering, region: Region) -> None:
    """Notes at run time that a branch took the sequential form of a program that has a faster one."""
    if lowering.module.note_fallback and not lowering.loops:
        ops = set(reachable_ops(lowering, region))
        if ops & SEQUENTIAL and not ops & PARALLEL:
            note(lowering, TOOK_FALLBACK)


def reachable_ops(lowering: Lowering, region: Region) -> Iterator[str]:
    """The ops of a region and of the functions that it calls."""
    for equation in walk(region.equations):
        yield equation.op
        callee = lowering.module.program.functions.get(str(equation.attribute("callee")))
        if equation.op == "call" and callee is not None:
            yield from reachable_ops(lowering, Region((), callee.equations, callee.results))


def body(lowering: Lowering, carried: Carried, region: Region, leading: Sequence[Operand]) -> None:
    """One round of a loop: binds the parameters, lowers the equations, carries the yields."""
    outer = lowering.scope
    lowering.loops += 1
    lowering.scope = lowering.child_scope(region)
    scope = lowering.scope
    for parameter, operand in zip(region.parameters, leading, strict=False):
        lowering.bind(parameter, operand)
    carried.bind(region.parameters[len(leading) :])
    lowering.equations(region.equations, scope)
    carried.carry(region.results)
    lowering.loops -= 1
    lowering.scope = outer


def counted_for(lowering: Lowering, equation: Equation) -> None:
    low, high, step = (lowering.scalar(x) for x in equation.operands[:3])
    count = range_length(lowering, equation, low, high, step)
    region = equation.regions[0]
    carried = Carried(lowering, equation, equation.operands[3:], loop_reads(equation, lowering.viewed))

    def round_(index: str) -> None:
        w = lowering.writer
        value = w.set(f"add i64 {low}, {w.set(f'mul i64 {index}, {step}')}", "i")
        body(lowering, carried, region, [value])

    left = exit_of(lowering, region, 1, carried)
    counted(lowering, count, round_, is_heavy(equation.regions), weight(equation.regions), left)
    carried.bind(equation.results)


def fold(lowering: Lowering, equation: Equation) -> None:
    count = equation.attribute("arrays")
    assert isinstance(count, int)
    operands = equation.operands[:count]
    sources = [lowering.source(x) for x in operands]
    arrays.same_length(lowering, equation, sources)
    region = equation.regions[0]
    carried = Carried(lowering, equation, equation.operands[count:], loop_reads(equation, lowering.viewed))

    def round_(index: str) -> None:
        pairs = zip(operands, sources, strict=True)
        elements = [element_at(lowering.writer, element_of(x.type), a, index) for x, a in pairs]
        body(lowering, carried, region, elements)

    left = exit_of(lowering, region, count, carried)
    counted(lowering, sources[0].length, round_, is_heavy(equation.regions), weight(equation.regions), left)
    carried.bind(equation.results)


def repeated(lowering: Lowering, equation: Equation) -> None:
    w = lowering.writer
    condition, region = equation.regions
    carried = Carried(lowering, equation, equation.operands, loop_reads(equation, lowering.viewed))
    heavy = is_heavy(equation.regions)
    fuel = w.variable("i64", str(BLOCK), "rounds")
    head, inside, out = w.fresh("while"), w.fresh("body"), w.fresh("out")
    w.jump(head)
    w.start(head)
    w.branch(_condition(lowering, carried, condition), inside, out)
    w.start(inside)
    body(lowering, carried, region, [])
    cost = weight(equation.regions)
    if heavy:
        lowering.charge(str(cost))
    else:
        _count_round(lowering, fuel, cost)
    w.jump(head)
    w.start(out)
    if not heavy and lowering.loops:
        spent = w.set(f"sub i64 {BLOCK}, {w.load('i64', fuel)}")
        lowering.charge(w.set(f"mul i64 {spent}, {cost}"))
    carried.bind(equation.results)


def _condition(lowering: Lowering, carried: Carried, region: Region) -> str:
    outer = lowering.scope
    lowering.loops += 1
    lowering.scope = Scope.of(region.equations, region.results, (), lowering.viewed)
    scope = lowering.scope
    for parameter, operand in zip(region.parameters, carried.operands(), strict=True):
        lowering.values[parameter.name] = operand  # read only: the body gets the carried arrays
    lowering.equations(region.equations, scope)
    lowering.loops -= 1
    lowering.scope = outer
    return lowering.scalar(region.results[0])


def _count_round(lowering: Lowering, fuel: str, cost: int) -> None:
    """Counts in a register; charges a block of rounds at a time."""
    w = lowering.writer
    left = w.set(f"sub i64 {w.load('i64', fuel)}, 1")
    w.store("i64", left, fuel)
    spent, on = w.fresh("spent"), w.fresh("on")
    w.branch(w.set(f"icmp eq i64 {left}, 0", "c"), spent, on, rare=True)
    w.start(spent)
    w.store("i64", str(BLOCK), fuel)
    lowering.charge(str(BLOCK * cost))
    w.jump(on)
    w.start(on)


def call(lowering: Lowering, equation: Equation) -> None:
    w = lowering.writer
    name = str(equation.attribute("callee"))
    if name not in lowering.module.program.functions:
        raise CodegenError("HY8005", f"the function @{name} is not part of the program", equation.span)
    arguments = ["ptr %context", *lowering.passed(equation.operands)]
    results = Results(lowering, equation.results)
    arguments += [f"ptr {slot}" for slots in results.slots for slot in slots]
    if name in lowering.module.allocating:
        lowering.allocations += 1
    status = w.set(f"call i32 @{symbol(name)}({', '.join(arguments)})", "status")
    lowering.pass_on(status, lowering.module.sites_through(name, equation.span))
    results.bind()


def symbol(name: str) -> str:
    """The LLVM symbol of a function of the program."""
    return f'"hyperion.function.{name}"'
