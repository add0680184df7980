r"""Untrusted search, checked theorems: a loop that reads and writes arrays at its counter is the scan over what is
gathered.

Both sides speak of one test, in which all is said of the indices and the sizes of arrays. Where it is false, one side
runs the other. Where it is true, elements stand for what the loop gets (`gathering`), and the loop is a scan
(`turn_lemmas`), whose step at each element is compared with that of the other side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_passes import lemmas, list_lemmas, turn_lemmas
from hyperion_passes.derived import both, head, named, replaced
from hyperion_passes.facts import Facts, branched
from hyperion_passes.gather_lemmas import element
from hyperion_passes.gathering import elements_for, gathered_as_maps, list_rules
from hyperion_passes.index_lemmas import I64, WORD, length, length_indices, length_nonneg
from hyperion_passes.lemmas import axioms, rule
from hyperion_passes.meaning import normalizer
from hyperion_passes.order_lemmas import in_i64
from hyperion_passes.scan_lemmas import length_scanned, no_scan
from hyperion_passes.simplifier import Rule, Simplifier
from hyperion_passes.write_forms import ArraysInState
from hyperion_passes.write_lemmas import element_after, update_here

MOST_BRANCHES = 6
"""Tests in one step that are told apart, each doubling the work."""


class Writing:
    """Proves that two sides are one, of which only the second scans."""

    def __init__(self, check: Callable[[], None] | None = None) -> None:
        self._check = check
        table: dict[str, tuple[Rule, ...]] = {name: tuple(rules) for name, rules in normalizer(check).rules.items()}
        more = list_rules() | {
            "range": (counted,),
            "scan": (rule(no_scan()), rule(list_lemmas.scan_map())),
        }
        more["length"] = (*more["length"], rule(length_indices()))
        for name, rules in more.items():
            table[name] = (*rules, *table.get(name, ()))
        table["bind"] = (*table["bind"], _as_long)
        self._table = table
        self._normal = Simplifier(table, check)
        self._beta = Simplifier({}, check, computes=False)
        self._choices = Simplifier({"cond": axioms("cond.true", "cond.false")}, check, computes=False)

    def guide(self, left: Term, right: Term, facts: Facts) -> Iterator[Theorem]:
        """|- left = right: a guide for `fold` and `bind`."""
        start, end = (self._opened(x) for x in (left, right))
        for test in _tests(end.right):
            cases = [self._case(start.right, end.right, k.assume(test, value)) for value in (TRUE, FALSE)]
            yes, no = cases
            if yes is not None and no is not None:
                yield both(start, k.bool_cases(test, yes, no), k.sym(end))

    def _opened(self, x: Term) -> Theorem:
        """The term where ranges are lists."""
        if not any(head(u) == "range" for u in t.subterms(x)):
            return k.refl(x)
        first = {
            "range": (counted,),
            "bind": tuple(map(rule, lemmas.sequencing())),
            "length": (rule(length_indices()),),
        }
        return Simplifier(first, self._check, computes=False)(x)

    def _case(self, left: Term, right: Term, test: Theorem) -> Theorem | None:
        """{test} |- left = right"""
        last = replaced(right, test)
        last = k.trans(last, self._choices(last.right))
        first = k.refl(left)
        if test.right is TRUE:
            known = Facts().among((test.left, TRUE))
            every = [th for th in known if head(th.left) == "all" and th.right is TRUE]
            for th in every:
                first, last = elements_for(first, th), gathered_as_maps(last, th)
            last = k.trans(last, self._normal(last.right))
            last = self._sized(last, known)
            scanned = self._scanned(first, last.right, known)
            if scanned is None:
                return None
            first = scanned
        first, last = (k.trans(th, self._normal(th.right)) for th in (first, last))
        if first.right is not last.right:  # operands are in the order that they had elsewhere in a block
            again = Simplifier(self._table, self._check)
            first, last = (k.trans(th, again(th.right)) for th in (first, last))
        return k.trans(first, k.sym(last)) if first.right is last.right else None

    def _sized(self, th: Theorem, known: Facts) -> Theorem:
        """The theorem with what is known of sizes on its right side."""
        for fact in known:
            if head(fact.left) == "eq" and fact.right is TRUE:
                normal = self._normal(fact.left)
                if normal.right is not TRUE:
                    th = k.trans(th, replaced(th.right, k.trans(k.sym(normal), fact)))
        return k.trans(th, self._normal(th.right))

    def _truth(self, goal: Term, known: Facts) -> Theorem | None:
        """|- goal = true, by normal forms and what is known."""
        th = self._normal(goal)
        if th.right is TRUE:
            return th
        for fact in known:
            if fact.right is TRUE and self._normal(fact.left).right is th.right:
                return both(th, k.sym(self._normal(fact.left)), fact)
        return None

    def _scanned(self, th: Theorem, right: Term, known: Facts) -> Theorem | None:
        """The theorem with the scan that the right side has in place of the loop that writes, on its right side."""
        for scan in t.subterms(right):
            if head(scan) != "scan" or scan.loose or len(arguments(scan)[1]) != 3:
                continue
            step, _, numbers = arguments(scan)[1]
            for x in t.subterms(th.right):
                loop = _loop(x)
                if loop is None or loop.numbers is not numbers or step.bound_type is not loop.state_before().type:
                    continue
                found = self._at(loop, step, known)
                if found is not None:
                    here, there = self._beta(x), self._beta(found.left)
                    if here.right is there.right:
                        return k.trans(th, replaced(th.right, both(here, k.sym(there), found)))
        return None

    def _at(self, loop: _Loop, step: Term, known: Facts) -> Theorem | None:
        """The theorem at a loop, whose scan has this step."""
        count = len(loop.places)
        s, i = t.var("state~", step.bound_type), t.var("number~", I64)
        body = self._beta(t.app(step, s, i)).right
        arrays = [loop.state[n] for n in loop.places]
        cells = [t.var(f"cell~{j}", a.type.args[0]) for j, a in enumerate(arrays) if a.type.args is not None]
        held = {self._normal(element(a, apply("toZ.i64", i))).right: v for a, v in zip(arrays, cells, strict=True)}
        body = t.transform(body, lambda u, _: held.get(u), lambda _, __: False)
        values = {"F": loop.step, "f": t.lams((s, i, *cells), body), "pack": loop.pack(), "s": loop.state_before()}
        values["xs"] = loop.source
        values |= {f"ys{j}": a for j, a in enumerate(arrays)}
        th = named(turn_lemmas.fold_of_turns(count), **values)
        for left, right in tuple(th.hypotheses):
            law = self._truth(left, known) if right is TRUE else self._law(left, right, count)
            if law is None or (law.left, law.right) != (left, right):
                return None
            th = k.cut(law, th)
        return th

    def _law(self, left: Term, right: Term, count: int) -> Theorem | None:
        """|- left = right, the law of the step: at the place that the loop has reached, elements for what it gets and
        puts there."""
        binders: list[Term] = []
        while left.kind == "L":
            v = t.var(f"law~{len(binders)}", left.bound_type)
            binders.append(v)
            left, right = t.open_binder(left, v), t.open_binder(right, v)
        test, before, trap = arguments(left)[1]
        there = arguments(right)[1][1]
        rows, _, *rest = binders
        small = k.assume(test, TRUE)
        normal = _AtCell(self._table, rows, rest[:count], count, small, self._check).simplifier
        th = self._by_branches(normal, before, there, MOST_BRANCHES)
        if th is None:
            return None
        th = branched(test, th, k.refl(trap))
        for v in reversed(binders):
            th = k.abs_(v, th)
        return th

    def _by_branches(self, normal: Simplifier, left: Term, right: Term, most: int) -> Theorem | None:
        """|- left = right by normal forms, by both values of tests that branches make where that does not do."""
        first, last = normal(left), normal(right)
        if first.right is last.right:
            return k.trans(first, k.sym(last))
        test = next((c for side in (first.right, last.right) for c in _branches(side)), None)
        if test is None or most == 0:
            return None
        cases: list[Theorem] = []
        for value in (TRUE, FALSE):
            known = k.assume(test, value)
            sides = [k.trans(th, replaced(th.right, known)) for th in (first, last)]
            th = self._by_branches(normal, sides[0].right, sides[1].right, most - 1)
            if th is None:
                return None
            cases.append(both(sides[0], th, k.sym(sides[1])))
        return k.bool_cases(test, *cases)


class _AtCell:
    """A simplifier that also knows what is at the place that the loop has reached, and what is put there."""

    def __init__(
        self,
        table: dict[str, tuple[Rule, ...]],
        rows: Term,
        arrays: list[Term],
        count: int,
        small: Theorem,
        check: Callable[[], None] | None,
    ) -> None:
        self._rows = rows
        self._arrays = arrays
        row = t.var("row", rows.type.args[0]) if rows.type.args is not None else rows
        self._taken = [t.lam(row, t.proj(count + j, row)) for j in range(count)]
        n = length(rows)
        index = in_i64(named(length_nonneg(), xs=rows), small)
        self._n = n
        self._beta = Simplifier({}, check, computes=False)

        def known_index(x: Term) -> Theorem | None:
            return index if x is index.left else None

        more: dict[str, tuple[Rule, ...]] = {"toZ.i64": (known_index,), "get": (self._get,), "update": (self._update,)}
        self.simplifier = Simplifier({**table, **{h: (*r, *table.get(h, ())) for h, r in more.items()}}, check)

    def _get(self, x: Term) -> Theorem | None:
        _, args = arguments(x)
        j = self._which(args[1]) if len(args) == 3 and args[2] is self._n and head(args[0]) == "trap" else None
        return self._reduced(element_after(self._taken[j], self._rows, args[1].argument), x) if j is not None else None

    def _update(self, x: Term) -> Theorem | None:
        _, args = arguments(x)
        j = self._which(args[1]) if len(args) == 4 and args[2] is self._n and head(args[0]) == "trap" else None
        if j is None:
            return None
        return self._reduced(update_here(self._taken[j], self._rows, args[1].argument, args[3]), x)

    def _reduced(self, th: Theorem, x: Term) -> Theorem | None:
        """The theorem about x, where functions are applied."""
        th = both(k.sym(self._beta(th.left)), th, self._beta(th.right))
        return th if th.left is x else None

    def _which(self, array: Term) -> int | None:
        """Which array this is, with some element at the place."""
        if array.kind != "A" or array.loose or head(array.argument) != "cons":
            return None
        ys = arguments(array.argument)[1][1]
        return next((j for j, v in enumerate(self._arrays) if v is ys), None)


def _branches(x: Term) -> Iterator[Term]:
    """The tests of choices, as far as they speak of nothing bound."""
    for u in t.subterms(x):
        if head(u) == "cond" and u.kind == "A" and len(arguments(u)[1]) == 3:
            test = arguments(u)[1][0]
            if not test.loose:
                yield test


def _tests(right: Term) -> Iterator[Term]:
    """The tests that decide between a scan and a loop."""
    seen: set[Term] = set()
    for x in t.subterms(right):
        if head(x) == "cond" and x.kind == "A" and x.type.name == "outcome" and len(arguments(x)[1]) == 3:
            test = arguments(x)[1][0]
            if not test.loose and test not in seen and head(test) == "and":
                seen.add(test)
                yield test


@dataclass(frozen=True, slots=True)
class _Loop(ArraysInState):
    """fold step state (indices source); `places` are those of the arrays in the state."""

    step: Term
    state: tuple[Term, ...]
    numbers: Term
    source: Term
    places: tuple[int, ...]


def _loop(x: Term) -> _Loop | None:
    if head(x) != "fold" or x.kind != "A" or x.loose or len(arguments(x)[1]) != 3:
        return None
    step, state, numbers = arguments(x)[1]
    if head(numbers) != "indices" or arguments(numbers)[1][0] is not WORD:
        return None
    items = tuple(state.items) if state.kind == "T" else (state,)
    places = tuple(n for n, item in enumerate(items) if item.type.name == "list")
    return _Loop(step, items, numbers, arguments(numbers)[1][1], places) if places else None


def counted(x: Term) -> Theorem | None:
    """|- range 0 n 1 = ok (indices ofZ.i64 ..)"""
    _, args = arguments(x)
    if len(args) != 3 or any(a.kind != "A" or a.argument.kind != "K" for a in (args[0], args[2])):
        return None
    th = lemmas.unfolding("range", *args)
    th = k.trans(th, normalizer()(th.right))
    if head(th.right) != "ok" or head(th.right.argument) != "indices":
        return None
    number = arguments(th.right.argument)[1][0]
    if number.kind == "L" and number.body.kind == "A" and number.body.function is WORD:
        return k.trans(th, replaced(th.right, k.eta(number))) if number.body.argument.kind == "B" else None
    return None


def _as_long(x: Term) -> Theorem | None:
    """bind (scan f s xs) (\\q. .. length q.1 ..) with the length of xs."""
    if x.kind != "A" or x.function.kind != "A" or x.argument.kind != "L" or head(x.function.argument) != "scan":
        return None
    scan = x.function.argument
    f, state, xs = arguments(scan)[1]
    q, n = t.var("made~", x.argument.bound_type), t.var("count~", t.INT)
    body = t.open_binder(x.argument, q)
    size = apply("length", t.proj(1, q))
    changed = t.transform(body, lambda u, _: n if u is size else None, lambda _, __: False)
    if changed is body:
        return None
    th = named(length_scanned(), f=f, s=state, xs=xs, k=t.lams((q, n), changed))
    plain = Simplifier({}, computes=False)
    first = plain(th.left)
    return both(k.sym(first), th, plain(th.right)) if first.right is plain(x).right and plain(x).right is x else None
