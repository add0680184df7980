"""Loops over indices of an array that read it at the index, or beside it: they go over its elements."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from hyperion_python.context import Context
from hyperion_python.liveness import Names, assigned, used
from hyperion_python.operands import ArrayRef


@dataclass(frozen=True, slots=True)
class Picked:
    """The array that is read at the index and at these distances from it; `index_used`: also for other things."""

    array: ArrayRef
    distances: tuple[int, ...]
    index_used: bool


def place_of(node: ast.expr) -> tuple[str, int] | None:
    """The name and the distance of an index like i, i - 1 or i + 2."""
    match node:
        case ast.Name(id=name):
            return name, 0
        case ast.BinOp(left=ast.Name(id=name), op=ast.Add() | ast.Sub() as op, right=ast.Constant(value=value)) if (
            type(value) is int
        ):
            return name, value if isinstance(op, ast.Add) else -value
        case _:
            return None


def picked_array(
    cx: Context, node: ast.For, index: str, root: str, margins: tuple[int, int], after: Names
) -> Picked | None:
    """The one array whose elements a loop reads at its index or beside it, where `root` is the array whose length
    bounds the index: it runs from the first margin up to the length less the second.

    None where it reads or writes arrays at other places that depend on the index, or beyond the ends.
    """
    stores = assigned(node.body)
    if index in stores:
        return None
    found: ArrayRef | None = None
    distances: dict[int, None] = {}
    picks = 0
    for inner in (n for s in node.body for n in ast.walk(s)):
        match inner:
            case ast.Subscript(value=ast.Name(id=name), slice=place, ctx=ast.Load()) if (
                (at := place_of(place)) is not None and at[0] == index and -margins[0] <= at[1] <= margins[1]
            ):
                array = cx.environment.get(name)
                if name in stores or not isinstance(array, ArrayRef) or not _has_root(cx, array, root):
                    return None
                if found is not None and array != found:
                    return None
                found = array
                distances[at[1]] = None
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
    return Picked(found, tuple(distances), picks < uses or index in after)


def _has_root(cx: Context, array: ArrayRef, root: str) -> bool:
    return cx.emitter.root(cx.contents(array).name) == root


def _writes_elsewhere(cx: Context, target: ast.Subscript, root: str, stores: dict[str, None]) -> bool:
    if not isinstance(target.value, ast.Name) or target.value.id in stores:
        return False
    array = cx.environment.get(target.value.id)
    return isinstance(array, ArrayRef) and not _has_root(cx, array, root)
