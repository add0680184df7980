"""Small passes of every kind, and an Instance that has them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from types import ModuleType, SimpleNamespace
from typing import Any, Literal

import pytest

import hyperion as hp
from hyperion.interfaces.compiler_pass import PassContext, PassResult
from hyperion.ir.function import Equation, Program, Value
from hyperion.ir.types import I64

TEXT = """
func @f(%x: i64, %y: i64) -> i64 {
  %s = sub.wrap %x, %y : i64
  %k = const 7 : i64
  %r = add.wrap %s, %k : i64
  return %r
}
"""


@dataclass(frozen=True)
class LiteralsFirst:
    """Moves literals to the front: the same term."""

    @property
    def name(self) -> str:
        return "literals-first"

    def run(self, program: Program, context: PassContext) -> PassResult:
        ordered = sorted(program.main.equations, key=lambda e: e.op != "const")
        context.count("literals", sum(e.op == "const" for e in ordered))
        return PassResult(replace(program.main, equations=tuple(ordered)))


@dataclass(frozen=True)
class Exchange:
    """Exchanges the operands of subtractions: another function, without evidence."""

    @property
    def name(self) -> str:
        return "exchange"

    def run(self, program: Program, context: PassContext) -> PassResult:
        main = program.main
        exchanged = [replace(e, operands=e.operands[::-1]) if e.op == "sub.wrap" else e for e in main.equations]
        return PassResult(replace(main, equations=tuple(exchanged)))


@dataclass(frozen=True)
class Grow:
    """Adds a literal that nobody uses, up to `most`: the same term."""

    most: int = 1000

    @property
    def name(self) -> str:
        return "grow"

    def run(self, program: Program, context: PassContext) -> PassResult:
        main = program.main
        grown = [e for e in main.equations if e.results[0].name.startswith("g.")]
        if len(grown) >= self.most:
            return PassResult(main)
        context.count("grown")
        more = Equation((Value(f"g.{len(grown)}", I64),), "const", (), (("value", 1),))
        return PassResult(replace(main, equations=(more, *main.equations)))


@dataclass(frozen=True)
class Turn:
    """Moves the first equation to the end of those that need nothing: on a function of literals it goes round."""

    @property
    def name(self) -> str:
        return "turn"

    def run(self, program: Program, context: PassContext) -> PassResult:
        main = program.main
        count = sum(e.op == "const" for e in main.equations)
        first = main.equations[:count]
        return PassResult(replace(main, equations=(*first[1:], *first[:1], *main.equations[count:])))


@dataclass(frozen=True)
class Fails:
    """Fails in the way that it is told."""

    how: Literal["raise", "invalid", "junk"] = "raise"

    @property
    def name(self) -> str:
        return "fails"

    def run(self, program: Program, context: PassContext) -> Any:
        match self.how:
            case "raise":
                raise RuntimeError("boom")
            case "invalid":
                return PassResult(replace(program.main, equations=program.main.equations[1:]))
            case _:
                return 42


@dataclass(frozen=True)
class Tuned:
    """Has an option of each type."""

    flag: bool = False
    count: int = 4
    rate: float = 0.5
    label: str = "plain"
    sizes: tuple[int, ...] = (1, 2)
    words: tuple[str, ...] = ()
    mode: Literal["fast", "slow"] = "fast"

    def __post_init__(self) -> None:
        if self.count < 0:
            raise ValueError("count may not be negative")

    @property
    def name(self) -> str:
        return "tuned"

    def run(self, program: Program, context: PassContext) -> PassResult:
        return PassResult(program.main)


@dataclass(frozen=True)
class Waits:
    """Runs until it is stopped."""

    @property
    def name(self) -> str:
        return "waits"

    def run(self, program: Program, context: PassContext) -> PassResult:
        while True:
            context.check()


PASSES = (LiteralsFirst, Exchange, Grow, Turn, Fails, Tuned, Waits)


@pytest.fixture
def toys() -> SimpleNamespace:
    return SimpleNamespace(**{kind.__name__: kind for kind in PASSES}, TEXT=TEXT)


@pytest.fixture
def toy_plugin(make_plugin: Callable[..., ModuleType], tiny: Any) -> ModuleType:
    """The tiny plugin with the toys among its passes."""
    tiny.passes.update({kind().name: kind for kind in PASSES})
    return tiny.module()


@pytest.fixture
def toy(toy_plugin: ModuleType) -> Iterator[hp.Instance]:
    with hp.Instance(plugins=[toy_plugin]) as made:
        yield made
