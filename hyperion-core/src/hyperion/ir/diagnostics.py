"""Many errors as one exception."""

from __future__ import annotations

from collections.abc import Sequence

from hyperion.errors import TypeCheckError

MAX_DEPTH = 100  # levels of nested regions; what walks them may recurse

Diagnostic = TypeCheckError  # one error with code, span, notes and hints; it need not be raised

_SHOWN = 50


def collected(errors: Sequence[Diagnostic]) -> TypeCheckError:
    """One exception for one or more errors: the only one itself, or the first's code and place and each as a note."""
    first = errors[0]
    if len(errors) == 1:
        return first
    notes = [str(error) for error in errors[:_SHOWN]]
    if len(errors) > _SHOWN:
        notes.append(f"and {len(errors) - _SHOWN} more")
    return TypeCheckError(first.code, f"{len(errors)} errors; the first: {first.message}", first.span, notes)
