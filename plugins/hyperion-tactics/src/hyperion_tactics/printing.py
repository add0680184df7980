"""Goals as people read them: infix operations, named variables, at most so many symbols."""

from __future__ import annotations

from hyperion.interfaces.tactic import Goal
from hyperion.logic import terms as t
from hyperion.logic.derived import arguments
from hyperion.logic.terms import Term
from hyperion_tactics.tasks import Task, run

LONGEST = 600
_INFIX = {
    "add": "+", "radd": "+", "sub": "-", "rsub": "-", "mul": "*", "rmul": "*", "le": "<=", "lt": "<", "eq": "==",
    "and": "and", "or": "or", "xor": "xor", "floordiv": "//", "mod": "%",
}  # fmt: skip


def text(x: Term, longest: int = LONGEST) -> str:
    """`x` on one line; cut after about `longest` characters."""
    return run(_Printer(longest).print(x, True, 0))


def goal_text(goal: Goal) -> str:
    """The hypotheses one a line, then `|- left = right`."""
    hypotheses = sorted(f"{text(left)} = {text(right)}" for left, right in goal.hypotheses)
    return "\n".join([*hypotheses, f"|- {text(goal.left)} = {text(goal.right)}"])


class _Printer:
    def __init__(self, longest: int) -> None:
        self._room = longest

    def print(self, x: Term, outermost: bool, depth: int) -> Task[str]:
        if self._room <= 0:
            return ".."
        match x.kind:
            case "V" | "K":
                return self._word(x.name)
            case "C":
                return self._word(x.name.partition("@")[0])
            case "B":
                return self._word(f"x{depth - 1 - x.index}")
            case "L":
                name = self._word(f"x{depth}")
                body = yield self.print(x.body, True, depth + 1)
                return _enclosed(f"\\{name}. {body}", outermost)
            case "T":
                return f"({(yield self._all(x.items, depth, ', ', True))})"
            case "P":
                return f"{(yield self.print(x.body, False, depth))}.{x.index}"
            case "A":
                return (yield self._application(x, outermost, depth))

    def _application(self, x: Term, outermost: bool, depth: int) -> Task[str]:
        function, args = arguments(x)
        sign = _INFIX.get(function.name) if function.kind == "C" and len(args) == 2 else None
        if sign is not None:
            self._word(sign)
            inside = yield self._all(args, depth, f" {sign} ", False)
            return _enclosed(inside, outermost)
        head = yield self.print(function, False, depth)
        inside = yield self._all(args, depth, ", ", True)
        return f"{head}({inside})"

    def _all(self, xs: list[Term] | tuple[Term, ...], depth: int, between: str, outermost: bool) -> Task[str]:
        texts: list[str] = []
        for x in xs:
            texts.append((yield self.print(x, outermost, depth)))
        return between.join(texts)

    def _word(self, word: str) -> str:
        self._room -= len(word) + 1
        return word


def _enclosed(inside: str, outermost: bool) -> str:
    return inside if outermost else f"({inside})"


def equation_text(left: Term, right: Term) -> str:
    return f"{text(left)} = {text(right)}" if left.type is not t.BOOL or right.kind != "C" else _truth(left, right)


def _truth(left: Term, right: Term) -> str:
    return text(left) if right.name == "true" else f"not ({text(left)})"
