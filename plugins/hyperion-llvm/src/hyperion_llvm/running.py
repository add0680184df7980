"""A par.scan whose arrays only one par.reduce reads: they are never made.

%a, %ys = par.scan (%xs), (%a0) ..        The pieces are summarised and the states that enter them are formed as for
%b = par.reduce (%ys), (%b0) ..           any scan; then each piece runs the step from its state, and what it makes
                                          goes into the summary of that piece at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hyperion.ir.function import Equation, Function, Region, Value, walk
from hyperion.ir.types import Type
from hyperion_llvm.ownership import Views, arrays_among, arrays_read, with_memory
from hyperion_llvm.text import Writer, scalar_type, vector_type


@dataclass(frozen=True, slots=True)
class Running:
    """The step of such a scan, its states, which of its results the reduction reads, and where the states that enter
    the pieces lie."""

    step: Region
    states: tuple[Type, ...]
    columns: tuple[int, ...]
    place: str

    @property
    def state_type(self) -> str:
        return f"{{{', '.join(map(scalar_type, self.states))}}}"


def state_place(w: Writer, kind: str, states: str, piece: str, component: int) -> str:
    """Where a component of the states of a piece lies."""
    return w.set(f"getelementptr {kind}, ptr {states}, i64 {piece}, i32 {component}", "p")


class States:
    """The states of the pieces that one function runs: of one piece, or of one for each of the lanes of a vector."""

    def __init__(self, w: Writer, running: Running, lanes: int, place: str, first: str) -> None:
        self._w = w
        self._running = running
        self._lanes = lanes
        self._place = place
        self._first = first
        self._kinds = [vector_type(k, lanes) for k in running.states]
        self.slots = [w.variable(k, self._entering(c), "state") for c, k in enumerate(self._kinds)]

    def load(self) -> list[str]:
        return [self._w.load(k, s, "state") for k, s in zip(self._kinds, self.slots, strict=True)]

    def store(self, values: Sequence[str]) -> None:
        for kind, value, slot in zip(self._kinds, values, self.slots, strict=False):
            self._w.store(kind, value, slot)

    def again(self) -> None:
        """Back to the states that enter the pieces."""
        self.store([self._entering(c) for c in range(len(self._kinds))])

    def leave(self) -> None:
        """Writes the states that leave the pieces in the place of those that enter them."""
        for component, (value, ty) in enumerate(zip(self.load(), self._running.states, strict=True)):
            for lane, place in enumerate(self._places(component)):
                one = (
                    self._w.set(f"extractelement {vector_type(ty, self._lanes)} {value}, i64 {lane}")
                    if self._lanes
                    else value
                )
                self._w.store(scalar_type(ty), one, place)

    def _places(self, component: int) -> list[str]:
        w, kind = self._w, self._running.state_type
        pieces = [w.set(f"add i64 {self._first}, {lane}") for lane in range(max(1, self._lanes))]
        return [state_place(w, kind, self._place, piece, component) for piece in pieces]

    def _entering(self, component: int) -> str:
        w, ty = self._w, self._running.states[component]
        values = [w.load(scalar_type(ty), place) for place in self._places(component)]
        if not self._lanes:
            return values[0]
        whole, vector = "poison", vector_type(ty, self._lanes)
        for lane, value in enumerate(values):
            whole = w.set(f"insertelement {vector} {whole}, {scalar_type(ty)} {value}, i64 {lane}")
        return whole


def only_reader(function: Function, scan: Equation, states: int, views: Views) -> Equation | None:
    """The par.reduce that alone reads what a par.scan makes, cut as that is; nothing before it reads the final states,
    or may change in place what the scan goes over.

    Lengths may be asked for anywhere."""
    block = _block_of(function.equations, scan, function.results)
    if block is None:
        return None
    equations, results = block
    made, ends = {v.name for v in scan.results[states:]}, {v.name for v in scan.results[:states]}
    if any(v.name in made for v in results):
        return None
    over = with_memory(arrays_among(scan.operands), views)
    found: Equation | None = None
    for e in equations[next(i for i, e in enumerate(equations) if e is scan) + 1 :]:
        read = {v.name for v in _read(e)}
        if found is None and (read & ends or (_changes(e) and over & with_memory(arrays_read((e,)), views))):
            return None
        if e.op == "len" or not read & made:
            continue
        if found is not None or not _fits(e, scan, made):
            return None
        found = e
    return found


def _changes(e: Equation) -> bool:
    """Whether an array that the equation reads may be changed in its place."""
    return e.op.startswith("update") or (bool(e.regions) and not e.op.startswith("par."))


def _fits(e: Equation, scan: Equation, made: set[str]) -> bool:
    if e.op != "par.reduce" or e.attribute("growing"):
        return False
    count = e.attribute("arrays")
    assert isinstance(count, int)
    cut = all(e.attribute(name) == scan.attribute(name) for name in ("lanes", "piece"))
    names = [v.name for v in _read(e)]
    return cut and made.issuperset(names[:count]) and made.isdisjoint(names[count:])


def _block_of(
    equations: Sequence[Equation], wanted: Equation, results: Sequence[Value]
) -> tuple[Sequence[Equation], Sequence[Value]] | None:
    for e in equations:
        if e is wanted:
            return equations, results
        for r in e.regions:
            found = _block_of(r.equations, wanted, r.results)
            if found is not None:
                return found
    return None


def _read(equation: Equation) -> list[Value]:
    """What an equation reads, its operands first."""
    return [v for e in walk((equation,)) for v in (*e.operands, *(x for r in e.regions for x in r.results))]
