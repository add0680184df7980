"""Generalising proofs in the kernel, instances as text, and the discrimination tree."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

import numpy as np
import pytest

import hyperion as hp
from hyperion.driver import Derivation
from hyperion.interfaces.frontend import CompileOptions
from hyperion.ir.function import Program
from hyperion.ir.parser import parse_program
from hyperion.logic import kernel as k
from hyperion.logic import literals
from hyperion.logic import terms as t
from hyperion.logic.checking import check
from hyperion.logic.denote import denote
from hyperion.logic.proof import ProofFile, file_of, value_of
from hyperion.logic.replay import replayed
from hyperion.logic.terms import Term
from hyperion.logic.theory import apply_const
from hyperion_library import index, shapes
from hyperion_library.instantiation import instance, model
from hyperion_library.pattern import Pattern, candidates, generalised


def hash_31(xs):  # type: ignore[no-untyped-def]  what a user writes
    h = 7
    for x in xs:
        h = h * 31 + x
    return h


def drawdown(xs):  # type: ignore[no-untyped-def]  what a user writes
    peak = 50
    worst = 0
    for x in xs:
        peak = max(peak, x)
        worst = max(worst, peak - x)
    return worst


@pytest.fixture(scope="module")
def derivations() -> Mapping[str, Derivation]:
    xs = np.arange(5, dtype=np.int64)
    with hp.Instance(config={"library": False}) as instance_:
        return {
            name: instance_.derive(instance_.program(loop, arguments=(xs,), options=options))
            for name, loop, options in (
                ("hash", hash_31, CompileOptions("wrap")),
                ("drawdown", drawdown, CompileOptions()),
            )
        }


def kernel_instance(pattern: Pattern, new: Mapping[Term, Term]) -> k.Theorem:
    """The pattern's theorem for other literals, by the kernel: instantiate, compute the hypotheses, cut them."""
    theorem = k.inst({hole: new.get(old, old) for hole, old in pattern.holes.items()}, pattern.theorem)
    for left, right in sorted(theorem.hypotheses, key=lambda h: t.digest(h[0])):
        fact = k.compute(left)
        assert fact.right is right
        theorem = k.cut(fact, theorem)
    return theorem


@pytest.mark.parametrize(
    ("name", "changes"),
    [("hash", {31: 37}), ("hash", {31: 5, 7: 9}), ("hash", {7: -3}), ("drawdown", {50: 75}), ("drawdown", {50: 2})],
)
def test_the_text_of_an_instance_is_what_the_kernel_instantiates(
    name: str, changes: dict[int, int], derivations: Mapping[str, Derivation]
) -> None:
    found = derivations[name]
    assert found.theorem is not None
    value, source = value_of(found.theorem), denote(found.source.main, found.source)
    pattern = generalised(value)
    assert pattern is not None
    assert {literals.int_lit(old) for old in changes} <= set(pattern.holes.values())
    read = model(value, source, list(pattern.holes.values()))
    assert read is not None
    new = {literals.int_lit(old): literals.int_lit(n) for old, n in changes.items()}
    made = instance(read, _with(source, new))
    assert made is not None
    proof, changed = made
    assert new.items() <= changed.items()
    theorem = kernel_instance(pattern, changed)
    assert not theorem.hypotheses
    checked = check(proof)
    assert (checked.left, checked.right, checked.hypotheses) == (t.digest(theorem.left), t.digest(theorem.right), 0)
    assert check(file_of(theorem)).statement == checked.statement


def _with(x: Term, new: Mapping[Term, Term]) -> Term:
    return t.transform(x, lambda u, _: new.get(u) if u.kind == "K" else None, lambda u, _: False)


def test_a_computation_that_goes_another_way_ends_it(derivations: Mapping[str, Derivation]) -> None:
    found = derivations["drawdown"]
    assert found.theorem is not None
    value, source = value_of(found.theorem), denote(found.source.main, found.source)
    read = model(value, source, candidates(value))
    assert read is not None
    too_large = {literals.int_lit(50): literals.int_lit(1 << 70)}
    assert instance(read, _with(source, too_large)) is None


def test_other_terms_do_not_match(derivations: Mapping[str, Derivation]) -> None:
    one, other = derivations["hash"], derivations["drawdown"]
    assert one.theorem is not None
    value = value_of(one.theorem)
    read = model(value, denote(one.source.main, one.source), candidates(value))
    assert read is not None
    assert instance(read, denote(other.source.main, other.source)) is None


def test_literals_of_axioms_stay(derivations: Mapping[str, Derivation]) -> None:
    for found in derivations.values():
        assert found.theorem is not None
        kept = {x.name for x in candidates(value_of(found.theorem))}
        assert not kept & {"0", "1"}


def test_a_proof_without_replaceable_literals_has_no_pattern() -> None:
    x = t.var("x", t.INT)
    assert generalised(value_of(k.refl(t.lam(x, x)))) is None


def _add(a: int, b: int) -> Term:
    return apply_const("add", literals.int_lit(a), literals.int_lit(b))


def test_a_step_that_depends_on_a_literal_keeps_it() -> None:
    """|- (\\y. 2 + 3 + y) = (\\y. 5 + y): 2 and 3 may be others, 5 then is their sum."""
    y = t.var("y", t.INT)
    add = t.const("add", t.fun(t.INT, t.INT, t.INT))
    theorem = k.abs_(y, k.app(k.app(k.refl(add), k.compute(_add(2, 3))), k.refl(y)))
    value = value_of(theorem)
    pattern = generalised(value)
    assert pattern is not None
    assert {x.name for x in pattern.holes.values()} == {"2", "3", "5"}
    assert len(pattern.theorem.hypotheses) == 1
    read = model(value, theorem.left, candidates(value))
    assert read is not None
    made = instance(read, t.lam(y, apply_const("add", _add(20, 30), y)))
    assert made is not None
    assert made[1][literals.int_lit(5)] is literals.int_lit(50)
    assert replayed(made[0]).right is t.lam(y, apply_const("add", literals.int_lit(50), y))
    assert isinstance(made[0], ProofFile)


PROGRAM = """
func @f(%x: i64, %y: i64) -> i64 {
  %a = const A : i64
  %b = const B : i64
  %p = add.wrap %x, %a : i64
  %q = mul.wrap %p, %b : i64
  %r = add.wrap %q, %p : i64
  return %r
}
"""


def _term(a: int, b: int, text: str = PROGRAM) -> Term:
    program: Program = parse_program(text.replace("A ", f"{a} ").replace("B ", f"{b} "))
    return denote(program.main, program)


@pytest.fixture
def tree() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    for statement in index.SCHEMA:
        connection.execute(statement)
    return connection


def _lookup(tree: sqlite3.Connection, x: Term) -> set[str]:
    path = shapes.query(x)
    assert path is not None
    return set(index.lookup(lambda sql, values: tree.execute(sql, values).fetchall(), path))


def _insert(tree: sqlite3.Connection, x: Term, holes: list[int] | None, name: str) -> None:
    path = shapes.path(x, None if holes is None else [literals.int_lit(h) for h in holes])
    assert path is not None
    index.insert(tree, path, name)


def test_the_tree_finds_patterns_by_shape_and_by_the_literals_that_stay(tree: sqlite3.Connection) -> None:
    _insert(tree, _term(2, 3), None, "any")
    _insert(tree, _term(2, 3), [3], "two stays")
    _insert(tree, _term(2, 3), [], "exactly")
    assert _lookup(tree, _term(2, 3)) == {"any", "two stays", "exactly"}
    assert _lookup(tree, _term(2, 8)) == {"any", "two stays"}
    assert _lookup(tree, _term(9, 3)) == {"any"}
    assert _lookup(tree, _term(2, 3, PROGRAM.replace("mul.wrap", "sub.wrap"))) == set()
    assert _lookup(tree, _term(2, 3, PROGRAM.replace("i64", "i32"))) == set()
    index.remove(tree, "any")
    assert _lookup(tree, _term(9, 3)) == set()
    _insert(tree, _term(2, 3), None, "two stays")  # it moves
    assert _lookup(tree, _term(9, 3)) == {"two stays"}


def test_equal_literals_have_the_shape_of_different_ones(tree: sqlite3.Connection) -> None:
    """Sharing of equal literals does not hide a pattern; matching compares what is shared."""
    _insert(tree, _term(2, 3), None, "p")
    assert _lookup(tree, _term(5, 5)) == {"p"}


def test_a_path_is_as_long_as_the_graph_not_as_the_tree() -> None:
    x = t.var("x", t.INT)
    shared: Term = x
    for _ in range(60):  # a tree of 2**60 leaves
        shared = apply_const("add", shared, shared)
    path = shapes.path(t.lam(x, shared))
    assert path is not None
    assert len(path) == 1
