"""Untrusted. What a rung is given, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hyperion.ir.types import BOOL, IntType, Type
from hyperion.logic import terms as t
from hyperion.logic.terms import Term
from hyperion_proofs.cases import Decider, Informed, Leaf
from hyperion_proofs.equality import Domain

if TYPE_CHECKING:
    from hyperion_proofs.gf2.algebra import Algebra

Exprs = Callable[[Sequence[Term]], list[Term]]
Pair = Callable[[Sequence[Term], Sequence[Term]], list[Term]]


@dataclass(frozen=True)
class Step:
    """Components of a loop's state that depend on each other, and their new values.

    An old component occurs as its atom: the integer of a word, a truth value, a float or a real. There may be several
    `modes`: a step is then one of several maps of the state, each with expressions of its own, and a summary must hold
    any composition of them. `element` is the variable of an element; an expression without atoms depends on it only.
    `initial` has the literals that the loop is entered with, None for other values.
    """

    members: tuple[int, ...]
    types: tuple[Type, ...]
    atoms: tuple[Term, ...]
    modes: tuple[tuple[Term, ...], ...]
    element: Term
    domain: Domain
    initial: tuple[Term | None, ...] = ()

    @property
    def exprs(self) -> tuple[Term, ...]:
        """The new values, where there is one mode."""
        (only,) = self.modes
        return only

    def part(self, indices: Sequence[int]) -> Step:
        """The step of some components, which must not depend on the others."""
        return replace(
            self,
            members=tuple(self.members[i] for i in indices),
            types=tuple(self.types[i] for i in indices),
            atoms=tuple(self.atoms[i] for i in indices),
            modes=tuple(tuple(mode[i] for i in indices) for mode in self.modes),
            initial=tuple(self.initial[i] for i in indices) if self.initial else (),
        )


def _nothing(values: Sequence[Term]) -> list[Term]:
    return []


@dataclass(frozen=True)
class Summary:
    """What a chunk becomes: stored values of IR types `types`, with integers for words as in a Step.

    `lifts` has the stored values of one element for every mode. mul takes a later and an earlier summary, act a
    summary and the state's atoms. `identity` are values that change no state, where there are such. `holds` are
    truth values that are true of the stored values of every summary, `state_holds` of every state that the loop may
    be entered in: the laws may assume them, and they are proved of what lift, mul and act give. `leaves` decide
    equations that are not ring or lattice identities, after all tests are decided; `deciders` decide tests from others,
    where they are no integer comparisons; `informed` are leaves that look at what was decided. `needs` are tests of the
    element, with their values: where one differs for an element, the loop runs as written. `late` are the positions of
    stored values that do not count the first element of a chunk; `fixed` and `state_fixed` are positions of stored
    values and of the state that are as large as one element, the initial value or `largest`, however long the loop
    runs. `depth` is how many elements of a chunk a join may still have to count: those that are late. With the
    `algebra` of a shift register, its theorems prove the laws, and mul takes as later summary that of
    one element only.
    """

    types: tuple[Type, ...]
    lifts: tuple[tuple[Term, ...], ...]
    mul: Pair
    act: Pair
    identity: tuple[Term, ...] | None = None
    holds: Exprs = _nothing
    state_holds: Exprs = _nothing
    leaves: tuple[Leaf, ...] = ()
    deciders: tuple[Decider, ...] = ()
    informed: tuple[Informed, ...] = ()
    needs: tuple[tuple[Term, Term], ...] = ()
    late: frozenset[int] = frozenset()
    fixed: frozenset[int] = frozenset()
    state_fixed: frozenset[int] = frozenset()
    largest: int = 0
    depth: int = 1
    algebra: Algebra | None = None

    @property
    def lift(self) -> tuple[Term, ...]:
        (only,) = self.lifts
        return only

    @property
    def size(self) -> int:
        return len(self.types)


Solve = Callable[[Step, bool], Summary]
"""Summarises a step. Where the flag is set, the identity must be among the summaries."""


def symbols(types: Sequence[Type], hint: str) -> list[Term]:
    """Variables for stored values or atoms of these types."""
    return [t.var(f"{hint}{i}", symbol_type(ty)) for i, ty in enumerate(types)]


def symbol_type(ty: Type) -> t.Ty:
    if isinstance(ty, IntType):
        return t.INT
    return t.BOOL if ty == BOOL else t.type_of(str(ty))
