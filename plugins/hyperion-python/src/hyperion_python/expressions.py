"""Expressions."""

from __future__ import annotations

import ast
from typing import Final

import numpy as np

from hyperion.ir.function import Value
from hyperion.ir.types import BOOL
from hyperion_python import arithmetic, arrays, calls, comparisons, convert, matrices, reductions, remainder, views
from hyperion_python.context import Context
from hyperion_python.emitter import Block
from hyperion_python.hidden import Extremum, Hole
from hyperion_python.indexed import place_of
from hyperion_python.joins import Mismatch, common_type, join
from hyperion_python.namespace import MISSING
from hyperion_python.operands import HOLE, ArrayRef, Group, Literal, Operand, Scalar
from hyperion_python.signature import typed_number

_NOT_TAKEN: Final[dict[type[ast.expr], tuple[str, str]]] = {
    ast.List: ("a list is not taken", "make an array with np.empty(n) and write its elements"),
    ast.Dict: ("a dict is not taken", "index an array by the key"),
    ast.Set: ("a set is not taken", "mark members in an array of bool"),
    ast.ListComp: ("a comprehension is not taken", "write a loop that fills an array of np.empty(n)"),
    ast.SetComp: ("a comprehension is not taken", "write a loop that fills an array of np.empty(n)"),
    ast.DictComp: ("a comprehension is not taken", "write a loop that fills an array of np.empty(n)"),
    ast.GeneratorExp: ("a generator is not taken", "use it in sum, min, max, any or all, or write a loop"),
    ast.Lambda: ("a lambda is not taken", "write a def at the top of the module"),
    ast.JoinedStr: ("text is not taken", "return numbers and format them outside"),
    ast.Starred: ("a starred expression is not taken", "write the parts one by one"),
    ast.NamedExpr: ("the walrus := is not taken", "assign on a line of its own"),
    ast.Yield: ("a generator function is not taken", "fill an array and return it"),
    ast.YieldFrom: ("a generator function is not taken", "fill an array and return it"),
    ast.Await: ("await is not taken", "write a plain function"),
}


def lower(cx: Context, node: ast.expr) -> Operand:
    """The operand that an expression gives. Its equations carry the span of the node."""
    with cx.emitter.at(cx.span(node)):
        operand = _lower(cx, node)
    if isinstance(operand, Literal) and not isinstance(node, ast.Constant | ast.UnaryOp | ast.BinOp):
        return Literal(operand.value, named=True)  # no constant expression: its steps are steps of the function
    return operand


def _lower(cx: Context, node: ast.expr) -> Operand:
    match node:
        case Extremum(left=left, right=right):
            return comparisons.extremum(cx, node.largest, [lower(cx, left), lower(cx, right)], node)
        case Hole():
            return Literal(HOLE)
        case ast.Constant():
            return _constant(cx, node)
        case ast.Name():
            return _name(cx, node)
        case ast.Tuple(elts=items):
            return Group(tuple(lower(cx, item) for item in items))
        case ast.BinOp():
            return _binary(cx, node)
        case ast.UnaryOp():
            return _unary(cx, node)
        case ast.BoolOp():
            return _lazy(cx, node, list(node.values), as_condition=False)
        case ast.Compare():
            return _comparison(cx, node)
        case ast.IfExp():
            return _conditional(cx, node)
        case ast.Call():
            return calls.lower_call(cx, node, lower)
        case ast.Subscript():
            return _subscript(cx, node)
        case ast.Attribute():
            return _attribute(cx, node)
        case _:
            message, hint = _NOT_TAKEN.get(type(node), (f"{type(node).__name__} is not taken", "write it differently"))
            cx.refuse("HY6104", message, node, hint=hint)


def _constant(cx: Context, node: ast.Constant) -> Operand:
    if isinstance(node.value, bool | int | float):
        return Literal(node.value)
    names = {str: "text", bytes: "bytes", type(None): "None", complex: "a complex number", type(...): "..."}
    what = names.get(type(node.value), "this constant")
    hint = "pass bytes as an array of np.uint8" if isinstance(node.value, str | bytes) else "use numbers and bools"
    cx.refuse("HY6104", f"{what} is not taken", node, hint=hint)


def _name(cx: Context, node: ast.Name) -> Operand:
    if node.id in cx.local:
        return cx.read(node)
    return _global(cx, node, cx.resolve(node))


def _global(cx: Context, node: ast.Name | ast.Attribute, found: object) -> Operand:
    """A number from outside the function, read now: later changes of the global are not seen."""
    name = ast.unparse(node)
    if found is MISSING:
        cx.refuse(
            "HY6115", f"there is no number called {name}", node, hint="assign it before, or pass it as an argument"
        )
    typed = typed_number(found)
    if typed is not None:
        return cx.emitter.constant(*typed)
    literal = calls.literal_of(found)
    if literal is None:
        what = "an array" if isinstance(found, np.ndarray) else f"of type {type(found).__qualname__}"
        cx.refuse(
            "HY6115", f"{name} is {what}; global numbers are taken", node, hint="pass it as an argument of the function"
        )
    return literal


def _attribute(cx: Context, node: ast.Attribute) -> Operand:
    if matrices.is_matrix(cx, node.value):
        return matrices.attribute(cx, lower(cx, node.value), node)
    if isinstance(node.value, ast.Name) and node.value.id in cx.local:
        array = cx.read(node.value)
        if node.attr == "size" and isinstance(array, ArrayRef):
            return cx.emitter.length(cx.contents(array))
        hint = (
            "write xs.size, xs.shape[0] or len(xs)"
            if isinstance(array, ArrayRef)
            else "numbers have no attributes here"
        )
        cx.refuse("HY6104", f"the attribute {node.attr} is not taken", node, hint=hint)
    return _global(cx, node, cx.resolve(node))


def _subscript(cx: Context, node: ast.Subscript) -> Operand:
    found = matrices.subscript(cx, node, lower)
    if found is not None:
        return found
    match node:
        case ast.Subscript(
            value=ast.Attribute(value=ast.Name() as base, attr="shape"), slice=ast.Constant(value=0 | -1)
        ):
            if base.id in cx.local and isinstance(array := cx.read(base), ArrayRef):
                return cx.emitter.length(cx.contents(array))
        case ast.Subscript(value=ast.Name() as base, slice=index) if base.id in cx.local:
            array, place = cx.read(base), place_of(index)
            if isinstance(array, ArrayRef) and place is not None:
                element = cx.elements.get((array.key, *place))
                if element is not None:
                    return element
        case _:
            pass
    if isinstance(node.slice, ast.Slice):
        return _slice(cx, node)
    if isinstance(node.slice, ast.Tuple):
        hint = "this array has one dimension; write a[i * columns + j], or pass one of two"
        cx.refuse("HY6104", "several indices are not taken", node.slice, hint=hint)
    array = lower(cx, node.value)
    return arrays.read_element(cx, array, lower(cx, node.slice), node)


def _slice(cx: Context, node: ast.Subscript) -> ArrayRef:
    """A part of an array that nobody writes here. NumPy shares the memory; so a part of another one is refused."""
    part, whole = views.viewed(cx, node, lower)
    if whole.owned:
        cx.refuse("HY6109", "a slice of an array that this function makes is not taken here", node,
                  note="NumPy's slice shares its memory: later writes show in both",
                  hint="loop over the slice itself, for x in xs[a:b], or over range(a, b)")  # fmt: skip
    return cx.new_array(part, owned=False)


def _binary(cx: Context, node: ast.BinOp) -> Operand:
    if remainder.is_exact_remainder(cx, node):
        return remainder.lower_remainder(cx, node, lower)
    left = lower(cx, node.left)
    if isinstance(node.op, ast.MatMult):
        return matrices.product(cx, left, lower(cx, node.right), node)
    return arithmetic.binary(cx, type(node.op), left, lower(cx, node.right), node)


def _unary(cx: Context, node: ast.UnaryOp) -> Operand:
    match node.op:
        case ast.Not():
            return invert_truth(cx, condition(cx, node.operand))
        case ast.USub():
            return arithmetic.negate(cx, lower(cx, node.operand), node)
        case ast.Invert():
            return arithmetic.invert(cx, lower(cx, node.operand), node)
        case _:
            value = convert.as_scalar(cx, lower(cx, node.operand), node)
            return convert.to_integer(cx, value, node) if value.type == BOOL else value


def invert_truth(cx: Context, truth: Scalar) -> Scalar:
    if isinstance(truth, Literal):
        return Literal(not truth.value, truth.named)
    return cx.emitter.emit("not", (truth,), BOOL)


def condition(cx: Context, node: ast.expr) -> Scalar:
    """The truth of an expression where only that matters (if, while, not)."""
    with cx.emitter.at(cx.span(node)):
        if isinstance(node, ast.BoolOp):
            return convert.truth(cx, _lazy(cx, node, list(node.values), as_condition=True), node)
        return convert.truth(cx, lower(cx, node), node)


def _comparison(cx: Context, node: ast.Compare) -> Scalar:
    match node:
        case ast.Compare(ops=[ast.In() | ast.NotIn() as operator], comparators=[ast.Tuple() | ast.List() as items]):
            left = lower(cx, node.left)
            found = comparisons.member(cx, left, [lower(cx, item) for item in items.elts], node)
            return found if isinstance(operator, ast.In) else invert_truth(cx, found)
        case ast.Compare(ops=[ast.In() | ast.NotIn() as operator], comparators=[ast.Name() | ast.Subscript() as items]):
            if isinstance(items, ast.Subscript) and not views.is_slice(items):
                cx.refuse("HY6104", "`in` takes an array or a tuple", items, hint="write x == a")
            found = convert.truth(cx, reductions.contains(cx, node, lower), node)
            return found if isinstance(operator, ast.In) else invert_truth(cx, found)
        case _:
            pass
    for operator in node.ops:
        comparisons.check_operator(cx, type(operator), node)
    first = lower(cx, node.left)
    return _chain(cx, node, first, list(zip(node.ops, node.comparators, strict=True)))


def _chain(cx: Context, node: ast.Compare, left: Operand, rest: list[tuple[ast.cmpop, ast.expr]]) -> Scalar:
    """`a < b < c`: b is evaluated once, c only if a < b."""
    operator, right_node = rest[0]
    right = lower(cx, right_node)
    result = comparisons.compare(cx, type(operator), left, right, node)
    if len(rest) == 1:
        return result
    block = cx.emitter.child()
    with cx.branch(block):
        later = _chain(cx, node, right, rest[1:])
    return _and_or(cx, True, result, block, later, node)


def _lazy(cx: Context, node: ast.BoolOp, values: list[ast.expr], *, as_condition: bool) -> Scalar:
    """`a and b`, `a or b`: b is evaluated only where a does not decide, and the result is the operand that does."""
    both = isinstance(node.op, ast.And)
    left = condition(cx, values[0]) if as_condition else convert.as_scalar(cx, lower(cx, values[0]), values[0])
    if len(values) == 1:
        return left
    if isinstance(left, Literal):
        return _lazy(cx, node, values[1:], as_condition=as_condition) if bool(left.value) == both else left
    block = cx.emitter.child()
    with cx.branch(block):
        right = _lazy(cx, node, values[1:], as_condition=as_condition)
    if left.type == BOOL and right.type == BOOL:
        return _and_or(cx, both, left, block, right, node)
    kind = common_type(cx, left, right)
    if isinstance(kind, Mismatch):
        cx.refuse(
            "HY6107",
            f"`{'and' if both else 'or'}` gives {kind.one} or {kind.other}, depending on the values",
            node,
            note="Python returns one of the operands",
            hint="compare with 0 (x != 0), or convert both sides to one type",
        )
    truth = convert.truth(cx, left, node)
    assert isinstance(truth, Value)
    empty = cx.emitter.child()
    then, otherwise = (block, empty) if both else (empty, block)
    pair = (right, left, kind) if both else (left, right, kind)
    return join(cx, truth, then, otherwise, [pair], node)[0]


def _and_or(cx: Context, both: bool, left: Scalar, block: Block, right: Scalar, node: ast.expr) -> Scalar:
    """Of two bools, the right one lowered into `block`: an op where computing it is harmless, else an `if`."""
    if isinstance(left, Literal):
        if bool(left.value) != both:
            return left
        cx.emitter.splice(block)
        return right
    if block.cheap:
        cx.emitter.splice(block)
        other = convert.coerce(cx, right, BOOL, node)
        return cx.emitter.emit("and" if both else "or", (left, other), BOOL)
    empty = cx.emitter.child()
    decided = Literal(not both)
    if both:
        return join(cx, left, block, empty, [(right, decided, BOOL)], node)[0]
    return join(cx, left, empty, block, [(decided, right, BOOL)], node)[0]


def _conditional(cx: Context, node: ast.IfExp) -> Operand:
    test = condition(cx, node.test)
    if isinstance(test, Literal):
        return lower(cx, node.body if test.value else node.orelse)
    then, otherwise = cx.emitter.child(), cx.emitter.child()
    with cx.branch(then):
        a = convert.as_scalar(cx, lower(cx, node.body), node.body)
    with cx.branch(otherwise):
        b = convert.as_scalar(cx, lower(cx, node.orelse), node.orelse)
    kind = common_type(cx, a, b)
    if isinstance(kind, Mismatch):
        message = f"this is {kind.one} or {kind.other}, depending on the condition"
        cx.refuse("HY6107", message, node, hint=kind.hint)
    return join(cx, test, then, otherwise, [(a, b, kind)], node)[0]
