"""How long the tactics take, how long their proofs are, and how long the checker takes for them.

    uv run python benchmarks/tactics.py                 # prints the tables
    uv run python benchmarks/tactics.py --write         # and replaces TACTICS.md
    uv run python benchmarks/tactics.py --rounds 1 --only linear

A figure is the median of the rounds, in milliseconds of the processor for what runs in this process, and of the clock
for the checker, which is another process and was started before. `steps` are those of the proof, each counted once.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

from compiler import machine
from hyperion.interfaces.tactic import Goal, Tactic
from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.checking import check
from hyperion.logic.compute import TRUE
from hyperion.logic.definitions import apply, definitions
from hyperion.logic.terms import Term
from hyperion_tactics.arithmetic import arithmetic, tautology
from hyperion_tactics.cases import list_induction
from hyperion_tactics.combinators import then
from hyperion_tactics.commutative import ac_rules
from hyperion_tactics.egraph import EGraph
from hyperion_tactics.forest import length
from hyperion_tactics.linear import linear
from hyperion_tactics.proving import prove
from hyperion_tactics.recursion import equations
from hyperion_tactics.ring import ring
from hyperion_tactics.rules import RuleSet
from hyperion_tactics.saturation import Limits, congruence_closure, saturate
from hyperion_tactics.simplifier import simplify

RESULTS = Path(__file__).parent / "TACTICS.md"
LAWS = ("add.comm", "add.assoc", "mul.comm", "mul.assoc", "mul.add", "add.zero", "mul.one", "mul.zero")
RING = RuleSet.of({name: k.axiom(f"int.{name}") for name in LAWS}) | RuleSet.of(
    {f"{name} back": k.sym(k.axiom(f"int.{name}")) for name in ("mul.add", "add.assoc")}
)


@dataclass(frozen=True)
class Problem:
    """A goal of a class, at a size."""

    name: str
    size: str
    goal: Goal
    tactic: Tactic


def variables(count: int, name: str = "x", ty: t.Ty = t.INT) -> list[Term]:
    return [t.var(f"{name}{i}", ty) for i in range(count)]


def folded(op: str, items: list[Term]) -> Term:
    total = items[0]
    for x in items[1:]:
        total = apply(op, total, x)
    return total


def plain(left: Term, right: Term, *hypotheses: tuple[Term, Term]) -> Goal:
    return Goal(frozenset(hypotheses), left, right)


def problems() -> Iterator[Problem]:
    random = Random(1)
    a, b, c = (t.var(name, t.INT) for name in "abc")
    for n in (4, 8):
        total = folded("add", [a, b, c])
        power = folded("mul", [total] * n)
        yield Problem("ring", f"(a+b+c)**{n}", plain(power, folded("mul", [folded("add", [c, b, a])] * n)), ring)
    for n in (100, 300):
        xs = variables(n)
        shuffled = random.sample(xs, n)
        yield Problem("ring", f"{n} shuffled terms", plain(folded("add", xs), folded("add", shuffled)), ring)
    for n in (10, 100):
        xs = variables(n)
        steps = [(apply("le", x, y), TRUE) for x, y in itertools.pairwise(xs)]
        yield Problem("linear", f"chain of {n}", plain(apply("le", xs[0], xs[-1]), TRUE, *steps), linear)
    yield Problem("linear", "rounding", even(a), linear)
    for n in (2, 3):
        xs = variables(n)
        bound = folded("add", [apply("abs", x) for x in xs])
        yield Problem(
            "arithmetic",
            f"abs of a sum of {n}",
            plain(apply("le", apply("abs", folded("add", xs)), bound), TRUE),
            arithmetic,
        )
    for n in (4, 8):
        ps = variables(n, "p", t.BOOL)
        yield Problem("tautology", f"xor of {n}", plain(folded("xor", ps), folded("xor", ps[::-1])), tautology)
    sums = ac_rules("add", k.axiom("int.add.assoc"), k.axiom("int.add.comm"))
    for n in (10, 40):
        xs = variables(n)
        yield Problem(
            "simplify", f"sort {n} terms", plain(folded("add", xs), folded("add", random.sample(xs, n))), simplify(sums)
        )
    yield Problem("induction", "map of map", *fusion())
    f = t.var("f", t.fun(t.INT, t.INT))
    for n in (100, 1_000):
        deep, other = a, b
        for _ in range(n):
            deep, other = t.app(f, deep), t.app(f, other)
        yield Problem("congruence closure", f"depth {n}", plain(deep, other, (a, b)), congruence_closure)


def even(a: Term) -> Goal:
    """2a <= 1 |- 2a <= 0"""
    double = apply("mul", literals.int_lit(2), a)
    return plain(apply("le", double, literals.int_lit(0)), TRUE, (apply("le", double, literals.int_lit(1)), TRUE))


def fusion() -> tuple[Goal, Tactic]:
    x, y, z = (t.type_variable(name) for name in ("'x", "'y", "'z"))
    f, g, v, xs = t.var("f", t.fun(x, y)), t.var("g", t.fun(y, z)), t.var("v", x), t.var("xs", t.list_of(x))
    rules = RuleSet.of(dict(zip(("nil", "cons"), equations(definitions()["map"]), strict=True)))
    right = apply("map", t.lam(v, t.app(g, t.app(f, v))), xs)
    return plain(apply("map", g, apply("map", f, xs)), right), then(list_induction(xs), simplify(rules))


def timed(work: Callable[[], k.Theorem], clock: Callable[[], float]) -> tuple[float, k.Theorem]:
    start = clock()
    theorem = work()
    return (clock() - start) * 1000, theorem


def checked(theorem: k.Theorem) -> float:
    """Milliseconds of the checker, asked about the symmetric form: what it answered lately it is not asked again."""
    start = time.perf_counter()
    check(k.sym(theorem))
    return (time.perf_counter() - start) * 1000


def row(problem: Problem, rounds: int) -> str:
    times: list[float] = []
    checks: list[float] = []
    steps = 0
    for _ in range(rounds):
        took, theorem = timed(lambda: prove(problem.goal, problem.tactic), time.process_time)
        times.append(took)
        checks.append(checked(theorem))
        steps = length(theorem)
    prove_, check_ = statistics.median(times), statistics.median(checks)
    return f"| {problem.name} | {problem.size} | {prove_:,.1f} | {steps:,} | {check_:,.1f} |"


def saturation_row(products: int, most: int, rounds: int) -> str:
    """An e-graph about s*x0 + x1*s + .., and the explanation of its factored form."""
    s, xs = t.var("s", t.INT), variables(products)
    total = folded("add", [apply("mul", s, x) if i % 2 else apply("mul", x, s) for i, x in enumerate(xs)])
    factored = apply("mul", s, folded("add", xs))
    times, explained, checks, terms, steps, found = list[float](), list[float](), list[float](), 0, 0, ""
    for _ in range(rounds):
        graph = EGraph(most)
        graph.add(total)
        graph.add(factored)
        start = time.process_time()
        report = saturate(graph, RING, Limits(terms=most, iterations=50, seconds=60))
        times.append((time.process_time() - start) * 1000)
        terms = report.terms
        found = report.stop
        if graph.same(total, factored):
            took, theorem = timed(partial(graph.explain, total, factored), time.process_time)
            explained.append(took)
            steps = length(theorem)
            checks.append(checked(theorem))
    spent = statistics.median(times)
    told = (
        f"{statistics.median(explained):,.1f} | {steps:,} | {statistics.median(checks):,.1f}"
        if explained
        else "- | - | -"
    )
    return f"| {products} | {found} | {terms:,} | {spent:,.0f} | {terms / spent * 1000:,.0f} | {told} |"


def report(rounds: int, only: str) -> Iterator[str]:
    yield "| goal | size | prove, ms | steps | check, ms |"
    yield "| --- | --- | ---: | ---: | ---: |"
    for problem in problems():
        if only in problem.name:
            yield row(problem, rounds)
    if only in "egraph":
        yield ""
        yield "| products | stopped | terms | saturate, ms | terms/s | explain, ms | steps | check, ms |"
        yield "| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |"
        for products, most in ((3, 20_000), (4, 20_000), (5, 5_000), (6, 20_000)):
            yield saturation_row(products, most, rounds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="classes of goals with this in their name, or egraph")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    check(k.refl(TRUE))
    lines = list[str]()
    for line in report(options.rounds, options.only):
        print(line, flush=True)
        lines.append(line)
    if options.write:
        head = ["# Tactics", "", "`uv run python benchmarks/tactics.py --write`", "", *machine().split("\n"), ""]
        RESULTS.write_text("\n".join([*head, *lines]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
