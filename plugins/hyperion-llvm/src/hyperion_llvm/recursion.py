"""Recursions: the body is a function of its own, which calls itself.

    i32 body(ptr context, i64 floor, ptr memo, captured.., parameters.., results..)

A call whose stack frame lies below the address `floor` leaves with a trap, so that a recursion without end is an error
and never a crash. Where the last thing a call does is to call itself, it starts again instead; how often is bounded as
well. With `memo`, results are kept by their arguments (`hyperion_llvm.memo`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from hyperion.ir.function import Equation, Function, Region, Value, walk
from hyperion_llvm import memo
from hyperion_llvm.loops import Results, release
from hyperion_llvm.lowering import Lowering
from hyperion_llvm.ownership import Scope
from hyperion_llvm.ranges import Ranges
from hyperion_llvm.text import literal, scalar_type

MOST_RESTARTS = 1 << 28
"""How often a call may start again in its own frame; plain Python ends after a thousand calls."""
_NO_TAIL_CALLS = '"disable-tail-calls"="true"'  # LLVM would make an endless loop that the stack does not end


@dataclass(slots=True)
class Recursion:
    """The recursion that a function is the body of."""

    symbol: str
    captured: tuple[str, ...]
    memo: memo.Memo | None
    tails: frozenset[str]  # first results of the calls that are the last thing a call does
    head: str = ""
    slots: tuple[str, ...] = ()
    left: str = ""  # the slot with how many restarts are left
    site: int = 0
    parameters: tuple[Value, ...] = field(default=())


def recurse(lowering: Lowering, equation: Equation) -> None:
    """Writes the body as a function, and calls it."""
    w, (region,) = lowering.writer, equation.regions
    captured = tuple(captured_by(region))
    name = f"{lowering.function.name}.recursion.{len(lowering.module.functions)}"
    kept = memo.of(name, region) if equation.attribute("memo") and memo.fits(region) else None
    _write_body(lowering, name, equation, captured, kept)
    operands = [lowering.scalar(v) for v in equation.operands]
    table = "null" if kept is None else memo.new_table(w, kept, operands)
    floor = w.set("call i64 @hyperion.floor()", "floor")
    arguments = [f"ptr %context, i64 {floor}, ptr {table}", *lowering.passed(captured)]
    arguments += [f"{scalar_type(v.type)} {x}" for v, x in zip(equation.operands, operands, strict=True)]
    results = Results(lowering, equation.results)
    arguments += [f"ptr {slot}" for slots in results.slots for slot in slots]
    status = w.set(f"call i32 @{_symbol(name)}({', '.join(arguments)})", "status")
    if kept is not None:
        memo.free_table(w, table)
    lowering.pass_on(status)
    results.bind()


def self_call(lowering: Lowering, equation: Equation) -> None:
    around = lowering.recursion
    assert isinstance(around, Recursion)
    w = lowering.writer
    operands = [lowering.scalar(v) for v in equation.operands]
    if equation.results and equation.results[0].name in around.tails:
        _restart(lowering, around, operands)
        for value in equation.results:  # of a block that nothing reaches
            lowering.bind(value, literal(value.type, 0))
        return
    results = Results(lowering, equation.results)
    arguments = ["ptr %context", "i64 %floor", "ptr %memo", *around.captured]
    arguments += [f"{scalar_type(v.type)} {x}" for v, x in zip(equation.operands, operands, strict=True)]
    arguments += [f"ptr {slot}" for slots in results.slots for slot in slots]
    lowering.pass_on(w.set(f"call i32 @{around.symbol}({', '.join(arguments)})", "status"))
    results.bind()


def _restart(lowering: Lowering, around: Recursion, operands: Sequence[str]) -> None:
    w = lowering.writer
    left = w.set(f"sub i64 {w.load('i64', around.left)}, 1")
    w.store("i64", left, around.left)
    w.leave_if(w.set(f"icmp slt i64 {left}, 0", "c"), str(around.site))
    for parameter, operand, slot in zip(around.parameters, operands, around.slots, strict=True):
        w.store(scalar_type(parameter.type), operand, slot)
    w.jump(around.head)
    w.start(w.fresh("unreached"))


def _write_body(
    outer: Lowering, name: str, equation: Equation, captured: tuple[Value, ...], kept: memo.Memo | None
) -> None:
    module, (region,) = outer.module, equation.regions
    function = Function(name, (*captured, *region.parameters), region.equations, region.results, equation.span)
    lowering = Lowering(module, function, outer.control)
    lowering.ranges = Ranges({k: v for k, v in outer.ranges.known.items() if k in {c.name for c in captured}})
    lowering.loops = 1
    w = lowering.writer
    parameters = ["ptr noalias %context", "i64 %floor", "ptr %memo"]
    given = lowering.received(captured)
    lowering.scope.mine.clear()  # arrays of the scopes around are read only
    parameters += given
    own = [f"%p{i}" for i in range(len(region.parameters))]
    parameters += [f"{scalar_type(v.type)} {x}" for v, x in zip(region.parameters, own, strict=True)]
    results = [f"%r{i}" for i in range(len(region.results))]
    parameters += [f"ptr noalias {r}" for r in results]
    tails = frozenset(tail_calls(region)) if kept is None else frozenset[str]()
    around = Recursion(_symbol(name), tuple(given), kept, tails, site=module.site("recursion", equation.span))
    around.parameters = region.parameters
    lowering.recursion = around
    frame = w.set("call ptr @llvm.frameaddress.p0(i32 0)", "frame")
    low = w.set(f"icmp ult i64 {w.set(f'ptrtoint ptr {frame} to i64')}, %floor", "c")
    w.leave_if(low, str(around.site))
    _begin(lowering, around, own)
    lowering.charge("1")
    mark = w.load("ptr", "%context", "mark")
    if kept is not None:
        memo.look_up(w, kept, own, results)
    lowering.equations(region.equations, Scope.of(region.equations, region.results, (), lowering.viewed))
    values = [lowering.scalar(v) for v in region.results]
    for v, value, place in zip(region.results, values, results, strict=True):
        w.store(scalar_type(v.type), value, place)
    if lowering.allocations:
        release(lowering, mark, [])
    if kept is not None:
        failed = memo.insert(w, kept, own, values)
        w.leave_if(failed, str(module.site("memory", equation.span)))
        module.functions.append(memo.functions(kept))
    w.emit("ret i32 0")
    header = f"define internal i32 @{_symbol(name)}({', '.join(parameters)}) #0 {_NO_TAIL_CALLS} {{"
    module.functions.append("\n".join([header, *w.body(), "}"]))


def _begin(lowering: Lowering, around: Recursion, own: Sequence[str]) -> None:
    """Binds the parameters; where calls restart, what they are is in slots."""
    w = lowering.writer
    if not around.tails:
        for parameter, operand in zip(around.parameters, own, strict=True):
            lowering.bind(parameter, operand)
        return
    around.left = w.variable("i64", str(MOST_RESTARTS), "restarts")
    pairs = list(zip(around.parameters, own, strict=True))
    around.slots = tuple(w.variable(scalar_type(p.type), x, "p") for p, x in pairs)
    around.head = w.fresh("again")
    w.jump(around.head)
    w.start(around.head)
    for parameter, slot in zip(around.parameters, around.slots, strict=True):
        lowering.bind(parameter, w.load(scalar_type(parameter.type), slot))


def captured_by(region: Region) -> Iterator[Value]:
    """The values of the scopes around that the region reads, each once."""
    inside = {p.name for p in region.parameters}
    for e in walk(region.equations):
        inside |= {r.name for r in e.results} | {p.name for r in e.regions for p in r.parameters}
    read = [v for e in walk(region.equations) for v in (*e.operands, *(x for r in e.regions for x in r.results))]
    yield from dict.fromkeys(v for v in (*read, *region.results) if v.name not in inside)


def tail_calls(region: Region) -> Iterator[str]:
    """The first results of the calls of the body that give its results as they are, at the end of a branch."""
    if not region.equations or not region.results:
        return
    last = region.equations[-1]
    if last.results != region.results:
        return
    if last.op == "self":
        yield last.results[0].name
    elif last.op == "if":
        for branch in last.regions:
            yield from tail_calls(branch)


def _symbol(name: str) -> str:
    return f'"hyperion.function.{name}"'
