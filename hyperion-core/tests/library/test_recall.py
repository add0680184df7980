"""What a theorem library of a plugin hands over is judged as it will be compiled, and its failures are told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from hyperion.cost import LOGARITHMIC
from hyperion.driver import Derivation, derive
from hyperion.interfaces.event import Event
from hyperion.interfaces.strategy import Candidate
from hyperion.interfaces.theorem_library import Recalled, StoredTheorem
from hyperion.ir.function import Equation, Function, Program
from hyperion.ir.parser import parse_program
from hyperion.library.in_process import InProcessLibrary
from hyperion.logic import kernel
from hyperion.logic.denote import denote
from hyperion.pipeline import OptimizerPipeline
from hyperion.policy import Policy
from hyperion.recall import Reuse, recalled_or_derived

SUM = parse_program("func @sum(%x: i64, %y: i64) -> i64 {\n  %z = add.wrap %x, %y : i64\n  return %z\n}\n")


class Same:
    """A strategy that offers the function itself."""

    name = "same"

    def derive(self, function: Function) -> Iterable[Candidate]:
        yield Candidate("same", function, kernel.refl(denote(function)), LOGARITHMIC, False, "same")


def search() -> Derivation:
    return derive(SUM, OptimizerPipeline([], Policy()), [Same()], Policy(), lambda event: None)


def asked(library: Any, told: list[Event]) -> Derivation:
    return recalled_or_derived(SUM, Reuse(library, "all"), Policy(), told.append, search)


class Handing(InProcessLibrary):
    """Hands over whatever `made` makes of what it knows."""

    def __init__(self, made: Callable[[Recalled], Any]) -> None:
        super().__init__()
        self._made = made

    def find(self, source: Program) -> Iterator[Any]:
        return map(self._made, super().find(source))


def test_equations_that_change_after_the_judgement_are_not_compiled() -> None:
    lists: list[list[Equation]] = []

    def changing(found: Recalled) -> Recalled:
        lists.append(list(found.chosen.main.equations))
        main: Any = replace(found.chosen.main, equations=lists[-1])
        return replace(found, chosen=replace(found.chosen, functions={"sum": main}))

    library, told = Handing(changing), list[Event]()
    asked(library, told)
    found = asked(library, told)
    assert found.recalled == "exact"
    lists[-1].clear()
    assert found.chosen.main == SUM.main


@pytest.mark.parametrize("offer", [None, "text", 3])
def test_what_is_no_offer_costs_a_search(offer: object) -> None:
    library, told = Handing(lambda found: offer), list[Event]()
    asked(library, told)
    found = asked(library, told)
    assert (found.verdict.checked, found.recalled) == (True, "")
    assert "the theorem library failed: TypeError" in told[-1].message


def test_an_offer_without_a_program_costs_a_search() -> None:
    nothing: Any = None
    library, told = Handing(lambda found: replace(found, chosen=nothing)), list[Event]()
    asked(library, told)
    found = asked(library, told)
    assert (found.verdict.checked, found.recalled) == (True, "")
    assert any("no program is offered" in event.message for event in told)


class Broken(InProcessLibrary):
    def find(self, source: Program) -> Iterable[Recalled]:
        raise OSError("gone")

    def add(self, theorem: StoredTheorem) -> None:
        raise OSError("full")


def test_a_library_that_raises_costs_a_search() -> None:
    told: list[Event] = []
    assert asked(Broken(), told).verdict.checked
    assert [e.message.partition(": ")[2] for e in told] == [
        "the theorem library failed: OSError: gone",
        "the theorem library failed: OSError: full",
    ]
