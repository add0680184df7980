"""The asymptotic cost of a function as written, read off its loops."""

from __future__ import annotations

from hyperion.cost import CONSTANT, LINEAR, LOGARITHMIC, PARALLEL_LINEAR, UNKNOWN, Cost
from hyperion.ir.function import Equation, Program, walk

_WHOLE_ARRAYS = frozenset(
    (
        "array", "broadcast", "concat", "contract", "fill", "gather", "iota", "progression", "reduce", "reshape",
        "reshape.like", "reverse", "scatter", "slice", "sort", "transpose",
    )
)  # fmt: skip
"""Ops that go over all elements of an array at least once."""


def cost_of(program: Program) -> Cost:
    """The cost of the entry function, in the size n of its longest loop; unknown where calls and loops nest too deeply
    to tell."""
    try:
        return _block(program.main.equations, _Calls(program), set())
    except RecursionError:
        return UNKNOWN


def is_guarded(program: Program) -> bool:
    """Whether a test chooses between values that are there already and a loop, as in the closed form of a loop."""
    return any(
        e.op == "if"
        and not e.regions[0].equations
        and any(inner.op in ("for", "fold", "recurse") for inner in walk(e.regions[1].equations))
        for e in walk(program.main.equations)
    )


class _Calls:
    """The costs of called functions, each found once: calls may share callees at every level."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._known: dict[str, Cost] = {}

    def cost(self, name: str) -> Cost:
        if name not in self._known:
            self._known[name] = _block(self._program.functions[name].equations, self, set())
        return self._known[name]


def _block(equations: tuple[Equation, ...], calls: _Calls, constants: set[str]) -> Cost:
    """The cost of equations in order; `constants` gains the names of theirs, which the whole function has once."""
    worst = CONSTANT
    for equation in equations:
        if equation.op == "const" and isinstance(equation.attribute("value"), int):
            constants.add(equation.result.name)
        cost = _equation(equation, calls, constants)
        if cost.rank > worst.rank:
            worst = cost
    return worst


def _equation(equation: Equation, calls: _Calls, constants: set[str]) -> Cost:
    inner = [_block(region.equations, calls, constants) for region in equation.regions] if equation.regions else []
    match equation.op:
        case "while" | "recurse" | "self":
            return UNKNOWN
        case "if" if _is_fallback(equation):
            return inner[0]
        case "for" | "fold":
            fixed = equation.op == "for" and all(v.name in constants for v in equation.operands[:3])
            return inner[0] if fixed else _times_n(inner[0])
        case "par.reduce" | "par.scan" | "par.windows":
            return PARALLEL_LINEAR
        case "par.power":
            return LOGARITHMIC
        case "map" | "scan" | "build":
            return _times_n(inner[0])
        case _ if equation.op in _WHOLE_ARRAYS:
            return max([LINEAR, *inner], key=lambda c: c.rank)
        case "call":
            return calls.cost(str(equation.attribute("callee")))
        case _:
            return max(inner, key=lambda c: c.rank, default=CONSTANT)


def _is_fallback(equation: Equation) -> bool:
    """Whether a branch is a recursion as written, for where the loop that it became does not take over."""
    first, second = equation.regions
    return not first.equations and any(e.op == "recurse" for e in second.equations)


def _times_n(body: Cost) -> Cost:
    if body == CONSTANT:
        return LINEAR
    if body in (LINEAR, PARALLEL_LINEAR):
        return _power(2)
    if body.work.startswith("O(n^"):
        return _power(int(body.work[4:-1]) + 1)
    return UNKNOWN


def _power(exponent: int) -> Cost:
    text = f"O(n^{exponent})"
    return Cost(text, text, min(2 + exponent, UNKNOWN.rank - 1))
