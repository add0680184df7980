"""Smaller programs that still show a fault."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from hyperion.errors import TypeCheckError
from hyperion.ir.function import Equation, Function, Program, Region, Value, walk
from hyperion.ir.verifier import verify

Block = tuple[tuple[Equation, ...], tuple[Value, ...]]


def shrunk(program: Program, fails: Callable[[Program], bool], most: int = 3000) -> Program:
    """A valid program with the same parameters for which `fails` is true too, and for no smaller one that was tried.

    `fails` is asked at most `most` times.
    """
    tried = 0
    found = True
    while found:
        found = False
        for smaller in _smaller(program):
            if not _is_valid(smaller):
                continue
            tried += 1
            if tried > most:
                return program
            if fails(smaller):
                program, found = smaller, True
                break
    return program


def _is_valid(program: Program) -> bool:
    try:
        verify(program)
    except TypeCheckError:
        return False
    return True


def _smaller(program: Program) -> Iterator[Program]:
    called = {e.attribute("callee") for f in program.functions.values() for e in walk(f.equations)}
    kept = {name: f for name, f in program.functions.items() if name in called or name == program.entry}
    if len(kept) < len(program.functions):
        yield replace(program, functions=kept)
    main = program.main
    functions = [replace(main, results=(r,)) for r in main.results] if len(main.results) > 1 else []
    if main.results[:1] not in [(p,) for p in main.parameters]:  # else one after the other, for ever
        functions += [replace(main, results=(p,)) for p in main.parameters]
    for function in (*functions, *_functions(main)):
        yield replace(program, functions={**program.functions, main.name: function})
    for name, other in program.functions.items():
        if name != program.entry:
            for function in _functions(other):
                yield replace(program, functions={**program.functions, name: function})


def _functions(function: Function) -> Iterator[Function]:
    for equations, results in _blocks((function.equations, function.results), function.parameters):
        yield replace(function, equations=equations, results=results)


def _blocks(block: Block, scope: Sequence[Value]) -> Iterator[Block]:
    """The block without one equation, whose results are earlier values of their types; or with a smaller region."""
    equations, results = block
    for k in reversed(range(len(equations))):
        e = equations[k]
        earlier = [*scope, *(r for other in equations[:k] for r in other.results)]
        others = {r: next((v for v in reversed(earlier) if v.type == r.type), None) for r in e.results}
        used = _used((equations[k + 1 :], results))
        if all(v is not None or r not in used for r, v in others.items()):
            instead = {r: v for r, v in others.items() if v is not None}
            yield _renamed((equations[:k] + equations[k + 1 :], results), instead)
        for j, region in enumerate(e.regions):
            for inside in _blocks((region.equations, region.results), [*earlier, *region.parameters]):
                regions = (*e.regions[:j], Region(region.parameters, *inside), *e.regions[j + 1 :])
                yield (*equations[:k], replace(e, regions=regions), *equations[k + 1 :]), results


def _used(block: Block) -> set[Value]:
    equations, results = block
    inner = [v for e in walk(equations) for v in (*e.operands, *(r for region in e.regions for r in region.results))]
    return {*inner, *results}


def _renamed(block: Block, instead: Mapping[Value, Value]) -> Block:
    def values(given: Sequence[Value]) -> tuple[Value, ...]:
        return tuple(instead.get(v, v) for v in given)

    def equation(e: Equation) -> Equation:
        regions = (Region(r.parameters, *_renamed((r.equations, r.results), instead)) for r in e.regions)
        return replace(e, operands=values(e.operands), regions=tuple(regions))

    equations, results = block
    return tuple(map(equation, equations)), values(results)
