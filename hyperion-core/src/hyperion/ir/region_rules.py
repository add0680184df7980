"""Type rules of the ops that carry regions."""

from __future__ import annotations

from hyperion.errors import TypeCheckError
from hyperion.ir.type_rules import RegionType, Types, Use, array_operand, expect, hinted, listing
from hyperion.ir.types import BOOL, I64, ArrayType


def conditional(use: Use) -> Types:
    _at_least(use, 1)
    expect(use, 0, BOOL)
    if len(use.operands) != 1:
        raise TypeCheckError("HY6011", f"if takes 1 operand, {len(use.operands)} given")
    then, otherwise = use.regions
    _region("then", then, RegionType((), then.results))
    _region("else", otherwise, RegionType((), then.results))
    return then.results


def counted(use: Use) -> Types:
    carried = _range_operands(use)
    _region("body", use.regions[0], RegionType((I64, *carried), carried))
    return carried


def repeated(use: Use) -> Types:
    carried = use.operands
    condition, body = use.regions
    _region("condition", condition, RegionType(carried, (BOOL,)))
    _region("body", body, RegionType(carried, carried))
    return carried


def fold(use: Use) -> Types:
    elements, carried = _split_arrays(use)
    _region("body", use.regions[0], RegionType(elements + carried, carried))
    return carried


def call(use: Use) -> Types:
    """The callee is compared by the verifier, which knows the program."""
    callee = use.attributes.get("callee")
    if not isinstance(callee, str):
        raise TypeCheckError("HY6014", "call needs the name of a function", hints=("write `call @g(%x) : i64`",))
    if use.hint is None:
        hinted(use, f"call @{callee}(%x) : i64")
    return use.hint or ()


def parallel_reduce(use: Use) -> Types:
    elements, state = _split_arrays(use)
    for name in ("lanes", "piece"):
        value = use.attributes.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise TypeCheckError(
                "HY6014", f"{name} of par.reduce is {value!r}, expected a positive number", hints=(f"{{{name} = 8}}",)
            )
    lift, multiply, act = use.regions[:3]
    _summary(lift, multiply, act, elements, state)
    if len(use.regions) == 3:
        return state
    _region("guard", use.regions[3], RegionType(elements, (BOOL,)))
    return (BOOL, *state)


def parallel_power(use: Use) -> Types:
    state = _range_operands(use)
    lift, multiply, act = use.regions
    _summary(lift, multiply, act, (), state)
    return state


def _summary(lift: RegionType, multiply: RegionType, act: RegionType, elements: Types, state: Types) -> None:
    summary = lift.results
    _region("lift", lift, RegionType(elements, summary))
    _region("mul", multiply, RegionType(summary + summary, summary))
    _region("act", act, RegionType(summary + state, state))


def _region(name: str, given: RegionType, wanted: RegionType) -> None:
    if given.parameters != wanted.parameters:
        raise TypeCheckError(
            "HY6016",
            f"the {name} region takes {listing(given.parameters)}, expected {listing(wanted.parameters)}",
        )
    if given.results != wanted.results:
        raise TypeCheckError(
            "HY6016", f"the {name} region yields {listing(given.results)}, expected {listing(wanted.results)}"
        )


def _at_least(use: Use, wanted: int) -> None:
    if len(use.operands) < wanted:
        raise TypeCheckError("HY6011", f"{use.op} takes at least {wanted} operands, {len(use.operands)} given")


def _range_operands(use: Use) -> Types:
    _at_least(use, 3)
    for position in range(3):
        expect(use, position, I64)
    return use.operands[3:]


def _split_arrays(use: Use) -> tuple[Types, Types]:
    """The element types of the arrays, and the types of the initial values."""
    arrays = use.attributes.get("arrays")
    if not isinstance(arrays, int) or isinstance(arrays, bool) or not 1 <= arrays <= len(use.operands):
        raise TypeCheckError(
            "HY6014", f"{use.op} goes over at least one array", hints=(f"write `{use.op} (%xs), (%init) ...`",)
        )
    elements = tuple(array_operand(use, position).element for position in range(arrays))
    carried = use.operands[arrays:]
    if use.op == "par.reduce" and any(isinstance(t, ArrayType) for t in carried):
        raise TypeCheckError("HY6012", f"the state of par.reduce is scalars, not {listing(carried)}")
    return elements, carried
