"""The intermediate representation: types, functions, operations, text form and verifier."""

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
