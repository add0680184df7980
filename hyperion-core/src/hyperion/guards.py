"""The run-time tests between the versions of a program, as people read them, and what each costs an element."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from hyperion.ir.function import Equation, Function, Program, Value, walk
from hyperion.machine import Machine
from hyperion.prediction import LOOPS, SIZE, estimate

_INFIX = {
    "add": "+", "sub": "-", "mul": "*", "floordiv": "//", "mod": "%", "le": "<=", "lt": "<", "ge": ">=", "gt": ">",
    "eq": "==", "ne": "!=", "and": "and", "or": "or",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Guard:
    """A test that selects the derived version; `each` says that it looks at every element."""

    text: str
    each: bool

    def __str__(self) -> str:
        return self.text


def guards(program: Program) -> tuple[Guard, ...]:
    """The tests of a program's entry, in order. Those of a program without parallel operations are the user's own."""
    made = {r.name: e for e in program.main.equations for r in e.results}
    found: list[Guard] = []
    if any(e.op.startswith("par.") for e in made.values()):
        for e in program.main.equations:
            if e.op == "if" and _falls_back(e):
                held = _tested(e.operands[0], made)
                found.append(Guard(_text(e.operands[0], made), bool(held)))
    return tuple(found)


def guard_cost(program: Program, machine: Machine, n: float = SIZE) -> float:
    """The nanoseconds that the tests of single elements add to each element of a loop over n."""
    without = {**program.functions, program.entry: _without_tests(program.main)}
    gone = estimate(replace(program, functions=without)).nanoseconds(machine, n)
    return max(0.0, (estimate(program).nanoseconds(machine, n) - gone) / n)


def _without_tests(function: Function) -> Function:
    """For estimating only: the parallel loops without their fourth region."""
    equations = (replace(e, regions=e.regions[:3]) if _tests_elements(e) else e for e in function.equations)
    return replace(function, equations=tuple(equations))


def _tests_elements(e: Equation) -> bool:
    return e.op == "par.reduce" and len(e.regions) == 4


def _falls_back(e: Equation) -> bool:
    loops = [any(inner.op in LOOPS for inner in walk(region.equations)) for region in e.regions]
    return loops == [False, True]


def _tested(value: Value, made: Mapping[str, Equation]) -> list[Equation]:
    """The parallel loops whose test of their elements `value` depends on."""
    found, seen, left = list[Equation](), set[str](), [value.name]
    while left:
        e = made.get(left.pop())
        if e is None or e.results[0].name in seen:
            continue
        seen.add(e.results[0].name)
        if _tests_elements(e):
            found.append(e)
        elif not e.op.startswith("par."):
            left += [v.name for v in e.operands]
    return found


def _text(value: Value, made: Mapping[str, Equation]) -> str:
    """The value as an expression over parameters and results of loops; what is used twice is explained after it."""
    texts, named = _expressions(made.values(), {}, _used_often(made.values()) - {value.name})
    needed = _needed(value, made)
    terms = ", ".join(f"{name} = {text}" for name, text in named.items() if name in needed)
    return f"{texts.get(value.name, value.name)}{f', where {terms}' if terms else ''}"


def _needed(value: Value, made: Mapping[str, Equation]) -> set[str]:
    found, left = set[str](), [value.name]
    while left:
        name = left.pop()
        e = made.get(name)
        if e is not None and name not in found:
            found.add(name)
            left += [v.name for v in (*e.operands, *_captured(e))]
    return found


def _captured(e: Equation) -> list[Value]:
    guards = e.regions[3:] if _tests_elements(e) else ()
    return [v for region in guards for inner in region.equations for v in inner.operands]


def _used_often(equations: Iterable[Equation]) -> set[str]:
    uses = Counter(v.name for e in equations for v in (*e.operands, *_captured(e)))
    return {name for name, count in uses.items() if count > 1}


def _expressions(
    equations: Iterable[Equation], known: Mapping[str, str], often: Collection[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """What each value is as text, and the texts of those that keep their names."""
    texts, named = dict(known), dict[str, str]()
    for e in equations:
        if _tests_elements(e):
            texts[e.results[0].name] = _each(e, texts)
        elif len(e.results) == 1 and not e.regions:
            name, text = e.results[0].name, _operation(e, [texts.get(v.name, v.name) for v in e.operands])
            if name in often and e.op not in ("const", "len") and not text.isidentifier():
                named[name], text = text, name
            texts[name] = text
    return texts, named


def _each(e: Equation, outer: Mapping[str, str]) -> str:
    region = e.regions[3]
    arrays = ", ".join(v.name for v in e.operands[: len(region.parameters)])
    own = {p.name: p.name.partition(".")[0] for p in region.parameters}
    texts, _ = _expressions(region.equations, {**outer, **own}, ())
    (result,) = region.results
    return f"({texts.get(result.name, result.name)} for every {', '.join(own.values())} of {arrays})"


def _operation(e: Equation, operands: Iterable[str]) -> str:
    name, values = e.op.partition(".")[0], list(operands)
    if name == "const":
        return str(e.attribute("value")).lower()
    if name == "cast" and len(values) == 1:
        return values[0]
    if name == "neg":
        return f"-{_within(values[0])}"
    if name in _INFIX and len(values) == 2:
        if name in ("and", "or", "le", "lt", "ge", "gt", "eq", "ne"):
            return f" {_INFIX[name]} ".join(values)
        if name == "add" and "0" in values:
            return next((v for v in values if v != "0"), "0")
        return f"{_within(values[0])} {_INFIX[name]} {_within(values[1])}"
    return f"{name}({', '.join(values)})"


def _within(text: str) -> str:
    """An operand of an operator: in parentheses unless it is one name, number or call."""
    depth, alone = 0, True
    for character in text:
        depth += (character == "(") - (character == ")")
        alone = alone and (character != " " or depth > 0)
    return text if alone else f"({text})"
