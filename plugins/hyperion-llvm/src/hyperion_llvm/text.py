"""LLVM IR as text: types, literals and a writer for one function."""

from __future__ import annotations

import math
import re
import struct
from dataclasses import dataclass, field

from hyperion.errors import CodegenError
from hyperion.ir.types import F16, INT, ArrayType, BoolType, FloatType, IntType, Type

FLOATS = {16: "half", 32: "float", 64: "double"}
POISONED = re.compile(r"[^A-Za-z0-9_.]")


def scalar_type(kind: Type) -> str:
    """The register type of a scalar. `int` is held in 128 bits; `ranges` has proved that it fits."""
    match kind:
        case BoolType():
            return "i1"
        case IntType():
            return f"i{kind.width}"
        case FloatType(brain=False):
            return FLOATS[kind.width]
        case _ if kind == INT:
            return "i128"
        case _:
            raise CodegenError("HY8002", f"a value of type {kind} has no machine form")


def vector_type(kind: Type, lanes: int) -> str:
    """The type of `lanes` values side by side; 0 lanes is one scalar."""
    return f"<{lanes} x {scalar_type(kind)}>" if lanes else scalar_type(kind)


def memory_type(kind: Type) -> str:
    """The type of an array element in memory: a bool takes a byte."""
    return "i8" if isinstance(kind, BoolType) else scalar_type(kind)


def memory_bytes(kind: Type) -> int:
    match kind:
        case BoolType():
            return 1
        case IntType() | FloatType():
            return kind.width // 8
        case _:
            return 16


def element_of(kind: Type) -> Type:
    if isinstance(kind, ArrayType) and len(kind.shape) == 1:
        return kind.element
    raise CodegenError(
        "HY8002", f"a value of type {kind} has no machine form", hints=["this step takes arrays of one dimension"]
    )


def entry_of(kind: Type) -> Type:
    """The type of the elements of an array of any number of dimensions."""
    assert isinstance(kind, ArrayType)
    return kind.element


def float_literal(kind: FloatType, value: float) -> str:
    """LLVM writes a float as the bits of the double of the same value, a half as its own bits."""
    if kind == F16:
        bits = 0x7E00 if math.isnan(value) else struct.unpack("<H", struct.pack("<e", value))[0]
        return f"0xH{bits:04X}"
    if math.isnan(value):
        return "0x7FF8000000000000"
    return f"0x{struct.unpack('<Q', struct.pack('<d', value))[0]:016X}"


def literal(kind: Type, value: bool | int | float, lanes: int = 0) -> str:
    """A constant operand of a scalar type, or of a vector of equal lanes."""
    if isinstance(kind, FloatType):
        text = float_literal(kind, float(value))
    elif isinstance(kind, BoolType):
        text = "true" if value else "false"
    else:
        text = str(int(value))
    return f"splat ({scalar_type(kind)} {text})" if lanes else text


@dataclass(slots=True)
class Writer:
    """Writes the body of one function. Variables that change live in stack slots, which LLVM turns into registers."""

    lines: list[str] = field(default_factory=list[str])
    slots: list[str] = field(default_factory=list[str])
    ends: list[str] = field(default_factory=list[str])
    count: int = 0
    caught: str = ""  # the label that traps go to, in an attempt

    def fresh(self, hint: str = "t") -> str:
        self.count += 1
        return f"{POISONED.sub('_', hint)}.{self.count}"

    def emit(self, line: str) -> None:
        self.lines.append(f"  {line}")

    def set(self, expression: str, hint: str = "t") -> str:
        """Writes `%name = expression` and gives the name."""
        name = f"%{self.fresh(hint)}"
        self.emit(f"{name} = {expression}")
        return name

    def slot(self, kind: str, hint: str = "s", align: int = 0) -> str:
        name = f"%{self.fresh(hint)}"
        self.slots.append(f"  {name} = alloca {kind}{f', align {align}' if align else ''}")
        return name

    def variable(self, kind: str, value: str, hint: str = "s") -> str:
        name = self.slot(kind, hint)
        self.store(kind, value, name)
        return name

    def load(self, kind: str, pointer: str, hint: str = "t") -> str:
        return self.set(f"load {kind}, ptr {pointer}", hint)

    def store(self, kind: str, value: str, pointer: str) -> None:
        self.emit(f"store {kind} {value}, ptr {pointer}")

    def offset(self, kind: str, pointer: str, index: str) -> str:
        return self.set(f"getelementptr inbounds {kind}, ptr {pointer}, i64 {index}", "p")

    def start(self, label: str) -> None:
        self.lines.append(f"{label}:")

    def jump(self, label: str) -> None:
        self.emit(f"br label %{label}")

    def branch(self, condition: str, yes: str, no: str, rare: bool = False) -> None:
        """Goes to `yes` if the condition holds; `rare` says that it hardly ever does."""
        self.emit(f"br i1 {condition}, label %{yes}, label %{no}{', !prof !0' if rare else ''}")

    def leave_if(self, condition: str, status: str, distance: int = 0, trap: bool = True) -> None:
        """Returns `status` from the function if the condition, which is rare, holds; plus `distance` where the status
        is positive. In an attempt, a `trap` goes on behind it instead: any but a negative status."""
        if self.caught and trap:
            self._caught_if(condition, status)
            return
        out, on = self.fresh("leave"), self.fresh("on")
        self.branch(condition, out, on, rare=True)
        self.ends.append(f"{out}:")
        if distance:
            more, site, moved = (f"%{self.fresh(stem)}" for stem in ("more", "site", "moved"))
            self.ends += [
                f"  {more} = add i32 {status}, {distance}",
                f"  {site} = icmp sgt i32 {status}, 0",
                f"  {moved} = select i1 {site}, i32 {more}, i32 {status}",
            ]
            status = moved
        self.ends.append(f"  ret i32 {status}")
        self.start(on)

    def _caught_if(self, condition: str, status: str) -> None:
        on = self.fresh("on")
        out = self.caught if status.isdigit() else self.fresh("leave")
        self.branch(condition, out, on, rare=True)
        if out != self.caught:
            trap, final = self.fresh("trap"), self.fresh("final")
            self.ends += [
                f"{out}:",
                f"  %{trap} = icmp sgt i32 {status}, 0",
                f"  br i1 %{trap}, label %{self.caught}, label %{final}",
                f"{final}:",
                f"  ret i32 {status}",
            ]
        self.start(on)

    def body(self) -> list[str]:
        return ["entry:", *self.slots, *self.lines, *self.ends]
