"""The asymptotic cost of a function as written, read off its loops."""

from __future__ import annotations

from hyperion.cost import CONSTANT, LINEAR, LOGARITHMIC, PARALLEL_LINEAR, UNKNOWN, Cost
from hyperion.ir.function import Equation, Program, walk
from hyperion.ir.types import ArrayType

_WHOLE_ARRAYS = frozenset(
    (
        "array", "broadcast", "concat", "fill", "gather", "iota", "progression", "reduce", "reshape",
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
    """Whether a test chooses between values that are there already and a loop, as in the closed form of a loop; or
    between what takes no loop and a recursion."""
    return any(e.op == "if" and (_is_closed(e) or _is_fallback(e)) for e in walk(program.main.equations))


def _is_closed(equation: Equation) -> bool:
    first, second = equation.regions
    return not first.equations and any(e.op in ("for", "fold") for e in walk(second.equations))


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
        case "contract":
            return _power(max(1, axes_of(equation)))
        case _ if equation.op in _WHOLE_ARRAYS:
            return max([LINEAR, *inner], key=lambda c: c.rank)
        case "call":
            return calls.cost(str(equation.attribute("callee")))
        case _:
            return max(inner, key=lambda c: c.rank, default=CONSTANT)


def axes_of(contraction: Equation) -> int:
    """How many axes a contraction goes over whose sizes are no numbers: those of its result, and those it sums over."""
    left, right = (v.type for v in contraction.operands[:2])
    assert isinstance(left, ArrayType)
    assert isinstance(right, ArrayType)
    shared = contraction.attribute("right", ()), contraction.attribute("batch_right", ())
    again = {axis for axes in shared if isinstance(axes, tuple) for axis in axes}
    sizes = [*left.shape, *(size for axis, size in enumerate(right.shape) if axis not in again)]
    return sum(isinstance(size, str) for size in sizes)


def _is_fallback(equation: Equation) -> bool:
    """Whether a branch is a recursion as written, for where the loop that it became does not take over."""
    first, second = equation.regions
    loops = ("for", "fold", "while", "map", "scan", "recurse", "call")
    return any(e.op == "recurse" for e in second.equations) and not any(e.op in loops for e in walk(first.equations))


def _times_n(body: Cost) -> Cost:
    if body == CONSTANT:
        return LINEAR
    if body in (LINEAR, PARALLEL_LINEAR):
        return _power(2)
    if body.work.startswith("O(n^"):
        return _power(int(body.work[4:-1]) + 1)
    return UNKNOWN


def _power(exponent: int) -> Cost:
    if exponent == 1:
        return LINEAR
    text = f"O(n^{exponent})"
    return Cost(text, text, min(2 + exponent, UNKNOWN.rank - 1))
