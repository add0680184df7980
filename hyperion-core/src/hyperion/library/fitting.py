"""A stored equivalent as one of the program that it is wanted for: with its name, its names of parameters and sizes,
and its places in the user's source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from hyperion.errors import Span
from hyperion.interfaces.strategy import Refusal
from hyperion.interfaces.theorem_library import Recalled, StoredTheorem
from hyperion.ir.function import Equation, Function, Program, Region, Value, values_of, walk
from hyperion.ir.types import size_names
from hyperion.library.keys import numbered_sizes, resized
from hyperion.logic.proof import Proof

Places = Mapping[Span, Span | None]


def recalled(
    theorem: StoredTheorem,
    source: Program,
    chosen: Program | None = None,
    proof: Proof | None = None,
    how: str = "exact",
) -> Recalled | None:
    """The theorem as one about `source`, whose parameters and results have the types of the theorem's source. `chosen`
    and `proof` are the theorem's where they are not given.

    None where a function that it calls has the name of the source.
    """
    places = _places(theorem.source, source)
    program = _fitted(chosen or theorem.chosen, theorem.source, source, places)
    if program is None:
        return None
    refusals = tuple(moved(r, places) for r in theorem.refusals)
    return Recalled(replace(theorem, refusals=refusals), program, proof or theorem.proof, how)


def moved(refusal: Refusal, places: Places) -> Refusal:
    return replace(refusal, span=None if refusal.span is None else places.get(refusal.span))


def _places(stored: Program, source: Program) -> Places:
    """The place in `source` for each in `stored`; none where they are written differently."""
    theirs, ours = list(walk(stored.main.equations)), list(walk(source.main.equations))
    if [e.op for e in theirs] != [e.op for e in ours]:
        return {}
    pairs = [(stored.main.span, source.main.span), *((a.span, b.span) for a, b in zip(theirs, ours, strict=True))]
    return {a: b for a, b in reversed(pairs) if a is not None}


def _fitted(chosen: Program, stored: Program, source: Program, places: Places) -> Program | None:
    others = {name: f for name, f in chosen.functions.items() if name != chosen.entry}
    if source.entry in others:
        return None
    main = _renamed(chosen.main, _sizes(stored.main, source.main), source.main.parameters, places)
    main = replace(main, name=source.entry, span=source.main.span)
    return replace(source, functions={source.entry: main, **others})


def _sizes(stored: Function, source: Function) -> dict[str, str]:
    """The size of `source` for each of `stored`, by their order in the types."""
    ours = numbered_sizes([*source.parameters, *source.results])
    theirs = numbered_sizes([*stored.parameters, *stored.results])
    names = {number: name for name, number in ours.items()}
    return {name: names[number] for name, number in theirs.items() if number in names}


def _renamed(function: Function, sizes: Mapping[str, str], parameters: tuple[Value, ...], places: Places) -> Function:
    """The function with these sizes, places and names of parameters; what else has one of the names gets another."""
    names = dict(zip((p.name for p in function.parameters), (p.name for p in parameters), strict=True))
    taken = [v.name for v in values_of(function)]
    names |= _fresh([n for n in taken if n not in names], set(names.values()), taken)
    inner = [n for v in values_of(function) for n in size_names(v.type)]
    sizes = {**sizes, **_fresh([n for n in inner if n not in sizes], set(sizes.values()), inner)}
    return _Renaming(names, sizes, places).function(function)


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
    def __init__(self, names: Mapping[str, str], sizes: Mapping[str, str], places: Places) -> None:
        self._names, self._sizes, self._places = names, sizes, places

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
                span=None if e.span is None else self._places.get(e.span),
            )
            for e in equations
        )

    def _region(self, r: Region) -> Region:
        return Region(self._values(r.parameters), self._equations(r.equations), self._values(r.results))
