"""Untrusted. The list of what a scan makes, each element a value or a tuple of values, and the maps that take it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.meaning import argument_type, tuple_of, untuple
from hyperion.logic.terms import Term
from hyperion_passes.derived import head


@dataclass(frozen=True, slots=True)
class _Map:
    """`map f rows`: `value` is what f gives of the values `columns` of an element."""

    term: Term
    columns: tuple[Term, ...]
    value: Term

    @property
    def only(self) -> int | None:
        """The one column that a map reads which is more than that column; None for other maps."""
        read = [i for i, c in enumerate(self.columns) if c in self.value.free]
        return read[0] if len(read) == 1 and self.value is not self.columns[read[0]] else None


class Rows:
    """The list is the term `rows`."""

    def __init__(self, rows: Term) -> None:
        self._rows = rows
        self._row = argument_type(rows.type)
        self._count = len(self._row.args or ()) if self._row.name == "prod" else 1

    def next(self, each: Term) -> Term:
        """The variable for the list of what the function `each` makes of the elements."""
        return t.var("rows~", t.list_of(each.body.type))

    def absorbed(self, body: Term) -> Iterator[tuple[Term, Term]]:
        """Functions of an element that do what maps of single columns in `body` do, all of them or one alone, and the
        body that takes the list which that makes."""
        maps = [m for u in t.subterms(body) if (m := self._map(u)) is not None]
        single = [m for m in maps if m.only is not None]
        for chosen in dict.fromkeys((tuple(single), *((m,) for m in single))):
            if chosen and len({m.only for m in chosen}) == len(chosen):
                found = self._with(body, maps, chosen)
                if found is not None:
                    yield found

    def _map(self, u: Term) -> _Map | None:
        """The map of the list that the term is; None for another term, and for a map of whole elements."""
        if head(u) != "map" or u.kind != "A" or u.argument is not self._rows or u.function.argument.kind != "L":
            return None
        y = t.var("row~", self._row)
        value = t.open_binder(u.function.argument, y)
        if self._count == 1:
            return _Map(u, (y,), value)
        assert self._row.args is not None
        columns = tuple(t.var(f"column~{i}", ty) for i, ty in enumerate(self._row.args))
        known = {t.proj(i, y): c for i, c in enumerate(columns)}
        value = t.transform(value, lambda x, _: known.get(x), lambda x, _: y not in x.free)
        return None if y in value.free else _Map(u, columns, value)

    def _with(self, body: Term, maps: Sequence[_Map], chosen: Sequence[_Map]) -> tuple[Term, Term] | None:
        """None where what a chosen map takes is taken by others, too."""
        made = {m.only: m for m in chosen}
        y = t.var("row~", self._row)
        old = untuple(y, self._count)
        each = t.lam(
            y,
            tuple_of(
                [t.substitute(made[i].value, {made[i].columns[i]: x}) if i in made else x for i, x in enumerate(old)]
            ),
        )
        z = t.var("next~", each.body.type)
        new, rows = untuple(z, self._count), self.next(each)
        places: dict[Term, Term] = {}
        for m in maps:
            if m in chosen:
                assert m.only is not None
                value = new[m.only]
            elif any(m.columns[i] in m.value.free for i in made if i is not None):
                return None
            else:
                value = t.substitute(m.value, dict(zip(m.columns, new, strict=True)))
            places[m.term] = rows if value is z else apply("map", t.lam(z, value), rows)
        then = t.transform(body, lambda u, _: places.get(u), lambda u, _: self._rows.free.isdisjoint(u.free))
        return each, then
