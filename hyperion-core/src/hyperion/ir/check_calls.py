"""Calls: whether a callee takes the operands and gives the results, and whether functions call in a circle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from hyperion.errors import TypeCheckError
from hyperion.ir.diagnostics import Diagnostic, did_you_mean, shortened
from hyperion.ir.function import Equation, Function, Program, Value, walk
from hyperion.ir.sizes import SizeError, SizePlace
from hyperion.ir.type_rules import listing
from hyperion.ir.types import ArrayType, Size, TupleType, Type


def check_call(equation: Equation, program: Program) -> frozenset[str]:
    """Compares a call with its callee; gives the names for the sizes that the callee makes.

    Raises `TypeCheckError` (HY6018, HY6021) without a span; a `SizeError` where sizes are wrong.
    """
    name = str(equation.attribute("callee"))
    callee = program.functions.get(name)
    if callee is None:
        known = [f"@{other}" for other in program.functions]
        hints = did_you_mean(f"@{name}", known) or (f"functions: {', '.join(known[:20])}",)
        raise TypeCheckError("HY6018", f"there is no function @{shortened(name)}", hints=hints)
    match = _Match(callee)
    match.operands(equation.operands)
    bound = set(match.sizes)
    promised, results = (tuple(v.type for v in values) for values in (callee.results, equation.results))
    if not match.results(results):
        message = f"@{callee.name} returns {listing(promised)}, declared {listing(results)}"
        raise TypeCheckError("HY6018", message, notes=match.told(bound))
    made = [size for size_name, (size, _) in match.sizes.items() if size_name not in bound]
    if len({*map(str, made)}) != len(made) or not all(isinstance(size, str) for size in made):
        message = f"the arrays that @{callee.name} makes need a size name each"
        raise TypeCheckError("HY6021", message, hints=("write a new name for each size that the operands do not have",))
    return frozenset(map(str, made))


class _Match:
    """The sizes of a callee's types replaced by those at one call."""

    def __init__(self, callee: Function) -> None:
        self._callee = callee
        self.sizes: dict[str, tuple[Size, SizePlace | None]] = {}  # by the callee's name: the size here, and its place

    def operands(self, given: Sequence[Value]) -> None:
        callee = self._callee
        wanted = tuple(v.type for v in callee.parameters)
        types = tuple(v.type for v in given)
        if len(wanted) != len(given):
            raise TypeCheckError("HY6018", f"@{callee.name} takes {listing(wanted)}, {listing(types)} given")
        for position, (parameter, operand) in enumerate(zip(callee.parameters, given, strict=True)):
            if not _alike(parameter.type, operand.type):
                message = f"operand {position + 1} of @{callee.name} is {operand.type}, {parameter} is {parameter.type}"
                raise TypeCheckError("HY6018", message)
            self._bind(position, parameter, operand.type)

    def _bind(self, position: int, parameter: Value, given: Type) -> None:
        for axis, own, size in _size_pairs(parameter.type, given):
            place = (position, axis, size)
            if isinstance(own, int):
                if own != size:
                    message = f"axis {axis} of operand {position + 1} is {size}: @{self._callee.name} takes {own} there"
                    raise SizeError("HY6018", message, sizes=(place,))
                continue
            known, first = self.sizes.setdefault(own, (size, place))
            if known != size and first is not None:
                message = f"two sizes: @{self._callee.name} takes one size {own} for both"
                raise SizeError("HY6018", message, sizes=(first, place))

    def results(self, given: Sequence[Type]) -> bool:
        """Whether the declared result types are the callee's; the sizes that it makes are bound on the way."""
        wanted = [v.type for v in self._callee.results]
        if len(wanted) != len(given) or not all(map(_alike, wanted, given)):
            return False
        pairs = [pair for w, g in zip(wanted, given, strict=True) for pair in _size_pairs(w, g)]
        return all((self.sizes.setdefault(w, (g, None))[0] if isinstance(w, str) else w) == g for _, w, g in pairs)

    def told(self, bound: set[str]) -> tuple[str, ...]:
        """What the callee's size names stand for here."""
        text = ", ".join(f"{name} is {self.sizes[name][0]}" for name in sorted(bound))
        return (f"in this call, {text}",) if text else ()


def _alike(wanted: Type, given: Type) -> bool:
    """Whether the types are the same but for sizes."""
    match wanted, given:
        case ArrayType(), ArrayType():
            return wanted.element == given.element and len(wanted.shape) == len(given.shape)
        case TupleType(), TupleType():
            same = len(wanted.elements) == len(given.elements)
            return same and all(map(_alike, wanted.elements, given.elements))
        case _:
            return wanted == given


def _size_pairs(wanted: Type, given: Type) -> Iterator[tuple[int, Size, Size]]:
    """The axis and the two sizes on it, for each axis of arrays that are alike."""
    match wanted, given:
        case ArrayType(), ArrayType():
            yield from zip(range(len(wanted.shape)), wanted.shape, given.shape, strict=True)
        case TupleType(), TupleType():
            for inner in map(_size_pairs, wanted.elements, given.elements):
                yield from inner
        case _:
            pass


def program_errors(program: Program, functions: Mapping[str, Function]) -> Iterator[Diagnostic]:
    """Errors of the program as a whole: its entry, the names of its functions, circles of calls among `functions`."""
    if program.entry not in program.functions:
        known = (f"functions: {', '.join(f'@{name}' for name in list(program.functions)[:20])}",)
        yield TypeCheckError("HY6018", f"the entry @{program.entry} is not in the program", hints=known)
    for name, function in program.functions.items():
        if name != function.name:
            message = f"@{function.name} is listed as @{name}"
            yield TypeCheckError("HY6004", message, function.span, hints=("list a function under its own name",))
    circle = _circle(functions)
    if circle:
        shown = circle if len(circle) <= 10 else [*circle[:8], "..", circle[-1]]
        path = " -> ".join(name if name == ".." else f"@{name}" for name in shown)
        call = next(e for e in walk(functions[circle[0]].equations) if _callee(e) == circle[1])
        span = call.span or functions[circle[0]].span
        hints = ("write the recursion as a loop",)
        yield TypeCheckError("HY6019", f"functions call each other in a circle: {path}", span, hints=hints)


def _callee(equation: Equation) -> str | None:
    return str(equation.attribute("callee")) if equation.op == "call" else None


def _circle(functions: Mapping[str, Function]) -> list[str]:
    """The names along a circle of calls, or nothing; without recursion, since a chain may be long."""
    calls = {
        name: [callee for callee in map(_callee, walk(f.equations)) if callee is not None]
        for name, f in functions.items()
    }
    done: set[str] = set()
    for start in calls:
        path: list[str] = []
        on_path: set[str] = set()
        work: list[tuple[str, bool]] = [(start, True)]
        while work:
            name, entering = work.pop()
            if not entering:
                on_path.discard(name)
                done.add(path.pop())
                continue
            if name in on_path:
                return [*path[path.index(name) :], name]
            if name in done or name not in calls:
                continue
            path.append(name)
            on_path.add(name)
            work.append((name, False))
            work += [(callee, True) for callee in calls[name]]
    return []
