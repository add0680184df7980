"""A whole program as one LLVM module in text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hyperion.errors import CodegenError
from hyperion.ir.function import Function, Program, walk
from hyperion.ir.types import ArrayType
from hyperion_llvm import support
from hyperion_llvm.control import PARALLEL, emitters, symbol
from hyperion_llvm.forms import check_forms
from hyperion_llvm.loops import release
from hyperion_llvm.lowering import Lowering, ModuleState, Site, scalar_emitters
from hyperion_llvm.ownership import Scope
from hyperion_llvm.sources import size_names
from hyperion_llvm.target import TargetSpec
from hyperion_llvm.text import scalar_type


@dataclass(frozen=True, slots=True)
class ModuleText:
    """LLVM IR of a program and what its caller must know.

    `kernel` is the symbol of the entry function:
    `i32 kernel(ptr context, arguments..., results...)`; an array is its data and its sizes as arguments and as results,
    results are written through pointers. The status is 0, the number of a site of `sites` that trapped or had no
    memory, or `support.INTERRUPTED`. The runtime provides `i32 hyperion_poll()` (0, or `support.INTERRUPTED`: stop),
    `i64 hyperion_stack_floor()` (see `recursion`) and, if `uses_pool`, `i32 hyperion_parallel(ptr function, ptr job,
    i64 count)`, which gives the same. Where
    one of the two was called, the notes of the context have the bit `support.LOOKED`. Results whose numbers are
    `offered` lie where the context says that the caller has memory of just their size.
    """

    text: str
    kernel: str
    sites: tuple[Site, ...]
    uses_pool: bool
    parallel: bool
    logarithmic: bool
    offered: frozenset[int] = frozenset()


def write_module(program: Program, target: TargetSpec) -> ModuleText:
    """Writes every function of the program that the entry reaches, callees first. Raises `CodegenError` (HY80xx)."""
    ops = {e.op for f in program.functions.values() for e in walk(f.equations)}
    module = ModuleState(program, target, note_fallback=bool(ops & PARALLEL))
    order = list(call_order(program))
    for function in order:
        _located(module, function)
    header = [
        f'target triple = "{target.triple}"',
        "declare i32 @hyperion_parallel(ptr, ptr, i64)" if module.uses_pool else "",
        support.TEXT,
        support.OFFERS if module.offered else "",
    ]
    footer = [f"attributes #0 = {{ {target.attributes()} }}", '!0 = !{!"branch_weights", i32 1, i32 4000}']
    text = "\n".join([*header, *module.functions, *footer, ""])
    kernel = symbol(program.entry)
    shared = bool(ops & {"par.reduce", "par.scan", "par.windows", "pieces.summaries", "pieces.scan"})
    offered, power = frozenset(module.offered), "par.power" in ops
    return ModuleText(text, kernel, tuple(module.sites), module.uses_pool, shared, power, offered)


def call_order(program: Program) -> Iterator[Function]:
    """The functions that the entry reaches, each after those it calls."""
    done: set[str] = set()
    stack: list[tuple[str, Iterator[str]]] = [(program.entry, _callees(program, program.entry))]
    while stack:
        name, callees = stack[-1]
        callee = next((c for c in callees if c not in done), None)
        if callee is None:
            stack.pop()
            done.add(name)
            yield program.functions[name]
        elif any(callee == open_ for open_, _ in stack):
            raise CodegenError("HY8005", f"@{callee} calls itself", hints=["write the recursion as a loop"])
        else:
            stack.append((callee, _callees(program, callee)))


def _callees(program: Program, name: str) -> Iterator[str]:
    if name not in program.functions:
        raise CodegenError("HY8005", f"the function @{name} is not part of the program")
    calls = (e for e in walk(program.functions[name].equations) if e.op == "call")
    return iter([str(e.attribute("callee")) for e in calls])


def _located(module: ModuleState, function: Function) -> None:
    try:
        write_function(module, function)
    except CodegenError as error:
        if error.span is None:
            error.span = function.span
        error.notes = (*error.notes, f"while compiling @{function.name}")
        raise


def write_function(module: ModuleState, function: Function) -> None:
    control = emitters()
    check_forms(function, {"const", *control, *scalar_emitters()})
    first = len(module.sites)
    lowering = Lowering(module, function, control)
    w = lowering.writer
    parameters = ["ptr noalias %context", *lowering.received(function.parameters, "ptr readonly")]
    mark = w.load("ptr", "%context", "mark")
    lowering.equations(function.equations, Scope.of(function.equations, function.results, (), lowering.viewed))
    parameters += _results(lowering, function, mark)
    if lowering.allocations:
        module.allocating.add(function.name)
    w.emit("ret i32 0")
    module.sites_of[function.name] = range(first, len(module.sites))
    header = f"define internal i32 @{symbol(function.name)}({', '.join(parameters)}) #0 {{"
    module.functions.append("\n".join([header, *w.body(), "}"]))


def _results(lowering: Lowering, function: Function, mark: str) -> list[str]:
    """Stores the results; frees every other array of the call. Gives the parameters that point to the results."""
    w = lowering.writer
    parameters: list[str] = []
    kept: list[str] = []
    for position, value in enumerate(function.results):
        name = f"%r{position}"
        if isinstance(value.type, ArrayType):
            array = lowering.take(value)
            kept.append(array.data)
            w.store("ptr", array.data, name)
            sizes = size_names(value.type, name)
            for size, place in zip(array.shape, sizes, strict=True):
                w.store("i64", size, place)
            parameters += [f"ptr noalias {name}", *(f"ptr noalias {place}" for place in sizes)]
        else:
            w.store(scalar_type(value.type), lowering.scalar(value), name)
            parameters.append(f"ptr noalias {name}")
    if lowering.allocations:
        release(lowering, mark, kept)
    return parameters
