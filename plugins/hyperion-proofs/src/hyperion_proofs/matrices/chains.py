"""Untrusted. Chains of matrix products in a function, and the ways to group them.

rewrite:
    %ab = contract %a, %b        -->    %bx = contract %b, %x
    %y = contract %ab, %x               %y = contract %a, %bx

A chain that begins or ends with a vector is grouped from there. Any other is grouped by the sizes of its matrices at
run time, with the fewest multiplications of all groupings: the matrix-chain problem (Godbole, 1973), solved by
comparison, since the groupings of a few matrices are few.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from hyperion.ir.function import Equation, Function, Region, Value, values_of, walk
from hyperion.ir.ops import is_total
from hyperion.ir.types import BOOL, I64, ArrayType, Type
from hyperion_proofs.emission import Names

MOST_COMPARED = 5
"""Matrices of a chain of which all groupings are compared: 14. Of a longer one, the two from its ends are."""

Tree: TypeAlias = "int | tuple[Tree, Tree]"
"""A grouping: the place of a matrix in the chain, or two parts of it."""


@dataclass(frozen=True)
class Chain:
    """Products that only the last one needs: `root` is its place among the equations, `inner` are the others'."""

    root: int
    inner: tuple[int, ...]
    leaves: tuple[Value, ...]
    tree: Tree

    @property
    def shapes(self) -> list[tuple[int | str, int | str]]:
        found: list[tuple[int | str, int | str]] = []
        for leaf in self.leaves:
            assert isinstance(leaf.type, ArrayType)
            rows, columns = leaf.type.shape
            found.append((rows, columns))
        return found


def chains(function: Function) -> Iterator[Chain]:
    """The chains of three matrices or more among the top-level equations, each as long as it can be."""
    made = {e.result.name: i for i, e in enumerate(function.equations) if ring_of(function, e) is not None}
    uses = Counter(_reads(function))
    taken: set[int] = set()
    for index in reversed(range(len(function.equations))):
        if index not in made.values() or index in taken:
            continue
        leaves, inner = list[Value](), list[int]()
        ring = ring_of(function, function.equations[index])

        def tree(value: Value, ring: object = ring, leaves: list[Value] = leaves, inner: list[int] = inner) -> Tree:
            place = made.get(value.name)
            alone = place is not None and uses[value.name] == 1 and ring_of(function, function.equations[place]) == ring
            if place is None or not alone:
                leaves.append(value)
                return len(leaves) - 1
            inner.append(place)
            left, right = function.equations[place].operands[:2]
            return tree(left), tree(right)

        left, right = function.equations[index].operands[:2]
        whole = (tree(left), tree(right))
        taken.update(inner)
        if len(leaves) > 2:
            yield Chain(index, tuple(sorted(inner)), tuple(leaves), whole)


def _reads(function: Function) -> Iterator[str]:
    for e in walk(function.equations):
        yield from (v.name for v in e.operands)
        yield from (v.name for region in e.regions for v in region.results)
    yield from (v.name for v in function.results)


def ring_of(function: Function, e: Equation) -> tuple[object, ...] | None:
    """What a product of two matrices computes in, where that is a ring of machine integers. Over the reals products are
    associative, too, but a grouping may leave the range of floats where the one of the source does not."""
    if e.op != "contract" or len({v.type.element for v in e.operands[:2] if isinstance(v.type, ArrayType)}) != 1:
        return None
    left, right, initial = e.operands
    axes = tuple(e.attribute(side, ()) for side in ("left", "right", "batch_left", "batch_right"))
    shapes = [len(v.type.shape) if isinstance(v.type, ArrayType) else 0 for v in (left, right)]
    zero = next((d.attribute("value") for d in function.equations if d.op == "const" and d.result == initial), None)
    ops = [_operation(region) for region in e.regions]
    fits = axes == ((1,), (0,), (), ()) and shapes == [2, 2] and ops == ["mul.wrap", "add.wrap"] and zero == 0
    assert isinstance(left.type, ArrayType)
    return (initial.type, left.type.element) if fits and left.type.element == initial.type else None


def _operation(region: Region) -> str:
    """The only operation of a region, on its parameters in order; empty for another region."""
    match region.equations:
        case [Equation() as e] if e.operands == region.parameters and e.results == region.results:
            return e.op
        case _:
            return ""


def in_the_way(function: Function, chain: Chain) -> Equation | None:
    """An equation between the products that may trap, which they cannot be moved past."""
    between = range(chain.inner[0], chain.root)
    rest = (function.equations[i] for i in between if i not in chain.inner)
    return next((e for e in rest if not is_total(e)), None)


def groupings(first: int, last: int) -> Iterator[Tree]:
    """All groupings of the matrices first .. last."""
    if first == last:
        yield first
    for middle in range(first, last):
        for left in groupings(first, middle):
            yield from ((left, right) for right in groupings(middle + 1, last))


def worthwhile(chain: Chain) -> list[Tree]:
    """The groupings that may take the fewest multiplications, that of the source first where it is one."""
    count, shapes = len(chain.leaves), chain.shapes
    if shapes[-1][1] == 1:
        return [from_right(count)]
    if shapes[0][0] == 1:
        return [from_left(count)]
    found = list(groupings(0, count - 1)) if count <= MOST_COMPARED else [from_left(count), from_right(count)]
    return [chain.tree, *(tree for tree in found if tree != chain.tree)]


def from_left(count: int) -> Tree:
    tree: Tree = 0
    for place in range(1, count):
        tree = (tree, place)
    return tree


def from_right(count: int) -> Tree:
    tree: Tree = count - 1
    for place in reversed(range(count - 1)):
        tree = (place, tree)
    return tree


class Regrouped:
    """Writes the function with a chain grouped anew."""

    def __init__(self, function: Function, chain: Chain) -> None:
        self._function, self._chain = function, chain
        self._names = Names({v.name for v in values_of(function)})
        self._last = function.equations[chain.root]
        self._sizes: dict[int, Value] = {}

    def function(self, trees: Sequence[Tree]) -> Function:
        """With the cheapest of the trees."""
        before = self._sized() if len(trees) > 1 else []
        costs = [self._cost(tree, before) for tree in trees] if len(trees) > 1 else []
        made = self._chosen(trees, costs, self._last.result)
        inner = set(self._chain.inner)
        equations: list[Equation] = []
        for index, e in enumerate(self._function.equations):
            if index == self._chain.root:
                equations += [*before, *made]
            elif index not in inner:
                equations.append(e)
        return replace(self._function, equations=tuple(equations))

    def _chosen(self, trees: Sequence[Tree], costs: Sequence[Value], result: Value) -> list[Equation]:
        """The first tree where its cost is at most that of each other one; else the best of those."""
        if len(trees) == 1:
            return self._products(trees[0], result)
        least, equations = costs[-1], list[Equation]()
        for cost in reversed(costs[1:-1]):
            equations.append(self._equation("min", (cost, least), I64))
            least = equations[-1].result
        equations.append(self._equation("le", (costs[0], least), BOOL))
        results = [self._names.fresh(result.name, result.type) for _ in range(2)]
        then = Region((), tuple(self._products(trees[0], results[0])), (results[0],))
        other = Region((), tuple(self._chosen(trees[1:], costs[1:], results[1])), (results[1],))
        test = equations[-1].result
        return [*equations, Equation((result,), "if", (test,), (), (then, other), self._last.span)]

    def _products(self, tree: Tree, result: Value) -> list[Equation]:
        equations: list[Equation] = []

        def value(tree: Tree, into: Value | None = None) -> Value:
            if isinstance(tree, int):
                return self._chain.leaves[tree]
            left, right = value(tree[0]), value(tree[1])
            assert isinstance(left.type, ArrayType)
            assert isinstance(right.type, ArrayType)
            kind = ArrayType(left.type.element, (left.type.shape[0], right.type.shape[1]))
            into = into or self._names.fresh("product", kind)
            regions = tuple(self._names.copy(r) for r in self._last.regions)
            operands = (left, right, self._last.operands[2])
            equations.append(replace(self._last, results=(into,), operands=operands, regions=regions))
            return into

        value(tree, result)
        return equations

    # ---- costs

    def _sized(self) -> list[Equation]:
        """The sizes of the chain: the rows of each matrix, and the columns of the last."""
        equations: list[Equation] = []
        leaves = self._chain.leaves
        for place, (leaf, axis) in enumerate([*((leaf, 0) for leaf in leaves), (leaves[-1], 1)]):
            equations.append(self._equation("dim", (leaf,), I64, (("axis", axis),), "size"))
            self._sizes[place] = equations[-1].result
        return equations

    def _cost(self, tree: Tree, equations: list[Equation]) -> Value:
        """The multiplications of a grouping, as a word: it chooses, and decides nothing else."""
        products: list[Value] = []

        def count(tree: Tree) -> tuple[int, int]:
            if isinstance(tree, int):
                return tree, tree + 1
            (first, middle), (_, last) = count(tree[0]), count(tree[1])
            number = self._sizes[first]
            for size in (self._sizes[middle], self._sizes[last]):
                equations.append(self._equation("mul.wrap", (number, size), I64, hint="count"))
                number = equations[-1].result
            products.append(number)
            return first, last

        count(tree)
        total = products[0]
        for number in products[1:]:
            equations.append(self._equation("add.wrap", (total, number), I64, hint="count"))
            total = equations[-1].result
        return total

    def _equation(
        self,
        op: str,
        operands: tuple[Value, ...],
        kind: Type,
        attributes: tuple[tuple[str, int], ...] = (),
        hint: str = "t",
    ) -> Equation:
        return Equation((self._names.fresh(hint, kind),), op, operands, attributes, (), self._last.span)
