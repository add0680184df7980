"""Untrusted search, a checked theorem: the product of matrices over a commutative ring is associative.

    product (product A B) C  =  product A (product B C)

for all A, B, C, also where sizes do not fit: an element of either side is a double sum over the columns of A and of B.
"""

from __future__ import annotations

from functools import cache, lru_cache

from hyperion.logic import kernel as k
from hyperion.logic import modular
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.derived import arguments, discharge, head, use
from hyperion.logic.kernel import Theorem
from hyperion.logic.ring import REALS
from hyperion.logic.terms import Term
from hyperion_proofs.derived import NoProof, abstract, applied, chain, replace_all, unfold
from hyperion_proofs.matrices.reducing import beta_normal
from hyperion_proofs.matrices.sums import ITEM, PLUS, TIMES, ZERO, Sums, law, laws, times


@lru_cache(maxsize=64)
def associativity(multiply: Term, add: Term, zero: Term) -> Theorem:
    """The theorem for the product with these operations. Raises NoProof where they are not those of a ring."""
    if multiply.type is not t.fun(zero.type, zero.type, zero.type) or add.type is not multiply.type:
        raise NoProof("the factors have other types than their product")
    types = {ITEM.name: zero.type}
    values = {t.instantiate_types(x, types): y for x, y in ((TIMES, multiply), (PLUS, add), (ZERO, zero))}

    def here(x: Term) -> Term:
        return t.substitute(t.instantiate_types(x, types), values)

    th = k.inst(values, k.inst_type(types, _in_semirings()))
    return discharge(th, *(_law(here(left), here(right)) for left, right in laws().values()))


def _law(left: Term, right: Term) -> Theorem:
    """|- left = right, functions of some elements of the ring."""
    variables, first, last = applied(left, right)
    opened, other = beta_normal(first), beta_normal(last)
    return abstract(variables, chain(opened, _equal(opened.right, other.right), k.sym(other)))


def _equal(x: Term, y: Term) -> Theorem:
    """|- x = y, by the laws of the ring."""
    if x.type is t.REAL:
        th = REALS.equal(x, y)
    else:
        x_, y_ = (_as_word(side) for side in (x, y))
        middle = modular.equal(x_.right, y_.right)
        th = None if middle is None else chain(x_, middle, k.sym(y_))
    if th is None:
        raise NoProof("the operations of the product are not those of a commutative ring")
    return th


def _as_word(x: Term) -> Theorem:
    """|- x = ofZ e"""
    if head(x).startswith("ofZ."):
        return k.refl(x)
    word = x.type.text
    th = use(f"{word}.of.to", apply(f"ofZ.{word}", apply(f"toZ.{word}", x)))
    if th is None:
        raise NoProof(f"{word} is no machine integer")
    return k.sym(th)


@cache
def _in_semirings() -> Theorem:
    """The theorem with the laws of a semiring as hypotheses."""
    sums = Sums()
    matrix = t.type_of("prod", t.INT, t.INT, t.fun(t.INT, t.INT, ITEM))
    a, b, c = (t.var(name, matrix) for name in "ABC")

    def product(x: Term, y: Term) -> Term:
        return apply("product", TIMES, PLUS, ZERO, x, y)

    left, right = _opened(product(product(a, b), c)), _opened(product(a, product(b, c)))
    rows, columns, _ = left.right.items
    i, j = t.var("i", t.INT), t.var("l", t.INT)
    elements = k.abs_(i, k.abs_(j, _elements(sums, (a, b, c), i, j)))
    middle = k.tuple_(k.refl(rows), k.refl(columns), elements)
    assert middle.left is left.right
    return chain(left, middle, k.sym(right))


def _opened(x: Term) -> Theorem:
    """|- x = the tuple of its sizes and of its elements as sums."""
    th = k.refl(x)
    for _ in range(2):
        th = chain(th, replace_all(th.right, lambda u: unfold("product", u) if is_product(u) else None))
    return chain(th, beta_normal(th.right))


def is_product(x: Term) -> bool:
    """Whether it is a product of two matrices."""
    return head(x) == "product" and len(arguments(x)[1]) == 5


def _elements(sums: Sums, matrices: tuple[Term, Term, Term], i: Term, last: Term) -> Theorem:
    """|- sum_j (sum_k A[i, k] B[k, j]) C[j, l] = sum_k A[i, k] (sum_j B[k, j] C[j, l])"""
    a, b, c = matrices
    number = t.var("k~axis", t.INT)

    def axis(x: Term) -> Term:
        return apply("indices", t.lam(number, number), apply("count", t.proj(1, x)))

    def at(x: Term, row: Term, column: Term) -> Term:
        return t.app(t.proj(2, x), row, column)

    ks, js = axis(a), axis(b)

    def factor(n: Term, j: Term) -> Term:
        return times(at(a, i, n), at(b, n, j))

    def rest(n: Term, j: Term) -> Term:
        return times(at(b, n, j), at(c, j, last))

    def whole(j: Term, n: Term) -> Term:
        return times(factor(n, j), at(c, j, last))

    into = sums.each(lambda j: k.sym(sums.from_right(lambda n: factor(n, j), at(c, j, last), ks)), js)
    swapped = sums.exchanged(whole, js, ks)

    def turned(n: Term) -> Theorem:
        grouped = sums.each(lambda j: law("times.assoc", at(a, i, n), at(b, n, j), at(c, j, last)), js)
        return chain(grouped, sums.from_left(at(a, i, n), lambda j: rest(n, j), js))

    return chain(into, swapped, sums.each(turned, ks))
