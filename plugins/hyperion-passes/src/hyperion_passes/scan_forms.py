"""Untrusted search, checked theorems: the one loop for a scan and the loop over what it makes, in the term of a block.

A block is a chain of `bind`. Where the scan cannot trap, what it makes is a value, and the one loop stands where the
fold or scan over that stood; where that cannot, its result is one, and the one loop stands where the scan stood. So
does a scan that a map without traps went into.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.derived import arguments, congruence
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import argument_type
from hyperion.logic.terms import Term, Ty
from hyperion_passes import lemmas, list_lemmas, scan_lemmas, zip_lemmas
from hyperion_passes.derived import both, head, named, replaced, rewrite
from hyperion_passes.evaluation import Evaluation
from hyperion_passes.facts import Facts
from hyperion_passes.meaning import normalizer
from hyperion_passes.rows import Rows
from hyperion_passes.simplifier import Rule, Simplifier


class ScanForms:
    """`loop_of_scan` is a rule for `bind`."""

    def __init__(self, check: Callable[[], None] | None = None) -> None:
        maps = {
            "bind": (lemmas.rule(lemmas.sequencing()[0]), lemmas.rule(lemmas.sequencing()[-1])),
            "map": (lemmas.rule(list_lemmas.map_map()), lemmas.rule(zip_lemmas.map_itself())),
        }
        rules = maps | {
            "fold": (_of_column(list_lemmas.fold_map()),),
            "scan": (_of_column(list_lemmas.scan_map()),),
        }
        self._maps = Simplifier(maps, check, computes=False)  # leaves maps where they are
        self._normal = Simplifier(rules, check, computes=False)
        self._evaluation = Evaluation(normalizer(check))
        self._found: dict[Term, tuple[Theorem, ...]] = {}

    def loop_of_scan(self, x: Term, facts: Facts) -> Iterator[Theorem]:
        """|- x = y, where x starts with a scan and y has one loop for it and for the loop over what it makes."""
        if x not in self._found:
            try:
                self._found[x] = tuple(self._one_loop(x))
            except k.RuleError:  # a normal form is another than the lemma's
                self._found[x] = ()
        yield from self._found[x]

    def _one_loop(self, x: Term) -> Iterator[Theorem]:
        flat = _flat(x)
        if flat is not None:
            for th in (*self._mapped(flat.right), *self._at_loop(flat.right), *self._at_scan(flat.right)):
                yield k.trans(flat, th)

    def _mapped(self, x: Term) -> Iterator[Theorem]:
        """Maps of single arrays that the scan makes go into it, all or each alone."""
        scan, after = x.function.argument, x.argument
        f, state, xs = arguments(scan)[1]
        made = t.var("made~", after.bound_type)
        rows = Rows(t.proj(1, made))
        body = self._maps(t.open_binder(after, made)).right
        for each, then in rows.absorbed(body):
            s = t.var("state~", state.type)
            then = _with(then, t.proj(0, made), s)
            if made not in then.free:
                after_both = t.lams((s, rows.next(each)), then)
                lemma = self._at(scan_lemmas.map_of_scan(), f=f, h=each, s=state, xs=xs, k=after_both)
                yield k.trans(self._normal(x), lemma)

    def _at_loop(self, x: Term) -> Iterator[Theorem]:
        """The scan cannot trap, and the one loop stands where the loop over what it makes stood."""
        scan, after = x.function.argument, x.argument
        total = self._total(scan)
        if total is None:
            return
        h, (_, state, xs) = _value(total), arguments(total.right)[1]
        known = both(total, self._steps(h, state, xs))
        steps = known.right.argument
        start = self._then(k.app(k.app(k.refl(x.function.function), known), k.refl(after)))
        place = _place(start.right, t.proj(1, steps))
        if place is None:
            return
        g, u, _ = arguments(place.loop)[1]
        first = k.sym(lemmas.returned(place.loop)) if place.here is place.loop else k.refl(place.here)
        v, s = t.var("result~", argument_type(place.loop.type)), t.var("state~", state.type)
        then = t.lams((v, s), _with(t.open_binder(first.right.argument, v), t.proj(0, steps), s))
        one = scan_lemmas.fold_of_steps if head(place.loop) == "fold" else scan_lemmas.scan_of_steps
        for shape in _shapes(state.type, u.type):
            lemma = self._at(one(*shape), g=g, u=u, h=h, s=state, xs=xs, k=then)
            yield both(start, place.around(k.trans(first, lemma)))

    def _at_scan(self, x: Term) -> Iterator[Theorem]:
        """The loop over what the scan makes cannot trap, and the one loop stands where the scan stood."""
        scan, after = x.function.argument, x.argument
        f, state, xs = arguments(scan)[1]
        made = t.var("made~", after.bound_type)
        block = self._normal(t.open_binder(after, made))
        place = _place(block.right, t.proj(1, made))
        total = self._total(place.loop) if place is not None else None
        if place is None or total is None:
            return
        g, (_, u, ys) = _value(total), arguments(total.right)[1]
        if any(v in g.free or v in u.free for v in (made, *(v for _, v in place.before))):
            return
        is_fold = head(place.loop) == "fold"
        known = both(total, self._at(lemmas.total_fold(), g=g, s=u, xs=ys) if is_fold else self._steps(g, u, ys))
        pure = both(block, place.around(self._then(replaced(place.here, known))))
        start = self._then(k.app(k.refl(x.function), k.abs_(made, pure)))
        v, s = t.var("result~", known.right.argument.type), t.var("state~", state.type)
        then = _with(_with(pure.right, known.right.argument, v), t.proj(0, made), s)
        if made in then.free:
            return
        one = scan_lemmas.total_fold_of_scan if is_fold else scan_lemmas.total_scan_of_scan
        for shape in _shapes(state.type, u.type):
            lemma = one(*shape)
            yield k.trans(start, self._at(lemma, f=f, g=g, s=state, u=u, xs=xs, k=t.lams((v, s), then)))

    def _steps(self, h: Term, state: Term, xs: Term) -> Theorem:
        """|- a scan by h, which cannot trap, = ok of what it gives."""
        return self._at(scan_lemmas.total_scan(), h=h, s=state, xs=xs)

    def _total(self, loop: Term) -> Theorem | None:
        """|- loop = the loop with a step of the form \\s x. ok .., where its step always gives that."""
        function, (step, *rest) = arguments(loop)
        th = self._evaluation.total_step(step)
        return (
            self._then(congruence(function, [step, *rest], [th, *(None for _ in rest)]) or k.refl(loop)) if th else None
        )

    def _at(self, lemma: Theorem, **values: Term) -> Theorem:
        """The lemma at these values, both sides in their normal forms."""
        th = named(lemma, **values)
        return both(k.sym(self._normal(th.left)), th, self._normal(th.right))

    def _then(self, th: Theorem) -> Theorem:
        return k.trans(th, self._normal(th.right))


def _of_column(th: Theorem) -> Rule:
    """The rule that takes the map of a column into the loop over it, and no other map."""

    def rule(x: Term) -> Theorem | None:
        f = x.argument.function.argument if x.kind == "A" and head(x.argument) == "map" else None
        is_column = f is not None and f.kind == "L" and f.body.kind == "P" and f.body.body.kind == "B"
        return rewrite(th, x) if is_column else None

    return rule


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the rest of a block starts with a loop, or is that loop, and what is bound before it."""

    before: tuple[tuple[Term, Term], ...]
    here: Term
    loop: Term

    def around(self, th: Theorem) -> Theorem:
        """From |- here = x: |- block = the block with x there."""
        for function, v in reversed(self.before):
            th = k.app(k.refl(function), k.abs_(v, th))
        return th


def _place(block: Term, xs: Term) -> _Place | None:
    """Where the fold or scan over xs is."""
    before: list[tuple[Term, Term]] = []
    while True:
        step = block.function.argument if _is_sequence(block) else block
        if head(step) in ("fold", "scan") and step.argument is xs:
            return _Place(tuple(before), block, step)
        if step is block:
            return None
        v = t.var(f"before~{len(before)}", block.argument.bound_type)
        before.append((block.function, v))
        block = t.open_binder(block.argument, v)


def _is_sequence(x: Term) -> bool:
    return head(x) == "bind" and x.kind == x.function.kind == "A" and x.argument.kind == "L"


def _flat(x: Term) -> Theorem | None:
    """|- x = a scan and what follows, where a scan comes first."""
    first = x
    while _is_sequence(first):
        first = first.function.argument
    if head(first) != "scan" or first is x:
        return None
    th = k.refl(x)
    while head(th.right.function.argument) == "bind":
        th = both(th, rewrite(lemmas.sequencing()[-1], th.right))
    return th


def _value(total: Theorem) -> Term:
    """The function h of a loop by \\s x. ok (h s x)."""
    step = arguments(total.right)[1][0]
    s, x = (t.var(f"value~{i}", ty) for i, ty in enumerate((step.bound_type, step.body.bound_type)))
    return t.lams((s, x), t.open_binder(t.open_binder(step, s), x).argument)


def _with(x: Term, old: Term, new: Term) -> Term:
    """x with `new` for every `old`."""
    return t.transform(x, lambda u, _: new if u is old else None, lambda u, _: not old.free <= u.free)


def _shapes(scanned: Ty, folded: Ty) -> Iterator[tuple[int, int]]:
    """How many states each loop may have by the type of their tuple."""
    counts = ((len(ty.args), 1) if ty.name == "prod" and ty.args else (1,) for ty in (scanned, folded))
    first, last = counts
    yield from product(first, last)
