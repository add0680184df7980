"""Untrusted. The lift, mul and act regions of a summary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hyperion.ir.function import Region, Value
from hyperion.ir.types import BOOL, FloatType, IntType, Type
from hyperion.logic import terms as t
from hyperion.logic.terms import Term
from hyperion_proofs.emission import Emitter, region
from hyperion_proofs.ladder.step import Summary
from hyperion_proofs.sites import Site
from hyperion_proofs.stopping import final_test, kept


@dataclass(frozen=True)
class Regions:
    """Of one summary."""

    lift: Region
    mul: Region
    act: Region

    @property
    def size(self) -> int:
        """How many values a summary has."""
        return len(self.lift.results)


class RegionBuilder:
    """Emits the regions of a summary. In the domain of reals, floats are reals."""

    def __init__(self, site: Site, summary: Summary, state: Sequence[Type], real: bool) -> None:
        self._site = site
        self._summary = summary
        self._state = tuple(state)
        self._real = real

    def build(self, elements: Sequence[Type], atoms: Sequence[Term]) -> Regions:
        """`elements` are the types of lift's parameters, `atoms` the terms that they are in the summary's lift."""
        parameters = [self._site.names.fresh("x", ty) for ty in elements]
        scope = self._site.captured() | dict(zip(atoms, parameters, strict=True))
        lift = self._region(parameters, self._summary.types, self._summary.lift, scope)
        return Regions(lift, self._mul(), self._act())

    def _mul(self) -> Region:
        later, earlier = self._values("a", self._summary.types), self._values("b", self._summary.types)
        exprs = self._summary.mul(self._symbols(later), self._symbols(earlier))
        return self._region([*later, *earlier], self._summary.types, exprs)

    def _act(self) -> Region:
        values, state = self._values("a", self._summary.types), self._values("s", self._state)
        exprs = self._summary.act(self._symbols(values), self._symbols(state))
        return self._region([*values, *state], self._state, exprs)

    def keeping(self) -> tuple[Region, Region] | None:
        """`act` as a region that gives the state back where a test of it holds, and that test; None where none is
        seen under which `act` would do so anyway."""
        values, state = self._values("a", self._summary.types), self._values("s", self._state)
        before = self._symbols(state)
        acted = self._summary.act(self._symbols(values), before)
        test = final_test(acted, before)
        if test is None:
            return None
        again = self._values("s", self._state)
        renamed = t.substitute(test, dict(zip(before, self._symbols(again), strict=True)))
        return (
            self._region([*values, *state], self._state, kept(acted, before, test)),
            self._region(again, [BOOL], [renamed]),
        )

    def _values(self, hint: str, types: Sequence[Type]) -> list[Value]:
        return [self._site.names.fresh(hint, ty) for ty in types]

    def _symbols(self, values: Sequence[Value]) -> list[Term]:
        return [self._symbol(v) for v in values]

    def _symbol(self, v: Value) -> Term:
        """The variable that stands for a value: its integer, its real, or itself."""
        if isinstance(v.type, IntType):
            return t.var(f"entry.{v.name}", t.INT)
        ty = t.REAL if isinstance(v.type, FloatType) and self._real else t.type_of(str(v.type))
        return t.var(f"entry.{v.name}", ty)

    def _region(
        self,
        parameters: Sequence[Value],
        types: Sequence[Type],
        exprs: Sequence[Term],
        scope: dict[Term, Value] | None = None,
    ) -> Region:
        symbols = {self._symbol(v): v for v in parameters} | self._site.captured()
        emitter = Emitter(self._site.names, scope if scope is not None else symbols)
        return region(parameters, emitter, [emitter.value(e, ty) for e, ty in zip(exprs, types, strict=True)])
