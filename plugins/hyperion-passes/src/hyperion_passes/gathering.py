r"""Untrusted search, checked theorems: a loop that gets elements at indices is the loop over the gathered elements.

Both sides speak of one test of the indices, `all p is`. Where it is false, one side runs the other; where it is true,
each `get` of the loop gives the element, and so does each `traverse` of `get`:

    fold (\s i. .. get trap xs (toZ i) ..) s is  =  fold (\s i. .. ok (e i) ..) s is
    traverse (\i. get trap xs (toZ i)) is        =  ok (map e is)

Then maps go into the loop that runs over them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, beta_spine, discharge
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_passes import gather_lemmas, lemmas, list_lemmas, zip_lemmas
from hyperion_passes.accesses import by_elements
from hyperion_passes.derived import both, head, named, replaced, rewrite
from hyperion_passes.facts import Facts, branched
from hyperion_passes.lemmas import axioms, rule
from hyperion_passes.meaning import normalizer
from hyperion_passes.order_lemmas import ONE, ZERO, add, le
from hyperion_passes.simplifier import Rule, Simplifier
from hyperion_passes.unroll_lemmas import no_round

Sides = tuple[Term, Term]


class Gathering:
    """Proves that two sides are one, of which only the second gathers."""

    def __init__(self, check: Callable[[], None] | None = None) -> None:
        table: dict[str, tuple[Rule, ...]] = {name: tuple(rules) for name, rules in normalizer(check).rules.items()}
        for name, rules in list_rules().items():
            table[name] = (*rules, *table.get(name, ()))
        self._normal = Simplifier(table, check)
        self._choices = Simplifier({"cond": axioms("cond.true", "cond.false")}, check, computes=False)

    def guide(self, left: Term, right: Term, facts: Facts) -> Iterator[Theorem]:
        """|- left = right: a guide for `fold` and `bind`."""
        for test in _tests(left, right):
            cases: list[Theorem] = []
            for value in (TRUE, FALSE):
                th = self._case(left, right, k.assume(test, value))
                if th is None:
                    break
                cases.append(th)
            if len(cases) == 2:
                yield k.bool_cases(test, *cases)

    def _case(self, left: Term, right: Term, test: Theorem) -> Theorem | None:
        """{test} |- left = right"""
        last = replaced(right, test)
        last = k.trans(last, self._choices(last.right))
        first = k.refl(left)
        if test.right is TRUE:
            first, last = elements_for(first, test), gathered_as_maps(last, test)
        first, last = (k.trans(th, self._normal(th.right)) for th in (first, last))
        return k.trans(first, k.sym(last)) if first.right is last.right else None


def list_rules() -> dict[str, tuple[Rule, ...]]:
    """By head, what makes one map of maps and zips of one list, and runs nothing over a list without elements."""
    nothing = {name: rule(th) for name, th in gather_lemmas.of_nothing().items()}
    return {
        "traverse": (nothing["traverse"],),
        "map": (nothing["map"], rule(list_lemmas.map_map()), rule(zip_lemmas.map_itself())),
        "zip": (nothing["zip"], *map(rule, (*zip_lemmas.zip_map(), *zip_lemmas.twice()))),
        "length": (nothing["length"], rule(list_lemmas.length_map())),
        "fold": (rule(no_round()), rule(list_lemmas.fold_map())),
        "eq": (rule(gather_lemmas.itself()),),
    }


def _tests(left: Term, right: Term) -> Iterator[Term]:
    """The tests of all elements of a list that a loop on the left runs over, which the right speaks of."""
    lists = {arguments(x)[1][2] for x in t.subterms(left) if head(x) == "fold" and len(arguments(x)[1]) == 3}
    seen: set[Term] = set()
    for x in t.subterms(right):
        if head(x) == "all" and x.type is t.BOOL and not x.loose and x not in seen and arguments(x)[1][1] in lists:
            seen.add(x)
            yield x


def elements_for(th: Theorem, test: Theorem) -> Theorem:
    """The theorem with elements for what the loops over the tested list get on its right side."""
    _, (_, indices) = arguments(test.left)
    for x in tuple(t.subterms(th.right)):
        if head(x) != "fold" or x.loose or len(arguments(x)[1]) != 3:
            continue
        step, _, xs = arguments(x)[1]
        if xs is not indices or step.kind != "L" or step.body.kind != "L":
            continue
        s, v = t.var("state~", step.bound_type), t.var("index~", step.body.bound_type)
        body = _with_elements(t.open_binder(t.open_binder(step, s), v), v, test)
        if body.left is not body.right:
            changed = by_elements(x, s, v, test, body)
            th = k.trans(th, replaced(th.right, changed))
    return th


def _with_elements(body: Term, v: Term, test: Theorem) -> Theorem:
    """A |- body = body with elements for what it gets at v, which the test says is inside; A may hold the test of v."""
    inside = _inside(v, test)
    th = k.refl(body)
    for x in tuple(t.subterms(body)):
        if head(x) == "get" and not x.loose and x.type.name == "outcome":
            found = _element(x, inside)
            if found is not None:
                th = k.trans(th, replaced(th.right, found))
    return th


def _inside(v: Term, test: Theorem) -> Facts:
    predicate = arguments(test.left)[1][0]
    return Facts().among((t.open_binder(predicate, v), TRUE))


def _element(x: Term, inside: Facts) -> Theorem | None:
    """A |- get trap xs i = ok (the element), where i is inside by A."""
    d, xs, i = arguments(x)[1]
    low, high = inside.of(le(ZERO, i)), inside.of(le(add(ONE, i), apply("length", xs)))
    if head(d) != "trap" or low is None or high is None:
        return None
    return discharge(named(gather_lemmas.get_element(), xs=xs, a=i), low, high)


def gathered_as_maps(th: Theorem, test: Theorem) -> Theorem:
    """The theorem with what is gathered from the tested list as a map over it."""
    predicate, indices = arguments(test.left)[1]
    for x in tuple(t.subterms(th.right)):
        if head(x) != "traverse" or x.loose or x.type.name != "outcome":
            continue
        get, xs = arguments(x)[1]
        if xs is not indices or get.kind != "L":
            continue
        v = t.var("index~", get.bound_type)
        found = _element(t.open_binder(get, v), _inside(v, test))
        if found is None:
            continue
        element = t.lam(v, found.right.argument)
        law = named(gather_lemmas.traverse_where(), p=predicate, g=get, e=element, xs=indices)
        mapped = k.cut(test, k.cut(_chosen(predicate, get, element, v, found), law))
        th = k.trans(th, replaced(th.right, mapped))
    return th


def _chosen(predicate: Term, get: Term, element: Term, v: Term, found: Theorem) -> Theorem:
    """|- (\\v. cond (p v) (get v) (ok (element v))) = (\\v. ok (element v))"""
    made = apply("ok", t.app(element, v))
    parts = beta_spine(t.app(predicate, v)), beta_spine(t.app(get, v)), beta_spine(t.app(element, v))
    last = k.app(k.refl(made.function), parts[2])
    chosen = branched(parts[0].right, found, k.refl(found.right))
    written = k.app(k.app(k.app(k.refl(arguments(chosen.left)[0]), parts[0]), parts[1]), last)
    return k.abs_(v, both(written, chosen, rewrite(lemmas.truth()["cond"][2], chosen.right), k.sym(last)))
