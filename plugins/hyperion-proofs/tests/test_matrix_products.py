"""Products of matrices: associativity, the groupings of chains, and what is not grouped anew."""

from __future__ import annotations

import itertools
from functools import cache

import numpy as np
import pytest

from hyperion.errors import HyperionError
from hyperion.interfaces.strategy import Candidate, Refusal
from hyperion.ir.function import Program, walk
from hyperion.ir.parser import parse_program
from hyperion.ir.verifier import verify
from hyperion.logic.checking import check
from hyperion.logic.denote import denote
from hyperion.logic.derived import NoProof, arguments
from hyperion.logic.terms import Term, digest, subterms
from hyperion_interp.interpreter import interpret
from hyperion_proofs.matrices.association import associativity
from hyperion_proofs.matrices.chains import chains, from_left, from_right, groupings, worthwhile
from hyperion_proofs.matrices.normal import is_product
from hyperion_proofs.matrices.strategy import Association

STEP = """ {{left = [1], right = [0]}} {{
    ^(%x{i}: {kind}, %y{i}: {kind}):
      %xy{i} = {mul} %x{i}, %y{i}{fp} : {kind}
      yield %xy{i}
  }} {{
    ^(%s{i}: {kind}, %p{i}: {kind}):
      %t{i} = {add} %s{i}, %p{i}{fp} : {kind}
      yield %t{i}
  }}"""


def chain_of(count: int, kind: str = "i64", add: str = "add.wrap", mul: str = "mul.wrap", between: str = "") -> str:
    """a0 @ a1 @ .. from the left; a vector last where the count is negative."""
    zero, fp = ("0x0.0p+0", ' {fp = "reassoc"}') if kind.startswith("f") else ("0", "")
    vector = count < 0
    count = abs(count)
    given = [f"%a{i}: {kind}[n{i}, m{i}]" for i in range(count)]
    lines = [f"%zero = const {zero} : {kind}"]
    if vector:
        given[-1] = f"%x: {kind}[n]"
        lines.append(f"%a{count - 1} = expand %x {{axis = 1}}")
    left = "%a0"
    for i in range(1, count):
        lines.append(f"%c{i} = contract {left}, %a{i}, %zero{STEP.format(i=i, kind=kind, add=add, mul=mul, fp=fp)}")
        left = f"%c{i}"
        if i == 1 and between:
            lines.append(between)
    kinds = f"{kind}[n0, {1 if vector else f'm{count - 1}'}]"
    body = "\n  ".join(lines)
    return f"func @chain({', '.join(given)}) -> {kinds} {{\n  {body}\n  return {left}\n}}"


@cache
def derived(text: str) -> tuple[Program, list[Candidate | Refusal]]:
    program = parse_program(text)
    verify(program)
    return program, list(Association().derive(program.main))


def candidate(text: str) -> tuple[Program, Candidate]:
    program, (found,) = derived(text)
    assert isinstance(found, Candidate), found
    verify(Program({found.function.name: found.function}, found.function.name))
    return program, found


@pytest.mark.parametrize("kind", ["i64", "u8"])
def test_a_chain_that_ends_with_a_vector_starts_there(kind: str) -> None:
    program, found = candidate(chain_of(-3, kind))
    checked = check(found.theorem)
    assert (checked.left, checked.right) == (digest(denote(program.main)), digest(denote(found.function)))
    assert not checked.hypotheses
    assert str(found.cost) == "O(n^2)"
    assert "(a0 @ a1) @ x = a0 @ (a1 @ x)" in found.summary
    assert [e.op for e in found.function.equations].count("contract") == 2


def run(program: Program, arguments: list[np.ndarray]) -> object:
    try:
        return interpret(program, arguments)
    except HyperionError as error:
        return error.code


def test_a_longer_chain_is_grouped_by_its_sizes() -> None:
    program, found = candidate(chain_of(4))
    other = Program({found.function.name: found.function}, found.function.name)
    checked = check(found.theorem)
    assert (checked.left, checked.right) == (digest(denote(program.main)), digest(denote(found.function)))
    random = np.random.default_rng(5)
    for sizes in ((1, 9, 1, 9, 1), (9, 1, 9, 1, 9), (2, 3, 4, 3, 2), (4, 0, 3, 1, 2), (0, 0, 0, 0, 0)):
        given = [random.integers(-(2**63), 2**63 - 1, shape) for shape in itertools.pairwise(sizes)]
        assert run(other, given) == run(program, given)
    bad = [np.ones((2, 2), int)] * 4
    for place in range(4):
        given = [*bad[:place], np.ones((3, 1), int), *bad[place + 1 :]]
        assert run(other, given) == run(program, given) == "HY5104"


def test_every_grouping_is_compared_with_every_other_one() -> None:
    assert [len(list(groupings(0, n - 1))) for n in (1, 2, 3, 4, 5)] == [1, 1, 2, 5, 14]
    assert (from_left(3), from_right(3)) == (((0, 1), 2), (0, (1, 2)))
    program = parse_program(chain_of(6))
    (found,) = chains(program.main)
    assert worthwhile(found) == [from_left(6), from_right(6)]
    ifs = sum(e.op == "if" for e in walk(candidate(chain_of(3))[1].function.equations))
    assert ifs == 1


def test_what_is_not_a_ring_is_left_as_it_is() -> None:
    assert derived(chain_of(-3, mul="mul.sat"))[1] == []
    assert derived(chain_of(-3, add="max"))[1] == []
    mixed = chain_of(-3).replace("mul.wrap %x1, %y1", "mul.wrap %y1, %x1")
    assert derived(mixed)[1] == []


def test_products_are_not_moved_past_what_may_trap() -> None:
    text = chain_of(-3, between="%o = const 0 : i64\n  %g = get %c1, %o, %o")
    assert derived(text)[1] == []  # the inner product is needed
    _, (refusal,) = derived(chain_of(-3, between="%o = const 0 : i64\n  %g = get %a0, %o, %o"))
    assert isinstance(refusal, Refusal)
    assert "get, which may trap" in refusal.reason


def test_floats_are_not_grouped_anew_though_reals_are_associative() -> None:
    text = chain_of(-3, "f64", add="add", mul="mul")
    assert derived(text)[1] == []
    theorem = associativity(*_operations(_product_in(text)))
    assert not theorem.hypotheses


def _product_in(text: str) -> Term:
    return next(u for u in subterms(denote(parse_program(text).main)) if is_product(u))


def test_operations_without_the_laws_of_a_ring_have_no_theorem() -> None:
    for text in (chain_of(2, mul="max"), chain_of(2, add="sub.wrap")):
        with pytest.raises(NoProof):
            associativity(*_operations(_product_in(text)))


def _operations(x: Term) -> tuple[Term, Term, Term]:
    multiply, add, zero, _, _ = arguments(x)[1]
    return multiply, add, zero
