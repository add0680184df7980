"""Untrusted. Equations that the passes rest on, proved from the axioms when first asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.compute import FALSE, TRUE
from hyperion.logic.definitions import apply, definitions
from hyperion.logic.derived import arguments, congruence
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import argument_type
from hyperion.logic.terms import Term
from hyperion_passes.derived import axiom, both, replaced, rewrite
from hyperion_passes.simplifier import Rule, Simplifier

A, B, S, X = (t.type_variable(f"'{name}") for name in "absx")
P, Q = t.var("p", t.BOOL), t.var("q", t.BOOL)
NUMBER = t.var("i", t.INT)
ZERO, ONE, MINUS = (literals.int_lit(n) for n in (0, 1, -1))


def rule(th: Theorem) -> Rule:
    """Rewriting with an equation from left to right."""
    return lambda x: rewrite(th, x)


def axioms(*names: str) -> tuple[Rule, ...]:
    return tuple(rule(k.axiom(name)) for name in names)


@cache
def unfolding(name: str, *variables: Term) -> Theorem:
    """|- name a b .. = its definition at a b .."""
    th = definitions()[name]
    for v in variables:
        th = k.app(th, k.refl(v))
        th = k.trans(th, k.beta(th.right))
    return th


RESULT = t.var("o", t.outcome_of(A))
K, G = t.var("k", t.fun(A, t.outcome_of(B))), t.var("g", t.fun(S, X, S))
STATE, ITEM, LIST = t.var("s", S), t.var("x", X), t.var("xs", t.list_of(X))


@cache
def basic() -> Simplifier:
    """Evaluation by the defining equations."""
    connectives = {name: axioms(f"{name}.def") for name in ("and", "or", "xor", "not")}
    return Simplifier(
        connectives
        | {
            "cond": axioms("cond.true", "cond.false"),
            "outcase": axioms("outcase.ok", "outcase.trap", "outcase.diverge"),
            "bind": (rule(unfolding("bind", RESULT, K)),),
            "listrec": axioms("listrec.nil", "listrec.cons"),
        }
    )


def joined(left: Term, right: Term) -> Theorem:
    """|- left = right, which have one basic normal form."""
    return k.trans(basic()(left), k.sym(basic()(right)))


def under(fact: Theorem, left: Term, right: Term, prove: Callable[[Term, Term], Theorem]) -> Theorem:
    """From v = c: |- left = right, by `prove` of both sides with c for v."""
    first, last = replaced(left, fact), replaced(right, fact)
    return both(first, prove(first.right, last.right), k.sym(last))


def by_truth(left: Term, right: Term, *variables: Term) -> Theorem:
    """|- left = right, by both truth values of each variable."""
    if not variables:
        return joined(left, right)
    v, *rest = variables
    cases = [under(k.assume(v, c), left, right, lambda a, b: by_truth(a, b, *rest)) for c in (TRUE, FALSE)]
    return k.bool_cases(v, *cases)


def by_outcome(o: Term, left: Term, right: Term) -> Theorem:
    """|- left = right, by the three cases of the outcome o."""
    assert o.type.args is not None
    v = t.var("value~", o.type.args[0])
    cases = (apply("ok", v), t.const("trap", o.type), t.const("diverge", o.type))
    return k.outcome_cases(o, v, *(under(k.assume(o, c), left, right, joined) for c in cases))


# ---- truth values ----------------------------------------------------------------------------------------------------


@cache
def truth() -> dict[str, tuple[Theorem, ...]]:
    """Laws of the connectives, by head; constants stand first, as sorting puts them."""
    a, b = t.var("a", A), t.var("b", A)

    def law(left: Term, right: Term) -> Theorem:
        return by_truth(left, right, *sorted(left.free & {P, Q}, key=lambda v: v.name))

    def chosen(p: Term, x: Term, y: Term) -> Term:
        return apply("cond", p, x, y)

    negation = apply("not", P)
    return {
        "and": (law(apply("and", TRUE, P), P), law(apply("and", FALSE, P), FALSE), law(apply("and", P, P), P)),
        "or": (law(apply("or", TRUE, P), TRUE), law(apply("or", FALSE, P), P), law(apply("or", P, P), P)),
        "xor": (
            law(apply("xor", TRUE, P), negation),
            law(apply("xor", FALSE, P), P),
            law(apply("xor", P, P), FALSE),
        ),
        "not": (law(apply("not", TRUE), FALSE), law(apply("not", FALSE), TRUE), law(apply("not", negation), P)),
        "cond": (
            k.axiom("cond.true"),
            k.axiom("cond.false"),
            law(chosen(P, a, a), a),
            law(chosen(negation, a, b), chosen(P, b, a)),
            law(chosen(P, TRUE, FALSE), P),
            law(chosen(P, FALSE, TRUE), negation),
            law(chosen(P, apply("ok", a), apply("ok", b)), apply("ok", chosen(P, a, b))),
        ),
    }


@cache
def commutes(name: str) -> Theorem:
    """|- name a b = name b a."""
    if name in ("and", "or", "xor"):
        return by_truth(apply(name, P, Q), apply(name, Q, P), P, Q)
    return k.axiom({"radd": "real.radd.comm", "rmul": "real.rmul.comm"}.get(name, f"int.{name}.comm"))


@cache
def choice_of_tuples(count: int) -> Theorem:
    """|- cond p x y = (cond p x.0 y.0, ..) for tuples of `count` items."""
    ty = t.type_of("prod", *(t.type_variable(f"'a{i}") for i in range(count)))
    x, y = t.var("x", ty), t.var("y", ty)
    left = apply("cond", P, x, y)
    right = t.tup(*(apply("cond", P, t.proj(i, x), t.proj(i, y)) for i in range(count)))

    def case(value: Term, chosen: Term) -> Theorem:
        fact = k.assume(P, value)
        first, last = replaced(left, fact), replaced(right, fact)
        return both(first, basic()(first.right), k.sym(k.tupeta(chosen)), k.sym(basic()(last.right)), k.sym(last))

    return k.bool_cases(P, case(TRUE, x), case(FALSE, y))


@cache
def part_of_test(operation: str, whole: Term, index: int, value: Term) -> Theorem:
    """{operation p q = whole} |- p = value, or q = value by the index: a truth value that would not do is refuted."""
    test = apply("not", P) if operation == "not" else apply(operation, P, Q)
    given, part = k.assume(test, whole), (P, Q)[index]

    def case(known: Theorem) -> Theorem:
        if known.right is value:
            return known
        refuted = replaced(test, known)
        other = FALSE if whole is TRUE else TRUE
        refuted = both(refuted, by_truth(refuted.right, other, *({P, Q} & refuted.right.free)))
        return absurd(both(k.sym(given), refuted), part, value)

    return k.bool_cases(part, *(case(k.assume(part, c)) for c in (TRUE, FALSE)))


def absurd(th: Theorem, left: Term, right: Term) -> Theorem:
    """From A |- true = false, either way round: A |- left = right."""
    th = th if th.left is TRUE else k.sym(th)
    sides = [apply("cond", c, left, right) for c in (TRUE, FALSE)]
    function, args = arguments(sides[0])
    return both(k.sym(basic()(sides[0])), congruence(function, args, [th, None, None]), basic()(sides[1]))


# ---- outcomes --------------------------------------------------------------------------------------------------------


@cache
def sequencing() -> tuple[Theorem, ...]:
    """Binds: of known outcomes, with nothing after, and in a row."""
    v = t.var("v", A)
    after = t.var("after", t.fun(B, t.outcome_of(t.type_variable("'c"))))
    known = tuple(
        (apply("bind", o, K), r)
        for o, r in (
            (apply("ok", v), t.app(K, v)),
            (t.const("trap", RESULT.type), t.const("trap", t.outcome_of(B))),
            (t.const("diverge", RESULT.type), t.const("diverge", t.outcome_of(B))),
        )
    )
    unit = apply("bind", RESULT, t.lam(v, apply("ok", v)))
    row = apply("bind", apply("bind", RESULT, K), after)
    flat = apply("bind", RESULT, t.lam(v, apply("bind", t.app(K, v), after)))
    return (*(joined(*pair) for pair in known), by_outcome(RESULT, unit, RESULT), by_outcome(RESULT, row, flat))


def sequencing_at(x: Term) -> Theorem | None:
    """|- x = y by the first law of `sequencing` that applies to x."""
    return next((th for law in sequencing() if (th := rewrite(law, x))), None)


def returned(o: Term) -> Theorem:
    """|- bind o (\\v. ok v) = o"""
    v = t.var("v", argument_type(o.type))
    th = sequencing_at(apply("bind", o, t.lam(v, apply("ok", v))))
    assert th is not None
    return th


@cache
def remembered() -> Theorem:
    """|- bind o (\\v. f o v) = bind o (\\v. f (ok v) v): what follows o may take o for known."""
    f, v = t.var("f", t.fun(RESULT.type, A, t.outcome_of(B))), t.var("v", A)
    left = apply("bind", RESULT, t.lam(v, t.app(f, RESULT, v)))
    return by_outcome(RESULT, left, apply("bind", RESULT, t.lam(v, t.app(f, apply("ok", v), v))))


@cache
def total_fold() -> Theorem:
    """|- fold (\\s. \\x. ok (g s x)) s xs = ok (listrec (\\s. s) (\\x. \\ys. \\r. \\s. r (g s x)) xs s)

    By induction over xs, of the loops as functions of the state.
    """
    rest, r = t.var("ys", LIST.type), t.var("r", t.fun(S, S))
    step = t.lams((STATE, ITEM), apply("ok", t.app(G, STATE, ITEM)))
    unfolded = unfolding("fold", *_fold_variables())
    start = k.inst({_fold_variables()[0]: step}, unfolded)
    loop = start.right.function
    pure = apply("listrec", t.lam(STATE, STATE), t.lams((ITEM, rest, r, STATE), t.app(r, t.app(G, STATE, ITEM))), LIST)
    goal = t.lam(STATE, apply("ok", t.app(pure, STATE)))
    base = joined(*(t.substitute(side, {LIST: t.const("nil", LIST.type)}) for side in (loop, goal)))
    cons = {LIST: t.app(t.const("cons", t.fun(X, LIST.type, LIST.type)), ITEM, LIST)}
    first = rewrite(k.axiom("listrec.cons"), t.substitute(loop, cons))
    assert first is not None
    hypothesis = replaced(first.right, k.assume(loop, goal))
    known = joined(hypothesis.right, t.substitute(goal, cons))
    functions = k.list_induction(ITEM, LIST, loop, goal, base, both(first, hypothesis, known))
    applied = k.app(functions, k.refl(STATE))
    return both(start, applied, k.beta(applied.right))


def _fold_variables() -> Sequence[Term]:
    return t.var("f", t.fun(S, X, t.outcome_of(S))), STATE, LIST


# ---- integers --------------------------------------------------------------------------------------------------------


@cache
def integers() -> dict[str, tuple[Theorem, ...]]:
    """Laws of the ring and the lattice, by head; constants stand first."""
    a, negated = NUMBER, apply("neg", NUMBER)
    regroup = rule(k.sym(k.axiom("int.mul.assoc")))
    ring = Simplifier(
        {
            "add": (*axioms("int.add.zero"), sorted_operands("add")),
            "mul": (*axioms("int.mul.one", "int.mul.zero"), sorted_operands("mul"), regroup),
            "sub": axioms("int.sub.def"),
            "neg": axioms("int.neg.def"),
        }
    )

    def law(left: Term, right: Term) -> Theorem:
        return k.trans(ring(left), k.sym(ring(right)))

    whole = apply("mul", a, apply("add", ONE, MINUS))
    split = axiom("int.mul.add", a=a, b=ONE, c=MINUS)
    nothing = both(ring(apply("sub", a, a)), k.sym(ring(split.right)), k.sym(split), ring(whole))
    return {
        "add": (k.axiom("int.add.zero"),),
        "mul": (k.axiom("int.mul.zero"), k.axiom("int.mul.one"), law(apply("mul", MINUS, a), negated)),
        "sub": (nothing, law(apply("sub", a, ZERO), a), law(apply("sub", ZERO, a), negated)),
        "neg": (law(apply("neg", negated), a),),
        "max": (k.axiom("int.max.idem"),),
        "min": (k.axiom("int.min.idem"),),
        "le": (k.axiom("int.le.refl"),),
    }


def sorted_operands(name: str) -> Rule:
    """Literals first, then in the order of their digests."""

    def swap(x: Term) -> Theorem | None:
        if x.kind != "A" or x.function.kind != "A":
            return None
        first, second = x.function.argument, x.argument
        return rewrite(commutes(name), x) if _order(second) < _order(first) else None

    return swap


def _order(x: Term) -> tuple[bool, str]:
    return x.kind != "K" and x not in (TRUE, FALSE), t.digest(x)


@cache
def negated_twice(word: str) -> Theorem:
    """|- ofZ (neg (toZ (ofZ (neg i)))) = ofZ i: negation modulo 2**width undoes itself."""
    inner = apply("neg", NUMBER)
    outer = apply(f"toZ.{word}", apply(f"ofZ.{word}", inner))
    product = k.trans(axiom("int.neg.def", a=outer), axiom("int.mul.comm", a=MINUS, b=outer))
    of = k.refl(t.const(f"ofZ.{word}", t.fun(t.INT, t.type_of(word))))
    reduced = axiom(f"{word}.of.mul", a=inner, b=MINUS)
    back = k.sym(k.trans(axiom("int.neg.def", a=inner), axiom("int.mul.comm", a=MINUS, b=inner)))
    twice = integers()["neg"][0]
    return both(k.app(of, product), reduced, k.app(of, back), k.app(of, twice))
