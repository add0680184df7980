"""Real theorems, and the solvers that read their exports."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib import import_module

import pytest

import hyperion as hp
from hyperion.logic.proof import ProofFile, file_of
from hyperion.testing.derived_loops import LOOPS, derivation

Solver = Callable[[str], list[tuple[str, str]]]
DERIVED = tuple(LOOPS)


@cache
def derive(name: str) -> ProofFile:
    """The theorem of a loop over int64, as `hp.jit` derives it."""
    with hp.Instance() as instance:
        proof = derivation(name, instance).theorem
    assert proof is not None
    return file_of(proof)


def _answers(text: str) -> list[tuple[str, str]]:
    """Pairs of the name that was echoed and the answer to it."""
    lines = [line.strip().strip('"') for line in text.splitlines() if line.strip()]
    assert len(lines) % 2 == 0, text[-500:]
    return list(zip(lines[::2], lines[1::2], strict=True))


def _z3(text: str) -> list[tuple[str, str]]:
    z3 = import_module("z3")
    context = z3.Context()
    return _answers(z3.Z3_eval_smtlib2_string(context.ref(), f"(set-option :timeout 20000)\n{text}"))


def _cvc5(text: str) -> list[tuple[str, str]]:
    cvc5 = import_module("cvc5")
    terms = cvc5.TermManager()
    solver, symbols = cvc5.Solver(terms), cvc5.SymbolManager(terms)
    solver.setOption("incremental", "true")
    solver.setOption("tlimit-per", "20000")
    parser = cvc5.InputParser(solver, symbols)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "export")
    said: list[str] = []
    while not (command := parser.nextCommand()).isNull():
        said.append(command.invoke(solver, symbols))
    return _answers(re.sub(r"\bsuccess\n", "", "".join(said)))


@pytest.fixture(params=["z3", "cvc5"])
def solve(request: pytest.FixtureRequest) -> Solver:
    """Runs an SMT-LIB text; the answer to each obligation, by its name."""
    pytest.importorskip(request.param, reason=f"{request.param} is not installed (pip install {request.param})")
    return {"z3": _z3, "cvc5": _cvc5}[request.param]


@pytest.fixture
def derived() -> Callable[[str], ProofFile]:
    """The proof of one of the loops above, by its name."""
    return derive
