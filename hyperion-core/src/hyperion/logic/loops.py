"""TRUSTED. The lists that loops run over, and the arrays that they make.

A loop `for 0, len xs, 1` runs over `indices xs`, which is defined by recursion on xs, and says what happens to the
arrays that exist, which have fewer than 2**63 elements; a range of few numbers that are written is the list of them;
every other `for` runs over `range lo hi step`.
"""

from __future__ import annotations

from collections.abc import Sequence

from hyperion.ir.types import I64
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.meaning import argument_type, tuple_of, untuple
from hyperion.logic.scalar import to_word
from hyperion.logic.terms import Term


def zipped(arrays: tuple[Term, ...], tested: Sequence[bool]) -> Term:
    """The list that a loop over `arrays` runs over; an outcome where some are `tested` to be as long as the first."""
    pairs = together(arrays)
    if not any(tested):
        return pairs
    whole = apply("ok", pairs)
    for a, unlike in reversed(tuple(zip(arrays, tested, strict=True))):
        if unlike:
            same = apply("eq", apply("length", arrays[0]), apply("length", a))
            whole = apply("cond", same, whole, t.const("trap", whole.type))
    return whole


def together(arrays: tuple[Term, ...]) -> Term:
    """The list of the tuples of elements of arrays that have one length by their types."""
    pairs = arrays[-1]
    for a in reversed(arrays[:-1]):
        pairs = apply("zip", a, pairs)
    if len(arrays) <= 2:
        return pairs
    x = t.var("%x", argument_type(pairs.type))
    items, rest = list[Term](), x
    for _ in arrays[:-1]:
        items.append(t.proj(0, rest))
        rest = t.proj(1, rest)
    return apply("map", t.lam(x, t.tup(*items, rest)), pairs)


def columns(xs: Term, count: int) -> tuple[Term, ...]:
    """The `count` arrays of a list whose elements are `count` values together."""
    if count == 1:
        return (xs,)
    x = t.var("%x", argument_type(xs.type))
    return tuple(apply("map", t.lam(x, value), xs) for value in untuple(x, count))


def scanned(value: Term, states: int, arrays: int) -> tuple[Term, ...]:
    """The results of a scan from the pair of its final state and of its list."""
    return (*untuple(t.proj(0, value), states), *columns(t.proj(1, value), arrays))


def returning(outcome: Term, value: Term, results: Term) -> Term:
    """The outcome of `results`, which speak of the variable `value`, the value of `outcome`."""
    return apply("bind", outcome, t.lam(value, apply("ok", results)))


def range_of(operands: tuple[Term, ...]) -> Term:
    """Python's range: a list for `0, len xs, 1`, and for at most `MOST_WRITTEN` numbers that are written; else an
    outcome, in which step 0 traps."""
    lo, hi, step = operands[:3]
    written = _written(lo, hi, step)
    if written is not None:
        numbers = t.const("nil", t.list_of(lo.type))
        for number in reversed(written):
            numbers = apply("cons", _word(number), numbers)
        return numbers
    xs = _measured(hi)
    if xs is not None and lo is _word(0) and step is _word(1):
        return apply("indices", t.const(f"ofZ.{I64}", t.fun(t.INT, hi.type)), xs)
    return apply("range", lo, hi, step)


MOST_WRITTEN = 16


def _written(*operands: Term) -> range | None:
    """The range of three literals, where its step is not 0 and it has few numbers."""
    numbers: list[int] = []
    for x in operands:
        if x.kind != "A" or x.argument.kind != "K" or x is not _word(literals.int_value(x.argument)):
            return None
        numbers.append(literals.int_value(x.argument))
    lo, hi, step = numbers
    if step == 0 or abs(hi - lo) > MOST_WRITTEN * abs(step):
        return None
    return range(lo, hi, step)


def _word(value: int) -> Term:
    return to_word(I64, literals.int_lit(value))


def _measured(x: Term) -> Term | None:
    """The list whose length x is, as `len` gives it."""
    if x.kind != "A" or x.argument.kind != "A" or x.argument.argument.type.name != "list":
        return None
    xs = x.argument.argument
    return xs if x is to_word(I64, apply("length", xs)) else None


def halves(values: tuple[Term, ...], states: int) -> Term:
    """The pair of the first `states` values and the others."""
    return t.tup(tuple_of(values[:states]), tuple_of(values[states:]))
