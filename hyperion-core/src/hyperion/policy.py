"""What an Instance lets count as proof."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Policy:
    """What counts as proof. `oracles` are the labels of oracle steps that are believed; none are unless named."""

    oracles: frozenset[str] = field(default_factory=frozenset[str])
