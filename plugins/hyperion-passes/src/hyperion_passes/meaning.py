"""Untrusted. The normal form of what a function denotes, and a proof that two functions mean the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cache

from hyperion.errors import ProofError
from hyperion.interfaces.compiler_pass import PassContext, PassResult
from hyperion.ir.function import Equation, Function, Program, walk
from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.compute import TRUE
from hyperion.logic.definitions import apply
from hyperion.logic.denote import denote
from hyperion.logic.derived import arguments, discharge
from hyperion.logic.kernel import Theorem
from hyperion.logic.terms import Term, TermError
from hyperion_passes import lemmas
from hyperion_passes.derived import axiom, both, head, instance, place, rewrite
from hyperion_passes.simplifier import Memo, Rule, Simplifier

MEMORY = 20_000
"""Terms whose normal forms are remembered."""
WORDS = ("i8", "i16", "i32", "i64", "i128", "u8", "u16", "u32", "u64")
NARROW = ("i8", "i16", "i32", "u8", "u16", "u32")


def evidence(program: Program, after: Function, context: PassContext | None = None) -> PassResult:
    """The result of a pass that turned the entry function of `program` into `after`; the entry function itself where no
    proof is found. Calls mean what the functions of `program` mean.

    With a context the search ends when the run does, and counts `added`, `removed` and `replaced` equations, and
    rewritings that were given up, `unproved`.
    """
    before = program.main
    if before == after:
        return PassResult(before)
    try:
        left, right = denote(before, program), denote(after, program)
    except (ProofError, TermError):
        return PassResult(before)
    theorem = None if left is right else equal(left, right, context.check if context else None)
    proved = theorem is not None or left is right
    if context is not None:
        _count(before, after, proved, context)
    return PassResult(after, theorem) if proved else PassResult(before)


def _count(before: Function, after: Function, proved: bool, context: PassContext) -> None:
    if not proved:
        context.count("unproved")
        return
    old, new = Counter(map(_shallow, walk(before.equations))), Counter(map(_shallow, walk(after.equations)))
    gone, come = (old - new).total(), (new - old).total()
    for name, n in (("removed", gone - come), ("added", come - gone), ("replaced", min(gone, come))):
        if n > 0:
            context.count(name, n)


def _shallow(equation: Equation) -> tuple[object, ...]:
    """An equation without its regions, whose equations are counted themselves."""
    return equation.results, equation.op, equation.operands, equation.attributes


def equal(left: Term, right: Term, check: Callable[[], None] | None = None) -> Theorem | None:
    """|- left = right where both have one normal form. `check` is called now and then, and may end the search."""
    normal = normalizer(check)
    first, last = normal(left), normal(right)
    return k.trans(first, k.sym(last)) if first.right is last.right else None


def normalizer(check: Callable[[], None] | None = None) -> Simplifier:
    """Normal forms under all the laws of `lemmas`. They are remembered for a while: each pass of a pipeline is about
    what the one before it left."""
    if len(_lately[0]) > MEMORY:
        _lately[0] = {}
    return Simplifier(_rules(), check, memo=_lately[0])


_lately: list[Memo] = [{}]


@cache
def _rules() -> dict[str, tuple[Rule, ...]]:
    rules: dict[str, tuple[Rule, ...]] = {}
    for table in (lemmas.truth(), lemmas.integers()):
        for name, laws in table.items():
            rules[name] = tuple(map(lemmas.rule, laws))
    for name in ("and", "or", "xor", "add", "mul", "max", "min", "radd", "rmul"):
        rules[name] = (*rules.get(name, ()), lemmas.sorted_operands(name))
    rules["cond"] += (choice,)
    rules["bind"] = (*map(lemmas.rule, lemmas.sequencing()), _remember)
    rules |= {"T": (whole,), "fold": (total_fold,)}
    for word in WORDS:
        laws = (k.axiom(f"{word}.of.to"), lemmas.negated_twice(word))
        rules[f"ofZ.{word}"] = (*map(lemmas.rule, laws), _reduced_literal)
        rules[f"toZ.{word}"] = (_to_integer,)
        rules[f"inr.{word}"] = (_range,)
    return rules


def choice(x: Term) -> Theorem | None:
    """A choice between tuples, item by item."""
    if x.type.name != "prod" or x.type.args is None or len(arguments(x)[1]) != 3:
        return None
    return rewrite(lemmas.choice_of_tuples(len(x.type.args)), x)


def whole(x: Term) -> Theorem | None:
    """All the items of one tuple, in order."""
    first = x.items[0]
    if first.kind != "P":
        return None
    th = k.tupeta(first.body)
    return th if th.left is x else None


def _remember(x: Term) -> Theorem | None:
    """After `o`, another `o` is what the first one gave."""
    if x.kind != "A" or x.function.kind != "A" or x.argument.kind != "L":
        return None
    o, v = x.function.argument, t.var("seen~", x.argument.bound_type)
    body = t.open_binder(x.argument, v)
    f = place(body, o)
    if f.body is body:
        return None
    return _at(lemmas.remembered(), x, f=t.lam(t.var("o~", o.type), t.lam(v, t.app(f, t.var("o~", o.type)))), o=o)


def total_fold(x: Term) -> Theorem | None:
    """A fold whose step always gives `ok`."""
    _, args = arguments(x)
    if len(args) != 3 or args[0].kind != "L" or args[0].body.kind != "L":
        return None
    step, state, xs = args
    s, e = t.var("state~", step.bound_type), t.var("item~", step.body.bound_type)
    body = t.open_binder(t.open_binder(step, s), e)
    if head(body) != "ok":
        return None
    return _at(lemmas.total_fold(), x, g=t.lams((s, e), body.argument), s=state, xs=xs)


def _at(lemma: Theorem, x: Term, **values: Term) -> Theorem | None:
    """A lemma with variables for functions, at `x`, which has no redex."""
    found = {v: values[v.name] for v in lemma.left.free}
    types: dict[str, t.Ty] = {}
    if not all(t.match_type(v.type, y.type, types) for v, y in found.items()):
        return None
    th = instance(lemma, found, types)
    reduced = Simplifier({})(th.left)
    return k.trans(k.sym(reduced), th) if reduced.right is x else None


def _to_integer(x: Term) -> Theorem | None:
    """The value of a word that was made from a number in its range."""
    word = head(x)[4:]
    if head(x.argument) != f"ofZ.{word}":
        return None
    known = in_range(word, x.argument.argument)
    return discharge(axiom(f"{word}.to.of", z=x.argument.argument), known) if known else None


def _reduced_literal(x: Term) -> Theorem | None:
    """The word of a literal beyond its range is that of the literal reduced."""
    word = head(x)[4:]
    if x.kind != "A" or x.argument.kind != "K" or in_range(word, x.argument):
        return None
    number = k.compute(apply(f"toZ.{word}", x))
    there = axiom(f"{word}.of.to", x=x)
    return both(k.sym(there), k.app(k.refl(x.function), number))


def _range(x: Term) -> Theorem | None:
    return in_range(head(x)[4:], x.argument)


def in_range(word: str, z: Term) -> Theorem | None:
    """|- inr z = true, by the form of z."""
    goal = apply(f"inr.{word}", z)
    if z.kind == "K":
        th = k.compute(goal)
        return th if th.right is TRUE else None
    name = head(z)
    if name == f"toZ.{word}":
        return rewrite(k.axiom(f"{word}.inr.to"), goal)
    if word == "i64" and name.startswith("toZ.") and name[4:] in NARROW:
        return rewrite(k.axiom(f"{name[4:]}.inr.i64"), goal)
    if name in ("max", "min", "cond"):
        *_, a, b = arguments(z)[1]
        first, second = in_range(word, a), in_range(word, b)
        th = rewrite(k.axiom(f"{word}.inr.{name}"), goal) if first and second else None
        return discharge(th, first, second) if th and first and second else None
    return None
