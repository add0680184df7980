"""Untrusted. The lift, mul and act regions of a summary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hyperion.ir.function import Region, Value
from hyperion.ir.types import FloatType, IntType, Type
from hyperion.logic import terms as t
from hyperion.logic.terms import Term
from hyperion_proofs.analysis import Body, Refused
from hyperion_proofs.emission import Emitter, region
from hyperion_proofs.sites import Site


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
    """Emits the summary of a loop body; all components of state and summary have the type `ty`."""

    def __init__(self, site: Site, body: Body, ty: Type) -> None:
        self._site = site
        self._body = body
        self._type = ty

    def build(self, element: Type | None) -> Regions:
        """`element` is the type of lift's parameter; None where a step takes no element."""
        templates = [g.template for g in self._body.groups]
        m = sum(len(tm.entries) for tm in templates)
        if m == 0:
            raise Refused("the state does not depend on the elements")
        parameters = [] if element is None else [self._site.names.fresh("x", element)]
        scope = self._site.captured() | dict(zip([self._body.element], parameters, strict=False))
        lift = self._region(parameters, [e for tm in templates for e in tm.lift()], scope)
        return Regions(lift, self._mul(m), self._act(m))

    def _mul(self, m: int) -> Region:
        later, earlier = self._values("a", m), self._values("b", m)
        exprs: list[Term] = []
        for g in self._body.groups:
            part = slice(len(exprs), len(exprs) + len(g.template.entries))
            exprs += g.template.compose([_symbol(v) for v in later[part]], [_symbol(v) for v in earlier[part]])
        return self._region([*later, *earlier], exprs)

    def _act(self, m: int) -> Region:
        values, state = self._values("a", m), self._values("s", self._body.count)
        acted: dict[int, Term] = {}
        offset = 0
        for g in self._body.groups:
            size = len(g.template.entries)
            entries = [_symbol(v) for v in values[offset : offset + size]]
            new = g.template.act(entries, [_symbol(state[i]) for i in g.components])
            acted |= dict(zip(g.components, new, strict=True))
            offset += size
        return self._region([*values, *state], [acted[i] for i in range(self._body.count)])

    def _values(self, hint: str, count: int) -> list[Value]:
        return [self._site.names.fresh(hint, self._type) for _ in range(count)]

    def _region(
        self, parameters: Sequence[Value], exprs: Sequence[Term], scope: dict[Term, Value] | None = None
    ) -> Region:
        symbols = {_symbol(v): v for v in parameters} | self._site.captured()
        emitter = Emitter(self._site.names, scope if scope is not None else symbols)
        ty = self._type
        if isinstance(ty, FloatType):
            return region(parameters, emitter, [emitter.real(e, ty) for e in exprs])
        assert isinstance(ty, IntType)
        return region(parameters, emitter, [emitter.integer(e, ty) for e in exprs])


def _symbol(v: Value) -> Term:
    """The variable that stands for an entry: its integer value, or its real."""
    return t.var(f"entry.{v.name}", t.REAL if isinstance(v.type, FloatType) else t.INT)
