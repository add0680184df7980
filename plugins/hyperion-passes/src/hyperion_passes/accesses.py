"""Untrusted search, checked theorems: accesses to arrays whose index is inside, and loops over indices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, beta_spine, cond_is, discharge
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import argument_type
from hyperion.logic.terms import Term
from hyperion_passes import access_lemmas, index_lemmas, lemmas
from hyperion_passes.derived import axiom, both, head, named, replaced, rewrite
from hyperion_passes.facts import Facts, branched, sequenced
from hyperion_passes.order_lemmas import LARGEST, ONE, ZERO, add, le
from hyperion_passes.ranges import Ranges

UNDEFINED: Final = "op:undefined"


class Accesses:
    """What is known of indices at the places of a term."""

    def __init__(self) -> None:
        self._ranges: dict[Facts, Ranges] = {}

    def ranges(self, facts: Facts) -> Ranges:
        missing: list[Facts] = []
        each: Facts | None = facts
        while each is not None and each not in self._ranges:
            missing.append(each)
            each = each.outer
        found = self._ranges[each] if each is not None else None
        for each in reversed(missing):
            found = self._ranges[each] = Ranges(each, found)
        assert found is not None
        return found

    def rule(self, x: Term, facts: Facts) -> Iterator[Theorem]:
        """A |- x = x, but undefined where it would trap: a rule for `get`, `update` and the `cond` of an access to an
        array of more dimensions."""
        match head(x), arguments(x)[1]:
            case "get" | "update", [d, xs, i, *new] if head(d) == "trap":
                yield from (th for th in self._accesses(head(x), (d, xs, i), new, facts) if facts.cover(th))
            case "cond", [test, yes, no] if head(yes) == "ok" and head(no) == "trap":
                known = self._holds(test, facts)
                if known is not None and facts.cover(known):
                    other = t.app(x.function, t.const(UNDEFINED, x.type))
                    yield both(cond_is(known, x), k.sym(cond_is(known, other)))
            case _:
                return

    def elements(self, xs: Term, v: Term, facts: Facts) -> tuple[Term, Theorem] | None:
        """A test that holds of every element v of the list, and A |- all (\\\\v. test) xs = true."""
        if head(xs) != "indices":
            return None
        source = arguments(xs)[1][-1]
        size = self._fits(source, facts)
        if size is None:
            return None
        every = discharge(named(index_lemmas.indices_inside(), xs=source), size)
        return (t.open_binder(arguments(every.left)[1][0], v), every) if every.left.argument is xs else None

    def _fits(self, xs: Term, facts: Facts) -> Theorem | None:
        """A |- le (length xs) LARGEST = true, or None."""
        length = apply("length", xs)
        th = facts.of(le(length, LARGEST)) or self.ranges(facts).le(length, LARGEST)
        return th if th is not None and th.right is TRUE and facts.cover(th) else None

    def loop(self, x: Term, facts: Facts) -> Iterator[Theorem]:
        """A |- a loop over the indices of a list = the loop over its elements, where the step uses the index to get the
        element alone: a rule for `fold`."""
        _, args = arguments(x)
        if head(x) != "fold" or len(args) != 3 or args[0].kind != "L" or args[0].body.kind != "L":
            return
        step, state, indices = args
        i, s = t.var("index~", step.body.bound_type), t.var("state~", step.bound_type)
        found = self.elements(indices, i, facts)
        if found is None:
            return
        xs, inside = arguments(indices)[1][-1], Facts().among((found[0], TRUE))
        body = _by_element(t.open_binder(t.open_binder(step, s), i), apply("toZ.i64", i), xs, inside)
        if body is None or i in arguments(body.right)[1][1].free:
            return
        first = by_elements(x, s, i, found[1], body)
        o, each = arguments(body.right)[1]
        g = t.lam(s, each)
        written = k.app(k.refl(body.right.function), k.sym(k.beta(t.app(g, s))))
        steps = k.abs_(s, k.abs_(i, written))
        function = arguments(x)[0]
        last = k.app(k.app(k.app(k.refl(function), steps), k.refl(state)), k.refl(indices))
        law = named(index_lemmas.fold_indices(), d=arguments(o)[1][0], g=g, s=state, xs=xs)
        size = self._fits(xs, facts)
        assert size is not None
        yield both(first, last, discharge(law, size))

    def _accesses(
        self, access: str, at: tuple[Term, Term, Term], new: Sequence[Term], facts: Facts
    ) -> Iterator[Theorem]:
        d, xs, i = at
        values = {"d": d, "e": t.const(UNDEFINED, d.type), "xs": xs, "a": i}
        inside = self.ranges(facts).index(i, xs)
        if inside is not None:
            lemma = index_lemmas.get_inside() if access == "get" else access_lemmas.update_inside()
            yield discharge(named(lemma, **values, **dict(zip("w", new, strict=False))), *inside)

    def _holds(self, test: Term, facts: Facts) -> Theorem | None:
        """A |- test = true, for comparisons joined by `and`."""
        match head(test), arguments(test)[1]:
            case "le", [a, b]:
                return self.ranges(facts).le(a, b)
            case "lt", [a, b]:
                definition = axiom("int.lt.def", a=a, b=b)
                th = self.ranges(facts).le(*arguments(definition.right)[1])
                return k.trans(definition, th) if th else None
            case "and", [a, b]:
                first, last = self._holds(a, facts), self._holds(b, facts)
                if first is None or last is None:
                    return None
                th = k.app(k.app(k.refl(test.function.function), first), last)
                return k.trans(th, lemmas.basic()(th.right))
            case _:
                return None


def _by_element(body: Term, index: Term, xs: Term, inside: Facts) -> Theorem | None:
    """A |- body = bind (get trap xs index) (\\e. body with e for that element); None where it does not get it."""
    low, high = (inside.of(test) for test in (le(ZERO, index), le(add(ONE, index), apply("length", xs))))
    assert low is not None
    assert high is not None
    element = t.var("element~", argument_type(xs.type))
    ty = t.outcome_of(element.type)
    o, other = (apply("get", t.const(name, ty), xs, index) for name in ("trap", UNDEFINED))
    same = discharge(
        named(index_lemmas.get_inside(), d=t.const(UNDEFINED, ty), e=t.const("trap", ty), xs=xs, a=index), low, high
    )
    assert same.left is other
    checked = replaced(body, same)
    got = replaced(checked.right, k.assume(o, apply("ok", element)))
    if got.left is got.right:
        return None
    there = discharge(named(access_lemmas.get_succeeds(), xs=xs, a=index, k=body), low, high)
    return both(k.sym(there), sequenced(o, element, k.trans(checked, got)))


def by_elements(loop: Term, s: Term, v: Term, every: Theorem, body: Theorem) -> Theorem:
    """From A |- all (\\\\v. test) xs = true and B |- l = r, where B may say that the test is true:
    |- fold (\\\\s v. l) state xs = fold (\\\\s v. r) state xs."""
    _, (_, state, xs) = arguments(loop)
    p, f, h = arguments(every.left)[1][0], t.lams((s, v), body.left), t.lams((s, v), body.right)
    test, first, last = beta_spine(t.app(p, v)), beta_spine(t.app(f, s, v)), beta_spine(t.app(h, s, v))
    chosen = branched(test.right, body, k.refl(body.right))  # cond test l r = cond test r r
    written = k.app(k.app(k.app(k.refl(arguments(chosen.left)[0]), test), first), last)
    same = both(written, chosen, rewrite(lemmas.truth()["cond"][2], chosen.right), k.sym(last))
    law = named(index_lemmas.fold_where(), p=p, f=f, h=h, s=state, xs=xs)
    return k.cut(every, k.cut(k.abs_(s, k.abs_(v, same)), law))
