"""Loops that reductions are derived from, for the tests of rungs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from random import Random
from unittest.mock import patch

from hyperion.interfaces.strategy import Candidate, Refusal
from hyperion.ir.function import Equation, Function, Program
from hyperion.ir.parser import parse_program
from hyperion.ir.types import IntType, scalar_types
from hyperion.ir.verifier import verify
from hyperion.logic.checking import check
from hyperion.logic.denote import denote
from hyperion.logic.effort import limited
from hyperion.logic.terms import digest
from hyperion_interp.interpreter import Interpreter
from hyperion_proofs.strategies import ParallelReduction


class Loops:
    """What parallel-reduction derives from a function with one loop, as text."""

    @staticmethod
    def runs(text: str) -> list[Interpreter]:
        """The source, and what is derived from it with the array cut in several ways; the theorem is checked."""
        source = parse_program(text)
        verify(source)
        (found,) = _derived(source)
        assert isinstance(found, Candidate), found
        checked = check(found.theorem)
        assert (checked.left, checked.right) == (digest(denote(source.main)), digest(denote(found.function)))
        assert checked.hypotheses == 0
        verify(Program({found.function.name: found.function}, found.function.name))
        cuts = ((8, 4112), (1, 1), (3, 2), (2, 7))
        return [Interpreter(source), *(_recut(found.function, lanes, piece) for lanes, piece in cuts)]

    @staticmethod
    def reason(text: str) -> str:
        """Why nothing is derived."""
        (found,) = _derived(parse_program(text))
        assert isinstance(found, Refusal)
        return found.reason

    @staticmethod
    def values(run: Interpreter, arguments: list[object]) -> list[object]:
        return list(run.run(arguments))

    @staticmethod
    def arrays(element: str, random: Random) -> Iterator[list[int]]:
        """None, one, edges, and enough to be cut."""
        kind = scalar_types()[element]
        assert isinstance(kind, IntType)
        yield []
        yield [kind.minimum]
        yield [kind.maximum] * 3
        yield [kind.minimum, kind.maximum, 0, 1]
        yield [random.randint(kind.minimum, kind.maximum) for _ in range(97)]


def _derived(source: Program) -> list[Candidate | Refusal]:
    """With time enough on a machine that has other work."""
    with patch("hyperion_proofs.strategies.limited", partial(limited, 120)):
        return list(ParallelReduction().derive(source.main))


def _recut(function: Function, lanes: int, piece: int) -> Interpreter:
    def again(e: Equation) -> Equation:
        if e.op != "par.reduce":
            return e
        return replace(e, attributes=(("arrays", e.attribute("arrays")), ("lanes", lanes), ("piece", piece)))

    changed = replace(function, equations=tuple(map(again, function.equations)))
    return Interpreter(Program({function.name: changed}, function.name))
