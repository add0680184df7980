"""Statements: assignments, branches, returns, and the body of a function."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Final

from hyperion.ir.function import Value
from hyperion.ir.types import ArrayType, IntType, Type
from hyperion_python import arithmetic, arrays, counting, loops, matrices
from hyperion_python.context import Context, array_type
from hyperion_python.convert import as_scalar, type_name
from hyperion_python.emitter import Block
from hyperion_python.expressions import condition, lower
from hyperion_python.hidden import RESULT, is_hidden, stem_of
from hyperion_python.joins import Mismatch, common_type, join
from hyperion_python.liveness import Names, after_each, assigned, before_block
from hyperion_python.operands import (
    ArrayRef,
    Binding,
    Environment,
    Group,
    Literal,
    MatrixRef,
    Operand,
    Poison,
    Reference,
    Scalar,
)

_NOT_TAKEN: Final[dict[type[ast.stmt], tuple[str, str]]] = {
    ast.FunctionDef: ("a function inside a function is not taken", "define it at the top of the module"),
    ast.AsyncFunctionDef: ("a function inside a function is not taken", "define it at the top of the module"),
    ast.ClassDef: ("a class is not taken", "use numbers and arrays"),
    ast.Try: ("try is not taken", "test the condition before, with if"),
    ast.With: ("with is not taken", "do it outside"),
    ast.AsyncWith: ("with is not taken", "do it outside"),
    ast.AsyncFor: ("async for is not taken", "write a plain loop"),
    ast.Raise: ("raise is not taken", "return a number that says so"),
    ast.Assert: ("assert is not taken", "check outside, or return a number that says so"),
    ast.Delete: ("del is not taken", "leave the name"),
    ast.Global: ("global is not taken", "return the value"),
    ast.Nonlocal: ("nonlocal is not taken", "return the value"),
    ast.Import: ("import in a function is not taken", "import at the top of the module"),
    ast.ImportFrom: ("import in a function is not taken", "import at the top of the module"),
    ast.Match: ("match is not taken", "write if and elif"),
}

_MOST_COPIES = 32


def lower_block(cx: Context, statements: Sequence[ast.stmt], after: Names) -> None:
    """Statements without return, in order; `after` are the names that may be read afterwards."""
    for statement, live in zip(statements, after_each(statements, after), strict=True):
        lower_statement(cx, statement, live)


def lower_statement(cx: Context, node: ast.stmt, after: Names) -> None:
    with cx.emitter.at(cx.span(node)):
        match node:
            case ast.Assign(targets=targets, value=value):
                _assign_all(cx, targets, value)
            case ast.AnnAssign(target=target, value=value):
                if value is not None:
                    _assign_all(cx, [target], value)
            case ast.AugAssign():
                _augmented(cx, node)
            case ast.Expr(value=value):
                if not isinstance(value, ast.Constant):  # a docstring or ...
                    lower(cx, value)
            case ast.Pass():
                pass
            case ast.If():
                _if(cx, node, after)
            case ast.For():
                loops.lower_for(cx, node, after, lower_block)
            case ast.While():
                counted = counting.counted(cx, node, after)
                if counted is None:
                    loops.lower_while(cx, node, after, lower_block)
                else:
                    lower_block(cx, counted, after)
            case _:
                what = (f"{type(node).__name__.lower()} is not taken", "write it differently")
                message, hint = _NOT_TAKEN.get(type(node), what)
                cx.refuse("HY6103", message, node, hint=hint)


def _assign_all(cx: Context, targets: Sequence[ast.expr], value: ast.expr) -> None:
    operand = _lower_named(cx, value, targets[0])
    for target in targets:
        assign(cx, target, operand)


def _lower_named(cx: Context, value: ast.expr, target: ast.expr) -> Operand:
    """The operand, its value named after the target where that is safe: where this expression made it."""
    match value, target:
        case ast.Tuple(elts=values), ast.Tuple(elts=targets) if len(values) == len(targets):
            return Group(tuple(_lower_named(cx, v, t) for v, t in zip(values, targets, strict=True)))
        case _, ast.Name(id=stem):
            count = len(cx.emitter.block.equations)
            return _renamed(cx, lower(cx, value), stem, count)
        case _:
            return lower(cx, value)


def _renamed(cx: Context, operand: Operand, stem: str, count: int) -> Operand:
    if isinstance(operand, Value) and len(cx.emitter.block.equations) > count:
        return cx.emitter.call_it(operand, stem_of(stem))
    return operand


def assign(cx: Context, target: ast.expr, operand: Operand) -> None:
    """Binds one target; a tuple of targets takes a group of as many values."""
    match target:
        case ast.Name(id=name):
            cx.environment[name] = _bound(cx, operand, target)
        case ast.Tuple(elts=items) | ast.List(elts=items):
            _unpack(cx, items, operand, target)
        case ast.Subscript():
            array, contents, indices = _element(cx, target)
            with cx.emitter.at(cx.span(target)):
                place = arrays.positions_of(cx, contents, indices, target)
                arrays.write_element(cx, array, place, operand, target)
        case _:
            cx.refuse("HY6103", "only names and elements are assigned", target, hint="assign to a name")


def _element(cx: Context, target: ast.Subscript) -> tuple[Operand, Value, list[Operand]]:
    """The array of which an element is assigned, its contents, and the indices."""
    array, indices = matrices.element(cx, target) or _element_of_vector(cx, target)
    operand = lower(cx, array)
    contents = cx.contents(arrays.owned_array(cx, operand, target))
    return operand, contents, [lower(cx, i) for i in indices]


def _element_of_vector(cx: Context, target: ast.Subscript) -> tuple[ast.expr, list[ast.expr]]:
    if matrices.is_matrix(cx, target.value):
        cx.refuse("HY6104", "only elements of a 2-d array are assigned", target, hint="write a[i, j] in a loop")
    if isinstance(target.slice, ast.Slice | ast.Tuple):
        cx.refuse(
            "HY6104", "a slice or several indices are not taken", target.slice, hint="write the elements in a loop"
        )
    return target.value, [target.slice]


def _bound(cx: Context, operand: Operand, target: ast.expr) -> Binding:
    match operand:
        case ArrayRef() | MatrixRef() | Group() if isinstance(target, ast.Name) and is_hidden(target.id, RESULT):
            what = "a tuple that a function made" if isinstance(operand, Group) else "an array"
            hint = "leave the loop with break and return it after the loop; or return its parts"
            cx.refuse("HY6110", f"{what} is returned from inside a loop", target, hint=hint)
        case Group():
            cx.refuse("HY6103", "a tuple in one variable is not taken", target, hint="unpack it: a, b = ...")
        case Literal(value=value):
            return Literal(value, named=True)
        case _:
            return operand


def _unpack(cx: Context, items: Sequence[ast.expr], operand: Operand, target: ast.expr) -> None:
    starred = next((item for item in items if isinstance(item, ast.Starred)), None)
    if starred is not None:
        cx.refuse("HY6103", "a starred target is not taken", starred, hint="name every value")
    if not isinstance(operand, Group):
        cx.refuse(
            "HY6103", f"{type_name(operand)} is not unpacked", target, hint="write the parts: a, b = xs[0], xs[1]"
        )
    if len(items) != len(operand.items):
        message = f"{len(items)} names for {len(operand.items)} values"
        cx.refuse("HY6103", message, target, hint="give each value a name")
    for item, part in zip(items, operand.items, strict=True):
        assign(cx, item, part)


def _augmented(cx: Context, node: ast.AugAssign) -> None:
    kind = type(node.op)
    match node.target:
        case ast.Name() as target if kind is ast.MatMult:
            note = "NumPy writes the product into the array, under every name that it has"
            cx.refuse("HY6104", "@= is not taken", node, note=note, hint=f"write {target.id} = {target.id} @ ..")
        case ast.Name(id=name) as target:
            before = as_scalar(cx, cx.read(target), target)
            value = lower(cx, node.value)
            count = len(cx.emitter.block.equations)
            result = _renamed(cx, arithmetic.binary(cx, kind, before, value, node), name, count)
            cx.environment[name] = _bound(cx, result, target)
        case ast.Subscript() as target:
            array, contents, indices = _element(cx, target)
            place = arrays.positions_of(cx, contents, indices, target)
            element = cx.emitter.emit("get", (contents, *place), array_type(contents).element)
            before = arrays.widened(cx, element)
            result = arithmetic.binary(cx, kind, before, lower(cx, node.value), node)
            arrays.write_element(cx, array, place, result, target)
        case _:
            cx.refuse("HY6103", "only names and elements are assigned", node.target, hint="assign to a name")


def _if(cx: Context, node: ast.If, after: Names) -> None:
    test = condition(cx, node.test)
    if isinstance(test, Literal):
        lower_block(cx, node.body if test.value else node.orelse, after)
        return
    then, otherwise = cx.emitter.child(), cx.emitter.child()
    with cx.branch(then) as in_then:
        lower_block(cx, node.body, after)
    with cx.branch(otherwise) as in_else:
        lower_block(cx, node.orelse, after)
    _merge(cx, test, (then, in_then), (otherwise, in_else), node, after)


def _merge(
    cx: Context,
    test: Value,
    then: tuple[Block, Environment],
    otherwise: tuple[Block, Environment],
    node: ast.If,
    after: Names,
) -> None:
    """Binds what the branches assigned: to the value both have, to a joined value, or to a reason not to read it."""
    names = [n for n in assigned([node]) if n in after]
    names += [k for k in cx.environment if k.startswith("[")]
    joined: list[tuple[str, Scalar, Scalar]] = []
    for name in assigned([node]):
        if name not in names:
            cx.environment.pop(name, None)
    for name in names:
        one, other = then[1].get(name), otherwise[1].get(name)
        if one == other:
            if one is not None:
                cx.environment[name] = one
        elif (same := _alike(cx, test, one, other)) is not None:
            cx.environment[name] = same
        elif isinstance(one, Value | Literal) and isinstance(other, Value | Literal):
            joined.append((name, one, other))
        else:
            cx.environment[name] = _unreadable(one, other)
    pairs: list[tuple[Scalar, Scalar, Type]] = []
    kept: list[str] = []
    for name, one, other in joined:
        kind = common_type(cx, one, other)
        if isinstance(kind, Mismatch):
            reason = f"is {kind.one} after one branch of the if and {kind.other} after the other"
            cx.environment[name] = Poison("HY6107", reason, kind.hint)
        else:
            pairs.append((one, other, kind))
            kept.append(name)
    _join_all(cx, test, then[0], otherwise[0], pairs, kept, node)


def _alike(cx: Context, test: Value, one: Binding | None, other: Binding | None) -> Value | None:
    """The value of a name that holds either of two equal integers where the test says so, and one of the two elsewhere:
    in `if x == last: .. else: last = x` that is x."""
    if not isinstance(one, Value) or not isinstance(other, Value) or not isinstance(one.type, IntType):
        return None
    made = next((e for e in cx.emitter.block.equations if e.results == (test,)), None)
    if made is None or made.op not in ("eq", "ne") or {*made.operands} != {one, other}:
        return None
    return other if made.op == "eq" else one


def _join_all(
    cx: Context,
    test: Value,
    then: Block,
    otherwise: Block,
    pairs: Sequence[tuple[Scalar, Scalar, Type]],
    names: Sequence[str],
    node: ast.If,
) -> None:
    if not pairs and then.total and otherwise.total:
        return  # nothing is needed of it
    stems = [stem_of(n) for n in names]
    results = join(cx, test, then, otherwise, pairs, node, stems)
    for name, result in zip(names, results, strict=True):
        cx.environment[name] = result


def _unreadable(one: Binding | None, other: Binding | None) -> Poison:
    for binding in (one, other):
        if isinstance(binding, Poison):
            return binding
    if one is None or other is None:
        return Poison("HY6105", "may be unassigned: only one branch of an if assigns it", "assign it before the if")
    return Poison(
        "HY6109",
        "is another array, or an array or a number, depending on an if",
        "write the loop in both branches, or in a function that is called with either array",
    )


def lower_tail(cx: Context, statements: Sequence[ast.stmt]) -> list[Operand]:
    """The statements up to the return that ends the function; the values returned."""
    for position, node in enumerate(statements):
        rest = statements[position + 1 :]
        if isinstance(node, ast.Return):
            return _returned(cx, node)
        if isinstance(node, ast.If) and _contains_return([node]):
            with cx.emitter.at(cx.span(node)):
                return _return_from_if(cx, node, rest)
        lower_statement(cx, node, before_block(rest, frozenset()))
    where = statements[-1] if statements else cx.source.node
    cx.refuse(
        "HY6110",
        f"{cx.source.name} may end without a return",
        where,
        note="it would return None there",
        hint="return a value on every way through the function",
    )


def _contains_return(statements: Sequence[ast.stmt]) -> bool:
    return any(isinstance(n, ast.Return) for s in statements for n in ast.walk(s))


def _always_returns(statements: Sequence[ast.stmt]) -> bool:
    match statements[-1:]:
        case [ast.Return()]:
            return True
        case [ast.If(body=body, orelse=orelse)]:
            return _always_returns(body) and _always_returns(orelse)
        case _:
            return False


def _returned(cx: Context, node: ast.Return) -> list[Operand]:
    if node.value is None:
        cx.refuse("HY6110", "a return without a value is not taken", node, hint="return a number or an array")
    operand = lower(cx, node.value)
    results: list[Operand] = list(operand.items) if isinstance(operand, Group) else [operand]
    if isinstance(operand, Group) and len(results) < 2:
        cx.refuse("HY6110", f"a tuple of {len(results)} is not returned", node, hint="return the value itself")
    seen: set[str] = set()
    for result in results:
        if isinstance(result, Group):
            cx.refuse("HY6110", "a tuple inside a tuple is not returned", node, hint="return one flat tuple")
        if isinstance(result, Reference):
            _check_returned_array(cx, result, seen, node)
    return results


def _check_returned_array(cx: Context, array: Reference, seen: set[str], node: ast.Return) -> None:
    if not array.owned:
        cx.refuse("HY6109", "a parameter array is returned", node, note="the caller would get its own array again",
                  hint="leave it out of the return, or copy it element by element into np.empty_like(xs)")  # fmt: skip
    if array.key in seen:
        cx.refuse("HY6109", "one array is returned twice", node, hint="return it once")
    seen.add(array.key)


def _return_from_if(cx: Context, node: ast.If, rest: Sequence[ast.stmt]) -> list[Operand]:
    test = condition(cx, node.test)
    body, orelse = [*node.body], [*node.orelse]
    falls = [not _always_returns(b) for b in (body, orelse)]
    if isinstance(test, Literal):
        chosen, falling = (body, falls[0]) if test.value else (orelse, falls[1])
        return lower_tail(cx, [*chosen, *rest] if falling else chosen)
    if all(falls):
        cx.copies += 1
        if cx.copies > _MOST_COPIES:
            cx.refuse("HY6110", "too many ifs that return on some ways only", node, hint="return once, at the end")
    then, otherwise = cx.emitter.child(), cx.emitter.child()
    with cx.branch(then):
        ones = _as_values(cx, lower_tail(cx, [*body, *rest] if falls[0] else body))
    with cx.branch(otherwise):
        others = _as_values(cx, lower_tail(cx, [*orelse, *rest] if falls[1] else orelse))
    if len(ones) != len(others):
        cx.refuse("HY6110", f"one return has {len(ones)} values and another {len(others)}", node,
                  hint="return as many values everywhere")  # fmt: skip
    pairs: list[tuple[Scalar, Scalar, Type]] = []
    for one, other in zip(ones, others, strict=True):
        _check_arrays(cx, one, other, node)
        kind = common_type(cx, one, other)
        if isinstance(kind, Mismatch):
            cx.refuse("HY6107", f"one return gives {kind.one} and another {kind.other}", node, hint=kind.hint)
        pairs.append((one, other, kind))
    joined = join(cx, test, then, otherwise, pairs, node)
    return [cx.new_reference(v, owned=True) if isinstance(v.type, ArrayType) else v for v in joined]


def _check_arrays(cx: Context, one: Scalar, other: Scalar, node: ast.If) -> None:
    """Arrays that two returns give are the same array, or have one type and a size that is known to be equal."""
    if one.type != other.type and any(isinstance(x.type, ArrayType) for x in (one, other)):
        cx.refuse("HY6110", "an array is returned from a branch of an if", node,
                  hint="make the array before the if, fill it in the branches, return it at the end")  # fmt: skip


def _as_values(cx: Context, operands: Sequence[Operand]) -> list[Scalar]:
    """The operands in the branch that is lowered."""
    values: list[Scalar] = []
    for operand in operands:
        if isinstance(operand, Reference):
            operand = cx.contents(operand)
        assert isinstance(operand, Value | Literal)
        values.append(operand)
    return values
