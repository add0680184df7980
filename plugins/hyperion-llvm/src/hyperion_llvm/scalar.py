"""Scalar ops as LLVM instructions; with lanes, the same on vectors.

Each emitter takes a `Use` and gives the name of the result. A trap is an early exit, so ops that may trap have no
vector form; the verifier keeps them out of parallel regions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hyperion.errors import CodegenError
from hyperion.ir.scalars import TrapKind
from hyperion.ir.types import BOOL, INT, BoolType, FloatType, IntType, Type
from hyperion_llvm.text import Writer, literal, scalar_type, vector_type

TrapIf = Callable[[str, TrapKind], None]
"""Leaves the function if the condition (an i1) holds; the second argument is the kind of trap."""


@dataclass(frozen=True, slots=True)
class Use:
    """One use of an op. `traps` is None where nothing may trap."""

    writer: Writer
    op: str
    operands: tuple[str, ...]
    kinds: tuple[Type, ...]
    result: Type
    lanes: int
    traps: TrapIf | None

    @property
    def type(self) -> str:
        """The LLVM type of the first operand."""
        return vector_type(self.kinds[0], self.lanes)

    @property
    def integer(self) -> IntType:
        """The first operand's type as a machine integer; `int` is held in 128 bits."""
        return machine_integer(self.kinds[0])

    @property
    def mode(self) -> str:
        return self.op.partition(".")[2]

    def literal(self, value: bool | int | float) -> str:
        """A constant of the first operand's type."""
        return literal(self.integer if self.kinds[0] == INT else self.kinds[0], value, self.lanes)

    def binary(self, instruction: str) -> str:
        x, y = self.operands
        return self.writer.set(f"{instruction} {self.type} {x}, {y}")

    def compare(self, predicate: str, x: str, y: str) -> str:
        instruction = "fcmp" if isinstance(self.kinds[0], FloatType) else "icmp"
        return self.writer.set(f"{instruction} {predicate} {self.type} {x}, {y}", "c")

    def choose(self, condition: str, x: str, y: str, type_: str = "") -> str:
        return choose(self.writer, self.lanes, condition, type_ or self.type, x, y)

    def intrinsic(self, name: str, *operands: str) -> str:
        """`llvm.name` on operands of the first operand's type."""
        arguments = ", ".join(f"{self.type} {x}" for x in operands)
        return self.writer.set(f"call {self.type} @llvm.{name}.{suffix(self.kinds[0], self.lanes)}({arguments})")

    def with_overflow(self, stem: str, x: str, y: str) -> tuple[str, str]:
        """The wrapped result and whether it differs from the exact one."""
        sign = "s" if self.integer.signed else "u"
        flag = vector_type(BOOL, self.lanes)
        pair = f"{{{self.type}, {flag}}}"
        name = f"llvm.{sign}{stem}.with.overflow.{suffix(self.kinds[0], self.lanes)}"
        both = self.writer.set(f"call {pair} @{name}({self.type} {x}, {self.type} {y})")
        value = self.writer.set(f"extractvalue {pair} {both}, 0")
        return value, self.writer.set(f"extractvalue {pair} {both}, 1", "c")

    def trap_if(self, condition: str, kind: TrapKind) -> None:
        if self.traps is None or self.lanes:
            raise CodegenError("HY8004", f"{self.op} may trap inside a region that must be total")
        self.traps(condition, kind)


def machine_integer(kind: Type) -> IntType:
    match kind:
        case IntType():
            return kind
        case _ if kind == INT:
            return IntType(128)
        case _:
            raise CodegenError("HY8002", f"{kind} is not an integer of this machine")


def suffix(kind: Type, lanes: int) -> str:
    """How intrinsics name a type: `i64`, `v8i64`, `f32`."""
    text = f"f{kind.width}" if isinstance(kind, FloatType) else scalar_type(kind)
    return f"v{lanes}{text}" if lanes else text


def choose(writer: Writer, lanes: int, condition: str, type_: str, x: str, y: str) -> str:
    return writer.set(f"select {vector_type(BOOL, lanes)} {condition}, {type_} {x}, {type_} {y}")


def arithmetic(use: Use) -> str:
    """add, sub and mul: modeless on floats and `int`, with a mode on machine integers."""
    stem, _, mode = use.op.partition(".")
    if isinstance(use.kinds[0], FloatType):
        # The relaxation `fp` is not handed on: results are the same bits on every machine.
        return use.binary(f"f{stem}")
    if mode in ("", "wrap"):
        return use.binary(stem)
    if mode == "sat" and stem != "mul":
        sign = "s" if use.integer.signed else "u"
        return use.intrinsic(f"{sign}{stem}.sat", *use.operands)
    value, overflow = use.with_overflow(stem, *use.operands)
    if mode == "sat":
        return use.choose(overflow, _product_limit(use), value)
    use.trap_if(overflow, "overflow")
    return value


def _product_limit(use: Use) -> str:
    if not use.integer.signed:
        return use.literal(use.integer.maximum)
    signs = use.binary("xor")
    negative = use.compare("slt", signs, use.literal(0))
    return use.choose(negative, use.literal(use.integer.minimum), use.literal(use.integer.maximum))


def negate(use: Use) -> str:
    (x,) = use.operands
    if isinstance(use.kinds[0], FloatType):
        return use.writer.set(f"fneg {use.type} {x}")
    if use.mode == "trap":
        value, overflow = use.with_overflow("sub", use.literal(0), x)
        use.trap_if(overflow, "overflow")
        return value
    if use.mode == "sat":
        sign = "s" if use.integer.signed else "u"
        return use.intrinsic(f"{sign}sub.sat", use.literal(0), x)
    return use.writer.set(f"sub {use.type} {use.literal(0)}, {x}")


def absolute(use: Use) -> str:
    (x,) = use.operands
    if isinstance(use.kinds[0], FloatType):
        return use.intrinsic("fabs", x)
    if not use.integer.signed:
        return x
    negative = use.compare("slt", x, use.literal(0))
    if use.mode == "trap":
        use.trap_if(use.compare("eq", x, use.literal(use.integer.minimum)), "overflow")
    if use.mode == "sat":
        opposite = use.intrinsic("ssub.sat", use.literal(0), x)
    else:
        opposite = use.writer.set(f"sub {use.type} {use.literal(0)}, {x}")
    return use.choose(negative, opposite, x)


def divide_down(use: Use) -> str:
    """floordiv and mod, rounded down; hardware rounds toward zero and faults on 0 and on MIN / -1."""
    x, y = use.operands
    zero = use.compare("eq", y, use.literal(0))
    total = use.kinds[0] == INT
    if not total:
        use.trap_if(zero, "zero-division")
    one = use.literal(1)
    divisor = use.choose(zero, one, y) if total else y
    if not use.integer.signed:
        return use.writer.set(f"{'udiv' if use.op.startswith('floordiv') else 'urem'} {use.type} {x}, {divisor}")
    overflow = None
    if not total:
        lowest = use.compare("eq", x, use.literal(use.integer.minimum))
        minus = use.compare("eq", y, use.literal(-1))
        overflow = use.writer.set(f"and {vector_type(BOOL, use.lanes)} {lowest}, {minus}", "c")
        if use.op == "floordiv.trap":
            use.trap_if(overflow, "overflow")
        divisor = use.choose(overflow, one, y)
    if use.op.startswith("mod"):
        remainder = _modulo(use, x, divisor)
        return use.choose(zero, x, remainder) if total else remainder
    quotient = _quotient(use, x, divisor)
    if total:
        return use.choose(zero, use.literal(0), quotient)
    if use.mode == "sat" and overflow is not None:
        return use.choose(overflow, use.literal(use.integer.maximum), quotient)
    return quotient


def _inexact_below(use: Use, x: str, y: str, remainder: str) -> str:
    """Whether rounding toward zero went up: there is a remainder and the signs differ."""
    rest = use.compare("ne", remainder, use.literal(0))
    signs = use.writer.set(f"xor {use.type} {remainder}, {y}")
    differ = use.compare("slt", signs, use.literal(0))
    return use.writer.set(f"and {vector_type(BOOL, use.lanes)} {rest}, {differ}", "c")


def _quotient(use: Use, x: str, y: str) -> str:
    quotient = use.writer.set(f"sdiv {use.type} {x}, {y}")
    remainder = use.writer.set(f"srem {use.type} {x}, {y}")
    above = _inexact_below(use, x, y, remainder)
    lower = use.writer.set(f"sub {use.type} {quotient}, {use.literal(1)}")
    return use.choose(above, lower, quotient)


def _modulo(use: Use, x: str, y: str) -> str:
    remainder = use.writer.set(f"srem {use.type} {x}, {y}")
    above = _inexact_below(use, x, y, remainder)
    moved = use.writer.set(f"add {use.type} {remainder}, {y}")
    return use.choose(above, moved, remainder)


def divide(use: Use) -> str:
    if use.mode == "trap":
        use.trap_if(use.compare("oeq", use.operands[1], use.literal(0.0)), "zero-division")
    return use.binary("fdiv")


def square_root(use: Use) -> str:
    return use.intrinsic("sqrt", *use.operands)


def transcendental(use: Use) -> str:
    """exp and log by the C library, in f64 whatever the format: the same bits as in the interpreter."""
    (x,) = use.operands
    wide = vector_type(FloatType(64), use.lanes)
    narrow = use.kinds[0] != FloatType(64)
    x = use.writer.set(f"fpext {use.type} {x} to {wide}") if narrow else x
    y = use.writer.set(f"call {wide} @llvm.{use.op}.{suffix(FloatType(64), use.lanes)}({wide} {x})")
    return use.writer.set(f"fptrunc {wide} {y} to {use.type}") if narrow else y


def extreme(use: Use) -> str:
    return use.intrinsic(f"{'s' if use.integer.signed else 'u'}{use.op}", *use.operands)


def bits(use: Use) -> str:
    return use.binary(use.op)


def invert(use: Use) -> str:
    ones = use.literal(True) if isinstance(use.kinds[0], BoolType) else use.literal(-1)
    return use.writer.set(f"xor {use.type} {use.operands[0]}, {ones}")


def shift_left(use: Use) -> str:
    x, _ = use.operands
    past, amount = _shift_amount(use, 0)
    shifted = use.writer.set(f"shl {use.type} {x}, {amount}")
    if use.mode == "wrap":
        return use.choose(past, use.literal(0), shifted)
    back = use.writer.set(f"{'ashr' if use.integer.signed else 'lshr'} {use.type} {shifted}, {amount}")
    changed = use.compare("ne", back, x)
    nonzero = use.compare("ne", x, use.literal(0))
    flag = vector_type(BOOL, use.lanes)
    lost = use.writer.set(f"and {flag} {past}, {nonzero}", "c")
    overflow = use.writer.set(f"or {flag} {changed}, {lost}", "c")
    if use.mode == "trap":
        use.trap_if(overflow, "overflow")
        return shifted
    limit = use.literal(use.integer.maximum)
    if use.integer.signed:
        limit = use.choose(use.compare("slt", x, use.literal(0)), use.literal(use.integer.minimum), limit)
    return use.choose(overflow, limit, shifted)


def _shift_amount(use: Use, stand_in: int) -> tuple[str, str]:
    """Whether the count reaches the width, and a count that LLVM defines."""
    count = use.operands[1]
    if use.integer.signed:
        use.trap_if(use.compare("slt", count, use.literal(0)), "value")
    past = use.compare("uge", count, use.literal(use.integer.width))
    return past, use.choose(past, use.literal(stand_in), count)


def shift_right(use: Use) -> str:
    x, _ = use.operands
    past, amount = _shift_amount(use, use.integer.width - 1)
    if use.integer.signed:
        return use.writer.set(f"ashr {use.type} {x}, {amount}")
    shifted = use.writer.set(f"lshr {use.type} {x}, {amount}")
    return use.choose(past, use.literal(0), shifted)


def comparison(use: Use) -> str:
    x, y = use.operands
    kind = use.kinds[0]
    if isinstance(kind, FloatType):
        return use.compare("une" if use.op == "ne" else f"o{use.op}", x, y)
    if use.op in ("eq", "ne"):
        return use.compare(use.op, x, y)
    signed = not isinstance(kind, BoolType) and machine_integer(kind).signed
    return use.compare(f"{'s' if signed else 'u'}{use.op}", x, y)


def select(use: Use) -> str:
    condition, x, y = use.operands
    return use.choose(condition, x, y, vector_type(use.result, use.lanes))


def arithmetic_table() -> Mapping[str, Callable[[Use], str]]:
    """Every scalar op but the constants and casts, by name."""
    table: dict[str, Callable[[Use], str]] = {}
    families: tuple[tuple[Callable[[Use], str], str], ...] = (
        (arithmetic, "add sub mul add.* sub.* mul.*"),
        (negate, "neg neg.*"),
        (absolute, "abs abs.*"),
        (divide_down, "floordiv floordiv.* mod mod.*"),
        (divide, "div div.trap"),
        (square_root, "sqrt"),
        (transcendental, "exp log"),
        (extreme, "max min"),
        (bits, "and or xor"),
        (invert, "not"),
        (shift_left, "shl.*"),
        (shift_right, "shr"),
        (comparison, "eq ne lt le gt ge"),
        (select, "select"),
    )
    for emitter, names in families:
        for name in names.split():
            modes = ("wrap", "trap", "sat") if name.endswith("*") else (None,)
            table.update({name if m is None else f"{name[:-1]}{m}": emitter for m in modes})
    return table
