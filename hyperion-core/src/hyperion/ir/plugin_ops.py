"""A plugin's op as the registry keeps it: checked, and with its functions behind a guard.

A stranger's type rule or meaning may raise anything and return anything. Both end as HY1016, which names the op and its
owner, and never as a wrong type, a trap that the op does not list, or a traceback of another kind.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import cast

from hyperion.errors import RAISED, HyperionError, PluginError
from hyperion.ir.function import Function
from hyperion.ir.op_table import OpDef
from hyperion.ir.op_table.definition import Expansion
from hyperion.ir.rebuild import rebuilt, rebuilt_type
from hyperion.ir.scalars import Evaluate, Number, Trap, holds
from hyperion.ir.type_rules import TypeRule, Types, Use
from hyperion.ir.types import Type


def guarded(owner: str, op: OpDef) -> OpDef:
    """The op of `owner`. Raises `PluginError` (HY1015) for one without a meaning, or that only the core can have."""
    _check(owner, op)
    return replace(
        op,
        owner=owner,
        rule=_rule(owner, op),
        evaluate=None if op.evaluate is None else _evaluate(owner, op, op.evaluate),
        expansion=None if op.expansion is None else _expansion(owner, op, op.expansion),
        denotation="uninterpreted" if op.expansion is None else "expansion",
    )


def refused(owner: str, name: str, reason: str, hint: str) -> PluginError:
    return PluginError("HY1015", f"{name!r} of {owner!r} {reason}", hints=[hint])


def _check(owner: str, op: OpDef) -> None:
    if not op.deterministic:
        hint = "take the seed or the state as an operand"
        raise refused(owner, op.name, "is not deterministic, so it has no meaning", hint)
    if (op.evaluate is None) == (op.expansion is None):
        raise refused(owner, op.name, "needs either `evaluate` or `expansion`", "say what the op means, in one of them")
    if op.regions or op.diverges or op.unchecked or op.makes_sizes or op.total_regions:
        what = "has regions, diverges, is unchecked or makes sizes"
        raise refused(owner, op.name, what, "use ops of the core in an `expansion`")
    if op.expansion is not None and op.traps:
        raise refused(owner, op.name, "lists traps beside its expansion", "leave `traps` out: the core ops have theirs")
    unknown = set(op.inert) - set(op.attributes)
    if unknown:
        raise refused(owner, op.name, f"has no attribute {min(unknown)} to be inert", "list it in `attributes` too")


def _rule(owner: str, op: OpDef) -> TypeRule:
    def rule(use: Use) -> Types:
        found: object = _answer(owner, op, "type rule", lambda: op.rule(use))
        if not isinstance(found, tuple):
            raise _broken(owner, op, f"the type rule gave {found!r}, expected a tuple of types")
        try:
            return tuple(map(rebuilt_type, cast("tuple[object, ...]", found)))
        except HyperionError as error:
            raise _broken(owner, op, f"the type rule gave what is no type: {error.message}") from error

    return rule


def _evaluate(owner: str, op: OpDef, function: Evaluate) -> Evaluate:
    def evaluate(values: tuple[Number, ...], types: Types, result: Type) -> Number:
        found = _answer(owner, op, "meaning", lambda: function(values, types, result))
        if not holds(result, found):
            raise _broken(owner, op, f"the meaning gave {found!r}, which is no {result}")
        return found

    return evaluate


def _expansion(owner: str, op: OpDef, function: Expansion) -> Expansion:
    def expansion(use: Use) -> Function:
        found = _answer(owner, op, "expansion", lambda: function(use))
        try:
            return rebuilt(found)
        except HyperionError as error:
            raise _broken(owner, op, f"the expansion gave no function: {error.message}") from error

    return expansion


def _answer(owner: str, op: OpDef, part: str, ask: Callable[[], object]) -> object:
    try:
        return ask()
    except Trap as trap:
        if trap.kind not in op.traps:
            raise _broken(owner, op, f"the {part} traps with {trap.kind!r}, which the op does not list") from trap
        raise
    except HyperionError:
        raise
    except RAISED as error:
        raise _broken(owner, op, f"the {part} raised {type(error).__name__}: {error}") from error


def _broken(owner: str, op: OpDef, what: str) -> PluginError:
    return PluginError("HY1016", f"{op.name} of {owner!r}: {what}", hints=["report it to the authors of the plugin"])
