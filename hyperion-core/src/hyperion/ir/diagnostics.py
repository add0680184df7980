"""Many errors as one exception, and what their messages have in common."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from itertools import islice

from hyperion.errors import TypeCheckError

MAX_DEPTH = 100  # levels of nested regions or types; what walks them may recurse
MOST_EXPLAINED = 50  # errors that get suggestions and exact places; as many as are shown

Diagnostic = TypeCheckError  # one error with code, span, notes and hints; it need not be raised

_MOST_ERRORS = 1000  # more are not looked for
_MOST_COMPARED = 1000  # names among which the nearest is looked for
_LONGEST_SHOWN = 60  # characters of a word of the source in a message


class TooManyErrors(Exception):
    """Nobody reads on; what was found so far is reported."""


class ErrorList:
    """The errors found so far."""

    def __init__(self) -> None:
        self.errors: list[Diagnostic] = []

    def report(self, error: Diagnostic) -> None:
        """Adds one. Raises `TooManyErrors` where it is the last that is kept."""
        self.errors.append(error)
        if len(self.errors) >= _MOST_ERRORS:
            raise TooManyErrors


def collected(errors: Sequence[Diagnostic]) -> TypeCheckError:
    """One exception for one or more errors: the only one itself, or one with the first's code and place that has all
    of them as its `errors`."""
    first = errors[0]
    if len(errors) == 1:
        return first
    members = [member for error in errors for member in error.errors]
    return TypeCheckError(first.code, f"{len(members)} errors; the first: {first.message}", first.span, errors=members)


def by_place(errors: Iterable[Diagnostic]) -> list[Diagnostic]:
    """In the order of the text; errors without a place come last."""
    return sorted(errors, key=lambda e: (e.span is None, (e.span.line, e.span.column) if e.span else (0, 0)))


def nearest(name: str, candidates: Iterable[str]) -> list[str]:
    """Up to three of the candidates that look like `name`, the most similar first."""
    if len(name) > _LONGEST_SHOWN:
        return []
    cutoff = 0.5 if len(name) <= 3 else 0.6
    similar = (c for c in candidates if abs(len(c) - len(name)) <= 3)
    return difflib.get_close_matches(name, list(islice(similar, _MOST_COMPARED)), n=3, cutoff=cutoff)


def did_you_mean(name: str, candidates: Iterable[str]) -> tuple[str, ...]:
    """A hint with the nearest names, or none."""
    found = nearest(name, candidates)
    return (f"did you mean {' or '.join(found)}?",) if found else ()


def shortened(word: str) -> str:
    """A word of the source as a message shows it."""
    return word if len(word) <= _LONGEST_SHOWN else f"{word[: _LONGEST_SHOWN - 1]}…"
