"""Constant folding: operations on literals, and choices by literals.

    %c = add.trap 2, 3    -->    %c = const 5              %r = select true, %a, %b    -->    %a
    if true {A} {B}       -->    A

An op that would trap stays. Only ops whose value the kernel can compute are folded: no shifts, no bit patterns.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from hyperion.interfaces.compiler_pass import PassContext, PassResult
from hyperion.ir import ops
from hyperion.ir.function import Attribute, Equation, Program, walk
from hyperion.ir.scalars import Number, float_text
from hyperion.ir.type_rules import LARGEST_LITERAL
from hyperion.ir.types import INT, BoolType, FloatType, IntType, Type
from hyperion_passes.meaning import evidence
from hyperion_passes.rewriting import Rewriting, Rewritten, by_values, kept

_ARITHMETIC = {"add", "sub", "mul", "neg", "abs", "floordiv", "mod", "max", "min"}
_COMPARISONS = {"eq", "ne", "lt", "le", "gt", "ge"}
_LOGIC = {"and", "or", "xor", "not"} | _COMPARISONS
_FLOATS = {"add", "sub", "mul", "div", "sqrt"} | _COMPARISONS


@dataclass(frozen=True, slots=True)
class ConstantFolding:
    @property
    def name(self) -> str:
        return "constant-folding"

    def run(self, program: Program, context: PassContext) -> PassResult:
        function = program.main
        regrouped = any(e.attribute("fp") == "reassoc" for e in walk(function.equations))
        return evidence(program, _Folding(floats=not regrouped).function(function), context)


class _Folding(Rewriting):
    def __init__(self, floats: bool) -> None:
        super().__init__()
        self._floats = floats
        self._known: dict[str, Number] = {}

    def equation(self, equation: Equation) -> Rewritten:
        if equation.op == "const":
            self._known[equation.result.name] = _value(equation.result.type, equation.attribute("value"))
            return kept(equation)
        decided = self._known.get(equation.operands[0].name) if equation.operands else None
        if equation.op == "select" and decided is not None:
            return by_values(equation, equation.operands[1 if decided else 2])
        if equation.op == "if" and decided is not None:
            region = equation.regions[0 if decided else 1]
            same = all(v.type == r.type for v, r in zip(region.results, equation.results, strict=True))
            return Rewritten(region.equations, region.results) if same else kept(equation)
        return kept(self._folded(equation))

    def _folded(self, equation: Equation) -> Equation:
        operands = equation.operands
        if not all(v.name in self._known for v in operands) or not self._computable(equation):
            return equation
        kind = equation.result.type
        try:
            value = ops.evaluate(equation.op, [self._known[v.name] for v in operands], [v.type for v in operands], kind)
        except ops.Trap:
            return equation
        if kind == INT and abs(value).bit_length() > LARGEST_LITERAL:
            return equation
        self._known[equation.result.name] = value
        literal = float_text(value) if isinstance(kind, FloatType) else value
        return replace(equation, op="const", operands=(), attributes=(("value", literal),))

    def _computable(self, equation: Equation) -> bool:
        if not equation.operands or not ops.is_scalar_op(equation.op):
            return False
        stem, _, mode = equation.op.partition(".")
        source = equation.operands[0].type
        match source:
            case FloatType():
                return self._floats and stem in _FLOATS
            case BoolType():
                return stem in _LOGIC or stem == "cast"
            case _ if source == INT or isinstance(source, IntType):
                if stem == "cast":
                    return mode in ("", "wrap", "trap")
                return stem in _ARITHMETIC | _COMPARISONS
            case _:
                return False


def _value(kind: Type, literal: Attribute | None) -> Number:
    return float.fromhex(literal) if isinstance(kind, FloatType) and isinstance(literal, str) else literal
