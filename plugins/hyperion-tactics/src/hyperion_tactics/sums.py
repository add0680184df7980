"""Sums of products in normal form, with proofs: their sum, their product, and the normal form of a term.

Inside, every product has a coefficient where there are literals: `3*(a*b)`, `1*a`, `2*1`. At the end those are cleaned.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.derived import NoProof, chain
from hyperion.logic.effort import checkpoint
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_tactics import matching
from hyperion_tactics.chains import Law, Operation, balanced
from hyperion_tactics.semiring_laws import Laws
from hyperion_tactics.tasks import Task, run

Key: TypeAlias = tuple[int, tuple[str, ...]]
Collect: TypeAlias = Callable[[Term, Term], Theorem]

MOST_PRODUCTS = 20_000
NARROW = 48
"""Operands, literals aside, up to which a tree of sums or products is taken as it stands; a wider one is balanced
first. Of a sum only different operands count, as equal ones are collected."""


class Normaliser:
    """Normal forms under some laws, remembered."""

    def __init__(self, laws: Laws) -> None:
        self._laws = laws
        self._memo: dict[Term, Theorem] = {}
        self._keys: dict[Term, Key] = {}
        self._narrow = set[Term]()

    def __call__(self, x: Term) -> Theorem:
        """|- x = its normal form."""
        return self._cleaned(self.sum(x))

    def sum(self, x: Term) -> Theorem:
        """|- x = its normal form, with coefficients everywhere."""
        if x.type is not self._laws.type:
            raise NoProof(f"the term is of type {x.type}, not {self._laws.type}")
        return run(self._normal(x))

    def products(self, total: Term) -> list[Term]:
        """The products of a sum in normal form."""
        return [] if total is self._laws.zero else self._laws.add.leaves(total)

    def parts(self, product: Term) -> tuple[Term | None, Term]:
        """Coefficient, where there are literals, and the product of atoms."""
        return (product.function.argument, product.argument) if self._laws.literals else (None, product)

    # ---- terms

    def _normal(self, x: Term) -> Task[Theorem]:
        if x not in self._memo:
            checkpoint()
            self._memo[x] = yield self._found(x)
        return self._memo[x]

    def _found(self, x: Term) -> Task[Theorem]:
        laws = self._laws
        for op, combine in ((laws.add, self.plus), (laws.mul, self.times)):
            if op.is_node(x):
                return (yield self._tree(op, combine, x))
        other = laws.others.get(_head(x)) if x.kind == "A" else None
        opened = matching.at(other, x) if other else None
        if opened is not None:
            rest = yield self._normal(opened.right)
            return k.trans(opened, rest)
        if x is laws.zero or not laws.literals:
            return k.refl(x)
        return k.sym(laws.mul_one(x) if x.kind == "K" else laws.one_mul(x))

    def _tree(self, op: Operation, combine: Callable[[Term, Term], Theorem], x: Term) -> Task[Theorem]:
        a, b = x.function.argument, x.argument
        leaves = [] if x in self._narrow else op.leaves(x)
        wide = [leaf for leaf in (dict.fromkeys(leaves) if op is self._laws.add else leaves) if leaf.kind != "K"]
        if len(wide) <= NARROW:
            self._narrow |= {u for u in (a, b) if op.is_node(u)}  # parts of a narrow tree are narrow
            first = yield self._normal(a)
            last = yield self._normal(b)
            th = k.app(k.app(k.refl(op.symbol), first), last)
            return k.trans(th, combine(first.right, last.right))
        changes: list[Theorem] = []
        for leaf in leaves:
            changes.append((yield self._normal(leaf)))
        whole = balanced(op, [th.right for th in changes], combine)
        return chain(op.flat(x), op.mapped(changes), whole)

    def _cleaned(self, th: Theorem) -> Theorem:
        laws = self._laws
        if not laws.literals or th.right is laws.zero:
            return th
        changes: list[Theorem] = []
        for product in self.products(th.right):
            c, p = self.parts(product)
            assert c is not None
            unit = laws.one_mul(p) if c is laws.one else laws.mul_one(c) if p is laws.one else k.refl(product)
            changes.append(unit)
        return k.trans(th, laws.add.mapped(changes))

    # ---- sums

    def plus(self, x: Term, y: Term) -> Theorem:
        """|- x + y = the normal form, for sums in normal form."""
        laws = self._laws
        if x is laws.zero:
            return laws.zero_add(y)
        if y is laws.zero:
            return laws.add_zero(x)
        collects = laws.literals or laws.idempotent is not None
        xs, ys = laws.add.leaves(x), laws.add.leaves(y)
        if len(xs) + len(ys) > MOST_PRODUCTS:
            raise NoProof(f"the normal form has more than {MOST_PRODUCTS} products")
        return self._merged(laws.add, laws.add_comm, xs, ys, self._product_key, self._collected if collects else None)

    def _collected(self, m: Term, n: Term) -> Theorem:
        """|- c*p + d*p = (c+d)*p, or |- p + p = p."""
        laws = self._laws
        if laws.idempotent is not None:
            return laws.idempotent(m)
        (c, p), (d, _) = self.parts(m), self.parts(n)
        assert c is not None
        assert d is not None
        th = k.sym(laws.right(c, d, p))
        th = k.trans(th, k.app(k.app(k.refl(laws.mul.symbol), _computed(laws.add(c, d))), k.refl(p)))
        return k.trans(th, laws.zero_mul(p)) if th.right.function.argument is laws.zero else th

    def _product_key(self, product: Term) -> Key:
        return self._key(self.parts(product)[1])

    def _key(self, p: Term) -> Key:
        found = self._keys.get(p)
        if found is None:
            atoms = [] if p is self._laws.one else self._laws.mul.leaves(p)
            found = self._keys[p] = len(atoms), tuple(map(t.digest, atoms))
        return found

    def _merged(
        self,
        op: Operation,
        comm: Law,
        xs: Sequence[Term],
        ys: Sequence[Term],
        key: Callable[[Term], Key],
        collect: Collect | None,
    ) -> Theorem:
        """|- chain xs . chain ys = their merged chain, where equal keys are collected if `collect` is given."""
        laws, steps = self._laws, list[tuple[Theorem, Term | Theorem | None]]()
        x_tails, y_tails, i, j = _tails(op, xs), _tails(op, ys), 0, 0
        while True:
            checkpoint()
            m, n = xs[i], ys[j]
            a, b = x_tails[i], y_tails[j]
            first, last = i + 1 == len(xs), j + 1 == len(ys)
            if collect is not None and key(m) == key(n):
                collected = collect(m, n)
                if first and last:
                    th = collected
                    break
                if first or last:
                    rest = b.argument if first else a.argument
                    step = k.sym(op.associated(m, n, rest)) if first else laws.add_three(m, rest, n)
                    steps.append((step, collected))
                    th = k.refl(rest)
                    break
                steps.append((laws.add_four(m, a.argument, n, b.argument), collected))
                i, j = i + 1, j + 1
            elif key(m) <= key(n):
                if first:
                    th = k.refl(op(a, b))
                    break
                steps.append((op.associated(m, a.argument, b), m))
                i += 1
            else:
                steps.append((comm(a, b), None))
                xs, ys, x_tails, y_tails, i, j = ys, xs, y_tails, x_tails, j, i
        return self._folded(op, steps, th)

    def _folded(self, op: Operation, steps: list[tuple[Theorem, Term | Theorem | None]], th: Theorem) -> Theorem:
        laws = self._laws
        for step, kept in reversed(steps):
            match kept:
                case None:
                    th = k.trans(step, th)
                case Theorem():
                    th = k.trans(step, k.app(k.app(k.refl(op.symbol), kept), th))
                    if kept.right is laws.zero:
                        th = k.trans(th, laws.zero_add(th.right.argument))
                    elif th.right.argument is laws.zero:
                        th = k.trans(th, laws.add_zero(kept.right))
                case Term():
                    th = k.trans(step, k.app(k.refl(step.right.function), th))
                    if op is laws.add and th.right.argument is laws.zero:
                        th = k.trans(th, laws.add_zero(kept))
        return th

    # ---- products

    def times(self, x: Term, y: Term) -> Theorem:
        """|- x * y = the normal form, for sums in normal form."""
        laws = self._laws
        if x is laws.zero:
            return laws.zero_mul(y)
        if y is laws.zero:
            return laws.mul_zero(x)
        xs, ys = laws.add.leaves(x), laws.add.leaves(y)
        if len(xs) * len(ys) > MOST_PRODUCTS:
            raise NoProof(f"the normal form has more than {MOST_PRODUCTS} products")
        return self._rows(xs, ys, y)

    def _rows(self, xs: Sequence[Term], ys: Sequence[Term], y: Term) -> Theorem:
        laws = self._laws
        if len(xs) == 1:
            return self._row(xs[0], ys)
        middle = len(xs) // 2
        split = laws.add.split(xs, middle)
        th = k.app(k.app(k.refl(laws.mul.symbol), split), k.refl(y))
        a, b = split.right.function.argument, split.right.argument
        first, last = self._rows(xs[:middle], ys, y), self._rows(xs[middle:], ys, y)
        both = k.app(k.app(k.refl(laws.add.symbol), first), last)
        return chain(th, laws.right(a, b, y), both, self.plus(first.right, last.right))

    def _row(self, m: Term, ys: Sequence[Term]) -> Theorem:
        """|- m * (n + ..) = m*n + ..; the order of the products is kept, as keys are compared by length first."""
        laws = self._laws
        th, rest = self._product(m, ys[-1]), ys[-1]
        for n in reversed(ys[:-1]):
            both = k.app(k.app(k.refl(laws.add.symbol), self._product(m, n)), th)
            th = k.trans(laws.left(m, n, rest), both)
            rest = laws.add(n, rest)
        return th

    def _product(self, m: Term, n: Term) -> Theorem:
        laws = self._laws
        (c, p), (d, q) = self.parts(m), self.parts(n)
        if c is None or d is None:
            return self._atoms(p, q)
        both = k.app(k.app(k.refl(laws.mul.symbol), _computed(laws.mul(c, d))), self._atoms(p, q))
        return k.trans(laws.mul_four(c, p, d, q), both)

    def _atoms(self, p: Term, q: Term) -> Theorem:
        laws = self._laws
        if p is laws.one:
            return laws.one_mul(q)
        if q is laws.one:
            return laws.mul_one(p)
        if laws.mul_comm is None:
            return laws.mul.flat(laws.mul(p, q))
        return self._merged(laws.mul, laws.mul_comm, laws.mul.leaves(p), laws.mul.leaves(q), self._key, None)


def _tails(op: Operation, items: Sequence[Term]) -> list[Term]:
    """The chains from each position on."""
    tails = [items[-1]]
    for item in reversed(items[:-1]):
        tails.append(op(item, tails[-1]))
    return tails[::-1]


def _computed(x: Term) -> Theorem:
    try:
        return k.compute(x)
    except k.RuleError as error:
        raise NoProof("a coefficient is too large to compute with") from error


def _head(x: Term) -> Term:
    while x.kind == "A":
        x = x.function
    return x
