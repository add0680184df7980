"""Right-nested chains `a.(b.(c.d))` of an associative operation: theorems that flatten trees, split chains and merge
them.

Every theorem is built from its end, so there is no recursion along a chain.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.derived import NoProof
from hyperion.logic.effort import checkpoint
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_tactics.tasks import Task, run


class Law:
    """A theorem with its variables in an order of one's own, for instances by position."""

    __slots__ = ("_theorem", "_variables")

    def __init__(self, theorem: Theorem, variables: Sequence[Term]) -> None:
        if any(v.kind != "V" for v in variables):
            raise NoProof("the theorem is no law about variables")
        self._theorem = theorem
        self._variables = tuple(variables)

    def __call__(self, *values: Term) -> Theorem:
        return k.inst(dict(zip(self._variables, values, strict=True)), self._theorem)


class Operation:
    """An operation `symbol` of type a -> a -> a with |- (x.y).z = x.(y.z)."""

    def __init__(self, symbol: Term, assoc: Theorem) -> None:
        self.symbol = symbol
        x, y, z = (t.var(name, t.domain(symbol.type)) for name in ("x~", "y~", "z~"))
        self.associated = Law(assoc, _three(assoc.left))
        """(x.y).z = x.(y.z), for x, y and z."""
        found = self.associated(x, y, z)
        if found.left is not self(self(x, y), z) or found.right is not self(x, self(y, z)):
            raise NoProof("the theorem is not the associativity of this operation")

    def __call__(self, x: Term, y: Term) -> Term:
        return t.app(self.symbol, x, y)

    def is_node(self, x: Term) -> bool:
        return x.kind == "A" and x.function.kind == "A" and x.function.function is self.symbol

    def both(self, first: Theorem | None, last: Theorem | None, x: Term) -> Theorem | None:
        """Congruence in `x` = a.b; None where neither changes."""
        if first is None:
            return None if last is None else k.app(k.refl(x.function), last)
        return k.app(k.app(k.refl(self.symbol), first), last or k.refl(x.argument))

    def chain(self, items: Sequence[Term]) -> Term:
        result = items[-1]
        for item in reversed(items[:-1]):
            result = self(item, result)
        return result

    def leaves(self, x: Term) -> list[Term]:
        """What the tree of this operation at `x` is made of, from left to right."""
        found, stack = list[Term](), [x]
        while stack:
            u = stack.pop()
            if self.is_node(u):
                stack += [u.argument, u.function.argument]
            else:
                found.append(u)
        return found

    def flat(self, x: Term) -> Theorem:
        """|- x = the chain of its leaves."""
        return run(self._flat(x)) or k.refl(x)

    def _flat(self, x: Term) -> Task[Theorem | None]:
        if not self.is_node(x):
            return None
        inner = yield self._flat(x.argument)
        th = self.both(None, inner, x)
        more = yield self._onto(x.function.argument, inner.right if inner else x.argument)
        return k.trans(th, more) if th and more else th or more

    def _onto(self, x: Term, rest: Term) -> Task[Theorem | None]:
        """|- x.rest = the chain of the leaves of x, then rest."""
        checkpoint()
        if not self.is_node(x):
            return None
        a, b = x.function.argument, x.argument
        th = self.associated(a, b, rest)
        inner = yield self._onto(b, rest)
        if inner:
            th = k.trans(th, k.app(k.refl(th.right.function), inner))
        more = yield self._onto(a, th.right.argument)
        return k.trans(th, more) if more else th

    def split(self, items: Sequence[Term], at: int) -> Theorem:
        """|- chain of all items = chain of the first `at` . chain of the others."""
        rest = self.chain(items[at:])
        head = items[at - 1]
        th = k.refl(self(head, rest))
        for item in reversed(items[: at - 1]):
            inner = k.app(k.refl(t.app(self.symbol, item)), th)
            th = k.trans(inner, k.sym(self.associated(item, head, rest)))
            head = self(item, head)
        return th

    def mapped(self, changes: Sequence[Theorem]) -> Theorem:
        """From |- a = a', |- b = b', ..: the chain of the left sides is the chain of the right sides."""
        result = changes[-1]
        for change in reversed(changes[:-1]):
            if change.left is change.right:
                result = k.app(k.refl(t.app(self.symbol, change.left)), result)
            else:
                result = k.app(k.app(k.refl(self.symbol), change), result)
        return result


def _three(x: Term) -> tuple[Term, Term, Term]:
    """x, y and z of (x.y).z."""
    if x.kind != "A" or x.function.kind != "A" or x.function.argument.kind != "A":
        raise NoProof("the theorem is not of the form (x.y).z = ..")
    first = x.function.argument
    if first.function.kind != "A":
        raise NoProof("the theorem is not of the form (x.y).z = ..")
    return first.function.argument, first.argument, x.argument


Combine = Callable[[Term, Term], Theorem]
"""|- x.y = .. for a tactic's own normal forms x and y."""


def balanced(op: Operation, items: Sequence[Term], combine: Combine) -> Theorem:
    """|- chain of items = what `combine` makes of its halves, and so on: n log n steps where `combine` is linear."""
    if len(items) == 1:
        return k.refl(items[0])
    middle = len(items) // 2
    th = op.split(items, middle)
    first, last = balanced(op, items[:middle], combine), balanced(op, items[middle:], combine)
    th = k.trans(th, k.app(k.app(k.refl(op.symbol), first), last))
    return k.trans(th, combine(first.right, last.right))
