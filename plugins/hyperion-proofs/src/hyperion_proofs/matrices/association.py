"""Untrusted search, a checked theorem: the product of matrices over a commutative ring is associative.

    product (product A B) C  =  product A (product B C)

for all A, B, C, also where sizes do not fit: an element of either side is a double sum over the columns of A and of B.
"""

from __future__ import annotations

from functools import lru_cache

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_proofs.derived import NoProof, chain, replace_all, unfold
from hyperion_proofs.matrices.normal import beta_normal
from hyperion_proofs.matrices.sums import Sums


@lru_cache(maxsize=64)
def associativity(multiply: Term, add: Term, zero: Term) -> Theorem:
    """The theorem for the product with these operations. Raises NoProof where they are not those of a ring."""
    sums = Sums(add, multiply, zero)
    matrix = t.type_of("prod", t.INT, t.INT, t.fun(t.INT, t.INT, zero.type))
    if multiply.type is not t.fun(zero.type, zero.type, zero.type):
        raise NoProof("the factors have other types than their product")
    a, b, c = (t.var(name, matrix) for name in "ABC")

    def product(x: Term, y: Term) -> Term:
        return apply("product", multiply, add, zero, x, y)

    left, right = _opened(product(product(a, b), c)), _opened(product(a, product(b, c)))
    rows, columns, _ = left.right.items
    i, l = t.var("i", t.INT), t.var("l", t.INT)
    elements = k.abs_(i, k.abs_(l, _elements(sums, (a, b, c), i, l)))
    middle = k.tuple_(k.refl(rows), k.refl(columns), elements)
    if middle.left is not left.right or middle.right is not right.right:
        raise NoProof("an element of the product is no double sum")
    return chain(left, middle, k.sym(right))


def _opened(x: Term) -> Theorem:
    """|- x = the tuple of its sizes and of its elements as sums."""
    th = replace_all(x, lambda u: _definition(u) if _is_product(u) else None)
    assert th is not None
    again = replace_all(th.right, lambda u: _definition(u) if _is_product(u) else None)
    th = chain(th, again)
    return chain(th, beta_normal(th.right))


def _is_product(x: Term) -> bool:
    depth = 0
    while x.kind == "A":
        x, depth = x.function, depth + 1
    return depth == 5 and x.kind == "C" and x.name.partition("@")[0] == "product"


def _definition(x: Term) -> Theorem:
    return unfold("product", x)


def _elements(sums: Sums, matrices: tuple[Term, Term, Term], i: Term, l: Term) -> Theorem:
    """|- sum over j of (sum over k of A[i, k] B[k, j]) C[j, l] = sum over k of A[i, k] (sum over j of B[k, j] C[j, l])"""
    a, b, c = matrices
    number = t.var("k~axis", t.INT)

    def axis(x: Term) -> Term:
        return apply("indices", t.lam(number, number), apply("count", t.proj(1, x)))

    def at(x: Term, row: Term, column: Term) -> Term:
        return t.app(t.proj(2, x), row, column)

    times, ks, js = sums.times, axis(a), axis(b)

    def factor(n: Term, j: Term) -> Term:
        return times(at(a, i, n), at(b, n, j))

    def rest(n: Term, j: Term) -> Term:
        return times(at(b, n, j), at(c, j, l))

    def whole(j: Term, n: Term) -> Term:
        return times(factor(n, j), at(c, j, l))

    into = sums.each(lambda j: k.sym(sums.from_right(lambda n: factor(n, j), at(c, j, l), ks)), js)
    swapped = sums.exchanged(whole, js, ks)

    def turned(n: Term) -> Theorem:
        grouped = sums.each(lambda j: sums.equal(whole(j, n), times(at(a, i, n), rest(n, j))), js)
        return chain(grouped, sums.from_left(at(a, i, n), lambda j: rest(n, j), js))

    return chain(into, swapped, sums.each(turned, ks))
