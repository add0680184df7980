"""Type rules of the ops that carry regions."""

from __future__ import annotations

from hyperion.errors import TypeCheckError
from hyperion.ir.array_rules import array_operand, at_least, count_operands, is_whole, new_shape
from hyperion.ir.sizes import Sizes
from hyperion.ir.type_rules import RegionType, Types, Use, expect, hinted, listing
from hyperion.ir.types import BOOL, I64, ArrayType, is_scalar


def conditional(use: Use) -> Types:
    at_least(use, 1)
    expect(use, 0, BOOL)
    if len(use.operands) != 1:
        raise TypeCheckError("HY6011", f"if takes 1 operand, {len(use.operands)} given")
    then, otherwise = use.regions
    check_region("then", then, RegionType((), then.results))
    check_region("else", otherwise, RegionType((), then.results))
    return then.results


def attempted(use: Use) -> Types:
    (body,) = use.regions
    check_region("body", body, RegionType((), use.operands))
    return (BOOL, *_scalars("body", body))


def counted(use: Use) -> Types:
    carried = _range_operands(use)
    check_region("body", use.regions[0], RegionType((I64, *carried), carried))
    return carried


def repeated(use: Use) -> Types:
    carried = use.operands
    condition, body = use.regions
    check_region("condition", condition, RegionType(carried, (BOOL,)))
    check_region("body", body, RegionType(carried, carried))
    return carried


def fold(use: Use) -> Types:
    elements, carried = _split_arrays(use)
    check_region("body", use.regions[0], RegionType(elements + carried, carried))
    return carried


def call(use: Use) -> Types:
    """The callee is compared by the verifier, which knows the program."""
    callee = use.attributes.get("callee")
    if not isinstance(callee, str):
        raise TypeCheckError("HY6014", "call needs the name of a function", hints=("write `call @g(%x) : i64`",))
    if use.hint is None:
        hinted(use, f"call @{callee}(%x) : i64")
    return use.hint or ()


def recursion(use: Use) -> Types:
    """What `self` takes and gives is compared by the verifier, which sees into the region."""
    (body,) = use.regions
    _scalars_given(use)
    if use.attributes.get("memo", True) is not True:
        raise TypeCheckError("HY6014", "memo of recurse is true or absent", hints=("recurse %n {memo = true}",))
    check_region("body", body, RegionType(use.operands, body.results))
    return _scalars("body", body)


def itself(use: Use) -> Types:
    _scalars_given(use)
    if use.hint is None:
        hinted(use, "self %x : i64")
    return use.hint or ()


def _scalars_given(use: Use) -> None:
    for position, kind in enumerate(use.operands):
        if not is_scalar(kind):
            message = f"operand {position + 1} of {use.op} is {kind}, expected a scalar"
            raise TypeCheckError("HY6012", message, hints=("read arrays of the scope around the recursion",))


def map_elements(use: Use) -> Types:
    elements, others = _split_arrays(use, rank=None)
    if others:
        raise TypeCheckError("HY6012", f"map takes arrays only, operand {len(elements) + 1} is {others[0]}")
    shape = _one_shape(use, len(elements))
    (body,) = use.regions
    check_region("body", body, RegionType(elements, body.results))
    return tuple(ArrayType(t, shape) for t in _scalars("body", body))


def scan(use: Use) -> Types:
    elements, state = _split_arrays(use)
    shape = _one_shape(use, len(elements))
    return _scanned("body", use.regions[0], elements, state, shape)


def build(use: Use) -> Types:
    at_least(use, 1)
    rank = len(use.operands)
    count_operands(use, 0, rank)
    if not use.hint:
        hinted(use, "build %n, %m : i64[p, q]")
    arrays = tuple(new_shape(use, kind, rank) for kind in use.hint or ())
    for kind in arrays[1:]:
        if kind.shape != arrays[0].shape:
            raise TypeCheckError(
                "HY6013",
                f"build gives arrays of one shape, not {arrays[0]} and {kind}",
                hints=("give them the same size names",),
            )
    check_region("body", use.regions[0], RegionType((I64,) * rank, tuple(kind.element for kind in arrays)))
    return arrays


def _one_shape(use: Use, arrays: int) -> tuple[int | str, ...]:
    first = array_operand(use, 0)
    sizes = Sizes(f"{use.op} goes over arrays of one shape")
    for position in range(arrays):
        sizes.bind_shape("", position, array_operand(use, position, len(first.shape)).shape)
    return first.shape


def _scanned(name: str, body: RegionType, elements: Types, state: Types, shape: tuple[int | str, ...]) -> Types:
    """The results of a scan: the final states, then an array of each further yield."""
    made = body.results[len(state) :]
    check_region(name, body, RegionType(elements + state, state + made))
    _scalars(name, RegionType((), made))
    return state + tuple(ArrayType(t, shape) for t in made)


def _scalars(name: str, region: RegionType) -> Types:
    for t in region.results:
        if not is_scalar(t):
            raise TypeCheckError("HY6016", f"the {name} region yields {t} as an element, expected a scalar")
    return region.results


def _cuts(use: Use) -> None:
    """The attributes that say how a parallel form is cut into pieces."""
    for name in ("lanes", "piece", "growing"):
        value = use.attributes.get(name, 1 if name == "growing" else None)
        if not is_whole(value) or value < 1:
            raise TypeCheckError(
                "HY6014", f"{name} of {use.op} is {value!r}, expected a positive number", hints=(f"{{{name} = 8}}",)
            )


def parallel_scan(use: Use) -> Types:
    elements, state = _split_arrays(use)
    _cuts(use)
    shape = _one_shape(use, len(elements))
    step, lift, multiply, act = use.regions
    results = _scanned("step", step, elements, state, shape)
    _summary(lift, multiply, act, elements, state)
    return results


def parallel_reduce(use: Use) -> Types:
    elements, state = _split_arrays(use)
    _cuts(use)
    lift, multiply, act = use.regions[:3]
    _summary(lift, multiply, act, elements, state)
    if len(use.regions) == 3:
        return state
    if use.attributes.get("growing"):
        raise TypeCheckError(
            "HY6014",
            f"{use.op} in growing pieces has a guard, for which every element is read",
            hints=("leave out growing, or make the guard a part of the state",),
        )
    check_region("guard", use.regions[3], RegionType(elements, (BOOL,)))
    return (BOOL, *state)


def summaries_of_pieces(use: Use) -> Types:
    elements, others = _split_arrays(use)
    if others:
        raise TypeCheckError(
            "HY6012", f"pieces.summaries takes arrays only, operand {len(elements) + 1} is {others[0]}"
        )
    _cuts(use)
    lift, multiply, *guards = use.regions
    summary = _scalars("lift", lift)
    check_region("lift", lift, RegionType(elements, summary))
    check_region("mul", multiply, RegionType(summary + summary, summary))
    for guard in guards:
        check_region("guard", guard, RegionType(elements, (BOOL,)))
    if not use.hint and summary:
        hinted(use, "pieces.summaries (%xs) {lanes = 8, piece = 64} : i64[p] {..} {..}")
    hint = use.hint or (BOOL,) * len(guards)
    arrays = tuple(new_shape(use, kind, 1) for kind in hint[: len(summary)])
    flags = tuple(BOOL for _ in guards)
    if tuple(kind.element for kind in arrays) != summary or hint[len(summary) :] != flags:
        wanted = listing((*(ArrayType(kind, ("p",)) for kind in summary), *flags))
        raise TypeCheckError("HY6013", f"pieces.summaries gives {wanted} here, not {listing(hint)}")
    if len({kind.shape for kind in arrays}) > 1 or any(isinstance(kind.shape[0], int) for kind in arrays):
        raise TypeCheckError(
            "HY6013",
            f"pieces.summaries gives arrays of one size that is a name, not {listing(arrays)}",
            hints=("give them the same size name",),
        )
    return arrays + flags


def scan_of_pieces(use: Use) -> Types:
    elements, entering = _split_arrays(use)
    _cuts(use)
    shape = _one_shape(use, len(elements))
    states = tuple(array_operand(use, position, 1) for position in range(len(elements), len(use.operands)))
    sizes = Sizes("each piece has one state that enters it")
    for position in range(len(elements), len(use.operands)):
        sizes.bind_shape("", position, array_operand(use, position, 1).shape)
    made = _scanned("step", use.regions[0], elements, tuple(kind.element for kind in states), shape)
    return entering + made[len(states) :]


def parallel_windows(use: Use) -> Types:
    elements, others = _split_arrays(use)
    if others != (I64,):
        raise TypeCheckError("HY6012", f"par.windows takes arrays and one i64, the width, not {listing(others)}")
    _one_shape(use, len(elements))
    lift, multiply = use.regions
    summary = lift.results
    check_region("lift", lift, RegionType(elements, summary))
    check_region("mul", multiply, RegionType(summary + summary, summary))
    if not use.hint:
        hinted(use, "par.windows (%xs), (%w) : i64[p] {..} {..}")
    arrays = tuple(new_shape(use, kind, 1) for kind in use.hint or ())
    made = tuple(kind.element for kind in arrays)
    shapes = {kind.shape for kind in arrays}
    if made != _scalars("lift", lift) or len(shapes) > 1 or any(isinstance(n, int) for (n,) in shapes):
        raise TypeCheckError(
            "HY6013",
            f"par.windows gives an array of each of {listing(summary)}, of one size that is a name, not "
            f"{listing(arrays)}",
            hints=("give them the same size name",),
        )
    return arrays


def parallel_power(use: Use) -> Types:
    state = _range_operands(use)
    lift, multiply, act = use.regions
    _summary(lift, multiply, act, (), state)
    return state


def _summary(lift: RegionType, multiply: RegionType, act: RegionType, elements: Types, state: Types) -> None:
    summary = lift.results
    check_region("lift", lift, RegionType(elements, summary))
    check_region("mul", multiply, RegionType(summary + summary, summary))
    check_region("act", act, RegionType(summary + state, state))


def check_region(name: str, given: RegionType, wanted: RegionType) -> None:
    if given.parameters != wanted.parameters:
        raise TypeCheckError(
            "HY6016",
            f"the {name} region takes {listing(given.parameters)}, expected {listing(wanted.parameters)}",
        )
    if given.results != wanted.results:
        raise TypeCheckError(
            "HY6016", f"the {name} region yields {listing(given.results)}, expected {listing(wanted.results)}"
        )


def _range_operands(use: Use) -> Types:
    at_least(use, 3)
    count_operands(use, 0, 3)
    return use.operands[3:]


def _split_arrays(use: Use, rank: int | None = 1) -> tuple[Types, Types]:
    """The element types of the arrays, and the types of the initial values."""
    arrays = use.attributes.get("arrays")
    if not is_whole(arrays) or not 1 <= arrays <= len(use.operands):
        form = "(%xs)" if use.op in ("map", "pieces.summaries") else "(%xs), (%init)"
        raise TypeCheckError(
            "HY6014", f"{use.op} goes over at least one array", hints=(f"write `{use.op} {form} ...`",)
        )
    elements = tuple(array_operand(use, position, rank).element for position in range(arrays))
    carried = use.operands[arrays:]
    if use.op.startswith("par.") and any(isinstance(t, ArrayType) for t in carried):
        raise TypeCheckError("HY6012", f"the state of {use.op} is scalars, not {listing(carried)}")
    return elements, carried
