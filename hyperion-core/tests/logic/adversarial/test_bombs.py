"""Proofs that are made to cost: each ends in an answer, in a process of its own, within its limits of time and memory.

The measured times and sizes are printed by `pytest -s`. A hostile proof may waste so much, and never gets a wrong word.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hyperion.errors import ProofError
from hyperion.logic import checker, checking, kernel
from hyperion.logic import terms as t
from hyperion.testing.proof_mutations import lines_of

SECONDS = 120  # of a loaded machine; the slowest takes some seconds alone
MEMORY = 4 << 30  # the checker's own limit
MEASURE = f"""
import sys, time
try:
    exec({checking.RUN!r})
finally:
    peak = [line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")]
    print(f"{{time.process_time():.1f}}", *peak, file=sys.stderr)
"""  # the checker, as a program, and what it took: seconds of work and KiB
Rows = dict[str, list[Any]]

INT, INT1, INT2 = 0, 1, 2  # int, int -> int, int -> int -> int
TYPES: list[list[Any]] = [["con", "int"], ["con", "fun", 0, 0], ["con", "fun", 0, 1]]
X, ADD = 0, 1
TERMS: list[list[Any]] = [["V", "x", INT], ["C", "add", INT2]]


def proof(steps: list[Any], terms: list[Any] = TERMS, types: list[Any] = TYPES) -> Rows:
    return {"types": types, "terms": terms, "steps": steps}


def doubled(count: int, start: int = X) -> list[list[Any]]:
    """x, x + x, (x + x) + (x + x), ..: as text, 2**count long."""
    rows, last = [*TERMS], start
    for _ in range(count):
        rows += [["A", ADD, last], ["A", len(rows), last]]
        last = len(rows) - 1
    return rows


def chain(count: int) -> list[list[Any]]:
    """x + (x + (x + ..))"""
    rows = [*TERMS, ["A", ADD, X]]
    for _ in range(count):
        rows.append(["A", 2, len(rows) - 1 if len(rows) > 3 else X])
    return rows


def deep_types(count: int) -> Rows:
    return proof([["refl", X]], types=[*TYPES, *(["con", "list", i + 2] for i in range(count))])


def doubled_types(count: int) -> Rows:
    return proof([["refl", X]], types=[*TYPES, *(["con", "prod", i + 2, i + 2] for i in range(count))])


def many_types(count: int) -> Rows:
    return proof([["refl", X]], types=[*TYPES, *(["con", f"ext:t{i}"] for i in range(count))])


def substitutions(count: int) -> Rows:
    """Every variable of a wide sum for another one, at once."""
    rows = [*TERMS, *(["V", f"v{i}", INT] for i in range(count))]
    last = X
    for i in range(count):
        rows += [["A", ADD, i + 2], ["A", len(rows), last]]
        last = len(rows) - 1
    pairs = [[i + 2, (i + 1) % count + 2] for i in range(count)]
    return proof([["refl", last], ["inst", pairs, 0]], rows)


def grown_by_instances(count: int) -> Rows:
    """x := x + x, again and again: the term doubles with each step."""
    rows = doubled(1)
    return proof([["refl", X], *(["inst", [[X, 3]], i] for i in range(count))], rows)


def grown_by_beta(count: int) -> Rows:
    """(\\x. x + x) applied to itself's result, again and again."""
    rows: list[list[Any]] = [*TERMS, ["B", 0, INT], ["A", ADD, 2], ["A", 3, 2], ["L", INT, 4]]
    last = X
    for _ in range(count):
        rows.append(["A", 5, last])
        last = len(rows) - 1
    return proof([["refl", last], ["beta", last]], rows)


def squares(count: int) -> Rows:
    """7 ** (2 ** count), by squaring, one computation at a time: the rows must hold the results."""
    rows: list[list[Any]] = [["K", INT, "7"], ["C", "mul", INT2]]
    steps, value, last = list[Any](), 7, 0
    for _ in range(count):
        rows += [["A", 1, last], ["A", len(rows), last]]
        steps.append(["compute", len(rows) - 1])
        value = value * value if value.bit_length() < 6_000 else 7
        rows.append(["K", INT, str(value)])
        last = len(rows) - 1
    return proof(steps, rows)


def denominators(count: int) -> Rows:
    """The sum of fractions with large coprime denominators."""
    types = [["con", "real"], ["con", "fun", 0, 0], ["con", "fun", 0, 1]]
    rows = [["C", "radd", 2], *(["K", 0, f"1/{2**4000 + 2 * i + 1}"] for i in range(count))]
    for i in range(1, count):
        rows += [["A", 0, i], ["A", len(rows), i + 1]]
    return proof([["compute", len(rows) - 1]], rows, types)


def hypotheses(count: int) -> Rows:
    """All of them in one sequent, then an instance of each, then a cut of each."""
    rows = [*TERMS, *(["V", f"v{i}", INT] for i in range(count))]
    steps: list[Any] = [["assume", i + 2, X] for i in range(count)]
    steps.append(["tuple", *range(count)])
    steps += [["inst", [[X, X]], count + i] for i in range(50)]
    return proof(steps, rows)


def wide(count: int) -> Rows:
    """A sum of so many variables: every node knows the variables below it."""
    rows = [*TERMS, *(["V", f"v{i}", INT] for i in range(count))]
    last = X
    for i in range(count):
        rows += [["A", ADD, last], ["A", len(rows), i + 2]]
        last = len(rows) - 1
    return proof([["refl", last]], rows)


def loose(count: int) -> Rows:
    """The same with bound variables that nothing binds."""
    rows = [*TERMS, *(["B", i, INT] for i in range(count))]
    last = 2
    for i in range(1, count):
        rows += [["A", ADD, last], ["A", len(rows), i + 2]]
        last = len(rows) - 1
    return proof([["refl", X]], rows)


def binders(count: int) -> Rows:
    """Nested abstractions, and a substitution below them all."""
    rows = [*TERMS, *(["L", INT, max(i + 1, 0) if i else X] for i in range(90))]
    steps = [["refl", 91], *(["abs", X, 0] for _ in range(count))]
    return proof(steps, rows)


def definitions(count: int) -> Rows:
    rows = [["K", INT, str(i)] for i in range(count)]
    return proof([["define", f"d{i}", i] for i in range(count)], rows)


needs_proc = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read in /proc")
BOMBS: dict[str, Callable[[], Rows]] = {
    "types 30,000 deep": lambda: deep_types(30_000),
    "a type that doubles 90,000 times": lambda: doubled_types(90_000),
    "99,000 types": lambda: many_types(99_000),
    "more types than allowed": lambda: many_types(101_000),
    "a term 40,000 deep": lambda: proof([["refl", 40_002], ["abs", X, 0], ["inst", [[X, 3]], 0]], chain(40_000)),
    "a term that doubles 5,000 times": lambda: proof(
        [["refl", 10_001], ["abs", X, 0], ["inst", [[X, 3]], 0], ["sym", 2], ["trans", 2, 3]], doubled(5_000)),
    "instances that double 500 times": lambda: grown_by_instances(500),
    "beta that doubles 2,000 times": lambda: grown_by_beta(2_000),
    "squares of squares": lambda: squares(40),
    "sums of huge fractions": lambda: denominators(200),
    "a literal of a million digits": lambda: proof([["refl", 2]], [*TERMS, ["K", INT, "9" * 1_000_000]]),
    "a name of a million letters": lambda: proof([["refl", 2]], [*TERMS, ["V", "x" * 1_000_000, INT]]),
    "20,000 names of 4,000 letters": lambda: proof(
        [["refl", 2]], [*TERMS, *(["V", f"{i:05}" * 800, INT] for i in range(20_000))]),
    "1,500 substitutions at once": lambda: substitutions(1_500),
    "3,000 hypotheses": lambda: hypotheses(3_000),
    "2,000 variables below each node": lambda: wide(2_000),
    "2,000 loose variables below each node": lambda: loose(2_000),
    "abstractions over abstractions": lambda: binders(2_000),
    "20,000 definitions": lambda: definitions(20_000),
    "100,000 steps": lambda: proof([["refl", X], *(["sym", i] for i in range(100_000))]),
    "a tuple of 50,000": lambda: proof([["refl", 2]], [*TERMS, ["T", *[X] * 50_000]]),
    "a step with 200,000 premises": lambda: proof([["refl", X], ["tuple", *[0] * 200_000]]),
}  # fmt: skip
TEXTS: dict[str, bytes] = {
    "a line of 60 MB": b'{"format": "' + b"x" * 60_000_000 + b'"}',
    "lists 1,000,000 deep": b"[" * 1_000_000,
    "objects 100,000 deep": b'{"types":' * 100_000,
    "a number of 1,000,000 digits": b'{"version": ' + b"9" * 1_000_000 + b"}",
    "a number with a large exponent": b'{"version": 1e999999999}',
    "a key a million times": b"{" + b'"types": [],' * 1_000_000 + b'"types": []}',
    "nothing but spaces": b" " * 30_000_000,
}


def measured(text: bytes, folder: Path, name: str) -> dict[str, Any]:
    """The checker's answer from a process of its own, whose time and memory are printed."""
    file = folder / "bomb.json"
    file.write_bytes(text)
    start = time.perf_counter()
    command = [sys.executable, "-I", "-c", MEASURE, checker.__file__, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
    answer: dict[str, Any] = json.loads(done.stdout)
    seconds, peak = done.stderr.split()
    said = "taken" if answer["ok"] else answer["error"][-60:]
    print(f"{name}: {seconds} s of {time.perf_counter() - start:.1f}, {int(peak) >> 10} MiB, {said}")
    assert int(peak) < MEMORY >> 10
    return answer


@needs_proc
@pytest.mark.parametrize("name", BOMBS)
def test_a_proof_that_is_made_to_cost_ends_in_an_answer(name: str, tmp_path: Path) -> None:
    rows = {"format": "hyperion-proof", "version": 1} | BOMBS[name]()
    answer = measured(lines_of(rows), tmp_path, name)
    assert answer["ok"] or answer["error"]
    assert len(json.dumps(answer)) < 100_000


@needs_proc
@pytest.mark.parametrize("name", TEXTS)
def test_a_text_that_is_made_to_cost_ends_in_an_answer(name: str, tmp_path: Path) -> None:
    answer = measured(TEXTS[name], tmp_path, name)
    assert not answer["ok"]
    assert answer["error"]


def test_the_client_survives_them_and_stops_at_its_time_limit() -> None:
    """One process for all: a bomb costs the next proof nothing but a new process."""
    fine = kernel.refl(t.var("x", t.INT))
    for name in ("a term that doubles 5,000 times", "3,000 hypotheses", "types 30,000 deep"):
        rows = {"format": "hyperion-proof", "version": 1} | BOMBS[name]()
        with pytest.raises(ProofError) as caught:
            checking.check(rows, time_limit=0.02)
        assert caught.value.code in ("HY7001", "HY7002")
        assert checking.check(fine, time_limit=SECONDS).statement.startswith("|- x = x")
