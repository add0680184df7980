"""Loops that are left early: `if %done { yield the state } else { a turn }` as the whole body."""

from __future__ import annotations

from collections.abc import Callable

from hyperion.ir.function import Region
from hyperion_llvm.loops import Carried
from hyperion_llvm.lowering import Lowering


def exit_place(region: Region, leading: int) -> int | None:
    """The place in the state of the flag that ends the loop: once it is set, a turn keeps the state, the flag included.

    `leading` parameters of the region stand before the state.
    """
    state = region.parameters[leading:]
    match region.equations:
        case (choice,) if choice.op == "if" and choice.operands[0] in state:
            unchanged = choice.regions[0]
            if not unchanged.equations and unchanged.results == state and choice.results == region.results:
                return state.index(choice.operands[0])
        case _:
            pass
    return None


def exit_of(lowering: Lowering, region: Region, leading: int, carried: Carried) -> Callable[[], str] | None:
    """What reads the flag that ends the loop between two turns, if it has one."""
    place = exit_place(region, leading)
    if place is None:
        return None
    (slot,) = carried.slots[place]
    return lambda: lowering.writer.load("i1", slot, "left")
