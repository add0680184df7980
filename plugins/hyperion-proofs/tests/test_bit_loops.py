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


def test_products_of_states_are_refused() -> None:
    body = ["%v = and %s0, %s1 : i64", "%u = xor %s1, %x : i64", "%w = xor %u, %s0 : i64"]
    assert "multiplied" in Loops.reason(loop("i64", 2, body, ["%v", "%w"]))


# ---- bits that move


def rounds(body: Callable[[str, int], list[str]], first: str, count: int) -> tuple[list[str], str]:
    """A loop of a constant count, written out: its lines and its last value."""
    lines: list[str] = []
    value = first
    for i in range(count):
        lines += body(value, i)
        value = f"%r{i}"
    return lines, value


def lowest_first(value: str, i: int) -> list[str]:
    return [
        f"%a{i} = and {value}, %one : i64",
        f"%b{i} = ne %a{i}, %zero",
        f"%c{i} = shr {value}, %one : i64",
        f"%d{i} = xor %c{i}, %poly : i64",
        f"%r{i} = select %b{i}, %d{i}, %c{i} : i64",
    ]


def highest_first(value: str, i: int) -> list[str]:
    return [
        f"%a{i} = and {value}, %top : i64",
        f"%b{i} = ne %a{i}, %zero",
        f"%c{i} = shl.trap {value}, %one : i64",
        f"%d{i} = xor %c{i}, %poly : i64",
        f"%e{i} = select %b{i}, %d{i}, %c{i} : i64",
        f"%r{i} = and %e{i}, %mask : i64",
    ]


def checksum(body: Callable[[str, int], list[str]], poly: int, count: int) -> str:
    numbers = {"one": 1, "zero": 0, "poly": poly, "top": 128, "mask": 255}
    constants = [f"%{name} = const {n} : i64" for name, n in numbers.items()]
    lines, last = rounds(body, "%v", count)
    inside = [*constants, "%w = cast %x : i64", "%v = xor %s0, %w : i64", *lines]
    return loop("i64", 1, inside, [last]).replace("%xs: i64[n]", "%xs: u8[n]").replace("%x: i64,", "%x: u8,")


def assert_python_does(text: str, step: Callable[[int, int], int], starts: list[int]) -> None:
    runs, random = Loops.runs(text), Random(text)
    for xs in Loops.arrays("u8", random):
        for start in starts:
            state = start
            for x in xs:
                state = step(state, x)
            for run in runs:
                assert Loops.values(run, [xs, start]) == [state], (xs, start)


def test_a_checksum_with_the_lowest_bit_first() -> None:
    def step(s: int, x: int) -> int:
        s ^= x
        for _ in range(3):
            s = (s >> 1) ^ 0x8C if s & 1 else s >> 1
        return s

    assert_python_does(checksum(lowest_first, 0x8C, 3), step, [0, 255, 256, -1])  # the last two run as written


def test_a_checksum_with_the_highest_bit_first_traps_nowhere() -> None:
    def step(s: int, x: int) -> int:
        s ^= x
        for _ in range(2):
            s = (s << 1 ^ 7 if s & 128 else s << 1) & 255
        return s

    assert_python_does(checksum(highest_first, 7, 2), step, [0, 255])


def test_a_word_that_is_turned() -> None:
    numbers = {"three": 3, "rest": 5, "mask": 255}
    constants = [f"%{name} = const {n} : i64" for name, n in numbers.items()]
    body = [
        *constants,
        "%a = shl.trap %s0, %three : i64",
        "%b = and %a, %mask : i64",
        "%c = shr %s0, %rest : i64",
        "%d = xor %b, %c : i64",
        "%e = and %x, %mask : i64",
        "%v = xor %d, %e : i64",
    ]
    runs = Loops.runs(loop("i64", 1, body, ["%v"]))
    for xs in Loops.arrays("i64", Random(3)):
        state = 0xBE
        for x in xs:
            state = ((state << 3) & 255) ^ (state >> 5) ^ (x & 255)
        for run in runs:
            assert Loops.values(run, [xs, 0xBE]) == [state]


def test_bits_that_are_lost_are_refused() -> None:
    body = ["%c = const 2 : i64", "%d = shr %s0, %c : i64", "%v = xor %d, %s0 : i64", "%w = xor %v, %x : i64"]
    assert "more than a shift" in Loops.reason(loop("i64", 1, body, ["%w"]))


def test_tests_of_more_than_one_bit_are_refused() -> None:
    body = [
        "%one = const 1 : i64",
        "%three = const 3 : i64",
        "%zero = const 0 : i64",
        "%a = and %s0, %three : i64",
        "%b = ne %a, %zero",
        "%c = shr %s0, %one : i64",
        "%d = xor %c, %x : i64",
        "%v = select %b, %d, %c : i64",
    ]
    assert "bit" in Loops.reason(loop("i64", 1, body, ["%v"]))
