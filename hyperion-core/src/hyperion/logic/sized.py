"""TRUSTED. A statement about the arrays that exist.

A theorem |- f = g speaks of all lists, also of those that no memory holds: `len` of a list with 2**63 elements or more
is another number than its length, and a loop over the indices of such a list is no loop over its elements. What is
compiled meets arrays only whose sizes are values of i64. So |- sized f = sized g is as good as |- f = g, where

    sized f  =  \\x. \\y. .. cond (every array among x, y, .. has such sizes) (f x y ..) trap
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Final

from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.meaning import every, extent, rank
from hyperion.logic.terms import Term, Ty

LARGEST: Final = literals.int_lit((1 << 63) - 1)


@cache
def sized(ty: Ty) -> Term | None:
    """The closed function `sized` for functions of type `ty`; None where no parameter holds an array."""
    f, parameters, result = t.var("f", ty), list[Term](), ty
    while result.name == "fun":
        assert result.args is not None
        parameters.append(t.var(f"x{len(parameters)}", result.args[0]))
        result = result.args[1]
    conditions = [c for x in parameters for c in _conditions(x)]
    if not conditions or result.name != "outcome":
        return None
    body = apply("cond", every(conditions), t.app(f, *parameters), t.const("trap", result))
    return t.lam(f, t.lams(tuple(parameters), body))


def _conditions(x: Term) -> Iterator[Term]:
    """That the sizes of the arrays in x are values of i64."""
    if x.type.name == "prod":
        for i in range(len(x.type.args or ())):
            yield from _conditions(t.proj(i, x))
    for axis in range(rank(x.type)):
        if x.type.name != "list":  # a length is not negative by its definition
            yield apply("le", literals.int_lit(0), extent(x, axis))
        yield apply("le", extent(x, axis), LARGEST)
