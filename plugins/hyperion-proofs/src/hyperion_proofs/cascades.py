"""Untrusted. A loop whose states do not all depend on each other, as a scan and a loop over what that makes.

    %a, %b = fold (%xs), (%a0, %b0) {              %a, %ys, %as = scan (%xs), (%a0) {
      ^(%x, %s, %u):                                 ^(%x, %s): A  yield %s1, %x, %s }
        A, which does not read %u          -->     %b = fold (%ys, %as), (%b0) {
        B                                            ^(%x, %s, %u): A, B  yield %u1 }
        yield %s1, %u1 }

So what happens in B by the states of A is decided by elements. Both loops are then derived on their own; B may be one
of this kind again. The evidence: `cascade_lemmas`, and that a step is A and then A and B, by cases. What is derived
makes one choice, between all of it and the loop as written (`flattening`): where a step may trap, that runs, and traps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hyperion.ir.function import Equation, Function, Region, Value
from hyperion.ir.ops import is_total
from hyperion.ir.types import ArrayType
from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.denote import denote
from hyperion.logic.derived import arguments, match
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import Pure, argument_type, outcome, tuple_of, untuple
from hyperion.logic.terms import Term
from hyperion_proofs import cascade_lemmas as lemmas
from hyperion_proofs.analysis import Refused
from hyperion_proofs.derived import NoProof, abstract, at, by_cases, chain, fresh, head, unfold, use
from hyperion_proofs.evaluate import Evaluator, no_range
from hyperion_proofs.flattening import flattened
from hyperion_proofs.nested import Derive, Place, captured, free, shortened_inside
from hyperion_proofs.repeating import instantiate_associated
from hyperion_proofs.sites import Site
from hyperion_proofs.traps import under
from hyperion_proofs.unfolding import beta_all, sure

_MOST_TESTS = 12  # that a step may decide one after the other


def in_a_row(function: Function, index: int, first: Derive, last: Derive) -> tuple[Function, Theorem, str]:
    """The function with the fold at `index` as two loops, which `first` and `last` derive, and that it is equal.

    Raises Refused or NoProof where the loop is not of this kind, and what the two raise.
    """
    equation = function.equations[index]
    literals = {e.result: e for e in function.equations[:index] if e.op == "const"}

    def derive(alone: Function, index: int) -> tuple[Function, Theorem, str]:
        split, theorem = _in_two(alone, index, _parts(alone, index))
        scanned, second, before = first(split, index)
        whole, third, text = last(scanned, index + 1 + len(scanned.equations) - len(split.equations))
        return *flattened(alone, index, whole, chain(theorem, second, third)), f"{before}\n{text}"

    return shortened_inside(function, Place((), index, equation, literals), derive)


@dataclass(frozen=True)
class _Parts:
    """Places in the state: `first` do not depend on `rest`, some of which depends on them."""

    first: tuple[int, ...]
    rest: tuple[int, ...]


def _parts(function: Function, index: int) -> _Parts:
    equation = function.equations[index]
    count = equation.attribute("arrays")
    assert isinstance(count, int)
    (region,) = equation.regions
    needs = _reached(_dependences(region, count))
    states = range(len(needs))
    sources = {i for i in states if all(i in needs[j] for j in needs[i])}
    first = {j for i in sources if any(i in needs[o] for o in states if o not in needs[i]) for j in needs[i]}
    rest = tuple(i for i in states if i not in first)
    if not first or not rest:
        raise Refused("all states depend on each other", span=equation.span)
    if len({v.type.shape for v in equation.operands[:count] if isinstance(v.type, ArrayType)}) > 1:
        raise Refused("the lengths of the arrays are compared at run time", span=equation.span)
    return _Parts(tuple(sorted(first)), rest)


def _dependences(region: Region, count: int) -> list[set[int]]:
    """The places in the state on which each result of a step depends."""
    known: dict[str, set[int]] = {p.name: {i} for i, p in enumerate(region.parameters[count:])}

    def of(values: Sequence[Value]) -> set[int]:
        return set[int]().union(*(known.get(v.name, ()) for v in values))

    def block(equations: Sequence[Equation]) -> None:
        for e in equations:
            for r in e.regions:
                block(r.equations)
            for i, result in enumerate(e.results):
                inner = (
                    [r.results[i] for r in e.regions] if e.op == "if" else [v for r in e.regions for v in captured(r)]
                )
                known[result.name] = of([*e.operands, *inner])

    block(region.equations)
    return [of([v]) for v in region.results]


def _reached(needs: list[set[int]]) -> list[set[int]]:
    """The same, over any number of steps."""
    while True:
        more = [{i, *n}.union(*(needs[j] for j in n)) for i, n in enumerate(needs)]
        if more == needs:
            return needs
        needs = more


def _pruned(region: Region, *, traps: bool) -> Region:
    """The region without what its results do not need; what may trap stays where `traps` says so."""
    needed = {v.name for v in region.results}
    kept: list[Equation] = []
    for e in reversed(region.equations):
        stays = traps and not is_total(e)
        if not stays and not any(r.name in needed for r in e.results):
            continue
        if e.op == "if":
            places = [i for i, r in enumerate(e.results) if r.name in needed]
            inner = [_pruned(replace(r, results=tuple(r.results[i] for i in places)), traps=traps) for r in e.regions]
            e = replace(e, results=tuple(e.results[i] for i in places), regions=tuple(inner))
        kept.append(e)
        needed |= {v.name for v in free(e)}
    return replace(region, equations=tuple(reversed(kept)))


def _in_two(function: Function, index: int, parts: _Parts) -> tuple[Function, Theorem]:
    """The function with the scan at `index` and the loop after it, and that it is equal."""
    site = Site(function, index)
    scan, fold = _loops(site, parts)
    split = site.replaced([scan, fold])
    return split, _equal(site, parts, scan, fold, split)


def _loops(site: Site, parts: _Parts) -> tuple[Equation, Equation]:
    """The scan of the first states, and the loop of the others over what it makes."""
    equation, names = site.equation, site.names
    (region,) = equation.regions
    count = equation.attribute("arrays")
    assert isinstance(count, int)
    arrays, inits = equation.operands[:count], equation.operands[count:]
    elements, states = region.parameters[:count], region.parameters[count:]
    before = tuple(states[i] for i in parts.first)
    first = _pruned(replace(region, results=tuple(region.results[i] for i in parts.first)), traps=False)
    last = _pruned(replace(region, results=tuple(region.results[i] for i in parts.rest)), traps=True)
    used = {v.name for v in captured(Region((), last.equations, last.results))}
    made = tuple(p for p in (*elements, *before) if p.name in used)
    one = names.copy(Region((*elements, *before), first.equations, (*first.results, *made)))
    other = names.copy(Region((*made, *(states[i] for i in parts.rest)), last.equations, last.results))
    assert isinstance(arrays[0].type, ArrayType)
    shape = arrays[0].type.shape
    columns = tuple(names.fresh(f"{p.name}.each", ArrayType(p.type, shape)) for p in made)
    scan = replace(
        equation,
        op="scan",
        operands=(*arrays, *(inits[i] for i in parts.first)),
        results=(*(equation.results[i] for i in parts.first), *columns),
        regions=(one,),
    )
    fold = replace(
        equation,
        operands=(*columns, *(inits[i] for i in parts.rest)),
        results=tuple(equation.results[i] for i in parts.rest),
        attributes=tuple((n, len(columns) if n == "arrays" else v) for n, v in equation.attributes),
        regions=(other,),
    )
    return scan, fold


def _equal(site: Site, parts: _Parts, scan: Equation, fold: Equation, split: Function) -> Theorem:
    d, equation = site.denotation, site.equation
    loop = site.loop_outcome()
    if head(loop) != "fold":
        raise NoProof("the loop does not run over a list")
    step, _, xs = arguments(loop)[1]
    made = fold.attribute("arrays")
    arrays = equation.attribute("arrays")
    assert isinstance(made, int)
    assert isinstance(arrays, int)
    first = d.scan_step(scan.regions[0], arrays, site.env, total=False)
    last = d.step(fold.regions[0], made, site.env)
    s, u = fresh(first.bound_type, "s"), fresh(last.bound_type, "u")
    at_place = dict(zip(parts.first, untuple(s, len(parts.first)), strict=True))
    at_place |= zip(parts.rest, untuple(u, len(parts.rest)), strict=True)
    both = t.lams((s, u), tuple_of([at_place[i] for i in range(len(at_place))]))
    inits = [site.env[v.name] for v in equation.operands[arrays:]]
    start, rest = (tuple_of([inits[i] for i in places]) for places in (parts.first, parts.rest))
    general = k.inst_type(
        {
            "'s": s.type,
            "'u": u.type,
            "'p": step.bound_type,
            "'x": argument_type(xs.type),
            "'y": last.body.bound_type,
        },
        lemmas.in_two(),
    )
    values = (lemmas.WHOLE, step), (lemmas.FIRST, first), (lemmas.LAST, last), (lemmas.BOTH, both), (lemmas.XS, xs)
    variables = {v.name: v for side in (general.left, general.right) for v in side.free}
    proved = k.inst({variables[v.name]: x for v, x in values}, general)
    for law in [_law(*hypothesis) for hypothesis in proved.hypotheses]:
        proved = k.cut(law, proved)
    proved = at(proved, start, rest)
    function, (_, state, _) = arguments(proved.left)
    entering = k.app(k.app(k.refl(t.app(function, step)), lemmas.simplified(state)), k.refl(xs))
    if entering.right is not loop:
        raise NoProof("the loop does not begin where it did")
    return _concluded(site, k.trans(k.sym(entering), proved), scan, fold, split, made)


def _concluded(site: Site, loops: Theorem, scan: Equation, fold: Equation, split: Function, made: int) -> Theorem:
    """From |- loop = the two in a row: |- denote(function) = denote(split)."""
    d, results = site.denotation, site.equation.results
    behind = site.function.equations[site.index + 1 :]
    v = fresh(argument_type(loops.left.type), "after")
    values = untuple(v, len(results))
    env = site.env | dict(zip((r.name for r in results), values, strict=True))
    after = d.block(behind, site.function.results, env)
    body = loops
    if not (isinstance(after, Pure) and after.values and tuple_of(after.values) is tuple_of(values)):
        follows = t.lam(v, outcome(after))
        whole = apply("bind", loops.left, follows)
        body = k.app(k.app(k.refl(whole.function.function), loops), k.refl(follows))
    wanted = outcome(d.block((scan, fold, *behind), site.function.results, site.env))
    first, last = _tidy(body.right, made), _tidy(wanted, made)
    if first.right is not last.right:
        raise NoProof("the two loops do not denote what was proved")
    proved = site.close(chain(body, first, k.sym(last)))
    if proved.left is not denote(site.function) or proved.right is not denote(split):
        raise NoProof("the loop's place in the function was lost")
    return proved


def _tidy(x: Term, made: int) -> Theorem:
    """|- x = its normal form: binds in a row, values put in, what a scan makes as one list."""
    columns = lemmas.of_columns(made)

    def rule(u: Term) -> Theorem | None:
        if u.kind == "T":
            return lemmas.as_tuple(u)
        if made > 1 and u.kind == "A" and u.type.name == "list":
            found, types = dict[Term, Term](), dict[str, t.Ty]()
            if match(columns.left, u, found, types):
                th = k.inst_type(types, columns)
                return k.inst({t.var(v.name, x.type): x for v, x in found.items()}, th)
        args = arguments(u)[1] if head(u) == "bind" else []
        if len(args) != 2:
            return None
        if head(args[0]) == "bind":
            return instantiate_associated(u)
        return _returned(u) if args[1].kind == "L" and _gives_back(args[1]) else None

    return lemmas.simplified(x, rule)


def _gives_back(after: Term) -> bool:
    return head(after.body) == "ok" and after.body.argument.kind == "B"


def _returned(x: Term) -> Theorem:
    """|- bind o (\\v. ok v) = o"""
    o, _ = arguments(x)[1]
    v = fresh(argument_type(o.type), "value")
    cases: list[Theorem] = []
    for form in (apply("ok", v), t.const("trap", o.type), t.const("diverge", o.type)):
        known = k.assume(o, form)
        th = k.app(k.app(k.refl(x.function.function), known), k.refl(x.argument))
        opened = unfold("bind", th.right)
        th = beta_all(chain(th, opened, sure(use(f"outcase.{head(form)}", opened.right))))
        cases.append(k.trans(th, k.sym(known)))
    return k.outcome_cases(o, v, *cases)


def _law(left: Term, right: Term) -> Theorem:
    """|- left = right, for functions of several arguments, by the tests that decide what they do."""
    variables: list[Term] = []
    while left.kind == right.kind == "L":
        v = fresh(left.bound_type)
        variables.append(v)
        left, right = t.open_binder(left, v), t.open_binder(right, v)
    return abstract(variables, _by_tests(left, right, ()))


def _by_tests(left: Term, right: Term, facts: tuple[Theorem, ...]) -> Theorem:
    evaluate = under(Evaluator(no_range), facts)
    first, last = evaluate(left), evaluate(right)
    if first.right is last.right:
        return k.trans(first, k.sym(last))
    decided = {th.left for th in facts}
    test = next((c for side in (first.right, last.right) for c in _tests(side) if c not in decided), None)
    if test is None or len(facts) == _MOST_TESTS:
        raise NoProof("a step is not its first part and then its second")
    middle = by_cases(test, first.right, last.right, lambda th: _by_tests(first.right, last.right, (*facts, th)))
    return chain(first, middle, k.sym(last))


def _tests(x: Term) -> list[Term]:
    """The tests in a term, the outermost first."""
    found: dict[Term, None] = {}
    queue = [x]
    for u in queue:
        if head(u) == "cond" and len(arguments(u)[1]) == 3:
            found[arguments(u)[1][0]] = None
        queue.extend(u.children())
    return [c for c in found if not c.loose]
