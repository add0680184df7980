"""A test of every number of a progression that its first and its last number decide.

Where a region joins by `and` comparisons of a sum, in exact arithmetic, of the element and of values from outside with
values from outside, each comparison holds on a half-line, and all together on an interval. A progression whose ends lie
in an interval lies in it: its numbers do not leave their type, so they go up or down from one end to the other.
"""

from __future__ import annotations

from hyperion.ir.function import Equation, Region
from hyperion.ir.types import BOOL, INT, IntType

COMPARISONS = frozenset({"le", "lt", "ge", "gt"})


def is_interval(test: Region) -> bool:
    """Whether the elements for which the region yields true are those of an interval."""
    (element,) = test.parameters
    if not isinstance(element.type, IntType):
        return False
    moved, tests = {element.name}, set[str]()
    made = {element.name} | {v.name for e in test.equations for v in e.results}
    for e in test.equations:
        name, operands = e.results[0].name, [v.name for v in e.operands]
        varying = [x for x in operands if x in moved]
        outside = [x for x in operands if x not in made]
        joins = e.op == "and" and e.result.type == BOOL and all(x in tests for x in operands)
        if joins or (e.op in COMPARISONS and len(varying) == len(outside) == 1):
            tests.add(name)
        elif len(varying) == 1 and _keeps_order(e) and len(outside) == len(operands) - 1:
            moved.add(name)
        else:
            return False
    return test.results[0].name in tests


def _keeps_order(e: Equation) -> bool:
    """Whether the result goes up or down with the operand that varies, and is exact."""
    return e.result.type == INT and e.op in ("cast", "add", "sub")
