"""Loops over all indices of an array that read it at the index only: they go over its elements."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from hyperion_python.context import Context
from hyperion_python.liveness import Names, assigned, used
from hyperion_python.operands import ArrayRef


@dataclass(frozen=True, slots=True)
class Picked:
    """The array that is read at the index; `index_used`: the index is also used for other things."""

    array: ArrayRef
    index_used: bool


def picked_array(cx: Context, node: ast.For, index: str, root: str, after: Names) -> Picked | None:
    """The one array whose elements a loop reads at its index, where `root` is the array that has as many elements.

    None where it reads or writes arrays at other places that depend on the index.
    """
    stores = assigned(node.body)
    if index in stores:
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
                if index in used(inner.slice) or not _writes_elsewhere(cx, inner, root, stores):
                    return None
            case ast.Subscript(ctx=ast.Load(), slice=place):
                if index in used(place):
                    return None
            case _:
                pass
    if found is None:
        return None
    uses = sum(isinstance(n, ast.Name) and n.id == index for s in node.body for n in ast.walk(s))
    return Picked(found, picks < uses or index in after)


def _has_root(cx: Context, array: ArrayRef, root: str) -> bool:
    return cx.emitter.root(cx.contents(array).name) == root


def _writes_elsewhere(cx: Context, target: ast.Subscript, root: str, stores: dict[str, None]) -> bool:
    if not isinstance(target.value, ast.Name) or target.value.id in stores:
        return False
    array = cx.environment.get(target.value.id)
    return isinstance(array, ArrayRef) and not _has_root(cx, array, root)
