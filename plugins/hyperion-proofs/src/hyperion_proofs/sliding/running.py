"""Untrusted. Functions on lists, run by their definitions, where facts decide comparisons and equations are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import definitions
from hyperion.logic.derived import arguments, beta_spine, congruence, refl
from hyperion.logic.kernel import Theorem
from hyperion.logic.ring import INTEGERS
from hyperion.logic.terms import Term
from hyperion_proofs.cases import decide
from hyperion_proofs.derived import NoProof, chain, cond_is, contradiction, head, join, unfold, use
from hyperion_proofs.ladder.intervals import implied
from hyperion_proofs.loop import int_, le

UNFOLDED = frozenset(
    (
        "bind",
        "fold",
        "map",
        "all",
        "length",
        "get",
        "take",
        "run",
        "leading",
        "trailing",
        "windows",
        "pieces",
        "preduce",
    )
)
_SUMS = ("add", "sub", "neg", "mul")
Rule = Callable[[Term], Theorem | None]


class Running:
    """|- x = what it runs to; not inside of functions. `facts` are |- le a b = true or false, `equations` are used from
    left to right, as they run themselves, and `rules` where they apply."""

    def __init__(
        self, facts: Sequence[Theorem] = (), equations: Sequence[Theorem] = (), rules: Sequence[Rule] = ()
    ) -> None:
        self._facts, self._rules = tuple(facts), tuple(rules)
        self._memo: dict[Term, Theorem | None] = {}
        self._known: dict[Term, Theorem] = {}
        for equation in equations:
            left, right = self(equation.left), self(equation.right)
            if left.right is not right.right:
                self._known[left.right] = chain(k.sym(left), equation, right)
        self._memo.clear()

    def __call__(self, x: Term) -> Theorem:
        return self.go(x) or refl(x)

    def same(self, left: Term, right: Term) -> Theorem:
        """|- left = right, where both run to one term."""
        first, last = self(left), self(right)
        if first.right is not last.right:
            raise NoProof("the two sides run to different terms")
        return k.trans(first, k.sym(last))

    def go(self, x: Term) -> Theorem | None:
        if x not in self._memo:
            step = self._step(x)
            self._memo[x] = join(step, self.go(step.right)) if step is not None else self._inside(x)
        return self._memo[x]

    def _step(self, x: Term) -> Theorem | None:
        """One step at the root, before anything else."""
        if x.kind != "A":
            return None
        if arguments(x)[0].kind == "L":
            return beta_spine(x)
        name, (_, args) = head(x), arguments(x)
        if name in UNFOLDED and len(args) >= _arity(name):
            return unfold(name, x)
        return None

    def _inside(self, x: Term) -> Theorem | None:
        """What the parts run to, then the root."""
        match x.kind:
            case "A":
                function, args = arguments(x)
                if head(x) == "cond" and len(args) == 3:
                    th = congruence(function, args, [self.go(args[0]), None, None])
                    chosen = _root(th.right if th else x)
                    if chosen is not None:
                        return self._then(join(th, chosen))
                th = congruence(function, args, [self.go(a) for a in args])
            case "T":
                parts = [self.go(i) for i in x.items]
                th = k.tuple_(*(p or refl(i) for p, i in zip(parts, x.items, strict=True))) if any(parts) else None
            case "P":
                inner = self.go(x.body)
                th = k.proj(x.index, inner) if inner else None
            case _:
                th = None
        y = th.right if th else x
        step = (
            self._known.get(y) or self._decided(y) or _root(y) or next(filter(None, (r(y) for r in self._rules)), None)
        )
        if step is not None:
            return self._then(join(th, step))
        return th

    def _then(self, th: Theorem | None) -> Theorem | None:
        return join(th, self.go(th.right)) if th is not None else None

    def _decided(self, x: Term) -> Theorem | None:
        if head(x) not in ("le", "lt") or len(arguments(x)[1]) != 2 or x.loose:
            return None
        return decide(x, self._facts)


def _arity(name: str) -> int:
    body, count = definitions()[name].right, 0
    while body.kind == "L":
        body, count = body.body, count + 1
    return count


def _root(x: Term) -> Theorem | None:
    if x.kind == "P":
        return k.projbeta(x) if x.body.kind == "T" else None
    if x.kind != "A":
        return None
    function, args = arguments(x)
    name = head(x)
    if name == "listrec" and len(args) >= 3:
        inner = t.app(function, *args[:3])
        step = use("listrec.nil", inner) or use("listrec.cons", inner)
        for a in args[3:]:
            step = k.app(step, refl(a)) if step is not None else None
        return step
    if name == "cond" and args and (args[0] is TRUE or args[0] is FALSE):
        return cond_is(refl(args[0]), x)
    if name == "outcase":
        return use("outcase.ok", x) or use("outcase.trap", x) or use("outcase.diverge", x)
    if name in ("and", "or", "not"):
        return use(f"{name}.def", x)
    if name in _SUMS and x.type is t.INT:
        normal = INTEGERS.normal(x)
        return normal if normal is not None and normal.right is not x else None
    return None


def impossible(facts: Sequence[Theorem], left: Term, right: Term) -> Theorem:
    """|- left = right from facts that contradict each other."""
    wrong = implied(le(int_(1), int_(0)), facts)
    return contradiction(k.trans(k.sym(k.compute(wrong.left)), wrong), left, right)
