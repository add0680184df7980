"""Expressions of the logic as the source would have them."""

from __future__ import annotations

from collections.abc import Mapping

from hyperion.logic import literals
from hyperion.logic.derived import arguments, head
from hyperion.logic.terms import Term

LOOSE, SUM, PRODUCT, ATOM = range(4)
"""How strongly the outermost operation of a text binds."""

_INFIX = {
    "lt": (" < ", LOOSE), "le": (" <= ", LOOSE), "eq": (" == ", LOOSE),
    "and": (" and ", LOOSE), "or": (" or ", LOOSE), "add": (" + ", SUM), "sub": (" - ", SUM),
    "mul": ("*", PRODUCT), "mod": (" % ", PRODUCT), "floordiv": (" // ", PRODUCT),
}  # fmt: skip


def term_text(e: Term, names: Mapping[Term, str]) -> str:
    """An expression of the logic as the source would have it; `names` has those of variables that have others there."""
    return _term_text(e, names)[0]


def _term_text(e: Term, names: Mapping[Term, str]) -> tuple[str, int]:
    if e in names:
        return names[e], ATOM
    if e.kind == "V":
        return e.name.partition("~")[0], ATOM
    if e.kind == "P" and e.body.kind == "V":
        return f"{e.body.name.partition('~')[0]}.{e.index}", ATOM
    if e.kind == "K":
        return _literal_text(e), ATOM
    name, (_, args) = head(e), arguments(e)
    if name.partition(".")[0] in ("toZ", "ofZ") and len(args) == 1:
        return _term_text(args[0], names)

    def text(i: int, least: int) -> str:
        inner, strength = _term_text(args[i], names)
        return f"({inner})" if strength < least else inner

    short = name.partition(".")[0].removeprefix("f").removeprefix("r") if "." in name else name
    if short in _INFIX and len(args) == 2:
        sign, strength = _INFIX[short]
        return f"{text(0, min(strength + 1, PRODUCT))}{sign}{text(1, strength + 1)}", strength
    match name, len(args):
        case "not", 1:
            return f"not {text(0, ATOM)}", LOOSE
        case "neg", 1:
            return f"-{text(0, ATOM)}", PRODUCT
        case "cond", 3:
            return f"{text(1, SUM)} if {text(0, SUM)} else {text(2, SUM)}", LOOSE
        case (("true" | "false"), 0):
            return name.capitalize(), ATOM
        case "", _:
            return "..", ATOM
        case _:
            return f"{name}({', '.join(text(i, LOOSE) for i in range(len(args)))})", ATOM


def _literal_text(e: Term) -> str:
    if e.type.name == "int":
        value = literals.int_value(e)
        return number_text(value) if value >= 0 else f"-{number_text(-value)}"
    return str(literals.real_value(e)) if e.type.name == "real" else f"{literals.float_value(e):g}"


def number_text(value: int) -> str:
    """A number; large powers of two as powers."""
    return f"2**{value.bit_length() - 1}" if value > 1000 and value & (value - 1) == 0 else str(value)
