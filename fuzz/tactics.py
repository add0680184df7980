"""Random goals, true and false, against z3 and against numbers, for as long as there is time.

    uv run python fuzz/tactics.py --seconds 120
    uv run python fuzz/tactics.py --seed 7 --only arithmetic

A false goal that is proved, a proof that the checker refuses, and a normal form that has another value end the run with
status 1. True goals that are not proved are counted: linear arithmetic rounds, which decides most integer goals, not
all.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import z3  # type: ignore[import-untyped]  # z3's stubs are partial

from hyperion.interfaces.tactic import Goal, Tactic
from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.checking import check
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.readable import statement
from hyperion.logic.terms import Term
from hyperion_tactics.arithmetic import arithmetic
from hyperion_tactics.egraph import EGraph
from hyperion_tactics.linear import linear
from hyperion_tactics.proving import Unproved, prove
from hyperion_tactics.ring import polynomials
from hyperion_tactics.rules import RuleSet
from hyperion_tactics.saturation import Limits, saturate
from hyperion_tactics.simplifier import Simplifier

NAMES = "abcd"
LAWS = ("add.comm", "add.assoc", "mul.comm", "mul.assoc", "mul.add", "add.zero", "mul.one", "mul.zero")
RING = RuleSet.of({name: k.axiom(f"int.{name}") for name in LAWS})
Value = Any  # a number of Python, or an expression of z3


def integer(chance: random.Random, depth: int, operations: str) -> Term:
    if depth == 0 or chance.random() < 0.3:
        return t.var(chance.choice(NAMES), t.INT) if chance.random() < 0.7 else literals.int_lit(chance.randint(-4, 4))
    name = chance.choice(operations.split())
    first = integer(chance, depth - 1, operations)
    if name in ("neg", "abs"):
        return apply(name, first)
    if name == "scale":
        return apply("mul", literals.int_lit(chance.randint(-4, 4)), first)
    if name in ("mod", "floordiv"):
        return apply(name, first, literals.int_lit(chance.randint(1, 5)))
    return apply(name, first, integer(chance, depth - 1, operations))


def test(chance: random.Random, depth: int, operations: str, comparisons: str) -> Term:
    if depth and chance.random() < 0.5:
        name = chance.choice(["and", "or", "xor", "not"])
        first = test(chance, depth - 1, operations, comparisons)
        return (
            apply(name, first)
            if name == "not"
            else apply(name, first, test(chance, depth - 1, operations, comparisons))
        )
    sides = (integer(chance, 2, operations) for _ in range(2))
    return apply(chance.choice(comparisons.split()), *sides)


MEANINGS: dict[str, Callable[..., Value]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "neg": lambda a: -a,
    "abs": lambda a: z3.If(a < 0, -a, a),
    "max": lambda a, b: z3.If(a >= b, a, b),
    "min": lambda a, b: z3.If(a <= b, a, b),
    "mod": lambda a, b: a % b,
    "floordiv": lambda a, b: a / b,  # of z3: down for a positive divisor
    "le": lambda a, b: a <= b,
    "lt": lambda a, b: a < b,
    "eq": lambda a, b: a == b,
    "and": z3.And,
    "or": z3.Or,
    "xor": z3.Xor,
    "not": z3.Not,
    "true": lambda: z3.BoolVal(True),
    "false": lambda: z3.BoolVal(False),
}


def meaning(x: Term, meanings: Mapping[str, Callable[..., Value]], values: Mapping[str, Value]) -> Value:
    match x.kind:
        case "V":
            return values[x.name]
        case "K":
            return values.get("literal", z3.IntVal)(literals.int_value(x))
        case _:
            args: list[Value] = []
            while x.kind == "A":
                args.insert(0, meaning(x.argument, meanings, values))
                x = x.function
            return meanings[x.name](*args)


def valid(goal: Goal) -> bool | None:
    """What z3 says, in a second."""
    values = {name: z3.Int(name) for name in NAMES}
    solver = z3.Solver()
    solver.set("timeout", 1000)
    for left, right in goal.hypotheses:
        solver.add(meaning(left, MEANINGS, values) == meaning(right, MEANINGS, values))
    solver.add(meaning(goal.left, MEANINGS, values) != meaning(goal.right, MEANINGS, values))
    answer = solver.check()
    return None if answer == z3.unknown else answer == z3.unsat


def comparisons(chance: random.Random) -> str:
    goal = _goal(chance, "add sub neg scale", "le lt", 0, chance.randint(0, 5))
    return judged(goal, linear)


def cases(chance: random.Random) -> str:
    goal = _goal(chance, "add sub max min abs mod floordiv", "le lt eq", 1, chance.randint(0, 2))
    return judged(goal, arithmetic)


def _goal(chance: random.Random, operations: str, compare: str, depth: int, count: int) -> Goal:
    def equation() -> tuple[Term, Term]:
        if chance.random() < 0.2:
            return integer(chance, 2, operations), integer(chance, 2, operations)
        return test(chance, depth, operations, compare), chance.choice([TRUE, TRUE, FALSE])

    return Goal(frozenset(equation() for _ in range(count)), *equation())


def judged(goal: Goal, tactic: Tactic) -> str:
    truth = valid(goal)
    try:
        theorem = prove(goal, tactic, time_limit=20)
    except Unproved:
        return {True: "true, not proved", False: "false", None: "unknown"}[truth]
    check(theorem)
    if truth is False:
        stop("a false goal is proved", goal)
    return "proved"


def stop(message: str, goal: Goal) -> NoReturn:
    print(f"{message}:\n{statement(goal.left, goal.right, goal.hypotheses)}")
    sys.exit(1)


def forms(chance: random.Random) -> str:
    """Normal forms of the ring, of the simplifier, and every class of an e-graph have one value."""
    x = integer(chance, 4, "add sub mul neg")
    values: dict[str, Value] = {name: chance.randint(-9, 9) for name in NAMES} | {"literal": int}
    normal = polynomials(t.INT).normal(x)
    simple = Simplifier(RING)(x) or k.refl(x)
    graph = EGraph(800)
    graph.add(x)
    saturate(graph, RING, Limits(iterations=3, terms=800, seconds=2))
    joined = [k.refl(x)] + [graph.explain(x, other) for other in graph.terms(x)]
    for theorem in (normal, simple, *chance.sample(joined, min(4, len(joined)))):
        check(theorem)
        if meaning(theorem.left, MEANINGS, values) != meaning(theorem.right, MEANINGS, values):
            stop("a normal form has another value", Goal(frozenset(), theorem.left, theorem.right))
    return "equal"


KINDS: dict[str, Callable[[random.Random], str]] = {"linear": comparisons, "arithmetic": cases, "forms": forms}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=sorted(KINDS))
    options = parser.parse_args()
    chance, counted = random.Random(options.seed), Counter[str]()
    deadline = time.monotonic() + options.seconds
    while time.monotonic() < deadline:
        for name, one in KINDS.items():
            if options.only in (None, name):
                counted[f"{name}: {one(chance)}"] += 1
    for line in sorted(counted):
        print(f"{line}: {counted[line]}")


if __name__ == "__main__":
    main()
