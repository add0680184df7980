"""Loops that are linear modulo constants: what is derived computes what Python does, and its theorem is checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

import pytest
from reductions import Loops

from hyperion.errors import TrapZeroDivisionError

MODULI = (1, 2, 11, 255, 256, 65521, 1000003, 2**31 - 1, 2**32, 2**61 - 1, 2**63 - 1)
ELEMENTS = ("u8", "i8", "i32", "u32", "i64", "u64")
Step = Callable[[int, list[int], int, int], list[int]]
"""The new state from the element, the state, and the values b and m from outside."""


def loop(element: str, states: int, body: Sequence[str], results: Sequence[str], prelude: Sequence[str] = ()) -> str:
    """A function of the elements, the initial state, b and m; `%X`, `%B`, `%M` and `%S0` .. are these as i128."""
    names = [f"%s{i}" for i in range(states)]
    wide = [f"%S{i} = cast %s{i} : i128" for i in range(states)]
    lines = "\n      ".join(["%X = cast %x : i128", "%B = cast %b : i128", "%M = cast %m : i128", *wide, *body])
    return f"""
func @loop(%xs: {element}[n], {", ".join(f"{s}i: i64" for s in names)}, %b: i64, %m: i64) -> ({
        ", ".join(["i64"] * states)
    }) {{
  {" ".join(prelude)}
  {", ".join(f"{s}r" for s in names)} = fold (%xs), ({", ".join(f"{s}i" for s in names)}) {{
    ^(%x: {element}, {", ".join(f"{s}: i64" for s in names)}):
      {lines}
      yield {", ".join(results)}
  }}
  return {", ".join(f"{s}r" for s in names)}
}}"""


def python(step: Step, xs: list[int], state: list[int], b: int, m: int) -> list[int]:
    for x in xs:
        state = step(x, state, b, m)
    return state


def agrees(
    text: str, element: str, step: Step, outside: Sequence[tuple[int, int]], states: Sequence[Sequence[int]]
) -> None:
    runs = Loops.runs(text)
    for xs in Loops.arrays(element, Random(text)):
        for start in states:
            for b, m in outside:
                wanted = python(step, xs, list(start), b, m)
                for run in runs:
                    assert Loops.values(run, [xs, *start, b, m]) == wanted, (xs, start, b, m)


def reduced(value: str, modulus: str, name: str) -> list[str]:
    return [f"%{name}w = mod.trap {value}, {modulus} : i128", f"%{name} = cast.trap %{name}w : i64"]


@pytest.mark.parametrize("m", MODULI)
@pytest.mark.parametrize("element", ELEMENTS)
def test_horner_hash(m: int, element: str) -> None:
    body = [
        "%p = const 31 : i128", f"%k = const {m} : i128", "%a = mul.trap %S0, %p : i128",
        "%c = add.trap %a, %X : i128", *reduced("%c", "%k", "h"),
    ]  # fmt: skip
    text = loop(element, 1, body, ["%h"])
    starts = [[0], [-1], [2**63 - 1], [-(2**63)]]
    agrees(text, element, lambda x, s, b, k: [(s[0] * 31 + x) % m], [(0, 0)], starts)


@pytest.mark.parametrize("element", ["u8", "i64"])
def test_base_and_modulus_from_outside(element: str) -> None:
    body = ["%a = mul.trap %S0, %B : i128", "%c = add.trap %a, %X : i128", *reduced("%c", "%M", "h")]
    text = loop(element, 1, body, ["%h"])
    outside = [
        (b, m)
        for b in (0, -7, 257, 2**63 - 1, -(2**63))
        for m in (1, 97, 2**31, 2**32 - 1, 2**32, 2**63 - 1, -5, -(2**63))
    ]
    agrees(text, element, lambda x, s, b, m: [(s[0] * b + x) % m], outside, [[0], [-3]])
    for run in Loops.runs(text):
        assert Loops.values(run, [[], 5, 3, 0]) == [5]
        with pytest.raises(TrapZeroDivisionError):
            run.run([[1], 5, 3, 0])


@pytest.mark.parametrize("m", [255, 65521, 2**31 - 1, 2**61 - 1])
@pytest.mark.parametrize("element", ["u8", "i64"])
def test_sums_of_sums(m: int, element: str) -> None:
    body = [
        f"%k = const {m} : i128", "%c = add.trap %S0, %X : i128", *reduced("%c", "%k", "a"), "%A = cast %a : i128",
        "%d = add.trap %S1, %A : i128", *reduced("%d", "%k", "e"),
    ]  # fmt: skip

    def step(x: int, s: list[int], b: int, k: int) -> list[int]:
        a = (s[0] + x) % m
        return [a, (s[1] + a) % m]

    agrees(loop(element, 2, body, ["%a", "%e"]), element, step, [(0, 0)], [[1, 0], [-9, 2**62]])


def test_two_moduli_side_by_side() -> None:
    body = [
        "%k = const 1000000007 : i128", "%c = mul.trap %S0, %B : i128", "%d = add.trap %c, %X : i128",
        *reduced("%d", "%k", "a"), "%l = const 998244353 : i128", "%e = sub.trap %X, %S1 : i128",
        *reduced("%e", "%l", "f"),
    ]  # fmt: skip

    def step(x: int, s: list[int], b: int, k: int) -> list[int]:
        return [(s[0] * b + x) % 1000000007, (x - s[1]) % 998244353]

    outside = [(131, 0), (-(2**63), 0)]
    agrees(loop("i64", 2, body, ["%a", "%f"]), "i64", step, outside, [[0, 0], [5, -5]])


def test_one_modulus_after_another_is_refused() -> None:
    body = [
        "%k = const 7 : i128", "%c = add.trap %S0, %X : i128", *reduced("%c", "%k", "a"), "%A = cast %a : i128",
        "%l = const 5 : i128", "%d = add.trap %S1, %A : i128", *reduced("%d", "%l", "e"),
    ]  # fmt: skip
    assert "two numbers" in Loops.reason(loop("i64", 2, body, ["%a", "%e"]))


@pytest.mark.parametrize("first", ["%S0, %S0", "%S1, %S0"])
def test_products_of_states_are_refused(first: str) -> None:
    body = [f"%c = mul.trap {first} : i128", *reduced("%c", "%M", "a"), *reduced("%X", "%M", "e")]
    assert "two values of the state are multiplied" in Loops.reason(loop("i64", 2, body, ["%a", "%e"]))


def test_a_branch_may_leave_the_state_or_start_anew() -> None:
    body = [
        "%ten = const 10 : i64", "%zero = const 0 : i64", "%new = eq %x, %ten", "%skip = lt %x, %zero",
        "%k = const 97 : i128", "%c = mul.trap %S0, %B : i128", "%d = add.trap %c, %X : i128",
        *reduced("%d", "%k", "h"), "%i = select %skip, %s0, %h : i64", "%j = select %new, %zero, %i : i64",
    ]  # fmt: skip

    def step(x: int, s: list[int], b: int, m: int) -> list[int]:
        return [0] if x == 10 else s if x < 0 else [(s[0] * b + x) % 97]

    starts = [[0], [96], [97], [-1], [2**63 - 1]]  # the last three start outside, so that the loop runs as written
    agrees(loop("i64", 1, body, ["%j"]), "i64", step, [(3, 0), (-1, 0)], starts)


def test_states_may_change_places() -> None:
    body = ["%c = mul.trap %S1, %X : i128", "%d = add.trap %S0, %c : i128", *reduced("%d", "%M", "h")]

    def step(x: int, s: list[int], b: int, m: int) -> list[int]:
        return [s[1], (s[0] + s[1] * x) % m]

    outside = [(0, m) for m in (1, 2, 1000003, 2**32 - 1, 2**40)]
    agrees(loop("i32", 2, body, ["%s1", "%h"]), "i32", step, outside, [[0, 0], [0, 1], [7, 2**33]])


@pytest.mark.parametrize("seed", range(20))
def test_random_linear_steps(seed: int) -> None:
    """Every component is linear in all of them, coefficients and constants depend on the element."""
    random = Random(seed)
    count, element = random.randint(1, 2), random.choice(("u8", "i8", "u16", "i32"))
    m, outside = random.choice((1, 3, 256, 65521, 1000003, 2**32, 2**50)), random.random() < 0.3
    body = ["%k = cast %m : i128" if outside else f"%k = const {m} : i128"]
    rows: list[list[int]] = []
    for i in range(count):
        row = [random.choice((0, 1, -1, 3, 2**20, m)) for _ in range(count)] + [random.randint(-9, 9)]
        total = f"%x{i}"
        body += [f"%q{i} = const {row[-1]} : i128", f"{total} = mul.trap %q{i}, %X : i128"]
        for j, c in enumerate(row[:-1]):
            if c:
                body += [f"%c{i}_{j} = const {c} : i128", f"%p{i}_{j} = mul.trap %c{i}_{j}, %S{j} : i128"]
                if j == 1:
                    body += [f"%r{i}_{j} = mul.trap %p{i}_{j}, %X : i128"]
                body += [f"%t{i}_{j} = add.trap {total}, %{'r' if j == 1 else 'p'}{i}_{j} : i128"]
                total = f"%t{i}_{j}"
        body += reduced(total, "%k", f"n{i}")
        rows.append(row)

    def step(x: int, s: list[int], b: int, given: int) -> list[int]:
        by = given if outside else m
        scales = [1, x, 1]
        return [
            (sum(c * v * scale for c, v, scale in zip(row, s, scales, strict=False)) + row[-1] * x) % by for row in rows
        ]

    text = loop(element, count, body, [f"%n{i}" for i in range(count)])
    moduli = (1, 97, 2**32 - 1) if outside else (5,)
    starts = [[random.randint(-9, 9) for _ in range(count)]]
    agrees(text, element, step, [(0, k) for k in moduli], starts)
