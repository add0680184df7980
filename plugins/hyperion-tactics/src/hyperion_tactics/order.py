"""A total order on terms that rewriting by it respects: Knuth and Bendix (1970) with every weight 1."""

from __future__ import annotations

from hyperion.logic.terms import Term


class TermOrder:
    """By size as a tree, then by the outermost symbol, then by the parts from left to right. Sizes are remembered."""

    def __init__(self) -> None:
        self._sizes: dict[Term, int] = {}

    def size(self, x: Term) -> int:
        """Symbols of `x` as a tree, shared parts counted each time."""
        found = self._sizes.get(x)
        if found is not None:
            return found
        stack = [x]
        while stack:
            u = stack[-1]
            missing = [c for c in u.children() if c not in self._sizes]
            if missing:
                stack.extend(missing)
            else:
                self._sizes[u] = 1 + sum(self._sizes[c] for c in u.children())
                stack.pop()
        return self._sizes[x]

    def less(self, x: Term, y: Term) -> bool:
        """Whether `x` comes before `y`."""
        while x is not y:
            sizes = self.size(x), self.size(y)
            if sizes[0] != sizes[1]:
                return sizes[0] < sizes[1]
            first, second = _symbol(x), _symbol(y)
            if first != second:
                return first < second
            pairs = zip(x.children(), y.children(), strict=True)
            x, y = next(((a, b) for a, b in pairs if a is not b), (x, x))
        return False


def _symbol(x: Term) -> tuple[str, str, int, int, str]:
    number = (len(x.name), x.name) if x.kind == "K" else (0, x.name)  # literals by their length first: 9 before 10
    return x.kind, x.type.text, x.index, number[0] + len(x.children()), number[1]


def is_variant(x: Term, y: Term) -> bool:
    """Whether `y` is `x` with its variables renamed, one to one."""
    there: dict[Term, Term] = {}
    back: dict[Term, Term] = {}
    stack = [(x, y)]
    while stack:
        a, b = stack.pop()
        if a.kind == "V" and b.kind == "V":
            if there.setdefault(a, b) is not b or back.setdefault(b, a) is not a:
                return False
        elif a.kind != b.kind or a.name != b.name or a.index != b.index or len(a.children()) != len(b.children()):
            return False
        else:
            stack.extend(zip(a.children(), b.children(), strict=True))
    return x.type is y.type
