"""Loops: what is carried from turn to turn, and which op each kind of loop becomes."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from hyperion.ir.function import Equation, Region, Value
from hyperion.ir.types import BOOL, Type
from hyperion_python.arithmetic import adopts
from hyperion_python.beside import beside, lower_beside
from hyperion_python.context import Context
from hyperion_python.convert import coerce
from hyperion_python.counted_turns import counted_turns
from hyperion_python.emitter import Block, close
from hyperion_python.expressions import condition
from hyperion_python.held_index import with_held_elements
from hyperion_python.hidden import RESULT, exit_of, is_flag, is_hidden, stem_of
from hyperion_python.iteration import Bound, Iteration, iteration_of
from hyperion_python.lagged import lagged
from hyperion_python.liveness import Names, assigned, loop_head
from hyperion_python.matrix_loops import over_matrix
from hyperion_python.operands import (
    Binding,
    Environment,
    Literal,
    Origin,
    Poison,
    Reference,
    Retype,
    Scalar,
    in_words,
)  # fmt: skip
from hyperion_python.parted import parted
from hyperion_python.traps import value_error_where

LowerBlock = Callable[[Context, Sequence[ast.stmt], Names], None]
Loop = ast.For | ast.While

_AFTER_LOOP = Poison(
    "HY6105",
    "may be unassigned: it is assigned first inside a loop, which may not run",
    "assign it before the loop",
)


@dataclass(slots=True)
class _Plan:
    """The carried names and arrays of one loop, with the types that they have been found to need."""

    number: int
    names: list[str]
    types: dict[str, Type]
    retyped: set[str] = field(default_factory=set[str])


def lower_for(cx: Context, node: ast.For, after: Names, lower_block: LowerBlock) -> None:
    node = counted_turns(cx, node, after) or lagged(cx, node, after) or node
    node = over_matrix(cx, node, after) or node
    parts = with_held_elements(cx, node) or parted(cx, node, after)
    if parts is not None:
        lower_block(cx, parts, after)
        return
    numbered = beside(cx, node, after)
    if numbered is not None:
        lower_beside(cx, node, numbered, after, lower_block)
        return
    iteration = iteration_of(cx, node, after)
    _lower_loop(cx, node, after, iteration, lower_block)
    if iteration.unequal is not None:
        _check_lengths(cx, node, iteration.unequal)


def _check_lengths(cx: Context, node: ast.For, unequal: Value) -> None:
    """zip(..., strict=True) raises at its end, unless the loop was left before."""
    flag, _ = exit_of(node)
    if flag is not None:
        left = cx.environment[flag]
        assert isinstance(left, Value)
        unequal = cx.emitter.emit("and", (unequal, cx.emitter.emit("not", (left,), BOOL)), BOOL)
    value_error_where(cx, unequal)


def lower_while(cx: Context, node: ast.While, after: Names, lower_block: LowerBlock) -> None:
    _lower_loop(cx, node, after, None, lower_block)


def _lower_loop(cx: Context, node: Loop, after: Names, iteration: Iteration | None, lower_block: LowerBlock) -> None:
    cx.loops += 1
    plan = _plan(cx, node, after, cx.loops)
    names = cx.emitter.names()
    environment, elements = dict(cx.environment), dict(cx.elements)
    equations, known = len(cx.emitter.block.equations), dict(cx.emitter.block.known)
    while True:
        try:
            again = _try(cx, node, after, iteration, lower_block, plan)
        except Retype as change:
            own = [o for o in change.origins if o.loop == plan.number]
            if not own or any(o.name in plan.retyped for o in own):
                raise
            for origin in own:
                plan.types[origin.name] = change.kind
                plan.retyped.add(origin.name)
            again = True
        finally:
            cx.elements = dict(elements)
        if not again:
            return
        cx.environment.clear()  # in place: whoever opened this scope looks at the same table afterwards
        cx.environment.update(environment)
        del cx.emitter.block.equations[equations:]
        cx.emitter.block.known = dict(known)
        cx.emitter.restore_names(names)


def _plan(cx: Context, node: Loop, after: Names, number: int) -> _Plan:
    stores = assigned([node.target, *node.body] if isinstance(node, ast.For) else node.body)
    head = loop_head(node, after)
    names = [n for n in stores if n in head and isinstance(cx.environment.get(n), Value | Literal)]
    names.sort(key=lambda n: not is_flag(n))  # stable: the flags come first
    types: dict[str, Type] = {}
    for name in names:
        binding = cx.environment[name]
        if isinstance(binding, Value | Literal):
            types[name] = binding.type
    return _Plan(number, [n for n in names if n in types], types)


def _try(
    cx: Context,
    node: Loop,
    after: Names,
    iteration: Iteration | None,
    lower_block: LowerBlock,
    plan: _Plan,
) -> bool:
    """Lowers the loop; whether it has to be lowered again, with other types or more carried arrays."""
    initial = [_initial(cx, plan, name, node) for name in plan.names]
    parameters = [Value(cx.emitter.fresh(stem_of(n)), v.type) for n, v in zip(plan.names, initial, strict=True)]
    for name, start, parameter in zip(plan.names, initial, parameters, strict=True):
        _note_parameter(cx, plan, name, start, parameter)
    outer = dict(cx.environment)
    stores = assigned([node.target, *node.body] if isinstance(node, ast.For) else node.body)
    tests = _lower_test(cx, node, plan, parameters, stores) if isinstance(node, ast.While) else None
    bound = iteration.bind(cx) if iteration else Bound()
    block = cx.emitter.child()
    flag, statements = exit_of(node)
    with cx.branch(block) as inside, cx.turn(stores):
        _enter(cx, plan, parameters, stores)
        if flag is not None:
            cx.environment[flag] = Literal(False, named=True)
        bound.enter(cx)
        lower_block(cx, statements, loop_head(node, after))
        results = [_result(cx, name, inside.get(name), node) for name in plan.names]
    rebound = [n for n in stores if isinstance(outer.get(n), Reference) and inside.get(n) != outer[n]]
    _check_rebound(cx, rebound, node, after)
    changed = [k for k in outer if k.startswith("[") and inside[k] != outer[k] and k not in plan.names]
    if changed:
        _check_iterated(cx, iteration, changed, node)
        plan.names += changed
        plan.types.update((k, _type_of(outer[k])) for k in changed)
        return True
    if _retype_results(plan, results, outer):
        return True
    with cx.emitter.inside(block):
        finals = [_final(cx, name, r, plan, node) for name, r in zip(plan.names, results, strict=True)]
    body = close(block, finals, [*bound.elements, *parameters])
    if flag is not None and tests is None:
        body = _absorbing(cx, parameters[plan.names.index(flag)], body, parameters)
    types = [p.type for p in parameters]
    stems = [stem_of(n) for n in plan.names]
    outcome = _emit(cx, bound, initial, types, stems, tests, body) if _needed(block, tests, plan, bound) else ()
    _leave(cx, plan, outcome, stores, rebound)
    return False


def _absorbing(cx: Context, flag: Value, body: Region, state: Sequence[Value]) -> Region:
    """The body of a loop that is left where the flag is set: then a turn keeps the state."""
    unchanged = Region((), (), tuple(state))
    turn = Region((), body.equations, body.results)
    results = tuple(Value(cx.emitter.fresh(v.name.split(".")[0]), v.type) for v in state)
    choice = Equation(results, "if", (flag,), (), (unchanged, turn), cx.emitter.span)
    return Region(body.parameters, (choice,), results)


def _type_of(binding: object) -> Type:
    assert isinstance(binding, Value)
    return binding.type


def _initial(cx: Context, plan: _Plan, name: str, node: ast.AST) -> Value:
    binding = cx.environment[name]
    assert isinstance(binding, Value | Literal)
    if isinstance(binding, Literal):
        return coerce(cx, binding, plan.types[name], node)
    return binding


def _note_parameter(cx: Context, plan: _Plan, name: str, start: Value, parameter: Value) -> None:
    """A parameter that starts as a literal may still adopt another type; an array keeps its size."""
    binding = cx.environment[name]
    if isinstance(binding, Literal) and not isinstance(binding.value, bool) and name not in plan.retyped:
        cx.emitter.weak[parameter.name] = frozenset([Origin(plan.number, name, binding.value)])
    elif isinstance(binding, Value) and binding.name in cx.emitter.weak:
        cx.emitter.weak[parameter.name] = cx.emitter.weak[binding.name]
    if name.startswith("["):
        cx.emitter.same_size[parameter.name] = cx.emitter.root(start.name)


def _enter(cx: Context, plan: _Plan, parameters: Sequence[Value], stores: dict[str, None]) -> None:
    for name in stores:
        if not isinstance(cx.environment.get(name), Reference):
            cx.environment.pop(name, None)
    for name, parameter in zip(plan.names, parameters, strict=True):
        cx.environment[name] = parameter


def _lower_test(
    cx: Context, node: ast.While, plan: _Plan, parameters: Sequence[Value], stores: dict[str, None]
) -> Region:
    """The condition as a region with parameters of its own."""
    own = [Value(cx.emitter.fresh(p.name), p.type) for p in parameters]
    for mine, parameter in zip(own, parameters, strict=True):
        for facts in (cx.emitter.weak, cx.emitter.same_size):
            if parameter.name in facts:
                facts[mine.name] = facts[parameter.name]  # pyright: ignore[reportArgumentType]  same table
    block = cx.emitter.child()
    with cx.branch(block):
        _enter(cx, plan, own, stores)
        test = condition(cx, node.test)
        with cx.emitter.at(cx.span(node.test)):
            value = coerce(cx, test, test.type, node.test)
    return close(block, [value], own)


def _result(cx: Context, name: str, found: Binding | None, node: ast.AST) -> Scalar:
    """What a carried name is after a turn."""
    match found:
        case Value() | Literal():
            return found
        case Poison(code=code, reason=reason, hint=hint):
            if is_hidden(name, RESULT):
                cx.refuse(code, "the returns of this loop give different types", node, note=reason, hint=hint)
            cx.refuse(code, f"{name}, which the loop carries from turn to turn, {reason}", node, hint=hint)
        case _:
            message = f"{name} is a number before the loop and an array inside it"
            cx.refuse("HY6107", message, node, hint="use two names")


def _check_rebound(cx: Context, rebound: Sequence[str], node: Loop, after: Names) -> None:
    head = loop_head(node, after)
    for name in rebound:
        if name in head:
            cx.refuse(
                "HY6109",
                f"{name} is bound to another array inside this loop",
                node,
                note="which array it is in the next turn would depend on the turn",
                hint="copy the elements in a loop instead of swapping the names",
            )


def _check_iterated(cx: Context, iteration: Iteration | None, changed: Sequence[str], node: Loop) -> None:
    if iteration is not None and any(key in iteration.keys for key in changed):
        cx.refuse(
            "HY6109",
            "the loop writes to the array that it goes over",
            node,
            note="Python reads each element when its turn comes, after the writes so far",
            hint="loop over range(len(xs)) and read xs[i]",
        )


def _retype_results(plan: _Plan, results: Sequence[Scalar], outer: Environment) -> bool:
    changed = False
    for name, result in zip(plan.names, results, strict=True):
        start = outer.get(name)
        if not isinstance(result, Value) or result.type == plan.types[name] or name in plan.retyped:
            continue
        if isinstance(start, Literal) and adopts(start.value, result.type):
            plan.types[name] = result.type
            plan.retyped.add(name)
            changed = True
    return changed


def _final(cx: Context, name: str, result: Scalar, plan: _Plan, node: ast.AST) -> Value:
    kind = plan.types[name]
    if isinstance(result, Literal) and (result.type == kind or adopts(result.value, kind)):
        return coerce(cx, result, kind, node)
    if isinstance(result, Value) and result.type == kind:
        return result
    before, later = in_words(kind), in_words(result.type)
    hint = f"convert it in the loop, or start {name} as {later}"
    if (before, later) == ("int", "float"):
        hint = f"start {name} as a float (0.0 for 0)"
    cx.refuse(
        "HY6107",
        f"{name} is {before} before the loop and {later} after a turn of it",
        node,
        note="a variable that a loop carries has one type",
        hint=hint,
    )


def _needed(block: Block, tests: Region | None, plan: _Plan, bound: Bound) -> bool:
    """Whether the loop does anything: a result, a trap, or running for ever."""
    return bool(plan.names) or tests is not None or not block.total or bound.may_trap


def _emit(
    cx: Context,
    bound: Bound,
    initial: Sequence[Value],
    types: Sequence[Type],
    stems: Sequence[str],
    test: Region | None,
    body: Region,
) -> tuple[Value, ...]:
    if test is not None:
        return cx.emitter.equation("while", initial, types, names=stems, regions=(test, body))
    attributes = (("arrays", len(bound.leading)),) if bound.op == "fold" else ()
    operands = [*bound.leading, *initial]
    return cx.emitter.equation(bound.op, operands, types, names=stems, attributes=attributes, regions=(body,))


def _leave(cx: Context, plan: _Plan, outcome: Sequence[Value], stores: dict[str, None], rebound: Sequence[str]) -> None:
    """What the names mean after the loop."""
    for name in stores:
        if name not in plan.names and not isinstance(cx.environment.get(name), Reference):
            cx.environment[name] = _AFTER_LOOP
    for name in rebound:
        reason = "is bound to another array inside a loop"
        cx.environment[name] = Poison("HY6109", reason, "copy the elements instead, or use two names")
    for name, result in zip(plan.names, outcome, strict=True):
        if name.startswith("["):
            before = cx.environment[name]
            assert isinstance(before, Value)
            cx.emitter.same_size[result.name] = cx.emitter.root(before.name)
        cx.environment[name] = result
