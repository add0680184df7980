"""An op that says what it means in ops of the core."""

from hyperion.ir import Builder
from hyperion.ir.op_table import OpDef
from hyperion.ir.type_rules import is_machine_integer, uniform


def _expansion(use):
    b = Builder("clamped")
    x, low, high = (b.parameter(name, kind) for name, kind in zip("xlh", use.operands, strict=True))
    return b.build([b.op("min", b.op("max", x, low), high)])


CLAMPED = OpDef(
    "example.clamped",
    "T, T, T -> T",
    "x between two bounds.",
    uniform(3, is_machine_integer, "machine integers"),
    expansion=_expansion,
)
