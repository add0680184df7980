"""What an Instance lets count as proof."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Policy:
    """What counts as proof.

    `oracles` are the labels of oracle steps that are believed; none are unless named. `theories` names the
    distributions whose own axioms are believed, on top of the core's; none are unless named. `unproved_passes` names
    passes that may change a function without evidence; what they touch is marked as unproved, and nothing parallel is
    derived from it. `verify_each` has the IR verified after every pass, not only after the last.
    """

    oracles: frozenset[str] = field(default_factory=frozenset[str])
    unproved_passes: frozenset[str] = field(default_factory=frozenset[str])
    verify_each: bool = True
    theories: frozenset[str] = field(default_factory=frozenset[str])
