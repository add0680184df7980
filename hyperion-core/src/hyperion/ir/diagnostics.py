"""Many errors as one exception."""

from __future__ import annotations

from collections.abc import Sequence

from hyperion.errors import TypeCheckError

MAX_DEPTH = 100  # levels of nested regions; what walks them may recurse

Diagnostic = TypeCheckError  # one error with code, span, notes and hints; it need not be raised


def collected(errors: Sequence[Diagnostic]) -> TypeCheckError:
    """One exception for one or more errors: the only one itself, or one with the first's code and place that has all
    of them as its `errors`."""
    first = errors[0]
    if len(errors) == 1:
        return first
    members = [member for error in errors for member in error.errors]
    return TypeCheckError(first.code, f"{len(members)} errors; the first: {first.message}", first.span, errors=members)
