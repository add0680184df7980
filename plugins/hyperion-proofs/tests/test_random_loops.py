"""Random loops over a semiring: whatever the strategies offer computes what the loop computes, traps included."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import pytest

from hyperion.errors import TrapOverflowError, TrapValueError
from hyperion.interfaces.strategy import Candidate, Refusal
from hyperion.ir.function import Function, Program, walk
from hyperion.ir.parser import parse_program
from hyperion.ir.types import I64, IntType, scalar_types
from hyperion.ir.verifier import verify
from hyperion.logic.checking import check
from hyperion.logic.denote import denote
from hyperion.logic.terms import digest
from hyperion_interp.interpreter import Interpreter
from hyperion_proofs.strategies import ParallelReduction, Power

ELEMENTS = ("i8", "i16", "i32", "i64", "u8", "u32")
SEEDS = range(60)


@dataclass
class Writer:
    """Writes one loop over i64 state as text: the state is linear over (max, +), (min, +) or (+, *) modulo 2**64."""

    random: Random
    element: str
    mode: str  # trap or wrap
    choose: str  # max or min: what a loop over (max, +) or (min, +) chooses by

    def __post_init__(self) -> None:
        self.count = self.random.randint(1, 3)
        self.lines: list[str] = []
        self._new: list[str] = []  # the new state so far
        self._next = 0

    def _emit(self, text: str) -> str:
        name = f"%v{self._next}"
        self._next += 1
        self.lines.append(f"{name} = {text}")
        return name

    def _const(self) -> str:
        return self._emit(f"const {self.random.randint(-4, 4)} : i64")

    def _element(self) -> str:
        x = "%x" if self.element == "i64" else self._emit("cast %x : i64")
        match self.random.randrange(4):
            case 0:
                return self._const()
            case 1:
                return self._emit(f"{self.random.choice(('max', 'min'))} {x}, {self._const()} : i64")
            case _:
                return x

    def _component(self, i: int) -> str:
        """A later component may use the new values of earlier ones."""
        own = f"%s{i}"
        match self.random.randrange(6 if self.mode == "trap" else 5):
            case 0:
                return self._add(own, self._element())
            case 1 if self.mode == "wrap":
                return self._add(self._emit(f"mul.wrap {own}, {self._element()} : i64"), self._const())
            case 1 | 2 if self.mode == "trap":
                return self._pick(self._add(own, self._element()), self._element())
            case 3 if self.mode == "trap" and i:
                return self._pick(own, self._new[i - 1])
            case 4 if i:
                return self._add(own, f"%s{i - 1}") if self.mode == "wrap" else self._pick(own, f"%s{i - 1}")
            case 5:
                return self._branch(own)
            case _:
                return self._add(own, self._element())

    def _add(self, a: str, b: str) -> str:
        if self.random.random() < 0.2:
            return self._emit(f"sub.{self.mode} {a}, {b} : i64")
        return self._emit(f"add.{self.mode} {a}, {b} : i64")

    def _pick(self, a: str, b: str) -> str:
        match self.random.randrange(3):
            case 0:
                return self._emit(f"{self.choose} {a}, {b} : i64")
            case 1:
                test = self._emit(f"{'lt' if self.choose == 'max' else 'gt'} {a}, {b} : bool")
                return self._emit(f"select {test}, {b}, {a} : i64")
            case _:
                test = self._emit(f"{'ge' if self.choose == 'max' else 'le'} {a}, {b} : bool")
                return self._emit(f"if {test} {{ yield {a} }} {{ yield {b} }}")

    def _branch(self, own: str) -> str:
        """A branch on the element; both sides add."""
        zero = self._emit("const 0 : i64")
        x = "%x" if self.element == "i64" else self._emit("cast %x : i64")
        test = self._emit(f"lt {x}, {zero} : bool")
        inner = f"%w{self._next}"
        then = f"{inner} = add.{self.mode} {own}, {x} : i64 yield {inner}"
        return self._emit(f"if {test} {{ {then} }} {{ yield {own} }}")

    def text(self) -> str:
        for i in range(self.count):
            self._new.append(self._component(i))
        states = [f"%s{i}" for i in range(self.count)]
        return f"""
func @loop(%xs: {self.element}[n], {", ".join(f"{s}i: i64" for s in states)}) -> ({", ".join(["i64"] * self.count)}) {{
  {", ".join(f"{s}r" for s in states)} = fold (%xs), ({", ".join(f"{s}i" for s in states)}) {{
    ^(%x: {self.element}, {", ".join(f"{s}: i64" for s in states)}):
      {chr(10).join(self.lines)}
      yield {", ".join(self._new)}
  }}
  return {", ".join(f"{s}r" for s in states)}
}}"""


def counted(random: Random) -> str:
    """A `for` with a constant linear update, wrapping."""
    kind, count = random.choice(("i8", "i64", "u32")), random.randint(1, 3)
    lines: list[str] = []
    for i in range(count):
        total = f"%s{random.randrange(count)}"
        for j in range(random.randint(1, 2)):
            other = random.choice([f"%s{random.randrange(count)}", "%c"])
            op = "mul.wrap" if other == "%c" and random.random() < 0.5 else random.choice(("add.wrap", "sub.wrap"))
            lines.append(f"%t{i}_{j} = {op} {total}, {other} : {kind}")
            total = f"%t{i}_{j}"
        lines.append(f"%n{i} = add.wrap {total}, %c : {kind}")
    states = [f"%s{i}" for i in range(count)]
    return f"""
func @loop(%lo: i64, %hi: i64, %by: i64, %c: {kind}, {", ".join(f"{s}i: {kind}" for s in states)}) -> ({
        ", ".join([kind] * count)
    }) {{
  {", ".join(f"{s}r" for s in states)} = for %lo, %hi, %by, ({", ".join(f"{s}i" for s in states)}) {{
    ^(%i: i64, {", ".join(f"{s}: {kind}" for s in states)}):
      {chr(10).join(lines)}
      yield {", ".join(f"%n{i}" for i in range(count))}
  }}
  return {", ".join(f"{s}r" for s in states)}
}}"""


def outcome(interpreter: Interpreter, arguments: list[object]) -> object:
    try:
        return interpreter.run(arguments)
    except TrapOverflowError as error:
        return error.code, error.span


def program(function: Function) -> Program:
    return Program({function.name: function}, function.name)


def offered(text: str) -> tuple[Interpreter, list[tuple[Candidate, Interpreter]]]:
    """The source and every candidate, whose theorem is about exactly these two."""
    source = parse_program(text)
    verify(source)
    found = [c for s in (ParallelReduction(), Power()) for c in s.derive(source.main) if isinstance(c, Candidate)]
    for c in found:
        checked = check(c.theorem)
        assert (checked.left, checked.right) == (digest(denote(source.main)), digest(denote(c.function))), text
        assert checked.hypotheses == 0
        assert c.summary
    return Interpreter(source), [(c, Interpreter(program(c.function))) for c in found]


def arrays(kind: IntType, random: Random) -> Iterator[list[int]]:
    yield []
    for edge in (kind.minimum, kind.maximum, 0, 1):
        yield [edge]
        yield [edge] * 3
    yield [kind.minimum, kind.maximum]
    yield [kind.maximum, kind.minimum] * 2
    yield [random.randint(max(-5, kind.minimum), 5) for _ in range(7)]
    yield [random.randint(max(-9, kind.minimum), 9) for _ in range(200)]  # long enough to be cut into pieces
    yield [random.randint(kind.minimum, kind.maximum) for _ in range(140)]


def states(count: int, random: Random) -> Iterator[list[int]]:
    yield [0] * count
    yield [I64.maximum] * count
    yield [I64.minimum] * count
    yield [random.choice((0, -7, 9, 2**62, -(2**62), I64.maximum - 300, I64.minimum + 300)) for _ in range(count)]


def assert_loops_agree(writer: Writer) -> bool:
    text = writer.text()
    source, candidates = offered(text)
    kind = scalar_types()[writer.element]
    assert isinstance(kind, IntType)
    for _, derived in candidates:
        for xs in arrays(kind, writer.random):
            for state in states(writer.count, writer.random):
                arguments: list[object] = [xs, *state]
                assert outcome(derived, arguments) == outcome(source, arguments), f"{text}\n{arguments}"
    return bool(candidates)


@pytest.mark.parametrize("seed", SEEDS)
def test_random_loops(seed: int) -> None:
    random = Random(seed)
    mode, choose = ("trap", "wrap")[seed % 2], random.choice(("max", "min"))
    assert_loops_agree(Writer(random, random.choice(ELEMENTS), mode, choose))


def test_most_random_loops_are_derived() -> None:
    """Otherwise the tests above say nothing."""
    derived = 0
    for seed in SEEDS:
        random = Random(seed)
        mode, choose = ("trap", "wrap")[seed % 2], random.choice(("max", "min"))
        function = parse_program(Writer(random, random.choice(ELEMENTS), mode, choose).text()).main
        derived += any(isinstance(c, Candidate) for c in ParallelReduction().derive(function))
    assert derived > len(SEEDS) * 0.6


@pytest.mark.parametrize("seed", range(25))
def test_random_powers(seed: int) -> None:
    random = Random(seed)
    text = counted(random)
    source, ((found, derived),) = offered(text)
    kinds = [p.type for p in found.function.parameters[3:]]
    for lo, hi, by in ((0, 0, 1), (0, 1, 1), (5, 0, 1), (0, 37, 1), (10, -11, -3), (-4, 60, 7)):
        for edge in (0, 1, 2):
            values = [(k.minimum, k.maximum, random.randint(0, 99))[edge] for k in kinds if isinstance(k, IntType)]
            arguments: list[object] = [lo, hi, by, *values]
            assert derived.run(arguments) == source.run(arguments), f"{text}\n{arguments}"


def test_range_step_zero_traps_in_both() -> None:
    source, ((found, derived),) = offered(counted(Random(1)))
    arguments: list[object] = [0, 5, 0, *(1 for _ in found.function.parameters[3:])]
    for interpreter in (source, derived):
        with pytest.raises(TrapValueError):
            interpreter.run(arguments)


REASSOC = """
func @loop(%xs: f64[n], %s0: f64) -> f64 {
  %s1 = fold (%xs), (%s0) {
    ^(%x: f64, %s: f64):
      %y = OP
      yield %y
  }
  return %s1
}"""


@pytest.mark.parametrize("op", ['add %s, %x {fp = "reassoc"} : f64', 'mul %s, %x {fp = "reassoc"} : f64'])
def test_regrouped_floats_are_close_and_not_finite_ones_are_as_written(op: str) -> None:
    source, ((found, derived),) = offered(REASSOC.replace("OP", op))
    assert "par.reduce" in {e.op for e in walk(found.function.equations)}
    random = Random(3)
    close = [random.uniform(0.9, 1.1) for _ in range(500)]
    for xs in ([], [1.5], close):
        (expected,), (got,) = source.run([xs, 1.0]), derived.run([xs, 1.0])
        assert got == pytest.approx(expected, rel=1e-12)
    inf = float("inf")
    for special in ([inf, 1.0], [1e308, 1e308, -1e308], [-inf, 2.0]):
        expected, got = source.run([special, 1.0]), derived.run([special, 1.0])
        assert repr(got) == repr(expected)


def test_a_strict_operation_beside_a_regrouped_one_is_refused() -> None:
    text = REASSOC.replace("OP", 'add %s, %x {fp = "reassoc"} : f64\n%z = mul %y, %x : f64').replace(
        "yield %y", "yield %z"
    )
    (found,) = ParallelReduction().derive(parse_program(text).main)
    assert isinstance(found, Refusal)
    assert "IEEE" in found.reason
