"""A size name stands for one number: a parameter, or what makes an array, introduces it, once on every path."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from hyperion.ir.function import Equation, Function, Value
from hyperion.ir.types import size_names

Made = Callable[[Equation], Iterable[str]]
"""The size names that an equation introduces, all of them in the types of its results."""


def size_errors(function: Function, made: Made) -> Iterator[tuple[Equation, str]]:
    """The equations that introduce a size name which is in use already, and that name."""
    return _Sizes(made, _names_in(function.parameters)).block(function.equations)


class _Sizes:
    def __init__(self, made: Made, known: set[str]) -> None:
        self._made = made
        self._known = known
        self._added: list[str] = []  # to `_known`, in order
        self._named: dict[int, bool] = {}  # whether a type has size names, by its identity

    def block(self, equations: Iterable[Equation]) -> Iterator[tuple[Equation, str]]:
        for equation in equations:
            if not equation.regions and not self._has_names(equation.results):
                continue
            yield from ((equation, name) for name in self._made(equation) if name in self._known)
            if equation.op == "if":
                yield from self._branches(equation)
            else:
                for region in equation.regions:
                    self._add(_names_in(region.parameters))
                    yield from self.block(region.equations)
            self._add(_names_in(equation.results))

    def _has_names(self, values: Iterable[Value]) -> bool:
        named = self._named
        for value in values:
            kind = value.type
            if id(kind) not in named:
                named[id(kind)] = any(size_names(kind))
            if named[id(kind)]:
                return True
        return False

    def _branches(self, equation: Equation) -> Iterator[tuple[Equation, str]]:
        """Only one of them runs, so both may introduce the same name."""
        introduced: set[str] = set()
        for region in equation.regions:
            mark = len(self._added)
            yield from self.block(region.equations)
            introduced.update(self._added[mark:])
            self._known.difference_update(self._added[mark:])
            del self._added[mark:]
        self._add(introduced)

    def _add(self, names: Iterable[str]) -> None:
        for name in names:
            if name not in self._known:
                self._known.add(name)
                self._added.append(name)


def _names_in(values: Iterable[Value]) -> set[str]:
    return {name for value in values for name in size_names(value.type)}
