"""A stored equivalent in the names of the program that it is wanted for: parameters, sizes and the function's name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from hyperion.ir.function import Equation, Function, Program, Region, Value, values_of
from hyperion.ir.types import size_names
from hyperion.library.keys import numbered_sizes, resized


def fitted(chosen: Program, stored: Program, source: Program) -> Program | None:
    """`chosen`, which equals `stored`, as an equivalent of `source`, whose key is that of `stored`.

    None where a function that it calls has the name of the source.
    """
    others = {name: f for name, f in chosen.functions.items() if name != chosen.entry}
    if source.entry in others:
        return None
    main = _renamed(chosen.main, _sizes(stored.main, source.main), source.main.parameters)
    main = replace(main, name=source.entry, span=source.main.span)
    return replace(source, functions={source.entry: main, **others})


def _sizes(stored: Function, source: Function) -> dict[str, str]:
    """The size of `source` for each of `stored`, by their order in the types."""
    ours = numbered_sizes([*source.parameters, *source.results])
    theirs = numbered_sizes([*stored.parameters, *stored.results])
    names = {number: name for name, number in ours.items()}
    return {name: names[number] for name, number in theirs.items() if number in names}


def _renamed(function: Function, sizes: Mapping[str, str], parameters: tuple[Value, ...]) -> Function:
    """The function with these sizes and names of parameters; whatever else has one of the names gets another."""
    names = dict(zip((p.name for p in function.parameters), (p.name for p in parameters), strict=True))
    taken = [v.name for v in values_of(function)]
    names |= _fresh([n for n in taken if n not in names], set(names.values()), taken)
    inner = [n for v in values_of(function) for n in size_names(v.type)]
    sizes = {**sizes, **_fresh([n for n in inner if n not in sizes], set(sizes.values()), inner)}
    if all(old == new for table in (names, sizes) for old, new in table.items()):
        return function
    return _Renaming(names, sizes).function(function)


def _fresh(names: Iterable[str], wanted: set[str], taken: Iterable[str]) -> dict[str, str]:
    """Another name for each of `names` that is wanted for something else."""
    used = wanted | set(taken)
    found: dict[str, str] = {}
    for name in dict.fromkeys(names):
        if name in wanted:
            number = 1
            while f"{name}.{number}" in used:
                number += 1
            found[name] = f"{name}.{number}"
            used.add(found[name])
    return found


class _Renaming:
    def __init__(self, names: Mapping[str, str], sizes: Mapping[str, str]) -> None:
        self._names, self._sizes = names, sizes

    def function(self, f: Function) -> Function:
        return replace(
            f,
            parameters=self._values(f.parameters),
            equations=self._equations(f.equations),
            results=self._values(f.results),
        )

    def _values(self, values: tuple[Value, ...]) -> tuple[Value, ...]:
        return tuple(Value(self._names.get(v.name, v.name), resized(v.type, self._sizes)) for v in values)

    def _equations(self, equations: tuple[Equation, ...]) -> tuple[Equation, ...]:
        return tuple(
            replace(
                e,
                results=self._values(e.results),
                operands=self._values(e.operands),
                regions=tuple(map(self._region, e.regions)),
            )
            for e in equations
        )

    def _region(self, r: Region) -> Region:
        return Region(self._values(r.parameters), self._equations(r.equations), self._values(r.results))
