"""Untrusted. A recursion on one number by constant distances becomes a counted loop.

    %r = recurse %n {                       %w, %v = for B, n + 1, 1, (f(B - 2), f(B - 1)) {
      ^(%m): .. self (m - 1) ..      -->      ^(%i, %w, %v): .. %v .. %w ..  yield %v, %next
      .. self (m - 2) ..                    }
      yield ..                              %r = if B <= n <= 2**62 { yield %v } { the recursion }
    }

B is the first number that is no base case. Every number up to n is reached by the recursion, so that the loop traps
where the recursion does. Below B, and where the stack ends long before, the recursion runs as written.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from hyperion.ir.function import Equation, Function, Region, Value
from hyperion.ir.types import BOOL, I64, BoolType, FloatType, IntType
from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.denote import denote
from hyperion.logic.derived import arguments, discharge, head
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import Effect, Pure, outcome, tuple_of, untuple
from hyperion.logic.ring import INTEGERS
from hyperion.logic.terms import Term
from hyperion_proofs.analysis import Refused
from hyperion_proofs.counted import Counted
from hyperion_proofs.counting import AT
from hyperion_proofs.derived import NoProof, by_cases, chain, cond_is, contradiction, fresh, instance, replace_all, use
from hyperion_proofs.emission import Emitter
from hyperion_proofs.implication import eliminate, introduce, parts
from hyperion_proofs.loop import add, int_, le
from hyperion_proofs.recursions.accesses import access_ends, accesses
from hyperion_proofs.recursions.affine import Facts, equal
from hyperion_proofs.recursions.bodies import Step, least_number, literals_of
from hyperion_proofs.recursions.outcomes import by_outcomes, outcome_loop, rewritten, step_law
from hyperion_proofs.recursions.reading import Reader, same_by
from hyperion_proofs.recursions.stable import MOST, Distances, word
from hyperion_proofs.sites import Site
from hyperion_proofs.unfolding import sure


def looped(function: Function, index: int) -> tuple[Function, Theorem, str]:
    """The function with the recursion at `index` as a loop, |- denote(source) = denote(it), and what that says. Raises
    Refused or NoProof."""
    emitted = _Emitted(function, index)
    return emitted.function, _Proof(emitted).theorem(), emitted.text()


class _Emitted:
    """The loop in the place of the recursion."""

    def __init__(self, function: Function, index: int) -> None:
        self.site = site = Site(function, index)
        equation = site.equation
        (region,) = equation.regions
        if len(region.parameters) != 1 or region.parameters[0].type != I64 or len(region.results) != 1:
            raise Refused("the recursion is not on one integer with one result", span=equation.span)
        numbers = literals_of(function.equations)
        least = least_number(region, numbers)
        if abs(least) >= 1 << 31:
            raise Refused("the base case is too far from 0", span=equation.span)
        step = Step(site.names, region, least, numbers).made()
        width = len(step.parameters) - 1
        body = site.denotation.functional(region, site.env)
        self.meaning = Distances(body, least, width, _base(body, least, width))
        self._emit(step, equation)

    def _emit(self, step: Region, equation: Equation) -> None:
        site, meaning = self.site, self.meaning
        emitter = Emitter(site.names, site.captured())
        (n,) = equation.operands
        kind = equation.result.type
        inits = tuple(_value(emitter, site, x, kind) for x in reversed(meaning.base))
        least, most, one = (emitter.const(x, I64) for x in (meaning.least, MOST, 1))
        above, below = emitter.op("le", BOOL, least, n), emitter.op("le", BOOL, n, most)
        test = emitter.op("and", BOOL, above, below, hint="inside")
        end = emitter.op("select", I64, test, emitter.op("add.wrap", I64, n, one), least, hint="end")
        window = tuple(site.names.fresh(equation.result.name, kind) for _ in inits)
        loop = Equation(window, "for", (least, end, one, *inits), (), (step,), equation.span)
        again = site.names.fresh(equation.result.name, kind)
        written = replace(equation, results=(again,), regions=(site.names.copy(equation.regions[0]),))
        branches = (Region((), (), (window[-1],)), Region((), (written,), (again,)))
        choice = Equation(equation.results, "if", (test,), (), branches, equation.span)
        self.before = tuple(emitter.equations)
        self.loop, self.choice, self.test = loop, choice, test
        self.function = site.replaced([*self.before, loop, choice])

    def text(self) -> str:
        least, width = self.meaning.least, self.meaning.width
        step = f"step(i, {', '.join(f'f(i-{c})' for c in range(1, width + 1))})"
        lines = [
            f"f(n) = a loop over i = {least} .. n that keeps the last {width} of its values",
            f"by f(i) = {step} for every i from {least} on; every call lessens n - {least - width}",
            f"where {least} <= n <= 2**62, tested at run time; else the recursion as written",
        ]
        return "\n  ".join(lines)


def _base(body: Term, least: int, width: int) -> tuple[Term, ...]:
    values: list[Term] = []
    r = t.var("r", t.domain(body.type))
    for c in range(1, width + 1):
        found = Reader(Facts())(t.app(body, r, word(int_(least - c)))).right
        if head(found) != "ok" or r in found.free:
            raise Refused(f"f({least - c}) is no base case, but f({least}) needs it")
        values.append(found.argument)
    return tuple(values)


def _value(emitter: Emitter, site: Site, x: Term, kind: object) -> Value:
    """The value of a base case."""
    for term, value in site.captured().items():
        if term is x and value.type == kind:
            return value
    if isinstance(kind, IntType) and head(x) == f"ofZ.{kind}" and x.argument.kind == "K":
        return emitter.integer(x.argument, kind)
    if isinstance(kind, BoolType) and x in (TRUE, FALSE):
        return emitter.const(x is TRUE, kind)
    if isinstance(kind, FloatType) and x.kind == "K":
        return emitter.floating(x, kind)
    raise Refused("a base case is no number that is known")


@dataclass
class _Proof:
    emitted: _Emitted

    def __post_init__(self) -> None:
        e = self.emitted
        self.site, self.meaning = e.site, e.meaning
        self.source = e.site.loop_outcome()
        e.site.define(e.before)
        self.test = e.site.env[e.test.name]
        self.counted = Counted(e.function, e.site.index + len(e.before))
        self.loop = _outcome(e.site, e.loop)
        self.state = self.counted.state
        self.argument = e.site.env[e.site.equation.operands[0].name]
        self.number = apply("toZ.i64", self.argument)
        self.s = fresh(self.state.type, "s")
        values = untuple(self.s, len(e.loop.results))
        env = e.site.env | dict(zip((r.name for r in e.loop.results), values, strict=True))
        found = e.site.denotation.equation(e.choice, env)
        assert isinstance(found, Effect)
        self.chosen = found.outcome

    def theorem(self) -> Theorem:
        whole = apply("bind", self.loop, t.lam(self.s, self.chosen))
        return self._conclude(by_cases(self.test, self.source, whole, self._case))

    # ---- the two ways through the choice

    def _run(self, known: Theorem) -> Theorem:
        """From |- test = true or false: |- bind loop (\\s. chosen) = .., with the loop as what its state is."""
        whole = apply("bind", self.loop, t.lam(self.s, self.chosen))
        th = self._looped(known) if known.right is TRUE else self._nothing(known)
        moved = k.app(k.app(k.refl(whole.function.function), th), Reader(Facts(), {self.test: known})(whole.argument))
        return moved if known.right is TRUE else k.trans(moved, Reader(Facts())(moved.right))

    def _case(self, known: Theorem) -> Theorem:
        """From |- test = true or false: |- source = bind loop (\\s. chosen)."""
        run = self._run(known)
        if known.right is TRUE:
            return k.trans(self._last(known, run.right), k.sym(run))
        read = Reader(Facts())(self.source)
        if read.right is not run.right:
            raise NoProof("the recursion as written is another")
        return k.trans(read, k.sym(run))

    # ---- the loop

    def _inside(self, known: Theorem) -> tuple[Theorem, Theorem]:
        """From |- test = true: |- B <= n and |- n <= MOST."""
        reader = Reader(Facts())
        first, second = (k.trans(k.sym(reader(th.left)), th) for th in parts(known))
        return first, second

    def _form(self) -> Term:
        """c: the window of results below B + i, as an outcome."""
        return t.lam(AT, self._window(add(int_(self.meaning.least), AT)))

    def _window(self, z: Term) -> Term:
        calls = self.meaning.before(self.meaning.fuel, z)
        return self._bound(calls)

    def _bound(self, calls: list[Term]) -> Term:
        values = [fresh(_value_type(o)) for o in calls]
        whole = apply("ok", tuple_of(values))
        for o, v in zip(reversed(calls), reversed(values), strict=True):
            whole = apply("bind", o, t.lam(v, whole))
        return whole

    def _looped(self, known: Theorem) -> Theorem:
        """From |- test = true: |- loop = the window below n + 1."""
        counted, meaning = self.counted, self.meaning
        low, high = self._inside(known)
        length = self._length(known, Facts(low, high))
        form, over = self._form(), counted.over
        law = self._law(form, length, high)
        th = outcome_loop(counted.step, counted.element, form, counted.length, over, law)
        zero = int_(0)
        same = sure(use("int.add.zero", add(zero, counted.length)))
        fits = k.app(k.app(k.refl(le(zero, zero).function.function), same), k.refl(counted.length))
        fits = k.trans(fits, instance("int.le.refl", a=counted.length))
        done = eliminate(th, (zero,), (k.compute(le(zero, zero)), fits))
        opened = counted.opened()
        begun = self._begun(form)
        run = done.left  # bind (c 0) (\s. fold ..)
        start = k.app(k.app(k.refl(run.function.function), begun), k.refl(run.argument))
        started = k.trans(start, Reader(Facts())(start.right))
        if started.right is not Reader(Facts())(opened.right).right:
            raise NoProof("the loop does not begin with the base cases")
        folded = chain(opened, Reader(Facts())(opened.right), k.sym(started), done)
        index = k.trans(same, length)  # 0 + length = n + 1 - B
        ended = k.trans(folded, k.app(k.refl(form), index))
        ended = k.trans(ended, k.beta(ended.right))
        place = add(int_(meaning.least), index.right)
        return k.trans(ended, self._placed(ended.right, place, self.number))

    def _placed(self, x: Term, place: Term, n: Term) -> Theorem:
        """|- x = x with calls at (n + 1) - c, written with `place` for n + 1, at n and n - (c - 1)."""

        def rule(u: Term) -> Theorem | None:
            if u.kind != "A" or head(u) != "ofZ.i64" or head(u.argument) != "add":
                return None
            if u.argument.function.argument is not place:
                return None
            c = self._distance(u.argument.argument)
            target = n if c == 1 else add(n, int_(1 - c))
            same = INTEGERS.equal(u.argument, target)
            return None if same is None else k.app(k.refl(u.function), same)

        return replace_all(x, rule) or k.refl(x)

    def _distance(self, literal: Term) -> int:
        return next(c for c in range(1, self.meaning.width + 1) if literal is int_(-c))

    def _begun(self, form: Term) -> Theorem:
        """|- c 0 = ok the initial state."""
        th = k.beta(t.app(form, int_(0)))
        reader = Reader(Facts(), {x.left: x for x in map(self.meaning.value, range(1, self.meaning.width + 1))})
        done = k.trans(th, reader(th.right))
        if done.right is not apply("ok", self.state):
            raise NoProof("the base cases are not the initial state")
        return done

    def _length(self, known: Theorem, facts: Facts) -> Theorem:
        """From |- test = true: |- how many elements the loop has = n - (B - 1)."""
        th = self.counted.counted()
        read = Reader(facts, {self.test: known})(th.right)
        through = k.trans(th, read)
        through = k.trans(through, undivided(through.right))
        count = add(self.number, int_(1 - self.meaning.least))
        if head(through.right) != "max":
            raise NoProof("the count of the loop is not read")
        same = INTEGERS.equal(through.right.argument, count)
        nonneg = facts.at_most(int_(0), count)
        if same is None or nonneg is None:
            raise NoProof("the count of the loop is another")
        moved = k.app(k.refl(through.right.function), same)
        return chain(through, moved, no_less(moved.right, nonneg))

    def _law(self, form: Term, length: Theorem, high: Theorem) -> Theorem:
        """The law of `outcome_loop`."""
        meaning, counted = self.meaning, self.counted
        left, right = step_law(counted.step, counted.element, form, counted.length)
        conditions = le(int_(0), AT), le(add(int_(1), AT), counted.length)
        first, second = (k.assume(c, TRUE) for c in conditions)
        bounded = k.trans(k.sym(k.app(k.refl(second.left.function), length)), second)
        z = add(int_(meaning.least), AT)
        facts = Facts(first, bounded, high)
        low_z, high_z = facts.at_most(int_(meaning.least), z), facts.at_most(z, int_(MOST))
        if low_z is None or high_z is None:
            raise NoProof("the loop leaves the range of the recursion")
        later = k.beta(t.app(form, add(int_(1), AT)))
        place = add(int_(meaning.least), add(int_(1), AT))
        opened = k.trans(later, self._placed(later.right, place, z))
        made = meaning.made(z, low_z, high_z)
        opened = k.trans(opened, rewritten(opened.right, {made.left: made}))
        s = t.var("s", self.state.type)
        step = t.app(counted.step, s, t.app(counted.element, AT))
        target = apply("bind", t.app(form, AT), t.lam(s, step))
        reads = list(accesses(made.right))
        outcomes = [*meaning.before(meaning.fuel, z), *reads]
        inside = Facts(low_z, high_z)
        beta = k.beta(t.app(form, AT))
        shown = k.app(k.app(k.refl(target.function.function), beta), k.refl(target.argument))
        th = by_outcomes(
            outcomes,
            opened.right,
            shown.right,
            lambda given: same_by(Reader(inside, given), opened.right, shown.right),
        )
        th = discharge(th, *meaning.ends_before(z, low_z, high_z), *map(access_ends, reads))
        law = introduce((AT,), conditions, chain(opened, th, k.sym(shown)))
        if (law.left, law.right) != (left, right):
            raise NoProof("the law of the loop is another")
        return law

    def _last(self, known: Theorem, target: Term) -> Theorem:
        """From |- test = true: |- source = the newest result of the window below n + 1."""
        meaning, n = self.meaning, self.number
        low, high = self._inside(known)
        word_ = k.sym(sure(use("i64.of.to", word(n))))  # a = ofZ (toZ a)
        moved = k.app(k.refl(self.source.function), word_)
        made = meaning.made(n, low, high)
        whole = k.trans(moved, made)
        reads = list(accesses(made.right))
        outcomes = [*meaning.before(meaning.fuel, n), *reads]
        shown = rewritten(target, {made.left: made})
        th = by_outcomes(
            outcomes,
            whole.right,
            shown.right,
            lambda given: same_by(Reader(Facts(), given), whole.right, shown.right),
        )
        th = discharge(th, *meaning.ends_before(n, low, high), *map(access_ends, reads))
        return chain(whole, th, k.sym(shown))

    def _nothing(self, known: Theorem) -> Theorem:
        """From |- test = false: |- loop = ok the initial state."""
        counted, zero = self.counted, int_(0)
        th = counted.counted()
        none = k.trans(th, Reader(Facts(), {self.test: known})(th.right))
        if none.right is not zero:
            raise NoProof("the loop runs where the test fails")
        form = t.lam(AT, apply("ok", self.state))
        law_left, law_right = step_law(counted.step, counted.element, form, zero)
        conditions = le(zero, AT), le(add(int_(1), AT), zero)
        first, second = (k.assume(c, TRUE) for c in conditions)
        refuted = Facts(first).decide(second.left)
        assert refuted is not None
        s = t.var("s", self.state.type)
        sides = (
            t.app(form, add(int_(1), AT)),
            apply("bind", t.app(form, AT), t.lam(s, t.app(counted.step, s, t.app(counted.element, AT)))),
        )
        absurd = contradiction(chain(k.sym(second), refuted), *sides)
        law = introduce((AT,), conditions, absurd)
        if (law.left, law.right) != (law_left, law_right):
            raise NoProof("the law of the empty loop is another")
        th = outcome_loop(counted.step, counted.element, form, zero, counted.over, law)
        same = k.app(k.refl(add(zero, counted.length).function), none)
        same = k.trans(same, k.compute(same.right))
        fits = k.app(k.app(k.refl(le(zero, zero).function.function), same), k.refl(zero))
        done = eliminate(th, (zero,), (k.compute(le(zero, zero)), k.trans(fits, k.compute(fits.right))))
        opened = counted.opened()
        reader = Reader(Facts())
        begun = reader(done.left)
        if begun.right is not reader(opened.right).right:
            raise NoProof("the empty loop is another")
        return chain(opened, reader(opened.right), k.sym(begun), done, k.beta(done.right))

    # ---- in its place

    def _conclude(self, th: Theorem) -> Theorem:
        """From |- source = bind loop (\\s. chosen): the theorem of the functions."""
        site, function = self.site, self.emitted.function
        d, results = site.denotation, site.equation.results
        v = d.fresh(_value_type(th.left))
        env = site.env | dict(zip((r.name for r in results), untuple(v, len(results)), strict=True))
        rest = d.block(site.function.equations[site.index + 1 :], site.function.results, env)
        if not (isinstance(rest, Pure) and rest.values and tuple_of(rest.values) is v):
            after = t.lam(v, outcome(rest))
            bind = apply("bind", th.left, after)
            th = k.app(k.app(k.refl(bind.function.function), th), k.refl(after))
            th = k.trans(th, _regrouped(th.right, self.loop, self.s, self.chosen, after))
        proved = site.close(th)
        if proved.left is not denote(site.function) or proved.right is not denote(function):
            raise NoProof("the derived function does not denote what was proved")
        return proved


def _regrouped(x: Term, loop: Term, s: Term, chosen: Term, after: Term) -> Theorem:
    """|- bind (bind loop (\\s. chosen)) after = bind loop (\\s. bind chosen after), for that left side x."""
    o, v = fresh(loop.type, "o"), fresh(s.type)
    first = apply("bind", apply("bind", o, t.lam(s, chosen)), after)
    second = apply("bind", o, t.lam(s, apply("bind", chosen, after)))
    cases: list[Theorem] = []
    for y in (apply("ok", v), t.const("trap", o.type), t.const("diverge", o.type)):
        given = {o: k.assume(o, y)}
        cases.append(same_by(Reader(Facts(), given), first, second))
    th = k.inst({o: loop}, k.outcome_cases(o, v, cases[0], cases[1], cases[2]))
    if th.left is not x:
        raise NoProof("the loop's place in the function was lost")
    return th


def undivided(count: Term) -> Theorem:
    """|- a range's count = the same without the division by its step, which is 1."""
    quotient = next((u for u in t.subterms(count) if head(u) == "floordiv" and u.type is t.INT), None)
    return k.refl(count) if quotient is None else rewritten(count, {quotient: _by_one(quotient)})


def _by_one(x: Term) -> Theorem:
    """|- floordiv a 1 = a."""
    _, (a, m) = arguments(x)
    if m is not int_(1):
        raise NoProof("the step of the loop is not 1")
    whole = instance("int.floordiv.mod", a=a, m=m)
    positive = k.compute(apply("lt", int_(0), m))
    low = discharge(instance("int.mod.nonneg", a=a, m=m), positive)
    less = discharge(instance("int.mod.less", a=a, m=m), positive)
    high = k.trans(k.sym(sure(use("int.lt.def", less.left))), less)
    below, above = _le_equal(whole), _le_equal(k.sym(whole))
    th = equal(x, a, Facts(low, high, below, above))
    if th is None:
        raise NoProof("a division by 1 is not read")
    return th


def _le_equal(th: Theorem) -> Theorem:
    """From |- a = b: |- le a b = true."""
    same = k.app(k.refl(le(th.left, th.left).function), k.sym(th))
    return k.trans(same, instance("int.le.refl", a=th.left))


def no_less(x: Term, nonneg: Theorem) -> Theorem:
    """From |- 0 <= a, or not: |- max 0 a = a, or 0."""
    _, (zero, a) = arguments(x)
    swapped = instance("int.max.comm", a=zero, b=a)  # max 0 a = max a 0
    same = INTEGERS.equal(add(a, zero), add(zero, a))
    assert same is not None
    chosen = discharge(instance("int.le.max", a=zero, b=a, u=a, v=zero), same)  # cond (0 <= a) a 0 = max a 0
    return chain(swapped, k.sym(chosen), cond_is(nonneg, chosen.left))


def _outcome(site: Site, equation: Equation) -> Term:
    found = site.denotation.equation(equation, site.env)
    assert isinstance(found, Effect)
    return found.outcome


def _value_type(o: Term) -> t.Ty:
    assert o.type.args is not None
    return o.type.args[0]
