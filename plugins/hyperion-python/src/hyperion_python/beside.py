"""Loops that write arrays beside their counter, read several arrays or what the turn before wrote, or count down
number their turns.

rewrite:
    for i in range(1, n):                       p = out[0] if n > 1 else 0
        out[i] = out[i - 1] + xs[i]    -->      for k in range(n - 1):
                                                    part[k] = p + tail[k]
                                                    p = part[k]

where `tail` are the elements of xs from 1 on, and `part` those of out, which are put back after the loop. So all
arrays are read and written at the number of the turn. No index is below 0. A part ends where its array ends, so that
an index beyond is one beyond the part, and traps in the same turn; where a loop counts down or reads what it wrote, all
indices are inside by how the lengths were computed.
"""

from __future__ import annotations

import ast
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TypeAlias

from hyperion.ir.function import Value, walk
from hyperion.ir.types import BOOL, I64, ArrayType
from hyperion_python import views
from hyperion_python.context import BlockLowering, Context, array_type
from hyperion_python.expressions import lower
from hyperion_python.hidden import Counted, exit_of, hidden_name, load, store
from hyperion_python.indexed import place_of
from hyperion_python.liveness import Names, assigned
from hyperion_python.operands import ArrayRef

_MOST = 1 << 31  # of the distances between an index and the counter


Place: TypeAlias = tuple[int, str]
"""From the counter to an index: a number, less an integer of this name if there is one."""


@dataclass(slots=True)
class _Use:
    """An array in the loop: the distances from the counter at which it is read, and the one at which it is written."""

    reference: ArrayRef
    reads: set[Place] = field(default_factory=set[Place])
    writes: set[Place] = field(default_factory=set[Place])
    is_inside: bool = False  # whether all indices are known to be inside

    @property
    def is_written(self) -> bool:
        return bool(self.writes)


@dataclass(frozen=True, slots=True)
class _Range:
    """The indices low, .. size - less - 1, in this order or backwards; with a `base`, which is not below 0, those from
    base + low on."""

    index: str
    low: int
    size: Value
    less: int
    down: bool
    base: Value | None = None


@dataclass(frozen=True, slots=True)
class Beside:
    range: _Range
    uses: dict[str, _Use]

    @property
    def before(self) -> int:
        """From the counter to where the turn before was."""
        return 1 if self.range.down else -1


def beside(cx: Context, node: ast.For, after: Names) -> Beside | None:
    """What such a loop is; None for any other."""
    span = _range(cx, node)
    if span is None or span.index in after or node.orelse or exit_of(node)[0] is not None:
        return None
    uses = _uses(cx, node, span.index)
    if uses is None or not (span.base is not None or len(uses) > 1 or any(u.is_written for u in uses.values())):
        return None
    found = Beside(span, uses)
    from_0 = (span.low, span.base, span.down) == (0, None, False)
    plain = from_0 and all(u.reads | u.writes == {(0, "")} for u in uses.values())
    return None if plain or not all(_is_taken(cx, found, u) for u in uses.values()) else found


def _range(cx: Context, node: ast.For) -> _Range | None:
    if not isinstance(node.target, ast.Name):
        return None
    match node.iter:
        case Counted(low=ast.Name(id=first), high=ast.Name(id=last), step=ast.Constant(value=1)):
            base, size = cx.environment.get(first), cx.environment.get(last)
            if not isinstance(base, Value) or not isinstance(size, Value) or cx.emitter.least.get(base.name, -1) < 0:
                return None
            return _Range(node.target.id, 0, size, 0, down=False, base=base)
        case Counted(low=ast.Constant(value=int() as low), high=ast.Name(id=last), step=ast.Constant(value=1)):
            size = cx.environment.get(last)
            return _Range(node.target.id, low, size, 0, down=False) if isinstance(size, Value) and low >= 0 else None
        case ast.Call():
            pass
        case _:
            return None
    call, down = node.iter, False
    match call:
        case ast.Call(func=ast.Name() as f, args=[ast.Call() as inner], keywords=[]) if cx.resolve(f) is reversed:
            call, down = inner, True
        case _:
            pass
    if not isinstance(call.func, ast.Name) or cx.resolve(call.func) is not range or call.keywords:
        return None
    match call.args:
        case [ast.BinOp(left=left, op=ast.Sub(), right=ast.Constant(value=int() as less)), last, step] if (
            not down and _constant(last) == _constant(step) == -1 and 1 <= less < _MOST
        ):
            return _sized(cx, node.target.id, 0, left, less - 1, down=True)
        case [high]:
            low = 0
        case [ast.Constant(value=int() as low), high] if type(low) is int and 0 <= low < _MOST:
            pass
        case _:
            return None
    match high:
        case ast.BinOp(left=left, op=ast.Sub(), right=ast.Constant(value=int() as less)) if (
            type(less) is int and 0 <= less < _MOST
        ):
            return _sized(cx, node.target.id, low, left, less, down=down)
        case _:
            return _sized(cx, node.target.id, low, high, 0, down=down)


def _constant(node: ast.expr) -> int | None:
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as value)):
            return -value
        case _:
            return None


def _sized(cx: Context, index: str, low: int, node: ast.expr, less: int, *, down: bool) -> _Range | None:
    """The range for a size that is written as a name or as the length of one."""
    match node:
        case ast.Name(id=name):
            size = cx.environment.get(name)
        case ast.Call(func=ast.Name() as function, args=[ast.Name(id=name)], keywords=[]) if cx.resolve(
            function
        ) is len and isinstance(cx.environment.get(name), ArrayRef):
            size = lower(cx, node)
        case _:
            return None
    return _Range(index, low, size, less, down) if isinstance(size, Value) and size.type == I64 else None


def _uses(cx: Context, node: ast.For, index: str) -> dict[str, _Use] | None:
    """The arrays that the loop reads or writes, all of them at the index or beside it."""
    stores = assigned(node.body)
    if index in stores:
        return None
    uses: dict[str, _Use] = {}
    indexed = 0
    for inner in (n for s in node.body for n in ast.walk(s)):
        if not isinstance(inner, ast.Subscript):
            continue
        place = _place(cx, inner.slice, index, stores)
        if not isinstance(inner.value, ast.Name) or place is None:
            return None
        reference = cx.environment.get(inner.value.id)
        if inner.value.id in stores or not isinstance(reference, ArrayRef):
            return None
        use = uses.setdefault(inner.value.id, _Use(reference))
        (use.writes if isinstance(inner.ctx, ast.Store) else use.reads).add(place)
        indexed += 1
    names = [n.id for s in node.body for n in ast.walk(s) if isinstance(n, ast.Name)]
    arrays = [n for n in names if isinstance(cx.environment.get(n), ArrayRef)]
    shared = len({u.reference.key for u in uses.values()}) < len(uses)
    return None if len(arrays) != indexed or shared else uses


def _place(cx: Context, node: ast.expr, index: str, stores: Collection[str]) -> Place | None:
    """The place of an index like i, i + 1, i - w or i - w + 1."""
    match node:
        case ast.BinOp(left=ast.Name(id=name), op=ast.Sub(), right=ast.Name(id=less)) if name == index:
            found = cx.environment.get(less)
            return (0, less) if less not in stores and isinstance(found, Value) and found.type == I64 else None
        case ast.BinOp(
            left=ast.BinOp() as inner, op=ast.Add() | ast.Sub() as op, right=ast.Constant(value=int() as more)
        ):
            place, more = _place(cx, inner, index, stores), more if isinstance(op, ast.Add) else -more
            return None if place is None or abs(more) >= _MOST else _moved(place, more)
        case _:
            found = place_of(node)
            return (found[1], "") if found is not None and found[0] == index and abs(found[1]) < _MOST else None


def _moved(place: Place, distance: int) -> Place:
    return place[0] + distance, place[1]


def _is_taken(cx: Context, loop: Beside, use: _Use) -> bool:
    """Whether the indices are those of a part, and a written array is read where it was written, or a turn before."""
    span, every = loop.range, use.reads | use.writes
    longer = _longer(cx, cx.emitter.length(cx.contents(use.reference)), span.size)
    use.is_inside = longer is not None and all(name == "" and d <= span.less + longer for d, name in every)
    if len(use.writes) > 1 or (use.is_written and not use.reference.owned):
        return False
    if use.is_written and not use.reads <= {p for w in use.writes for p in (w, _moved(w, loop.before))}:
        return False
    known = use.is_inside or not (span.down or (use.is_written and use.reads - use.writes))
    return known and all(_from_0_on(cx, span, place) for place in every)


def _from_0_on(cx: Context, span: _Range, place: Place) -> bool:
    """Whether the first index is not below 0."""
    distance, name = place
    if name == "":
        return span.low + distance >= 0
    # the base is the larger of a number that is not below 0 and the one that is subtracted, or of 0 and that
    made = next((e for e in cx.emitter.block.equations if span.base is not None and e.results == (span.base,)), None)
    taken = cx.environment.get(name)
    return made is not None and made.op == "max" and taken in made.operands and span.low + distance >= 0


def _longer(cx: Context, length: Value, size: Value) -> int | None:
    """length - size, where that is a known number."""
    if length == size:
        return 0
    for e in walk(tuple(cx.emitter.block.equations)):
        if e.results == (length,) and e.op in ("add.trap", "sub.trap") and e.operands[0] == size:
            more = cx.emitter.exact.get(e.operands[1].name)
            return None if more is None or abs(more) >= _MOST else more if e.op == "add.trap" else -more
    return None


def lower_beside(cx: Context, node: ast.For, loop: Beside, after: Names, lower_block: BlockLowering) -> None:
    """The loop over the numbers of turns, then the arrays that it wrote."""
    cx.reductions += 1
    turn, number = hidden_name("turn", cx.reductions), cx.reductions
    count_name = hidden_name("count", number)
    count = cx.environment[count_name] = _count(cx, loop.range)
    cx.local.add(count_name)
    writer = _Parts(cx, node, loop, turn, number, count)
    body = [statement for s in node.body for statement in [writer.statement(s)]]
    head = [writer.index()] if writer.index_used else []
    one = ast.copy_location(ast.Constant(1), node)
    zero = ast.copy_location(ast.Constant(0), node)
    counted = ast.copy_location(Counted(zero, load(count_name, node), one), node)
    target = ast.copy_location(ast.Name(turn, ast.Store()), node)
    again = ast.copy_location(ast.For(target, counted, [*head, *body, *writer.ends], []), node)
    statements = [*writer.starts, again]
    cx.local.update(assigned(statements))
    lower_block(cx, statements, after)
    writer.put_back()


def _count(cx: Context, span: _Range) -> Value:
    """How many turns there are."""
    outside = span.low + span.less
    emit, constant = cx.emitter.emit, cx.emitter.constant
    zero, count = constant(0, I64), span.size
    if cx.emitter.least.get(count.name, -1) < 0:
        count = emit("max", (count, zero), I64)
    if span.base is not None:
        count = emit("max", (emit("sub.wrap", (count, span.base), I64), zero), I64)  # exact: none is below 0
    if outside:
        count = emit("max", (emit("sub.wrap", (count, constant(outside, I64)), I64), zero), I64)  # exact
    cx.emitter.least[count.name] = 0
    return count


def _indices(cx: Context, span: _Range) -> ArrayRef:
    """The counter of each turn."""
    emit, constant = cx.emitter.emit, cx.emitter.constant
    size = emit("max", (span.size, constant(0, I64)), I64)
    behind = emit("sub.wrap", (size, constant(span.less + span.down, I64)), I64)  # exact
    first, last, step = span.base or constant(span.low, I64), behind, 1
    if span.down:
        first, last, step = behind, constant(span.low - 1, I64), -1
    bounds = (first, last, constant(step, I64))
    return cx.new_array(emit("progression", bounds, ArrayType(I64, (cx.fresh_size(),))), owned=False)


class _Parts(ast.NodeTransformer):
    """Rewrites the body; `starts` and `ends` are for before the loop and for the end of a turn."""

    def __init__(self, cx: Context, node: ast.For, loop: Beside, turn: str, number: int, count: Value) -> None:
        self._cx = cx
        self._loop = loop
        self._turn = turn
        self._number = number
        self._count = count
        self._at = node
        self._views: dict[tuple[str, Place], str] = {}
        self._before: dict[str, str] = {}
        self.starts: list[ast.stmt] = []
        self.ends: list[ast.stmt] = []
        self.index_used = False
        for name, use in loop.uses.items():
            if use.is_written and use.reads - use.writes:
                self._last_written(name, use)

    def statement(self, node: ast.stmt) -> ast.stmt:
        return self.visit(_copied(node))

    def index(self) -> ast.stmt:
        """The assignment of the counter at the start of a turn."""
        name = hidden_name("indices", self._number)
        self._cx.environment[name] = _indices(self._cx, self._loop.range)
        self._cx.local.add(name)
        element = ast.Subscript(load(name, self._at), load(self._turn, self._at), ast.Load())
        return store(self._loop.range.index, ast.copy_location(element, self._at), self._at)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        self.index_used = self.index_used or node.id == self._loop.range.index
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        place, array = _place(self._cx, node.slice, self._loop.range.index, ()), node.value
        assert place is not None
        assert isinstance(array, ast.Name)
        use = self._loop.uses[array.id]
        if use.is_written and place not in use.writes:
            return load(self._before[array.id], node)
        view = self._view(array.id, use, place)
        slot = load(self._turn, node.slice)
        return ast.copy_location(ast.Subscript(load(view, array), slot, node.ctx), node)

    def _view(self, name: str, use: _Use, place: Place) -> str:
        """The part of an array that the loop reads or writes at this place, by its name."""
        found = self._views.get((name, place))
        if found is None:
            found = self._views[name, place] = hidden_name("part", f"{self._number} {len(self._views)}")
            cx, contents = self._cx, self._cx.contents(use.reference)
            start, behind = self._ends(use, contents, place)
            part = views.part(cx, contents, start, behind, 1)
            if part != contents and use.is_inside:
                cx.emitter.has_length(part, self._count)
            if self._loop.range.down:
                part = views.reversal(cx, part)
            cx.environment[found] = cx.new_array(part, owned=True)
            cx.local.add(found)
        return found

    def _ends(self, use: _Use, array: Value, place: Place) -> tuple[Value, Value]:
        """Where a part begins and ends, inside of the array in any case."""
        cx, (distance, name), span = self._cx, place, self._loop.range
        emit, constant, count = cx.emitter.emit, cx.emitter.constant, self._count
        size, first = cx.emitter.length(array), span.low + distance
        if first == 0 and span.base is None:
            start = constant(0, I64)
        elif span.base is None:
            start = emit("min", (constant(first, I64), size), I64)
        else:  # sums stay in range or become the largest number, which no array is as long as
            begin, less = span.base, cx.environment.get(name)
            if isinstance(less, Value):
                begin = emit("sub.sat", (begin, less), I64)
            start = emit("min", (emit("add.sat", (begin, constant(first, I64)), I64) if first else begin, size), I64)
        if not use.is_inside:
            rest = emit("sub.wrap", (size, start), I64)  # exact: the start is at most the size
            count = emit("min", (count, rest), I64)
        return start, emit("add.wrap", (start, count), I64)  # exact: it is at most the size

    def _last_written(self, name: str, use: _Use) -> None:
        """What the turn before wrote; before the first turn, what is there."""
        (place,) = use.writes
        cx, span, at, (distance, _) = self._cx, self._loop.range, self._at, place
        self._before[name] = before = hidden_name("before", f"{self._number} {len(self._before)}")
        view = self._view(name, use, place)
        contents = cx.contents(use.reference)
        emit, constant = cx.emitter.emit, cx.emitter.constant
        if span.down:
            last = constant(distance - span.less, I64)
            index = emit("add.wrap", (span.size, last), I64) if distance != span.less else span.size
        elif span.base is not None:
            index = emit("add.wrap", (span.base, constant(span.low + distance - 1, I64)), I64)  # exact where it is used
        else:
            index = constant(span.low + distance - 1, I64)
        some = emit("lt", (constant(0, I64), self._count), BOOL)
        slot = emit("select", (some, index, constant(0, I64)), I64)
        cx.emitter.least[slot.name] = 0
        for stem, value in (("slot", slot), ("some", some)):
            cx.environment[hidden_name(stem, before)] = value
            cx.local.add(hidden_name(stem, before))
        cx.environment[hidden_name("whole", before)] = use.reference
        cx.local.add(hidden_name("whole", before))
        element = ast.Subscript(
            load(hidden_name("whole", before), at), load(hidden_name("slot", before), at), ast.Load()
        )
        zero = ast.copy_location(ast.Constant(_zero(contents)), at)
        choice = ast.IfExp(load(hidden_name("some", before), at), ast.copy_location(element, at), zero)
        self.starts.append(store(before, ast.copy_location(choice, at), at))
        written = ast.Subscript(load(view, at), load(self._turn, at), ast.Load())
        self.ends.append(store(before, ast.copy_location(written, at), at))

    def put_back(self) -> None:
        """The arrays with the parts that the loop wrote."""
        cx = self._cx
        for name, use in self._loop.uses.items():
            if not use.is_written:
                continue
            (place,) = use.writes
            reference = cx.environment[self._views[name, place]]
            assert isinstance(reference, ArrayRef)
            part, whole = cx.contents(reference), cx.contents(use.reference)
            if self._loop.range.down:
                part = views.reversal(cx, part)
            cx.environment[use.reference.key] = self._joined(use, whole, part, place)

    def _joined(self, use: _Use, whole: Value, part: Value, place: Place) -> Value:
        cx = self._cx
        size = cx.emitter.length(whole)
        if part.type == whole.type:
            found = part
        else:
            start, behind = self._ends(use, whole, place)
            first = views.part(cx, whole, cx.emitter.constant(0, I64), start, 1)
            last = views.part(cx, whole, behind, size, 1)
            kind = ArrayType(array_type(whole).element, (cx.fresh_size(),))
            both = cx.emitter.emit("concat", (first, part, last), kind, (("axis", 0),))
            found = cx.emitter.emit("reshape.like", (both, whole), whole.type)
        cx.emitter.same_size[found.name] = cx.emitter.root(whole.name)
        return found


def _zero(array: Value) -> int | float | bool:
    return {"f": 0.0, "b": False}.get(str(array_type(array).element)[0], 0)


def _copied(node: ast.stmt) -> ast.stmt:
    """A copy that may be changed: a loop may be lowered several times."""
    import copy

    return copy.deepcopy(node)
