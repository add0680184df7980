"""One model of what went wrong, from the parser to the running code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from hyperion.diagnostics.place import Label, Span

MOST_CALLERS = 16
Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """What, where, why and what to try. `labels` are secondary places; `errors` are the members where several were
    found together, each a whole diagnostic; `kind` is the name of the exception's class."""

    code: str
    message: str
    span: Span | None = None
    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    errors: tuple[Diagnostic, ...] = ()
    severity: Severity = "error"
    kind: str = "HyperionError"


class Reportable(Protocol):
    """What has a diagnostic: every `HyperionError`."""

    @property
    def diagnostic(self) -> Diagnostic: ...


def diagnostic_of(found: Diagnostic | Reportable) -> Diagnostic:
    return found if isinstance(found, Diagnostic) else found.diagnostic


def called_from(span: Span | None) -> tuple[Label, ...]:
    """A label for each call that the code at `span` was inlined into, innermost first; of a long chain its two ends."""
    callers = () if span is None else tuple(span.callers)
    said = "called from here"
    labels = [Label(caller, said) for caller in callers]
    if len(labels) > MOST_CALLERS:
        half = MOST_CALLERS // 2
        gap = Label(labels[half - 1].span, f"{said}; {len(labels) - 2 * half} calls further out are left out")
        labels = [*labels[: half - 1], gap, *labels[-half:]]
    return tuple(labels)
