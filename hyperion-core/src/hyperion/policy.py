"""What an Instance lets count as proof."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hyperion.folder_store import FolderStore


@dataclass(frozen=True, slots=True)
class Policy:
    """What counts as proof.

    `oracles` are the labels of oracle steps that are believed; none are unless named. `theories` names the
    distributions whose own axioms are believed, on top of the core's; none are unless named. `unproved_passes` names
    passes that may change a function without evidence; what they touch is marked as unproved, and nothing parallel is
    derived from it. `verify_each` has the IR verified after every pass, not only after the last. `verdicts` is where
    the checker's verdicts about stored proofs are kept and count as its word; with None every process asks anew.
    """

    oracles: frozenset[str] = field(default_factory=frozenset[str])
    unproved_passes: frozenset[str] = field(default_factory=frozenset[str])
    verify_each: bool = True
    theories: frozenset[str] = field(default_factory=frozenset[str])
    verdicts: FolderStore | None = field(default=None, compare=False)  # the same proofs count
