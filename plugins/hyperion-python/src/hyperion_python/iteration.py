"""How a for loop runs: a count over a range, or a fold over the arrays and numbers that it goes over."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal as OneOf

from hyperion.ir.function import Value
from hyperion.ir.types import I64, ArrayType
from hyperion_python import arithmetic, views
from hyperion_python.arithmetic import integer_binary
from hyperion_python.arrays import widened
from hyperion_python.context import Context, array_type
from hyperion_python.convert import as_scalar
from hyperion_python.expressions import lower
from hyperion_python.hidden import Between, Counted, stem_of
from hyperion_python.indexed import picked_array
from hyperion_python.liveness import Names
from hyperion_python.operands import Literal, Poison, Scalar
from hyperion_python.sequences import (
    Elements,
    Iterable,
    Numbers,
    Together,
    count_of,
    integer,
    iterable_of,
    leaves,
    plain_arguments,
    unequal,
    whole,
)  # fmt: skip
from hyperion_python.windowed import Window, window_between, window_of

_MOST_MARGIN = 1 << 31  # of the indices that a loop leaves out at the ends of an array
_MOST_START = 1 << 62  # of numbers from a constant on: no array has so many elements that they leave 64 bits


@dataclass(slots=True)
class Leaf:
    """One target: the element of an array, or with `first` the number of the turn counted from there.

    `picks` is the array that the loop reads at this index, or at a distance from it; then the target is no variable of
    its own. `array` is one that a counted loop reads at its counter.
    """

    name: str
    first: Scalar | None = None
    picks: tuple[str, int] | None = None
    array: Value | None = None


@dataclass(slots=True)
class Iteration:
    """One for loop: `leading` are the arrays of a fold, or lo, hi and step of a counted loop."""

    op: OneOf["for", "fold"]
    leading: list[Value]
    leaves: list[Leaf]
    keys: list[str] = field(default_factory=list[str])  # the arrays that are read turn by turn
    least: int | None = None
    may_trap: bool = False
    unequal: Value | None = None  # where a strict zip ends with an error

    def bind(self, cx: Context) -> Bound:
        """The region parameters of one lowering of the loop."""
        if self.op == "for":
            stem = stem_of(self.leaves[0].name) if len(self.leaves) == 1 else "i"
            elements = [Value(cx.emitter.fresh(stem), I64)]
        else:
            stems = ["x" if leaf.picks else stem_of(leaf.name) for leaf in self.leaves]
            elements = [
                Value(cx.emitter.fresh(s), array_type(a).element) for s, a in zip(stems, self.leading, strict=True)
            ]
        return Bound(self.op, self.leading, elements, self.may_trap, self)


@dataclass(slots=True)
class Bound:
    """An iteration with the region parameters of one lowering; for a while loop there are none."""

    op: str = "while"
    leading: Sequence[Value] = ()
    elements: Sequence[Value] = ()
    may_trap: bool = False
    iteration: Iteration | None = None

    def enter(self, cx: Context) -> None:
        """Binds the targets inside the body."""
        plan = self.iteration
        if plan is None:
            return
        if plan.op == "for" and plan.least is not None:
            cx.emitter.least[self.elements[0].name] = plan.least
        elements = self.elements if plan.op == "fold" else [*self.elements] * len(plan.leaves)
        for leaf, element in zip(plan.leaves, elements, strict=True):
            if leaf.picks is not None:
                array, distance = leaf.picks
                cx.elements[array, leaf.name, distance] = _named(cx, element, "x")
                cx.environment[leaf.name] = Poison("HY9001", "was taken for a plain index", "report this")
            elif leaf.array is not None:
                x = cx.emitter.emit("get", (leaf.array, element), array_type(leaf.array).element)
                cx.environment[leaf.name] = _named(cx, cx.emitter.call_it(x, stem_of(leaf.name)), leaf.name)
            elif leaf.first is not None:
                cx.emitter.least[element.name] = 0
                cx.environment[leaf.name] = _numbered(cx, element, leaf)
            else:
                cx.environment[leaf.name] = _named(cx, element, leaf.name)


def _named(cx: Context, element: Value, stem: str) -> Value:
    wide = widened(cx, element)
    return wide if wide == element else cx.emitter.call_it(wide, stem_of(stem))


def _numbered(cx: Context, turn: Value, leaf: Leaf) -> Value:
    """The number of a turn, counted from `leaf.first`."""
    first = leaf.first
    if isinstance(first, Literal) and abs(int(first.value)) <= _MOST_START:
        if not first.value:
            return turn
        number = cx.emitter.emit("add.wrap", (turn, cx.emitter.constant(int(first.value), I64)), I64)  # exact
        cx.emitter.least[number.name] = int(first.value)
    else:
        assert first is not None
        number = integer_binary(cx, "add", turn, _as_value(cx, first))
    return cx.emitter.call_it(number, stem_of(leaf.name))


def _as_value(cx: Context, first: Scalar) -> Value:
    return first if isinstance(first, Value) else cx.emitter.constant(first.value, I64)


def iteration_of(cx: Context, node: ast.For, after: Names) -> Iteration:
    """Reads the head of a for loop; what it evaluates is evaluated once, before the loop."""
    with cx.emitter.at(cx.span(node.iter)):
        match node.iter:
            case Counted(low=low, high=high, step=step):
                up = isinstance(step, ast.Constant) and step.value == 1
                return _range(cx, node, [low, high] if up else [low, high, step], after)
            case Between(array=array, low=low, high=high):
                return _between_bounds(cx, node, window_between(cx, array, low, high))
            case ast.Call(func=ast.Name() as function) as call if cx.resolve(function) is builtins.range:
                return _range(cx, node, plain_arguments(cx, call, 1, 3), after)
            case ast.Call(
                func=ast.Name() as function, args=[ast.Call(func=ast.Name() as inner, keywords=[]) as call], keywords=[]
            ) if cx.resolve(function) is builtins.reversed and cx.resolve(inner) is builtins.range:
                return _reversed_range(cx, node, call, after)
            case _:
                pass
        window = window_of(cx, node.iter, lower)
        if window is not None:
            return _between_bounds(cx, node, window)
        source = iterable_of(cx, node.iter)
        names = _targets(cx, node.target, source)
        repeated = next((n for n in names if names.count(n) > 1), None)
        if repeated is not None:
            cx.refuse("HY6103", "a loop variable is named twice", node.target, hint="use different names")
        return _side_by_side(cx, source, names, writes=_writes(node))


def _between_bounds(cx: Context, node: ast.For, window: Window) -> Iteration:
    target = Leaf(_target(cx, node.target), array=window.array)
    return Iteration("for", [window.low, window.high, cx.emitter.constant(1, I64)], [target], [window.key], least=0)


def _targets(cx: Context, target: ast.expr, source: Iterable) -> list[str]:
    """The names of the leaves."""
    if not isinstance(source, Together):
        return [_target(cx, target)]
    count = len(source.parts)
    if not isinstance(target, ast.Tuple | ast.List) or len(target.elts) != count:
        cx.refuse("HY6103", f"{count} loop variables are needed here", target, hint="write for a, b in ...")
    return [name for t, s in zip(target.elts, source.parts, strict=True) for name in _targets(cx, t, s)]


def _target(cx: Context, target: ast.expr) -> str:
    if not isinstance(target, ast.Name):
        cx.refuse("HY6103", "the loop variable has to be one name", target, hint="unpack in the body")
    return target.id


def _writes(node: ast.For) -> bool:
    """Whether the body writes elements of arrays."""
    inside = (inner for s in node.body for inner in ast.walk(s))
    return any(isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Store) for n in inside)


def _side_by_side(cx: Context, source: Iterable, names: list[str], *, writes: bool) -> Iteration:
    """A fold over the arrays, cut to the shortest, and the numbers of the turns; a count where there are no arrays, or
    where turns are numbered and the loop writes elements: such loops read and write at their counter."""
    pairs = sorted(zip(names, leaves(source), strict=True), key=lambda p: isinstance(p[1], Numbers))  # arrays first
    found = [leaf for _, leaf in pairs]
    arrays = [leaf for leaf in found if isinstance(leaf, Elements)]
    differ = unequal(cx, source)
    count = count_of(cx, source)
    targets = [Leaf(n, s.first if isinstance(s, Numbers) else None) for n, s in pairs]
    keys = [leaf.key for leaf in arrays]
    if not arrays or (writes and len(arrays) < len(found)):
        bounds = [cx.emitter.constant(0, I64), count, cx.emitter.constant(1, I64)]
        for target, leaf in zip(targets, found, strict=True):
            target.array = leaf.array if isinstance(leaf, Elements) else None
        return Iteration("for", bounds, targets, keys, least=0, unequal=differ)
    leading = [views.cut(cx, s.array, count) if isinstance(s, Elements) else turns(cx, count) for s in found]
    return Iteration("fold", leading, targets, keys, unequal=differ)


def turns(cx: Context, count: Value) -> Value:
    """0, 1, .. count - 1 as an array."""
    numbers = cx.emitter.emit("iota", (count,), ArrayType(I64, (cx.fresh_size(),)))
    cx.emitter.has_length(numbers, count)
    return numbers


def _range(cx: Context, node: ast.For, arguments: Sequence[ast.expr], after: Names) -> Iteration:
    constant, exact = cx.emitter.constant, cx.emitter.exact
    match arguments:
        case [start, high, step] if _is_minus_one(high) and _is_minus_one(step):
            first, less = _less(cx, start)
            found = _over_elements(cx, node, first, (0, less - 1), after, backwards=True) if less > 0 else None
            if found is not None:
                return found
            bounds = [whole(cx, _minus(cx, first, less, start), start), integer(cx, high), integer(cx, step)]
        case [high] | [_, high]:
            low = integer(cx, arguments[0]) if len(arguments) == 2 else constant(0, I64)
            last, less = _less(cx, high)
            margin = exact.get(low.name, -1)
            if 0 <= margin < _MOST_MARGIN:
                found = _over_elements(cx, node, last, (margin, less), after, backwards=False)
                if found is not None:
                    return found
            bounds = [low, whole(cx, _minus(cx, last, less, high), high), constant(1, I64)]
        case _:
            bounds = [integer(cx, a) for a in arguments]
    low, high, step = bounds
    known = exact.get(step.name, 0)
    least = cx.emitter.least.get(low.name) if known > 0 else None
    if known < 0 and high.name in exact:
        least = exact[high.name] + 1
    return Iteration("for", [low, high, step], [Leaf(_target(cx, node.target))], least=least, may_trap=known == 0)


def _less(cx: Context, node: ast.expr) -> tuple[Scalar, int]:
    """`n - k` as n and k, for a small constant k; another expression less 0."""
    match node:
        case ast.BinOp(left=left, op=ast.Sub(), right=ast.Constant(value=less)) if (
            type(less) is int and 0 < less < _MOST_MARGIN
        ):
            with cx.emitter.at(cx.span(node)):
                return as_scalar(cx, lower(cx, left), left), less
        case _:
            return as_scalar(cx, lower(cx, node), node), 0


def _minus(cx: Context, x: Scalar, less: int, node: ast.expr) -> Scalar:
    with cx.emitter.at(cx.span(node)):
        return arithmetic.binary(cx, ast.Sub, x, Literal(less), node) if less else x


def _is_minus_one(node: ast.expr) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and ast.unparse(node.operand) == "1"


def _over_elements(
    cx: Context, node: ast.For, size: Scalar, margins: tuple[int, int], after: Names, *, backwards: bool
) -> Iteration | None:
    """A loop over the indices of an array, from a margin to a margin, that reads it at the index or within the margins
    of it: a fold over parts of the array, and over the indices where they are used."""
    root = cx.emitter.length_of.get(size.name) if isinstance(size, Value) else None
    if root is None or not isinstance(size, Value):
        return None
    index = _target(cx, node.target)
    picked = picked_array(cx, node, index, root, margins, after)
    if picked is None:
        return None
    count, contents = _between(cx, size, margins), cx.contents(picked.array)
    arrays = [_shifted(cx, contents, size, margins[0] + d, count) for d in picked.distances]
    targets = [Leaf(index, picks=(picked.array.key, d)) for d in picked.distances]
    if picked.index_used:
        arrays.append(turns(cx, count))
        targets.append(Leaf(index, Literal(margins[0])))
    if backwards:
        arrays = [views.reversal(cx, a) for a in arrays]
    return Iteration("fold", arrays, targets, [picked.array.key])


def _between(cx: Context, size: Value, margins: tuple[int, int]) -> Value:
    """How many indices are between the margins."""
    outside = sum(margins)
    if not outside:
        return size
    left = cx.emitter.emit("sub.wrap", (size, cx.emitter.constant(outside, I64)), I64)  # exact: 0 <= size
    count = cx.emitter.emit("max", (left, cx.emitter.constant(0, I64)), I64)
    cx.emitter.least[count.name] = 0
    return count


def _shifted(cx: Context, array: Value, size: Value, first: int, count: Value) -> Value:
    """`count` elements from the index `first` on, which are there unless count is 0."""
    if not first:
        return views.cut(cx, array, count)
    start = cx.emitter.emit("min", (cx.emitter.constant(first, I64), size), I64)
    behind = cx.emitter.emit("add.wrap", (start, count), I64)  # exact: it is at most the size
    return views.part(cx, array, start, behind, 1)


def _reversed_range(cx: Context, node: ast.For, call: ast.Call, after: Names) -> Iteration:
    """reversed(range(n)) or reversed(range(a, n)) for a constant a."""
    arguments = plain_arguments(cx, call, 1, 3)
    low = lower(cx, arguments[0]) if len(arguments) == 2 else Literal(0)
    if (
        len(arguments) == 3
        or not isinstance(low, Literal)
        or not isinstance(low.value, int)
        or abs(low.value) > 1 << 62
    ):
        cx.refuse("HY6103", "reversed takes range(n), or range(a, n) from a constant a", call,
                  hint="write the range that goes down: range(last, first - 1, -step)")  # fmt: skip
    high = integer(cx, arguments[-1])
    if low.value == 0:
        picked = _over_elements(cx, node, high, (0, 0), after, backwards=True)
        if picked is not None:
            return picked
    constant, emit = cx.emitter.constant, cx.emitter.emit
    start = emit(
        "sub.wrap", (integer_binary(cx, "max", high, constant(low.value, I64)), constant(1, I64)), I64
    )  # exact
    bounds = [start, constant(low.value - 1, I64), constant(-1, I64)]
    return Iteration("for", bounds, [Leaf(_target(cx, node.target))], least=int(low.value))
