"""A refuter looks for values that break an equation, before anybody looks for its proof. Untrusted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias, runtime_checkable

from hyperion.logic.kernel import Equation
from hyperion.logic.terms import Term

Verdict: TypeAlias = Literal["proved", "refuted", "unknown"]


@dataclass(frozen=True, slots=True)
class Counterexample:
    """Values of free variables for which every hypothesis holds and the two sides differ.

    The value of a bool is a bool, of an int or a machine word an int, of a real a Fraction, of a float a float, of a
    tuple a tuple, of a list a list, of an outcome `("ok", value)`, `("trap",)` or `("diverge",)`. What has no such
    value, a function or an element of an unknown type, is text.
    """

    values: Mapping[Term, object]

    def __str__(self) -> str:
        order = sorted(self.values.items(), key=lambda pair: pair[0].name)
        return ", ".join(f"{v.name} = {value}" for v, value in order) or "no variables"


@runtime_checkable
class Refuter(Protocol):
    """Registered by the hook `hyperion_refuters`. May be called from any thread.

    `hypotheses |- left = right` is meant for all values of its free variables, and for every meaning of constants
    without laws. Time limits are in seconds; a refuter that does not understand a term says `unknown`, never raises.
    """

    @property
    def name(self) -> str: ...

    def refute(
        self, hypotheses: Collection[Equation], left: Term, right: Term, time_limit: float
    ) -> Counterexample | None:
        """Values that break the equation; None where none were found, which proves nothing."""
        ...

    def decide(self, hypotheses: Collection[Equation], left: Term, right: Term, time_limit: float) -> Verdict:
        """Whether the equation holds; what a refuter calls proved is no theorem."""
        ...
