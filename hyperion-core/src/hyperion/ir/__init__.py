"""The intermediate representation: types, functions, operations, text form and verifier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyperion._on_use import resolver

if TYPE_CHECKING:
    from hyperion.ir.builder import Builder, RegionBuilder
    from hyperion.ir.function import Equation, Function, Program, Region, Value
    from hyperion.ir.ops import OPS, OpDef, infer, is_total
    from hyperion.ir.parser import parse_program
    from hyperion.ir.partition import pieces
    from hyperion.ir.printer import print_function, print_program
    from hyperion.ir.verifier import verify, verify_function

__all__ = [
    "OPS", "Builder", "Equation", "Function", "OpDef", "Program", "Region", "RegionBuilder", "Value", "infer",
    "is_total", "parse_program", "pieces", "print_function", "print_program", "verify", "verify_function",
]  # fmt: skip

__getattr__ = resolver(
    __name__,
    {
        "builder": "Builder RegionBuilder",
        "function": "Equation Function Program Region Value",
        "ops": "OPS OpDef infer is_total",
        "parser": "parse_program",
        "partition": "pieces",
        "printer": "print_function print_program",
        "verifier": "verify verify_function",
    },
)
