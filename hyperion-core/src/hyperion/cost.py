"""How the work of a function grows with the size of its input."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cost:
    """Asymptotic work and span in the size n, as text such as `O(n)`, `O(n/p)`, `O(log n)`; p is the worker count."""

    work: str
    span: str
    rank: int  # smaller is better: 0 constant, 1 logarithmic, 2 parallel linear, 3 linear, ...

    def __str__(self) -> str:
        return self.span


CONSTANT = Cost("O(1)", "O(1)", 0)
LOGARITHMIC = Cost("O(log n)", "O(log n)", 1)
PARALLEL_LINEAR = Cost("O(n)", "O(n/p)", 2)
LINEAR = Cost("O(n)", "O(n)", 3)
UNKNOWN = Cost("unknown", "unknown", 9)
