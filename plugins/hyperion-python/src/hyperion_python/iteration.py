"""What a for loop goes over: a range, the elements of arrays, or both at once."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal as OneOf

from hyperion.ir.function import Value
from hyperion.ir.types import BOOL, I64
from hyperion_python.arithmetic import integer_binary
from hyperion_python.arrays import widened
from hyperion_python.context import Context, array_type
from hyperion_python.convert import as_scalar, coerce, type_name
from hyperion_python.expressions import lower
from hyperion_python.liveness import Names, assigned
from hyperion_python.operands import ArrayRef, Literal, Poison

_MOST_START = 1 << 62  # of an enumeration: its counter then stays within 64 bits


@dataclass(slots=True)
class Iteration:
    """One for loop: `leading` are the arrays of a fold, or lo, hi and step of a counted loop."""

    op: OneOf["for", "fold"]
    leading: list[Value]
    names: list[str]  # the targets of the elements, or of the index
    keys: list[str] = field(default_factory=list[str])  # the arrays that are read turn by turn
    picked: list[Value] = field(default_factory=list[Value])  # arrays read at the index of a counted loop
    counter: str | None = None  # a target that counts the turns of a fold
    start: Value | None = None
    index: str | None = None  # a loop variable that only picks the elements of the fold's array
    least: int | None = None
    may_trap: bool = False

    def bind(self, cx: Context) -> Bound:
        """The region parameters of one lowering of the loop."""
        if self.op == "fold":
            kinds = [array_type(a).element for a in self.leading]
            stems = self.names if self.index is None else ["x"]
        else:
            kinds, stems = [I64], ["i"] if self.picked else self.names
        elements = [Value(cx.emitter.fresh(s), k) for s, k in zip(stems, kinds, strict=True)]
        initial = [] if self.start is None else [self.start]
        return Bound(self.op, self.leading, initial, elements, self.may_trap, self)


@dataclass(slots=True)
class Bound:
    """An iteration with the region parameters of one lowering; for a while loop there are none."""

    op: str = "while"
    leading: Sequence[Value] = ()
    initial: Sequence[Value] = ()
    elements: Sequence[Value] = ()
    may_trap: bool = False
    iteration: Iteration | None = None
    _counters: list[Value] = field(default_factory=list[Value])

    def enter(self, cx: Context) -> list[Value]:
        """Binds the targets inside the body; the extra carried parameters."""
        plan = self.iteration
        if plan is None:
            return []
        if plan.op == "for":
            self._enter_counted(cx, plan)
        elif plan.index is not None:
            root = cx.emitter.root(plan.leading[0].name)
            cx.elements[root, plan.index] = _named(cx, self.elements[0], "x")
            cx.environment[plan.index] = Poison("HY9001", "was taken for a plain index", "report this")
        else:
            for name, element in zip(plan.names, self.elements, strict=True):
                cx.environment[name] = _named(cx, element, name)
        if plan.counter is not None:
            counter = Value(cx.emitter.fresh(plan.counter), I64)
            if plan.start is not None and plan.start.name in cx.emitter.exact:
                cx.emitter.least[counter.name] = cx.emitter.exact[plan.start.name]
            cx.environment[plan.counter] = counter
            self._counters.append(counter)
        return self._counters

    def _enter_counted(self, cx: Context, plan: Iteration) -> None:
        index = self.elements[0]
        if plan.least is not None:
            cx.emitter.least[index.name] = plan.least
        if not plan.picked:
            cx.environment[plan.names[0]] = index
            return
        for name, array in zip(plan.names, plan.picked, strict=True):
            element = cx.emitter.emit("get", (array, index), array_type(array).element)
            cx.environment[name] = _named(cx, element, name)

    def leave(self, cx: Context) -> list[Value]:
        """What the extra carried parameters become."""
        return [integer_binary(cx, "add", c, cx.emitter.constant(1, I64)) for c in self._counters]


def _named(cx: Context, element: Value, stem: str) -> Value:
    wide = widened(cx, element)
    return wide if wide == element else cx.emitter.call_it(wide, stem)


def iteration_of(cx: Context, node: ast.For, after: Names) -> Iteration:
    """Reads the head of a for loop; what it evaluates is evaluated once, before the loop."""
    with cx.emitter.at(cx.span(node.iter)):
        match node.iter:
            case ast.Call(func=ast.Name() as function) as call:
                found = cx.resolve(function)
                if found is builtins.range:
                    return _range(cx, node, call, after)
                if found is builtins.enumerate:
                    return _enumerate(cx, node, call)
                if found is builtins.zip:
                    return _zip(cx, node, call)
                if found is builtins.reversed:
                    hint = "write for i in range(len(xs) - 1, -1, -1)"
                    cx.refuse("HY6103", "reversed is not taken", call, hint=hint)
            case ast.Name() as name if name.id in cx.local:
                array = _array(cx, name)
                return Iteration("fold", [cx.contents(array)], [_target(cx, node.target)], [array.key])
            case _:
                pass
    cx.refuse(
        "HY6103",
        "a loop goes over range(...), an array, enumerate(array) or zip(arrays)",
        node.iter,
        hint="bind the array to a name first, or loop over its indices",
    )


def _target(cx: Context, target: ast.expr) -> str:
    if not isinstance(target, ast.Name):
        cx.refuse("HY6103", "the loop variable has to be one name", target, hint="unpack in the body")
    return target.id


def _targets(cx: Context, target: ast.expr, count: int) -> list[str]:
    if not isinstance(target, ast.Tuple) or len(target.elts) != count:
        cx.refuse("HY6103", f"{count} loop variables are needed here", target, hint="write for a, b in ...")
    names = [_target(cx, item) for item in target.elts]
    if len(set(names)) != len(names):
        cx.refuse("HY6103", "a loop variable is named twice", target, hint="use different names")
    return names


def _array(cx: Context, node: ast.expr) -> ArrayRef:
    operand = lower(cx, node)
    if not isinstance(operand, ArrayRef):
        cx.refuse(
            "HY6103", f"a loop over {type_name(operand)} is not taken", node, hint="loop over range(n), or an array"
        )
    return operand


def _plain_arguments(cx: Context, call: ast.Call, least: int, most: int | None) -> list[ast.expr]:
    if call.keywords:
        cx.refuse("HY6108", "this keyword is not taken", call.keywords[0].value, hint="leave it out")
    starred = next((a for a in call.args if isinstance(a, ast.Starred)), None)
    if starred is not None:
        cx.refuse("HY6108", "a starred argument is not taken", starred, hint="write the arguments one by one")
    if len(call.args) < least or (most is not None and len(call.args) > most):
        message = f"{ast.unparse(call.func)} with {len(call.args)} arguments is not taken"
        cx.refuse("HY6108", message, call, hint="check the arguments")
    return call.args


def _range(cx: Context, node: ast.For, call: ast.Call, after: Names) -> Iteration:
    bounds = [_bound(cx, a) for a in _plain_arguments(cx, call, 1, 3)]
    constant = cx.emitter.constant
    match bounds:
        case [high]:
            low, step = constant(0, I64), constant(1, I64)
        case [low, high]:
            step = constant(1, I64)
        case _:
            low, high, step = bounds
    name = _target(cx, node.target)
    exact = cx.emitter.exact
    array = (
        _indexed_array(cx, node, name, high, after) if exact.get(low.name) == 0 and exact.get(step.name) == 1 else None
    )
    if array is not None:
        return Iteration("fold", [cx.contents(array)], [name], [array.key], index=name)
    known = exact.get(step.name, 0)
    least = cx.emitter.least.get(low.name) if known > 0 else None
    if known < 0 and high.name in exact:
        least = exact[high.name] + 1
    return Iteration("for", [low, high, step], [name], least=least, may_trap=known == 0)


def _bound(cx: Context, node: ast.expr) -> Value:
    x = as_scalar(cx, lower(cx, node), node)
    if x.type not in (I64, BOOL):
        cx.refuse("HY6106", f"range takes int, not {type_name(x)}", node, hint="convert it with int(x)")
    return coerce(cx, x, I64, node)


def _indexed_array(cx: Context, node: ast.For, index: str, high: Value, after: Names) -> ArrayRef | None:
    """The one array that the loop reads at its index and at nothing else, where `high` is its length."""
    root = cx.emitter.length_of.get(high.name)
    stores = assigned(node.body)
    if root is None or index in after or index in stores:
        return None
    found: ArrayRef | None = None
    picks = 0
    for inner in (n for s in node.body for n in ast.walk(s)):
        match inner:
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Name(id=i), ctx=ast.Load()) if i == index:
                array = cx.environment.get(name)
                if name in stores or not isinstance(array, ArrayRef) or not _has_root(cx, array, root):
                    return None
                found = array
                picks += 1
            case ast.Subscript(ctx=ast.Store()):
                if not _writes_elsewhere(cx, inner, root, stores):
                    return None
            case _:
                pass
    uses = sum(isinstance(n, ast.Name) and n.id == index for s in node.body for n in ast.walk(s))
    return found if picks == uses else None


def _has_root(cx: Context, array: ArrayRef, root: str) -> bool:
    return cx.emitter.root(cx.contents(array).name) == root


def _writes_elsewhere(cx: Context, target: ast.Subscript, root: str, stores: dict[str, None]) -> bool:
    if not isinstance(target.value, ast.Name) or target.value.id in stores:
        return False
    array = cx.environment.get(target.value.id)
    return isinstance(array, ArrayRef) and not _has_root(cx, array, root)


def _enumerate(cx: Context, node: ast.For, call: ast.Call) -> Iteration:
    arguments = _plain_arguments(cx, call, 1, 2)
    counter, name = _targets(cx, node.target, 2)
    array = _array(cx, arguments[0])
    start = as_scalar(cx, lower(cx, arguments[1]), arguments[1]) if len(arguments) == 2 else Literal(0)
    if not isinstance(start, Literal) or not isinstance(start.value, int) or abs(start.value) > _MOST_START:
        cx.refuse("HY6103", "enumerate starts at a constant", arguments[-1], hint="add the start in the body")
    first = cx.emitter.constant(int(start.value), I64)
    return Iteration("fold", [cx.contents(array)], [name], [array.key], counter=counter, start=first)


def _zip(cx: Context, node: ast.For, call: ast.Call) -> Iteration:
    """zip ends with the shortest array: a counted loop. With strict=True it is a fold, which checks the lengths."""
    strict = False
    match call.keywords:
        case [ast.keyword(arg="strict", value=ast.Constant(value=bool() as strict))]:
            call = ast.copy_location(ast.Call(call.func, call.args, []), call)
        case _:
            pass
    arguments = _plain_arguments(cx, call, 2, None)
    names = _targets(cx, node.target, len(arguments))
    refs = [_array(cx, a) for a in arguments]
    arrays, keys = [cx.contents(r) for r in refs], [r.key for r in refs]
    if strict or len({cx.emitter.root(a.name) for a in arrays}) == 1:
        return Iteration("fold", arrays, names, keys, may_trap=True)
    count = cx.emitter.length(arrays[0])
    for array in arrays[1:]:
        count = integer_binary(cx, "min", count, cx.emitter.length(array))
    bounds = [cx.emitter.constant(0, I64), count, cx.emitter.constant(1, I64)]
    return Iteration("for", bounds, names, keys, picked=arrays, least=0)
