r"""Untrusted search, checked theorems: a loop over indices that writes an array, and the scan that it is, in the term
of a block.

The loop starts with arrays `map k xs` among its state. What its step gets from xs and puts into an array at the index
is abstracted; the step then depends on nothing else of the index and the arrays, or the theorem does not apply.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import argument_type, tuple_of, tuple_type, untuple
from hyperion.logic.terms import Term
from hyperion_passes import lemmas
from hyperion_passes.accesses import Accesses
from hyperion_passes.derived import both, head, named
from hyperion_passes.facts import Facts
from hyperion_passes.meaning import equal
from hyperion_passes.order_lemmas import LARGEST, le
from hyperion_passes.simplifier import Simplifier
from hyperion_passes.write_lemmas import fold_of_writes


class ArraysInState:
    """A loop with arrays among its state, at these `places`."""

    __slots__ = ()

    state: tuple[Term, ...]
    places: tuple[int, ...]

    @property
    def others(self) -> list[int]:
        return [n for n in range(len(self.state)) if n not in self.places]

    def state_before(self) -> Term:
        return tuple_of([self.state[n] for n in self.others])

    def pack(self) -> Term:
        """The whole state from the other states and the arrays."""
        s = t.var("s", tuple_type([self.state[n].type for n in self.others]))
        arrays = [t.var(f"a{n}", self.state[n].type) for n in self.places]
        values = dict(zip(self.others, untuple(s, len(self.others)), strict=True))
        values |= dict(zip(self.places, arrays, strict=True))
        return t.lams((s, *arrays), tuple_of([values[n] for n in range(len(self.state))]))


@dataclass(frozen=True, slots=True)
class _Loop(ArraysInState):
    """fold (\\p i. body) state (indices xs); `places` are those of the arrays in the state."""

    body: Term
    p: Term
    i: Term
    state: tuple[Term, ...]
    xs: Term
    places: tuple[int, ...]

    def array(self, n: int) -> Term:
        return untuple(self.p, len(self.state))[n]

    def step(self) -> Term | None:
        """The step as a function of the state, of what `get` gives and of what each `update` does."""
        index = apply("toZ.i64", self.i)
        element = t.outcome_of(argument_type(self.xs.type))
        got = t.var("got~", element)
        known = {apply("get", t.const("trap", element), self.xs, index): got}
        writes: list[Term] = []
        for n in self.places:
            kind = self.state[n].type
            write = t.var(f"write~{n}", t.fun(argument_type(kind), t.outcome_of(kind)))
            known[apply("update", t.const("trap", t.outcome_of(kind)), self.array(n), index)] = write
            writes.append(write)
        body = t.transform(self.body, lambda u, _: known.get(u), lambda _, __: False)
        left = set(t.subterms(body))
        if self.i in body.free or any(self.array(n) in left for n in self.places):
            return None
        return t.lams((self.p, got, *writes), body)


class WriteForms:
    """`scanned` is a guide for `fold`, `followed` for `bind`."""

    def __init__(self, accesses: Accesses, check: Callable[[], None] | None = None) -> None:
        self._accesses = accesses
        self._check = check
        self._beta = Simplifier({}, check, computes=False)
        rows = (lemmas.rule(lemmas.sequencing()[0]), lemmas.rule(lemmas.sequencing()[-1]))
        self._flat = Simplifier({"bind": rows}, check, computes=False)

    def scanned(self, left: Term, right: Term, facts: Facts) -> Iterator[Theorem]:
        """A |- left = right, a scan and then the loop's whole state."""
        th = self._at_scan(left, right, facts)
        same = equal(th.right, right, self._check) if th is not None else None
        if th is not None and same is not None:
            yield k.trans(th, same)

    def followed(self, left: Term, right: Term, facts: Facts) -> Iterator[Theorem]:
        """A |- left = the scan that the right side starts with, and then what follows the loop on the left."""
        if left.kind != left.function.kind or left.function.kind != "A":
            return
        th = self._at_scan(left.function.argument, right, facts)
        if th is not None:
            whole = k.app(k.app(k.refl(left.function.function), th), k.refl(left.argument))
            whole = both(whole, self._flat(whole.right))
            same = equal(whole.right, right, self._check) if head(right) == "scan" else None
            yield k.trans(whole, same) if same is not None else whole

    def _at_scan(self, left: Term, right: Term, facts: Facts) -> Theorem | None:
        """A |- a loop = the scan that the right side starts with, and then the loop's whole state."""
        scan = right
        while head(scan) == "bind" and scan.kind == scan.function.kind == "A":
            scan = scan.function.argument
        loop = _loop(left)
        if loop is None or head(scan) != "scan" or arguments(scan)[1][2] is not loop.xs:
            return None
        size = self._fits(loop.xs, facts)
        h = loop.step()
        if size is None or h is None:
            return None
        th = self._at(loop, h, arguments(scan)[1][0])
        for first, last in th.hypotheses:
            law = size if last is TRUE else equal(first, last, self._check)
            if law is None or (law.left, law.right) != (first, last):
                return None
            th = k.cut(law, th)
        here, there = self._beta(left), self._beta(th.left)
        return both(here, k.sym(there), th, self._beta(th.right)) if here.right is there.right else None

    def _fits(self, xs: Term, facts: Facts) -> Theorem | None:
        length = apply("length", xs)
        th = facts.of(le(length, LARGEST)) or self._accesses.ranges(facts).le(length, LARGEST)
        return th if th is not None and th.right is TRUE and facts.cover(th) else None

    def _at(self, loop: _Loop, h: Term, f: Term) -> Theorem:
        values = {"h": h, "f": f, "s": loop.state_before(), "xs": loop.xs, "pack": loop.pack()}
        for j, n in enumerate(loop.places):
            values[f"k{j}"] = arguments(loop.state[n])[1][0]
            values[f"array{j}"] = t.lam(loop.p, loop.array(n))
        return named(fold_of_writes(len(loop.places)), **values)


def _loop(x: Term) -> _Loop | None:
    if head(x) != "fold" or x.kind != "A":
        return None
    _, args = arguments(x)
    if len(args) != 3 or args[0].kind != "L" or args[0].body.kind != "L" or head(args[2]) != "indices":
        return None
    step, state, indices = args
    p, i = t.var("whole~", step.bound_type), t.var("index~", step.body.bound_type)
    xs = arguments(indices)[1][1]
    items: Sequence[Term] = state.items if state.kind == "T" else (state,)
    places = [n for n, item in enumerate(items) if head(item) == "map" and arguments(item)[1][1:] == [xs]]
    if not places or len(places) == len(items):
        return None
    return _Loop(t.open_binder(t.open_binder(step, p), i), p, i, tuple(items), xs, tuple(places))
