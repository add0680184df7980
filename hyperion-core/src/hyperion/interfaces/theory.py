"""A theory: axioms, each with the record of how it was validated, and the laws that are proved from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias, runtime_checkable

from hyperion.logic.kernel import Theorem

Status: TypeAlias = Literal["smt", "exhaustive", "definition", "tested"]


@dataclass(frozen=True, slots=True)
class Record:
    """How an axiom was validated.

    smt         an SMT solver finds no counterexample, for all values of the types that the axiom is stated at
    exhaustive  it holds for every value of types of at most 8 bits
    definition  it says by cases what a constant is, and nothing else speaks of that constant
    tested      it holds for as many random values as `detail` says
    """

    status: Status
    method: str  # what did it: `z3`, `evaluation`, `cases of a constructor`
    detail: str = ""  # the count and seed of a test; the encoding where there are several
    digest: str = ""  # of the statement that was validated: another statement needs another record

    def __str__(self) -> str:
        return f"{self.method}: {self.detail}" if self.detail else self.method


@runtime_checkable
class Theory(Protocol):
    """Registered by the hook `hyperion_theories`.

    A theory of another distribution brings its axioms as `axiom_text`, in the language of the core's axiom files; each
    of its names starts with the name of the distribution and a colon. They stay off until policy names it.
    """

    @property
    def name(self) -> str: ...

    @property
    def axioms(self) -> Mapping[str, str]:
        """The record of each axiom as text, by the axiom's name."""
        ...

    @property
    def records(self) -> Mapping[str, Record]:
        """The record of each axiom, by the axiom's name."""
        ...

    @property
    def axiom_text(self) -> str:
        """Constants and axioms that are not the core's; empty for theories of the core."""
        ...

    def theorems(self) -> Mapping[str, Callable[[], Theorem]]:
        """The named laws of the theory, proved from its axioms by the kernel; each is made when it is called."""
        ...


def audit(theories: Mapping[str, Theory]) -> list[dict[str, str]]:
    """Every axiom once, in the order of their names: `id`, `theory`, `status`, `method`, `detail` and `digest`."""
    found = {
        name: {
            "id": name,
            "theory": theory.name,
            "status": record.status,
            "method": record.method,
            "detail": record.detail,
            "digest": record.digest,
        }
        for theory in theories.values()
        for name, record in theory.records.items()
    }
    return [found[name] for name in sorted(found)]
