"""egglog as a finder: it says what a term could become, faster than the e-graph here and without proof; a tactic
proves it.

Needs the extra `hyperion-tactics[egglog]` (Zhang et al., PLDI 2023). Rules with conditions or type variables are left
out, and abstractions are atoms.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from time import monotonic
from typing import Any, Final, TypeAlias

from hyperion.interfaces.tactic import Goal, Tactic
from hyperion.logic import terms as t
from hyperion.logic import theory
from hyperion.logic.derived import NoProof, arguments
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term
from hyperion_tactics.proving import prove
from hyperion_tactics.rules import Rule, RuleSet
from hyperion_tactics.tasks import Task, run

Module: TypeAlias = Any  # the bindings are a compiled module; their types are of one version
DEEPEST: Final = 1_000
"""egglog reads and prints terms with recursion of its own."""


def available() -> bool:
    """Whether egglog is installed."""
    return importlib.util.find_spec("egglog") is not None


def optimise_by_egglog(
    x: Term, rules: RuleSet, cost: Callable[[Term], int], tactic: Tactic, iterations: int = 6, seconds: float = 5.0
) -> Theorem:
    """|- x = the cheapest term that egglog finds by `rules`, each symbol costing `cost`, at least 1, as `tactic`
    proves it.

    Raises NoProof where egglog is not installed or the term is too deep for it, and Unproved where the tactic fails.
    """
    return prove(Goal(frozenset(), x, cheapest(x, rules, cost, iterations, seconds)), tactic)


def cheapest(x: Term, rules: RuleSet, cost: Callable[[Term], int], iterations: int = 6, seconds: float = 5.0) -> Term:
    """What egglog makes of `x`; nothing is proved. Stops between iterations after `seconds`."""
    if not available():
        raise NoProof("egglog is not installed: pip install 'hyperion-tactics[egglog]'")
    _shallow(x)
    bindings: Module = importlib.import_module("egglog.bindings")
    language = _Language(cost)
    commands = [f"(let $x {language.text(x, {})})"]
    rewrites = [text for rule in rules if (text := language.rewrite(rule)) is not None]
    graph = bindings.EGraph()

    def ask(text: str) -> list[Any]:  # Any: outputs of egglog
        return list(graph.run_program(*graph.parse_program(text)))

    ask("\n".join([*language.declarations(), *rewrites, *commands]))
    deadline = monotonic() + seconds
    for _ in range(iterations):
        ask("(run 1)")
        if monotonic() > deadline:
            break
    (form,) = theory.read(str(ask("(extract $x)")[-1]))
    return language.term(form)


def _shallow(x: Term) -> None:
    depths: dict[Term, int] = {}
    for u in t.subterms(x):
        depths[u] = 1 + max((depths[c] for c in u.children()), default=0)
        if depths[u] > DEEPEST:
            raise NoProof(f"the term is deeper than {DEEPEST}, which is more than egglog is given")


class _Language:
    """One sort; a constructor for each constant at its number of arguments, atoms by number."""

    def __init__(self, cost: Callable[[Term], int]) -> None:
        self._cost = cost
        self._constructors: dict[tuple[Term, int], str] = {}
        self._atoms: list[Term] = []

    def declarations(self) -> Iterator[str]:
        atoms = " ".join(f"(a{i} :cost {max(1, self._cost(x))})" for i, x in enumerate(self._atoms))
        made = " ".join(
            f"({name} {'T ' * count}:cost {max(1, self._cost(head))})"
            for (head, count), name in self._constructors.items()
        )
        yield f"(datatype T (Apply T T) {atoms} {made})"

    def text(self, x: Term, variables: dict[Term, str]) -> str:
        return run(self._text(x, variables))

    def _text(self, x: Term, variables: dict[Term, str]) -> Task[str]:
        if x in variables:
            return variables[x]
        head, args = arguments(x)
        if args and head.kind != "C":
            head, args = None, [x.function, x.argument]
        if args:
            found: list[str] = []
            for a in args:
                found.append((yield self._text(a, variables)))
            name = "Apply" if head is None else self._constructor(head, len(args))
            return f"({name} {' '.join(found)})"
        if x not in self._atoms:
            self._atoms.append(x)
        return f"(a{self._atoms.index(x)})"

    def _constructor(self, head: Term, count: int) -> str:
        return self._constructors.setdefault((head, count), f"c{len(self._constructors)}")

    def rewrite(self, rule: Rule) -> str | None:
        left, right = rule.theorem.left, rule.theorem.right
        if rule.conditions or t.type_variables(left) | t.type_variables(right):
            return None
        order = sorted(left.free - rule.fixed, key=lambda v: v.name)
        variables = {v: f"v{i}" for i, v in enumerate(order)}
        return f"(rewrite {self.text(left, variables)} {self.text(right, variables)})"

    def term(self, form: theory.Sexp) -> Term:
        return run(self._term(form))

    def _term(self, form: theory.Sexp) -> Task[Term]:
        if isinstance(form, str):
            raise NoProof(f"egglog answered {form}")
        name, *rest = form
        args: list[Term] = []
        for r in rest:
            args.append((yield self._term(r)))
        if name == "Apply":
            return t.app(*args)
        if not args:
            return self._atoms[int(str(name)[1:])]
        heads = {text: head for (head, _), text in self._constructors.items()}
        return t.app(heads[str(name)], *args)
