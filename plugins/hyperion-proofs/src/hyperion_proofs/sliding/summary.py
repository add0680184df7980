"""Untrusted. The loop over one window: as a function of the window alone, its parallel form, and when that holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hyperion.ir.function import Equation, Function, Region, Value, values_of
from hyperion.ir.types import ArrayType
from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import TRUE
from hyperion.logic.derived import arguments
from hyperion.logic.kernel import Theorem
from hyperion.logic.ring import REALS
from hyperion.logic.terms import Term
from hyperion_proofs.analysis import Refused
from hyperion_proofs.budget import budgeted
from hyperion_proofs.derived import NoProof, abstract, applied, cond_is, head
from hyperion_proofs.emission import Names, substituted
from hyperion_proofs.equality import Equality
from hyperion_proofs.evaluate import Evaluator, no_range
from hyperion_proofs.implication import both
from hyperion_proofs.nested import captured
from hyperion_proofs.reduction import Reduction, unbudgeted
from hyperion_proofs.sliding.access import Access
from hyperion_proofs.sliding.products import law_of


@dataclass(frozen=True)
class WindowLoop:
    """`function` is the loop over the window, its first parameter, `parallel` the same in parallel form, and `theorem`
    says that they are equal."""

    function: Function
    parallel: Function
    theorem: Theorem
    text: str
    reduction: Reduction

    @property
    def reduce(self) -> Equation:
        (found,) = (e for e in self.parallel.equations if e.op == "par.reduce")
        return found

    def test(self, names: Names, array: Value, width: Value) -> tuple[Sequence[Equation], Value] | None:
        """Code that tests for all windows at once what the parallel form asks of one: `width` stands for the window's
        length, and every element of the array is looked at. None where nothing is asked. That a result is finite, over
        the reals, is left out: see `finite`."""
        window, reduce = self.function.parameters[0], self.reduce
        made: list[Equation] = []
        known: dict[Value, Value] = {}
        late = set(reduce.results[len(reduce.regions) - 3 :])  # what is known of each window only
        for e in self.parallel.equations:
            asked = [v for v in e.operands if v not in late]
            if e.op == "if":
                if not asked:
                    return None
                copied = names.copy(substituted(Region((), tuple(made), tuple(asked)), known))
                return copied.equations, copied.results[0]
            if e.op == "len" and e.operands == (window,):
                known[e.result] = width
            elif e is reduce:
                made += [_every(e, array)] if len(e.regions) == 4 else []
            elif len(asked) == len(e.operands):
                made.append(e)
            elif e.op == "and" and asked:
                known[e.result] = known.get(asked[0], asked[0])
            else:
                late.add(e.result)
        return None


def _every(reduce: Equation, array: Value) -> Equation:
    """The test of every element that a parallel form makes, of an array."""
    lift, _, _, guard = reduce.regions
    nothing = Region((), (), ())
    regions = (replace(lift, equations=(), results=()), nothing, nothing, guard)
    return replace(reduce, results=reduce.results[:1], operands=(array,), regions=regions)


def window_loop(function: Function, index: int, access: Access) -> WindowLoop:
    """The loop at `index` over the elements that it gets. Raises Refused or NotLinear where it has no summary."""
    loop = function.equations[index]
    names = Names({v.name for v in values_of(function)})
    window = names.fresh("window", ArrayType(access.element, ("window",)))
    inits = loop.operands[3:]
    literals = tuple(e for e in function.equations[:index] if e.op == "const")
    written = {e.result for e in literals}
    used = dict.fromkeys([*inits, *captured(access.body)])
    parameters = (window, *(v for v in used if v not in written))
    fold = replace(loop, op="fold", operands=(window, *inits), attributes=(("arrays", 1),), regions=(access.body,))
    alone = replace(function, parameters=parameters, equations=(*literals, fold), results=loop.results)
    reduction = Reduction(alone, len(literals))
    if reduction.body.summary.algebra is not None:
        raise Refused("a window's summary can only be appended to", span=loop.span)
    parallel, theorem, text = (budgeted if reduction.body.domain == "budget" else unbudgeted)(reduction)
    return WindowLoop(alone, parallel, theorem, text, reduction)


def product_law(reduction: Reduction, mul: Term, act: Term) -> Theorem:
    """|- the law that a window's product in two runs acts as its elements do. Raises NoProof."""
    variables, left, right = applied(*law_of(mul, act))
    layouts = [reduction.layout]
    if reduction.layout.domain == "budget":  # on words that wrap, sums obey it without a budget
        layouts.insert(0, replace(reduction.layout, domain="modular"))
    for layout in layouts:
        try:
            th = Equality(layout).prove(left, right, Evaluator(no_range, state=variables[-1]))
        except NoProof:
            continue
        return abstract(variables, th)
    raise NoProof("the products of windows are proved only for what wraps, or for what needs no range")


def finite(goal: Term) -> Theorem | None:
    """|- eq (a - a) 0 = true, of reals, or of several; None for another test."""
    if head(goal) == "and":
        each = [finite(c) for c in arguments(goal)[1]]
        return both(*(th for th in each if th is not None)) if all(each) else None
    if head(goal) != "req":
        return None
    rest, zero = arguments(goal)[1]
    same = REALS.equal(rest, zero)
    if same is None:
        return None
    th = k.app(k.app(k.refl(goal.function.function), same), k.refl(zero))
    th = k.trans(th, k.compute(th.right))
    return th if th.right is TRUE else None


def where_it_holds(th: Theorem, truth: Mapping[Term, Theorem]) -> Theorem:
    """From |- fold = cond test (ok r) other or ok r: |- fold = ok r, where `truth` has the test."""
    if head(th.right) == "cond":
        test = arguments(th.right)[1][0]
        th = k.trans(th, cond_is(truth[test], th.right))
    if head(th.right) != "ok":
        raise NoProof("the parallel form of a window's loop has another shape")
    value = th.right.argument
    if value.kind == "T":  # its components, one by one
        whole = value.items[0].body
        if value.items[0].kind != "P" or t.tup(*(t.proj(i, whole) for i in range(len(value.items)))) is not value:
            raise NoProof("the parallel form of a window's loop has another shape")
        th = k.trans(th, k.app(k.refl(th.right.function), k.tupeta(whole)))
    return th
