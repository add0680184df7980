"""Two branches meet: the values that differ come out of an `if`, or of a `select` where both branches are cheap."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from hyperion.ir.function import Value
from hyperion.ir.types import BOOL, ArrayType, Type
from hyperion_python.arithmetic import adopts
from hyperion_python.context import Context
from hyperion_python.convert import constant
from hyperion_python.emitter import Block, close
from hyperion_python.operands import Hole, Literal, Retype, Scalar, in_words


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Two branches give types that have no common one."""

    one: str
    other: str

    @property
    def hint(self) -> str:
        if {self.one, self.other} == {"int", "float"}:
            return "write the integer constant as a float (0.0), or convert with float(x)"
        return "convert both to one type, with int(x), float(x) or bool(x)"


def common_type(cx: Context, a: Scalar, b: Scalar) -> Type | Mismatch:
    """The type of a value that is `a` or `b`. A literal adopts the width of the other, never another kind of number."""
    if a.type == b.type:
        return a.type
    for x, other in ((a, b), (b, a)):
        if isinstance(x, Literal) and adopts(x.value, other.type):
            return other.type
        if isinstance(x, Value) and isinstance(other, Value) and other.name not in cx.emitter.weak:
            origins = cx.emitter.weak.get(x.name)
            if origins and all(adopts(o.literal, other.type) for o in origins):
                raise Retype(origins, other.type)
        if isinstance(x, Value) and isinstance(other, Literal):
            origins = cx.emitter.weak.get(x.name)
            if origins and all(isinstance(o.literal, Hole) for o in origins):
                raise Retype(origins, other.type)
    return Mismatch(in_words(a.type), in_words(b.type))


def typed(cx: Context, block: Block, scalar: Scalar, kind: Type, node: ast.AST) -> Value:
    """The scalar as a value of the block."""
    if isinstance(scalar, Value):
        return scalar
    with cx.emitter.inside(block):
        return constant(cx, scalar, kind, node)


def join(
    cx: Context,
    condition: Value,
    then: Block,
    otherwise: Block,
    pairs: Sequence[tuple[Scalar, Scalar, Type]],
    node: ast.AST,
    names: Sequence[str] = (),
) -> list[Value]:
    """The values after the branches, one for each pair of one type."""
    if then.cheap and otherwise.cheap and any(_decides(a, b) for a, b, _ in pairs):
        return _with_decided(cx, condition, then, otherwise, pairs, node, names)
    values = [(typed(cx, then, a, t, node), typed(cx, otherwise, b, t, node)) for a, b, t in pairs]
    arrays = any(isinstance(a.type, ArrayType) for a, _ in values)
    if then.cheap and otherwise.cheap and not arrays:
        results = _select(cx, condition, then, otherwise, values, names)
    else:
        results = _branch(cx, condition, then, otherwise, values, names)
    for (a, b, _), result in zip(pairs, results, strict=True):
        _keep_facts(cx, a, b, result)
    return results


def _decides(a: Scalar, b: Scalar) -> bool:
    """Whether one branch gives True and the other False, so that the condition is the value."""
    bools = [x.value for x in (a, b) if isinstance(x, Literal) and isinstance(x.value, bool)]
    return sorted(bools) == [False, True]


def _with_decided(
    cx: Context,
    condition: Value,
    then: Block,
    otherwise: Block,
    pairs: Sequence[tuple[Scalar, Scalar, Type]],
    node: ast.AST,
    names: Sequence[str],
) -> list[Value]:
    stems = [*names, *("v" for _ in pairs[len(names) :])]
    places = [i for i, (a, b, _) in enumerate(pairs) if not _decides(a, b)]
    others = join(cx, condition, then, otherwise, [pairs[i] for i in places], node, [stems[i] for i in places])
    found = dict(zip(places, others, strict=True))
    results: list[Value] = []
    for i, (a, _, _) in enumerate(pairs):
        if i in found:
            results.append(found[i])
        elif isinstance(a, Literal) and a.value:
            results.append(condition)
        else:
            results += cx.emitter.equation("not", (condition,), (BOOL,), names=(stems[i],))
    return results


def _select(
    cx: Context,
    condition: Value,
    then: Block,
    otherwise: Block,
    values: Sequence[tuple[Value, Value]],
    names: Sequence[str],
) -> list[Value]:
    cx.emitter.splice(then)
    cx.emitter.splice(otherwise)
    results: list[Value] = []
    for i, (a, b) in enumerate(values):
        if a == b:
            results.append(a)
            continue
        stem = names[i] if i < len(names) else "v"
        results += cx.emitter.equation("select", (condition, a, b), (a.type,), names=(stem,))
    return results


def _branch(
    cx: Context,
    condition: Value,
    then: Block,
    otherwise: Block,
    values: Sequence[tuple[Value, Value]],
    names: Sequence[str],
) -> list[Value]:
    regions = (close(then, [a for a, _ in values]), close(otherwise, [b for _, b in values]))
    types = [a.type for a, _ in values]
    return list(cx.emitter.equation("if", (condition,), types, names=names, regions=regions))


def _keep_facts(cx: Context, a: Scalar, b: Scalar, result: Value) -> None:
    emitter = cx.emitter
    bounds = [_least(cx, x) for x in (a, b)]
    if bounds[0] is not None and bounds[1] is not None:
        emitter.least[result.name] = min(bounds[0], bounds[1])
    origins = [emitter.weak.get(x.name) for x in (a, b) if isinstance(x, Value)]
    if origins and all(origins):
        emitter.weak[result.name] = frozenset().union(*(o for o in origins if o))
    if isinstance(a, Value) and isinstance(b, Value) and isinstance(a.type, ArrayType):
        root = emitter.root(a.name)
        if root == emitter.root(b.name):
            emitter.same_size[result.name] = root


def _least(cx: Context, scalar: Scalar) -> int | None:
    if isinstance(scalar, Literal):
        return int(scalar.value) if isinstance(scalar.value, int) else None
    return cx.emitter.least.get(scalar.name)
