"""Loop bodies and summaries as people write them."""

from __future__ import annotations

from collections.abc import Sequence

from hyperion.ir.function import Region, Value
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.meaning import untuple
from hyperion.logic.terms import Term
from hyperion_proofs.derived import arguments, head

_INFIX = {"add": "+", "sub": "-", "mul": "*", "radd": "+", "rsub": "-", "rmul": "*", "lt": "<", "le": "<=", "eq": "=="}
_LOOSE = {"add", "sub", "radd", "rsub"}
_TIGHT = {"mul", "rmul"}


def show(e: Term, names: dict[Term, str], level: int = 0) -> str:
    """`e` in infix form; `level` 1 asks for brackets around sums, 2 around products too."""
    if e in names:
        return names[e]
    if e.kind == "K":
        if e.type is not t.INT:
            value = literals.real_value(e)
            return str(value.numerator if value.denominator == 1 else float(value))
        return str(literals.int_value(e))
    name = head(e)
    _, args = arguments(e)
    if name.startswith(("toZ.", "ofZ.")):
        return show(args[0], names, level)
    if name in _INFIX:
        tight = 2 if name in _TIGHT else 1
        text = f"{show(args[0], names, tight - 1)} {_INFIX[name]} {show(args[1], names, tight)}"
        needs = (name in _LOOSE and level > 0) or (name in _TIGHT and level > 1)
        return f"({text})" if needs else text
    match name:
        case "neg" | "rneg":
            return f"-{show(args[0], names, 2)}"
        case "cond":
            test, a, b = (show(x, names) for x in args)
            return f"({a} if {test} else {b})"
        case "":
            return e.name.removeprefix("entry.") if e.kind == "V" else "?"
        case _:
            return f"{name}({', '.join(show(x, names) for x in args)})"


def region_text(region: Region, ops: Sequence[str] = ()) -> list[str]:
    """The results of a straight-line region as expressions over its parameters and what it captures."""
    known: dict[str, tuple[str, int]] = {v.name: (v.name, 9) for v in region.parameters}

    def text(v: Value, level: int) -> str:
        shown, strength = known.get(v.name, (v.name, 9))
        return f"({shown})" if strength < level else shown

    for e in region.equations:
        name = e.op.partition(".")[0]
        match name:
            case "const":
                value = e.attribute("value")
                known[e.result.name] = (str(value), 9)
            case "cast":
                known[e.result.name] = known.get(e.operands[0].name, (e.operands[0].name, 9))
            case "add" | "sub":
                left, right = text(e.operands[0], 1), text(e.operands[1], 2)
                known[e.result.name] = (f"{left} {'+' if name == 'add' else '-'} {right}", 1)
            case "mul":
                known[e.result.name] = (f"{text(e.operands[0], 2)}*{text(e.operands[1], 3)}", 2)
            case "neg":
                known[e.result.name] = (f"-{text(e.operands[0], 3)}", 2)
            case "select":
                c, a, b = (text(v, 1) for v in e.operands)
                known[e.result.name] = (f"{a} if {c} else {b}", 0)
            case "lt" | "le" | "eq" | "gt" | "ge":
                sign = {"lt": "<", "le": "<=", "eq": "==", "gt": ">", "ge": ">="}[name]
                known[e.result.name] = (f"{text(e.operands[0], 1)} {sign} {text(e.operands[1], 1)}", 0)
            case _:
                known[e.result.name] = (f"{name}({', '.join(text(v, 0) for v in e.operands)})", 9)
    return [text(v, 0) for v in region.results]


def tuple_text(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else f"({', '.join(items)})"


def state_names(state: Term, values: Sequence[Value]) -> dict[Term, str]:
    return {u: v.name for u, v in zip(untuple(state, len(values)), values, strict=True)}
