"""Which names a piece of Python may still read, and which it assigns."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

Names = frozenset[str]


def assigned(nodes: Iterable[ast.AST]) -> dict[str, None]:
    """Names that are bound anywhere in the nodes, in order of appearance."""
    found: dict[str, None] = {}
    for node in nodes:
        for inner in _in_order(node):
            if isinstance(inner, ast.Name) and not isinstance(inner.ctx, ast.Load):
                found[inner.id] = None
    return found


def _in_order(node: ast.AST) -> Iterable[ast.AST]:
    """The node and what is in it, without the variables of comprehensions, which are their own."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(node, ast.comprehension) and child is node.target):
            yield from _in_order(child)


def used(*nodes: ast.AST | None) -> Names:
    """Names that are read anywhere in the nodes."""
    names: set[str] = set()
    for node in nodes:
        if node is not None:
            names |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    return frozenset(names)


def before_block(statements: Sequence[ast.stmt], after: Names) -> Names:
    """The names live before the statements, given those live after them."""
    for statement in reversed(statements):
        after = before(statement, after)
    return after


def after_each(statements: Sequence[ast.stmt], after: Names) -> list[Names]:
    """For each statement, the names live after it."""
    live = [after]
    for statement in reversed(statements[1:]):
        live.append(before(statement, live[-1]))
    return live[::-1] if statements else []


def before(statement: ast.stmt, after: Names) -> Names:
    match statement:
        case ast.Assign(targets=targets, value=value):
            return (after - _plain_names(targets)) | used(value, *targets)
        case ast.AnnAssign(target=target, value=value):
            return (after - (_plain_names([target]) if value else frozenset())) | used(value, target)
        case ast.AugAssign(target=target, value=value):
            return after | used(value, target) | _plain_names([target])
        case ast.If(test=test, body=body, orelse=orelse):
            return before_block(body, after) | before_block(orelse, after) | used(test)
        case ast.For(iter=iterable):
            return loop_head(statement, after) | used(iterable)
        case ast.While():
            return loop_head(statement, after)
        case ast.Return(value=value):
            return used(value)
        case _:
            return after | used(statement)


def loop_head(loop: ast.For | ast.While, after: Names) -> Names:
    """The names live where each turn of the loop begins (before the target is bound)."""
    test = used(loop.test) if isinstance(loop, ast.While) else frozenset[str]()
    targets = _plain_names([loop.target]) if isinstance(loop, ast.For) else frozenset[str]()
    head = after | test
    while True:
        wider = head | (before_block(loop.body, head) - targets)
        if wider == head:
            return head
        head = wider


def _plain_names(targets: Iterable[ast.expr]) -> Names:
    """Names that an assignment binds whole (not the base of an element write)."""
    names: set[str] = set()
    for target in targets:
        match target:
            case ast.Name(id=name):
                names.add(name)
            case ast.Tuple(elts=items) | ast.List(elts=items):
                names |= _plain_names(items)
            case _:
                pass
    return frozenset(names)
