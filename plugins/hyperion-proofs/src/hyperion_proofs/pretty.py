"""The proved equivalence as people write it: the names of the source, summaries as (a0, a1, ..) and (b0, b1, ..)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from hyperion.ir.function import Equation, Region, Value
from hyperion.logic import literals
from hyperion.logic.derived import arguments
from hyperion.logic.terms import Term
from hyperion_proofs.derived import head
from hyperion_proofs.regions import Regions
from hyperion_proofs.wording import ATOM, LOOSE, PRODUCT, SUM, number_text

_COMPARE = {"lt": "<", "le": "<=", "eq": "==", "ne": "!=", "gt": ">", "ge": ">="}
_BITS = {"and": "&", "or": "|", "xor": "^"}
_NUMBERED = re.compile(r"\.\d+")


def source_names(values: Sequence[Value]) -> list[str]:
    """The names of values as the source has them, without the numbers that made them unique."""
    short = [_short(v.name) for v in values]
    return short if len(set(short)) == len(short) else [v.name for v in values]


def tuple_text(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else f"({', '.join(items)})"


def summary_text(regions: Regions, element: Sequence[str], state: Sequence[str]) -> list[str]:
    """The equations of lift, mul and act. `element` is empty where a step takes no element."""
    m = regions.size
    later, earlier = _entries(m, {*element, *state, *_captured(regions)})
    carried = tuple_text(state)
    lift = region_text(regions.lift, element)
    mul = region_text(regions.mul, [*later, *earlier])
    act = region_text(regions.act, [*later, *state])
    return [
        f"lift({', '.join(element)}) = {tuple_text(lift)}",
        f"mul({tuple_text(later)}, {tuple_text(earlier)}) = {tuple_text(mul)}",
        f"act({tuple_text(later)}, {carried}) = {tuple_text(act)}",
    ]


def region_text(region: Region, names: Sequence[str]) -> list[str]:
    """The results of a straight-line region as expressions over `names`, its parameters, and what it captures."""
    known = {v.name: (name, ATOM) for v, name in zip(region.parameters, names, strict=True)}
    for e in region.equations:
        known[e.result.name] = _equation_text(e, known)
    return [_operand(v, LOOSE, known) for v in region.results]


def bound_text(e: Term, names: Mapping[Term, str]) -> str:
    """A bound: a sum of products of literals and magnitudes."""
    if e in names:
        return names[e]
    if e.kind == "K":
        return number_text(literals.int_value(e))
    name, (_, args) = head(e), arguments(e)
    if name.startswith("toZ."):
        return bound_text(args[0], names)
    texts = [bound_text(a, names) for a in args]
    match name:
        case "abs":
            return f"|{texts[0]}|"
        case "add" | "mul":
            return (" + " if name == "add" else "*").join(texts)
        case _:
            return f"{name}({', '.join(texts)})"


def _short(name: str) -> str:
    return _NUMBERED.sub("", name)


def _captured(regions: Regions) -> Iterator[str]:
    """Names of the values from outside."""
    for region in (regions.lift, regions.mul, regions.act):
        inside = {v for e in region.equations for v in e.results} | set(region.parameters)
        used = [v for e in region.equations for v in e.operands] + list(region.results)
        yield from (_short(v.name) for v in used if v not in inside)


def _entries(m: int, used: set[str]) -> tuple[list[str], list[str]]:
    """Names for the entries of two summaries, other than those in use."""
    for later, earlier in ("ab", "AB"):
        names = [[letter] if m == 1 else [f"{letter}{i}" for i in range(m)] for letter in (later, earlier)]
        if used.isdisjoint(names[0] + names[1]):
            break
    return names[0], names[1]


def _operand(v: Value, least: int, known: Mapping[str, tuple[str, int]]) -> str:
    """The text of an operand, in brackets where it binds less than `least`."""
    text, strength = known.get(v.name, (_short(v.name), ATOM))
    return f"({text})" if strength < least else text


def _equation_text(e: Equation, known: Mapping[str, tuple[str, int]]) -> tuple[str, int]:
    def text(i: int, least: int) -> str:
        return _operand(e.operands[i], least, known)

    name = e.op.partition(".")[0]
    match name:
        case "const":
            return _constant_text(e), ATOM
        case "cast":
            return known.get(e.operands[0].name, (_short(e.operands[0].name), ATOM))
        case "add":
            return f"{text(0, SUM)} + {text(1, SUM)}", SUM
        case "sub":
            return f"{text(0, SUM)} - {text(1, PRODUCT)}", SUM
        case "mul":
            return f"{text(0, PRODUCT)}*{text(1, ATOM)}", PRODUCT
        case "and" | "or" | "xor":
            return f"{text(0, ATOM)} {_BITS[name]} {text(1, ATOM)}", LOOSE
        case "mod":
            return f"{text(0, PRODUCT)} % {text(1, ATOM)}", PRODUCT
        case "neg":
            return f"-{text(0, ATOM)}", PRODUCT
        case "abs":
            return f"|{text(0, LOOSE)}|", ATOM
        case "select":
            return f"{text(1, SUM)} if {text(0, SUM)} else {text(2, SUM)}", LOOSE
        case "lt" | "le" | "eq" | "ne" | "gt" | "ge":
            return f"{text(0, SUM)} {_COMPARE[name]} {text(1, SUM)}", LOOSE
        case _:
            return f"{name}({', '.join(text(i, LOOSE) for i in range(len(e.operands)))})", ATOM


def _constant_text(e: Equation) -> str:
    value = e.attribute("value")
    return f"{float.fromhex(value):g}" if isinstance(value, str) else str(value)
