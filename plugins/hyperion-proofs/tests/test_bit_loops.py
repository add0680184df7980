"""Loops that combine words bit by bit: what is derived computes what Python does, and its theorem is checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import pytest
from reductions import Loops

from hyperion.ir.types import IntType, scalar_types

WORDS = ("i8", "u16", "i64", "u64")
OPERATIONS: dict[str, Callable[[int, int], int]] = {"and": int.__and__, "or": int.__or__, "xor": int.__xor__}


def loop(word: str, states: int, body: list[str], results: list[str]) -> str:
    names = [f"%s{i}" for i in range(states)]
    return f"""
func @loop(%xs: {word}[n], {", ".join(f"{s}i: {word}" for s in names)}) -> ({", ".join([word] * states)}) {{
  {", ".join(f"{s}r" for s in names)} = fold (%xs), ({", ".join(f"{s}i" for s in names)}) {{
    ^(%x: {word}, {", ".join(f"{s}: {word}" for s in names)}):
      {chr(10).join(body)}
      yield {", ".join(results)}
  }}
  return {", ".join(f"{s}r" for s in names)}
}}"""


@dataclass
class Writer:
    """Writes random bodies, and computes them in Python. A value of the state meets another only by xor."""

    random: Random
    kind: IntType

    def __post_init__(self) -> None:
        self.lines: list[str] = []

    def emit(self, text: str) -> str:
        name = f"%v{len(self.lines)}"
        self.lines.append(f"{name} = {text}")
        return name

    def outside(self) -> tuple[str, Callable[[int, list[int]], int]]:
        """The element, or a number."""
        if self.random.random() < 0.6:
            return "%x", lambda x, s: x
        value = self.random.randint(self.kind.minimum, self.kind.maximum)
        return self.emit(f"const {value} : {self.kind}"), lambda x, s: value

    def inside(self, count: int, depth: int) -> tuple[str, Callable[[int, list[int]], int]]:
        """An expression with values of the state in it."""
        if depth == 0:
            i = self.random.randrange(count)
            return f"%s{i}", lambda x, s: s[i]
        a, f = self.inside(count, depth - 1)
        match self.random.randrange(5):
            case 0:
                return self.emit(f"not {a} : {self.kind}"), lambda x, s: ~f(x, s)
            case 1:
                b, g = self.inside(count, depth - 1)
                return self.emit(f"xor {a}, {b} : {self.kind}"), lambda x, s: f(x, s) ^ g(x, s)
            case 2:
                b, g = self.inside(count, 0)
                edge = self.random.randint(self.kind.minimum, self.kind.maximum)
                test = self.emit(f"lt %x, {self.emit(f'const {edge} : {self.kind}')}")
                chosen = self.emit(f"select {test}, {a}, {b} : {self.kind}")
                return chosen, lambda x, s: f(x, s) if x < edge else g(x, s)
            case _:
                name = self.random.choice(list(OPERATIONS))
                b, g = self.outside()
                operation = OPERATIONS[name]
                return self.emit(f"{name} {a}, {b} : {self.kind}"), lambda x, s: operation(f(x, s), g(x, s))


def assert_python_agrees(text: str, kind: IntType, count: int, step: Callable[[int, list[int]], list[int]]) -> None:
    runs, random = Loops.runs(text), Random(text)
    for xs in Loops.arrays(str(kind), random):
        for start in ([0] * count, [kind.maximum] * count, [random.randint(kind.minimum, kind.maximum)] * count):
            state = start
            for x in xs:
                state = [kind.wrap(v) for v in step(x, state)]
            for run in runs:
                assert Loops.values(run, [xs, *start]) == state, (text, xs, start)


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("name", OPERATIONS)
def test_accumulators(name: str, word: str) -> None:
    kind = scalar_types()[word]
    assert isinstance(kind, IntType)
    text = loop(word, 1, [f"%v = {name} %s0, %x : {word}"], ["%v"])
    assert_python_agrees(text, kind, 1, lambda x, s: [OPERATIONS[name](s[0], x)])


@pytest.mark.parametrize("seed", range(24))
def test_random_steps(seed: int) -> None:
    random = Random(seed)
    kind = scalar_types()[random.choice(WORDS)]
    assert isinstance(kind, IntType)
    writer, count = Writer(random, kind), random.randint(1, 2)
    made = [writer.inside(count, random.randint(1, 3)) for _ in range(count)]
    text = loop(str(kind), count, writer.lines, [name for name, _ in made])
    assert_python_agrees(text, kind, count, lambda x, s: [f(x, s) for _, f in made])


def test_sums_of_sums() -> None:
    body = ["%v = xor %s0, %x : i64", "%w = xor %s1, %v : i64"]

    def step(x: int, s: list[int]) -> list[int]:
        return [s[0] ^ x, s[1] ^ s[0] ^ x]

    assert_python_agrees(loop("i64", 2, body, ["%v", "%w"]), IntType(64), 2, step)


def test_a_word_that_starts_anew() -> None:
    body = ["%z = const 0 : i64", "%e = eq %x, %z", "%v = xor %s0, %x : i64", "%w = select %e, %z, %v : i64"]
    kind = IntType(64)
    assert_python_agrees(loop("i64", 1, body, ["%w"]), kind, 1, lambda x, s: [s[0] ^ x if x else 0])


def test_moving_bits_are_refused() -> None:
    body = ["%c = const 1 : i64", "%d = shl.wrap %s0, %c : i64", "%v = xor %d, %x : i64"]
    assert "64 x 64 bits" in Loops.reason(loop("i64", 1, body, ["%v"]))


def test_products_of_states_are_refused() -> None:
    body = ["%v = and %s0, %s1 : i64", "%w = xor %s1, %x : i64"]
    assert "multiplied" in Loops.reason(loop("i64", 2, body, ["%v", "%w"]))
