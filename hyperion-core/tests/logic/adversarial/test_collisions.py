"""Two terms have one digest only if they are one term: attempts to build a collision, and a search at random."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from hyperion.logic import checker, kernel, literals, proof, theory
from hyperion.logic import terms as t
from hyperion.logic.terms import Term, TermError

THEORY = checker.Theory(theory.axiom_text())
A, INTS = t.type_variable("'a"), t.list_of(t.INT)
X, Y, ONE = t.var("x", t.INT), t.var("y", t.INT), literals.int_lit(1)
D = t.digest(ONE)
NAMES = ["x", "x int", "x (list", "(list int)", "int", "V x int", "0", "1", "B", "x\nint", "x\tint", "x\u00a0int", "",
         " ", D,
         f"{D} {D}", "'a", "x 'a", "true", "e\u0301", "\u00e9", "x\x00", "\ud800"]  # fmt: skip
TYPES = [t.INT, t.BOOL, INTS, A, t.fun(t.INT, t.INT), t.list_of(INTS), t.type_of("prod", t.INT, t.INT)]


def leaves() -> list[Term]:
    """Names that look like the text that is hashed for something else."""
    found = [t.var(name, ty) for name in NAMES[:-1] for ty in TYPES]
    found += [
        t.const(f"op:{name}", ty)
        for name in NAMES
        if not any(c.isspace() for c in name) and name.isascii()
        for ty in TYPES
    ]
    found += [t.const(f"{name}@{D}", ty) for name in ("x", "fold", D) for ty in TYPES]
    found += [t.bound(i, ty) for i in (0, 1, 10) for ty in TYPES]
    return found + [literals.int_lit(i) for i in (0, 1, 10)] + [literals.real_lit(literals.Fraction(1))]


def test_names_that_look_like_other_terms_have_other_digests() -> None:
    every = leaves()
    assert len({t.digest(x) for x in every}) == len(set(every)) > 200


@pytest.mark.parametrize(
    "name", [n for n in NAMES if any(c.isspace() for c in n) or not n.isascii() or not n or "\x00" in n]
)
def test_the_checker_takes_no_name_with_a_space_in_it(name: str) -> None:
    """The words of what it hashes are apart by spaces."""
    rows = {"format": proof.FORMAT, "version": 1, "types": [["con", "int"]], "terms": [["V", name, 0]]}
    for tag in "VC":
        rows["terms"] = [[tag, name, 0]]
        text = proof.text_of(rows | {"steps": [["refl", 0]]})
        with pytest.raises(checker.Refused, match="bad name"):
            checker.Replay(THEORY, dict(checker.LIMITS)).run(iter([text]))


def test_shapes_of_the_same_parts_have_other_digests() -> None:
    f = t.var("f", t.fun(t.INT, t.INT))
    pair, nested = t.tup(X, X), t.tup(X, t.tup(X, X))
    shapes = [
        t.app(f, X), t.tup(f, X), t.tup(X, f), pair, t.tup(X, X, X), nested, t.tup(t.tup(X, X), X), t.proj(0, pair),
        t.proj(1, pair), t.lam(X, X), t.lam(Y, X), t.lams((X, Y), X), t.lams((X, Y), Y), t.lam(t.var("x", t.BOOL), X),
        t.lam(t.var("x", t.BOOL), t.var("x", t.BOOL)), X, Y, f, t.proj(0, nested), t.proj(0, t.tup(pair, pair)),
    ]  # fmt: skip
    assert len({t.digest(x) for x in shapes}) == len(set(shapes)) == len(shapes)


def test_a_variable_named_like_a_digest_is_not_what_it_names(attack: Callable[..., Any]) -> None:
    guess = t.var(D, t.INT)
    assert attack([["refl", guess], ["refl", ONE], ["trans", 0, 1]]).agreed is None
    text = f"K int {ONE.name}"
    assert hashlib.sha256(text.encode()).hexdigest() == D
    for twin in (t.var(text.replace(" ", "_"), t.INT), t.const("op:" + D, t.INT)):
        assert attack([["refl", twin], ["refl", ONE], ["trans", 0, 1]]).agreed is None


def test_kernel_and_checker_hash_alike_and_apart_at_random() -> None:
    """4,000 random terms: as many digests as terms, the same ones in both."""
    random, pool = (
        Random(11),
        [x for x in leaves() if x.name.isascii() and not x.loose and " " not in x.name and x.name.isprintable()],
    )
    pool = [x for x in pool if x.name]
    while len(pool) < 4000:
        x, y = random.choice(pool), random.choice(pool)
        try:
            match random.randrange(5):
                case 0:
                    new = t.tup(x, y)
                case 1:
                    new = t.proj(random.randrange(2), x)
                case 2:
                    new = t.lam(random.choice([v for v in pool[:100] if v.kind == "V"]), x)
                case 3:
                    new = t.app(x, y)
                case _:
                    new = t.app(t.lam(y, x), y) if y.kind == "V" else t.tup(x, x, y)
        except TermError:
            continue
        if sum(1 for _ in t.subterms(new)) < 40 and len(str(new.type)) < 400:
            pool.append(new)
    distinct = set(pool)
    assert len({t.digest(x) for x in distinct}) == len(distinct) > 1500
    tables = proof._Tables()
    indices = [tables.term(x) for x in distinct]
    replay = checker.Replay(THEORY, dict(checker.LIMITS))
    for row in tables.types:
        replay.read_type(*row)
    for row in tables.terms:
        replay.read_term(*row)
    assert [checker.digest(replay.terms[i]) for i in indices] == [t.digest(x) for x in distinct]


def test_a_definition_is_hashed_down_to_its_leaves(attack: Callable[..., Any]) -> None:
    """Terms that differ far below differ in name, so that a shared name means one right side."""

    def deep(leaf: Term) -> Term:
        x = leaf
        for _ in range(200):
            x = t.app(t.const("add", t.SIGNATURE["add"]), x, ONE)
        return x

    names = {kernel.define("d", deep(literals.int_lit(i))).left.name for i in range(50)}
    assert len(names) == 50
    one, two = deep(ONE), deep(literals.int_lit(2))
    assert attack([["define", "d", one], ["define", "d", two], ["sym", 0], ["trans", 2, 1]]).agreed is None
