r"""Untrusted. The theorem of a table: it gives what the recursion gives.

Let F be the body, look s a the cell of the arguments a in the rows s. A row that is made of s has cells F (look s) a,
so by induction on the rows that were made, and since F is monotone,

    bind (states ys) (\s. look s a)  [=  recursion F ys a

Nothing is said of the order of cells, of where they lie or of which calls are made: a cell is used where the arguments
that it is compared with are those that were asked for. What it has then is what the recursion gives as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, discharge, head
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import Pure, argument_type, outcome, tuple_of, untuple
from hyperion.logic.terms import Term
from hyperion_proofs.counted import Counted
from hyperion_proofs.derived import NoProof, at, by_cases, chain, cond_is, fresh, instance, replace_all, unfold, use
from hyperion_proofs.emission import Emitter
from hyperion_proofs.implication import parts
from hyperion_proofs.loop import int_, le
from hyperion_proofs.recursions.affine import Facts, affine
from hyperion_proofs.recursions.approximation import (
    ITEM,
    XS,
    monotone,
    more_fuel,
    moved,
    outcomes_of,
    raised,
    read,
    transitive,
    trapped,
    upto,
)
from hyperion_proofs.recursions.looped import no_less, undivided
from hyperion_proofs.recursions.new_rows import MOST_CASES, NewRow, packed, places
from hyperion_proofs.recursions.outcomes import fuel_lengths, length_of_count, once, rewritten
from hyperion_proofs.recursions.reading import Reader, same_by
from hyperion_proofs.recursions.states import (
    before_the_first,
    element_of_map,
    folded_states,
    opened_states,
    projections,
    states,
)
from hyperion_proofs.recursions.tables import Table
from hyperion_proofs.sites import Site
from hyperion_proofs.unfolding import bind_ok, sure


class Filling:
    """The terms of a table, and what is proved of them."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.source = table.site.loop_outcome()
        self.body, self.fuel, self.argument = arguments(self.source)[1]
        self.site = Site(table.function, table.place)
        self.counted = Counted.at(self.site)
        self.step = self.counted.step
        self.start = self.counted.state
        self.columns = self.site.env[table.columns.name]
        self.s = t.var("s", self.start.type)
        self.a = t.var("a", self.argument.type)
        self.x = t.var("X", self.source.type)
        self.row = t.var("r", argument_type(self.columns.type))
        self._looked, self._asked = self._look()

    # ---- terms

    def _look(self) -> tuple[Term, tuple[Term, Term]]:
        """The cell of two arguments in the rows s, and the variables that the arguments are."""
        table = self.table
        word = self.row.type
        given = tuple(table.names.fresh("asked", p.type) for p in table.region.parameters)
        variables = t.var("a0", word), t.var("a1", word)
        emit = Emitter(table.names, {})
        results = table.look(emit, table.rows, table.columns, given)
        state = [v for row in table.rows for v in row.all]
        values = dict(zip((v.name for v in state), untuple(self.s, len(state)), strict=True))
        values |= dict(zip((v.name for v in given), variables, strict=True))
        block = self.site.denotation.block(emit.equations, results, self.site.env | values)
        return outcome(block), variables

    def look(self, s: Term, *asked: Term) -> Term:
        first, second = self._asked
        return projections(t.substitute(self._looked, {self.s: s, first: asked[0], second: asked[1]})).right

    def look_at(self, s: Term) -> Term:
        r"""\a. look s a."""
        return t.lam(self.a, self.look(s, *untuple(self.a, 2)))

    def cell_of(self, column: Term) -> Term:
        """The arguments of the cell of a column in the row r."""
        table = self.table
        values = tuple(table.names.fresh(hint, p.type) for hint, p in zip("rc", table.region.parameters, strict=True))
        emit = Emitter(table.names, {})
        results = table.layout.arguments(emit, *values)
        env = self.site.env | dict(zip((v.name for v in values), (self.row, column), strict=True))
        block = self.site.denotation.block(emit.equations, results, env)
        assert isinstance(block, Pure)
        return tuple_of(block.values)

    # ---- a row

    @cached_property
    def made(self) -> Theorem:
        r"""|- step s r = ok s', where the cells of the new row are F (\a. look s a) of their arguments."""
        th = k.beta(t.app(self.step, self.s))
        th = k.app(th, k.refl(self.row))
        th = k.trans(th, k.beta(th.right))
        ok, state = th.right.function, th.right.argument
        count, column = 1 + len(self.table.kinds), fresh(self.row.type, "k")
        cell = self._cell(state.items[1], column)
        changes = [self._column(x, column, cell) if 1 <= i <= count else k.refl(x) for i, x in enumerate(state.items)]
        return k.trans(th, k.app(k.refl(ok), k.tuple_(*changes)))

    def _cell(self, x: Term, column: Term) -> Theorem:
        """|- the body of the attempt at a cell of x, a part of the new row, = F (\\a. look s a) of its arguments."""
        _, (written, *_) = arguments(_part(x, column).body)
        meant = t.app(self.body, self.look_at(self.s), self.cell_of(column))
        return same_by(Reader(Facts()), written, meant)

    def _column(self, x: Term, column: Term, cell: Theorem) -> Theorem:
        """|- map (\\k. a part of the attempt at a cell) columns = the same of F (\\a. look s a)."""
        function, (_, columns) = arguments(x)
        part = _part(x, column)
        choice, args = arguments(part.body)
        th = k.app(k.refl(choice), cell)
        for a in args[1:]:
            th = k.app(th, k.refl(a))
        cells = k.abs_(column, k.proj(part.index, th))
        return k.app(k.app(k.refl(function), cells), k.refl(columns))

    @cached_property
    def _below(self) -> tuple[Term, Theorem]:
        """G, a variable for F (look s), and {G a [= X, look s a [= X} |- look s' a [= X, for a = (a0, a1)."""
        body = self.made.right.argument
        made = t.var("G", t.fun(self.argument.type, self.source.type))
        function = t.app(self.body, self.look_at(self.s))
        state = t.tup(*(_with(x, function, made) for x in body.items))
        asked, rows = self._asked, untuple(self.s, len(state.items))
        arrays = [self.columns, *(u for u in rows if u.type.name == "list")]
        looked = self.look(state, *asked), self.look(self.s, *asked)
        return made, NewRow(*looked, t.tup(*asked), made, self.cell_of, arrays, self.x).theorem()

    # ---- all rows

    def _states(self, ys: Term) -> Term:
        return states(self.step, self.counted.element, self.start, ys)

    def _after(self, o: Term) -> Term:
        return apply("bind", o, t.lam(self.s, self.look(self.s, *untuple(self.a, 2))))

    @cached_property
    def monotonic(self) -> Theorem:
        return monotone(self.body)

    @cached_property
    def approximates(self) -> Theorem:
        r"""|- (\a. upto (bind (states ys) (\s. look s a)) (recursion F ys a)) = (\a. recursion F ys a)."""
        a, nil, cons = self.a, t.const("nil", XS.type), apply("cons", ITEM, XS)

        def call(ys: Term) -> Term:
            return apply("recursion", self.body, ys, a)

        def claim(ys: Term) -> tuple[Term, Term]:
            return t.lam(a, upto(self._after(self._states(ys)), call(ys))), t.lam(a, call(ys))

        begun = opened_states(self._states(nil))
        empty = rewritten(self._after(self._states(nil)), {begun.left: begun})
        none = moved(self._begun(empty.right, call(nil)), k.sym(empty), k.refl(call(nil)))
        base = k.abs_(a, none)

        ih = at(k.assume(*claim(XS)), a)
        turned = opened_states(self._states(cons))
        before = self._states(XS)
        goal = self._after(self._states(cons)), call(cons)

        def case(known: Theorem) -> Theorem:
            opened = rewritten(goal[0], {turned.left: k.trans(turned, rewritten(turned.right, {before: known}))})
            if head(known.right) != "ok":
                opened = k.trans(opened, read(opened.right))
                return moved(trapped(goal[1], opened.right), k.sym(opened), k.refl(goal[1]))
            value = known.right.argument
            held = self._known(ih, known, self.look(value, *untuple(a, 2)))
            last = once(self.body, ITEM, XS, a)
            new = self._raised(held, value)
            new = moved(new, None, k.sym(last))
            enough = more_fuel(self.monotonic, self.body, XS, cons, a, self._longer())
            old = transitive(held, enough)
            made = k.inst({self.s: value, self.row: self._element(XS)}, self.made)
            th = self._at_state(value, XS, new, old)
            return moved(th, k.sym(chain(opened, self._run(opened.right, made))), k.refl(goal[1]))

        whole = k.abs_(a, outcomes_of(before, case))
        return k.list_induction(ITEM, XS, *claim(XS), base, whole)

    def _element(self, ys: Term) -> Term:
        return t.app(self.counted.element, apply("length", ys))

    def _known(self, th: Theorem, known: Theorem, looked: Term) -> Theorem:
        """From bind (states ys) (\\s. look s a) [= r and |- states ys = ok s: look s a [= r."""
        x = arguments(th.left)[1][0]
        opened = bind_ok(rewritten(x, {known.left: known}))
        return moved(th, _to(opened, looked), k.refl(th.right))

    def _raised(self, held: Theorem, value: Term) -> Theorem:
        """From look s a [= r a: F (\\a. look s a) a [= F r a."""
        below = self.look_at(value)
        beta = k.beta(t.app(below, self.a))
        return raised(self.monotonic, below, held.right.function, self.a, moved(held, k.sym(beta), k.refl(held.right)))

    def _at_state(self, value: Term, ys: Term, new: Theorem, old: Theorem) -> Theorem:
        """look s' a [= x, for the state that is made of `value`."""
        made, th = self._below
        first, second = untuple(self.a, 2)
        function = t.app(self.body, self.look_at(value))
        values = {
            made: function,
            self._asked[0]: first,
            self._asked[1]: second,
            self.x: new.right,
            self.s: value,
            self.row: self._element(ys),
        }
        th = k.inst(values, th)
        pair = k.sym(k.tupeta(self.a))
        asked = moved(new, k.app(k.refl(function), pair), k.refl(new.right))
        return discharge(th, asked, old)

    def _run(self, x: Term, made: Theorem) -> Theorem:
        """|- bind (bind (ok s) (\\s. step s r)) (\\s. look s a) = look s' a."""
        function, (inner, after) = arguments(x)
        opened = bind_ok(k.refl(inner))
        whole = k.app(k.app(k.refl(function), k.trans(opened, made)), k.refl(after))
        th = bind_ok(whole)
        return _to(th, self.look(made.right.argument, *untuple(self.a, 2)))

    def _begun(self, x: Term, call: Term) -> Theorem:
        """x [= call, for a cell x of the rows that the table begins with, where none is known."""
        opened = read(x)
        spread = replace_all(opened.right, element_of_map)
        opened = k.trans(opened, spread) if spread is not None else opened

        def prove(facts: Sequence[Theorem], rest: int) -> Theorem:
            th = read(opened.right, *facts)
            if head(th.right) in ("trap", "diverge"):
                return moved(trapped(call, th.right), k.sym(k.trans(opened, th)), k.refl(call))
            place = next(places(th.right, facts), None)
            if place is None or not rest:
                raise NoProof("the table begins with cells that are known")
            return outcomes_of(place, lambda known: prove([*facts, known], rest - 1))

        return prove([before_the_first(self.columns)], MOST_CASES)

    def _longer(self) -> Theorem:
        """|- length ys <= length (y :: ys)."""
        _, longer, _ = fuel_lengths()
        th = sure(Facts().at_most(apply("length", XS), longer.right))
        return k.trans(k.app(k.refl(th.left.function), longer), th)

    @cached_property
    def always(self) -> Theorem:
        """|- bind (states ys) (\\s. x) = x: the loop never traps."""
        nil, cons = t.const("nil", XS.type), apply("cons", ITEM, XS)

        def after(ys: Term) -> Term:
            return apply("bind", self._states(ys), t.lam(self.s, self.x))

        begun, turned = opened_states(self._states(nil)), opened_states(self._states(cons))
        base = bind_ok(rewritten(after(nil), {begun.left: begun}))
        ih = k.assume(after(XS), self.x)
        opened = rewritten(after(cons), {turned.left: turned})
        before = self._states(XS)

        def case(known: Theorem) -> Theorem:
            th = rewritten(opened.right, {before: known})
            if head(known.right) != "ok":
                same = read(after(XS), known)
                th = k.trans(th, read(th.right))
                return chain(opened, th, k.sym(same), ih)
            made = k.inst({self.s: known.right.argument, self.row: self._element(XS)}, self.made)
            function, (inner, rest) = arguments(th.right)
            run = k.trans(bind_ok(k.refl(inner)), made)
            return chain(opened, th, bind_ok(k.app(k.app(k.refl(function), run), k.refl(rest))))

        return k.list_induction(ITEM, XS, after(XS), self.x, base, outcomes_of(before, case))

    # ---- the function

    def theorem(self) -> Theorem:
        """|- denote(source) = denote(function)."""
        folded, length = folded_states(self.step, self.counted.element, self.start, self.counted.over)
        opened = self.counted.opened()
        loop = k.trans(opened, folded)  # the loop = states ys
        last = loop.right.argument
        enough = self._enough(k.trans(length, self.counted.counted()))
        approximates = at(k.inst({XS: last}, self.approximates), self.a)
        more = more_fuel(self.monotonic, self.body, last, self.fuel, self.a, enough)
        cell = k.inst({self.a: self.argument}, transitive(approximates, more))
        s, chosen = self._chosen()
        whole = apply("bind", loop.left, t.lam(s, chosen))
        th = outcomes_of(loop.right, lambda known: self._concluded(known, cell, last, s, chosen))
        first = rewritten(whole, {loop.left: loop})
        return self._in_place(k.trans(first, th))

    def _chosen(self) -> tuple[Term, Term]:
        """What comes of the state after the loop."""
        table, site = self.table, self.site
        values = [v for row in table.rows for v in row.all]
        env = site.env | dict(zip((v.name for v in values), untuple(self.s, len(values)), strict=True))
        block = site.denotation.block([table.look_up, table.choice], table.choice.results, env)
        found = outcome(block)
        return self.s, found

    def _concluded(self, known: Theorem, cell: Theorem, last: Term, s: Term, chosen: Term) -> Theorem:
        """From |- states ys = ok s, or another: |- bind (states ys) (\\s. chosen) = the recursion."""
        source = self.source
        x = apply("bind", known.left, t.lam(s, chosen))
        if head(known.right) != "ok":
            same = k.inst({XS: last, self.x: source}, self.always)
            return chain(_read_first(x, known), k.sym(_read_first(same.left, known)), same)
        value = known.right.argument
        opened = bind_ok(rewritten(x, {known.left: known}))
        held = self._known(cell, known, self.look(value, *untuple(self.argument, 2)))
        looked = arguments(held.left)[1][0]

        def case(found: Theorem) -> Theorem:
            reader = Reader(Facts(), {found.left: found})
            th = packed(k.trans(opened, reader(opened.right)))
            same = held if head(found.right) == "ok" else k.refl(source)
            return chain(th, k.sym(packed(reader(same.left))), same)

        return outcomes_of(looked, case)

    def _enough(self, length: Theorem) -> Theorem:
        """From |- length ys = max 0 (..): |- length ys <= length fuel."""
        deepest = length_of_count(self.fuel)
        deepest = k.trans(deepest, k.compute(deepest.right))
        reader = Reader(Facts())
        plain = k.trans(length, reader(length.right))
        plain = k.trans(plain, undivided(plain.right))
        if head(plain.right) != "max":
            raise NoProof("the count of the rows is not read")
        bound = self._bounded(plain.right, deepest.right)
        function = le(plain.left, deepest.left).function.function
        return k.trans(k.app(k.app(k.refl(function), plain), deepest), bound)

    def _bounded(self, x: Term, most: Term) -> Theorem:
        """|- max 0 n <= most, for a number n made of words."""
        count = x.argument
        facts = Facts(*(th for u in affine(count)[0] if head(u) == "toZ.i64" for th in _word_bounds(u)))

        def case(known: Theorem) -> Theorem:
            th = no_less(x, known)
            below = facts.at_most(th.right, most)
            if below is None:
                raise NoProof("the count of the rows may be too large")
            return k.trans(k.app(k.app(k.refl(le(x, most).function.function), th), k.refl(most)), below)

        return by_cases(le(int_(0), count), le(x, most), TRUE, case)

    def _in_place(self, th: Theorem) -> Theorem:
        """From |- bind loop (\\s. chosen) = the recursion: the theorem of the functions."""
        listed, v = self.site.effects[-1]
        whole = apply("bind", listed, t.lam(v, th.left))
        under = k.app(k.refl(whole.function), k.abs_(v, th))
        opened = unfold("range", listed)
        test = read(arguments(opened.right)[1][0])
        elements = chain(opened, cond_is(test, opened.right))
        bind = under.right
        plain = bind_ok(k.app(k.app(k.refl(bind.function.function), elements), k.refl(bind.argument)))
        return self.table.site.conclude(k.sym(chain(under, plain)), self.table.function, nested=2)


def _part(x: Term, column: Term) -> Term:
    """What the function that is mapped in x gives at a column."""
    return t.open_binder(arguments(x)[1][0], column)


def _to(th: Theorem, x: Term) -> Theorem:
    """The theorem with x on its right side, where both are the same but for projections of tuples."""
    if th.right is x:
        return th
    plain = projections(th.right)
    if plain.right is not x:
        raise NoProof("the rows are other ones")
    return k.trans(th, plain)


def _with(x: Term, function: Term, variable: Term) -> Term:
    """x with a variable for a function."""
    return t.transform(x, lambda u, _: variable if u is function else None, lambda u, _: False)


def _read_first(x: Term, known: Theorem) -> Theorem:
    """|- bind o f = o, for an outcome o that is no value."""
    th = rewritten(x, {known.left: known})
    opened = unfold("bind", th.right)
    return chain(th, opened, sure(use(f"outcase.{head(known.right)}", opened.right)))


def _word_bounds(x: Term) -> Iterator[Theorem]:
    """|- -2**63 <= toZ a and |- toZ a <= 2**63 - 1."""
    inside = instance("i64.inr.to", x=x.argument)
    whole = instance("i64.inr.def", z=x)
    yield from parts(k.trans(k.sym(whole), inside))
