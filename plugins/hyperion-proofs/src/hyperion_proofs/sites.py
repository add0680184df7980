"""Untrusted. A loop inside a function: its denotation in place, and what a theorem about it says of the function."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import replace

from hyperion.ir.function import Equation, Function, Value, values_of
from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.definitions import apply
from hyperion.logic.denote import Denotation, denote
from hyperion.logic.derived import beta_spine
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import Effect, Pure, outcome, tuple_of, untuple
from hyperion.logic.terms import Term
from hyperion_proofs.assumptions import Assumption, assumption, discharged
from hyperion_proofs.derived import NoProof, abstract, chain, replace_all, unfold, use
from hyperion_proofs.emission import Names
from hyperion_proofs.repeating import instantiate_associated


class Site:
    """The top-level equation `function.equations[index]`, with the values before it denoted."""

    def __init__(self, function: Function, index: int) -> None:
        self.function = function
        self.index = index
        self.equation = function.equations[index]
        self.denotation = Denotation(function)
        self.names = Names({v.name for v in values_of(function)})
        self._parameters = tuple(self.denotation.fresh(self.denotation.type(p.type)) for p in function.parameters)
        self.env: dict[str, Term] = dict(zip((p.name for p in function.parameters), self._parameters, strict=True))
        self.scope: dict[str, Value] = {p.name: p for p in function.parameters}
        self._effects: list[tuple[Term, Term]] = []
        self._assumed: dict[Term, Assumption] = {}
        for equation in function.equations[:index]:
            found = self.denotation.equation(equation, self.env)
            if isinstance(found, Effect):
                v = self._value_of(found.outcome)
                self._effects.append((found.outcome, v))
                assumed = assumption(found.outcome)
                if assumed is not None:
                    self._assumed[found.outcome] = assumed
                found = Pure(untuple(v, len(equation.results)))
            self.env.update(zip((r.name for r in equation.results), found.values, strict=True))
            self.scope.update((r.name, r) for r in equation.results)

    def _value_of(self, o: Term) -> Term:
        assert o.type.args is not None
        return self.denotation.fresh(o.type.args[0])

    @property
    def effects(self) -> list[tuple[Term, Term]]:
        """The outcomes before the equation, and the variables of their values."""
        return self._effects

    @property
    def assumptions(self) -> list[Assumption]:
        """What holds where the loop runs. A theorem for `conclude` may have it as hypotheses."""
        return list(self._assumed.values())

    def captured(self) -> dict[Term, Value]:
        """Terms of the values in scope, for code that speaks of them."""
        return {self.env[name]: value for name, value in self.scope.items() if self.env[name].kind != "K"}

    def define(self, equations: Sequence[Equation]) -> None:
        """Denote new total equations into the environment."""
        self.denotation.block(equations, (), self.env)

    def replaced(self, equations: Sequence[Equation]) -> Function:
        """The function with the loop replaced by `equations`."""
        before, after = self.function.equations[: self.index], self.function.equations[self.index + 1 :]
        return replace(self.function, equations=(*before, *equations, *after))

    def moved(self, operands: Sequence[Value], values: Sequence[Term]) -> Site:
        """The same loop with other operands, which have these values."""
        other = copy(self)
        other.equation = replace(self.equation, operands=tuple(operands))
        other.env = self.env | dict(zip((v.name for v in operands), values, strict=True))
        other.scope = self.scope | {v.name: v for v in operands}
        return other

    def loop_outcome(self) -> Term:
        found = self.denotation.equation(self.equation, self.env)
        assert isinstance(found, Effect)
        return found.outcome

    def conclude(self, th: Theorem, function: Function, nested: int = 0) -> Theorem:
        """From |- (the loop's outcome) = o, where o is `ok` of the replacement's values or the replacement's outcome:
        |- denote(source) = denote(function). Where o is `nested` outcomes and then one that binds their values, they
        come before the loop one by one."""
        d, results = self.denotation, self.equation.results
        v = self._value_of(th.left)
        values = untuple(v, len(results))
        env = self.env | dict(zip((r.name for r in results), values, strict=True))
        rest = d.block(self.function.equations[self.index + 1 :], self.function.results, env)
        target = denote(function)
        if isinstance(rest, Pure) and rest.values and tuple_of(rest.values) is tuple_of(values):
            body = th
        else:
            o = outcome(rest)
            bind = apply("bind", th.left, t.lam(v, o))
            body = k.app(k.app(k.refl(bind.function.function), th), k.refl(bind.argument))
            body = k.trans(body, _in_a_row(body.right, nested)) if nested else body
        inlined = _value_inlined(body)
        for attempt in (body, inlined, _components_taken(inlined)):
            proved = self.close(attempt) if attempt is not None else None
            if proved is not None and proved.right is target:
                if proved.left is not denote(self.function):
                    raise NoProof("the loop's place in the function was lost")
                return proved
        raise NoProof("the derived function does not denote what was proved")

    def close(self, body: Theorem) -> Theorem:
        """From |- a = b in the place of the equation: |- the function that ends in a = the one that ends in b."""
        for o, v in reversed(self._effects):
            bind = apply("bind", o, t.lam(v, body.left))
            body = k.app(k.refl(bind.function), k.abs_(v, body))
            if o in self._assumed:
                body = discharged(body, self._assumed[o])
        return abstract(self._parameters, body)


def _in_a_row(x: Term, count: int) -> Theorem:
    """|- bind (bind o k) r = bind o (\\v. bind (k v) r), and so on inside."""
    th = instantiate_associated(x)
    if count == 1:
        return th
    function = th.right.argument
    v = t.var("row", function.bound_type)
    inner = k.abs_(v, _in_a_row(t.open_binder(function, v), count - 1))
    return k.trans(th, k.app(k.refl(th.right.function), inner))


def _components_taken(th: Theorem | None) -> Theorem | None:
    """The same with the components of tuples in their places."""
    while th is not None:
        more = replace_all(th.right, lambda u: k.projbeta(u) if u.kind == "P" and u.body.kind == "T" else None)
        if more is None:
            return th
        th = k.trans(th, more)
    return None


def _value_inlined(th: Theorem) -> Theorem | None:
    """Where the replacement is total: bind (ok r) (\\v. rest) = rest[r], or ok r with r as an explicit tuple."""
    x = th.right
    if x.kind == "A" and x.function.kind == "A" and x.function.function.kind == "C":
        opened = unfold("bind", x)
        reduced = use("outcase.ok", opened.right)
        return None if reduced is None else chain(th, opened, reduced, beta_spine(reduced.right))
    if x.kind == "A" and x.argument.type.name == "prod":
        return k.trans(th, k.app(k.refl(x.function), k.sym(k.tupeta(x.argument))))
    return None
