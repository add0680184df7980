"""The axioms of the theories, with how each was validated."""

from __future__ import annotations

import hyperion as hp

STATUSES = ("smt", "exhaustive", "definition", "tested")
_WORDS = {"z3": "smt", "defining": "definition"}


def statuses(instance: hp.Instance) -> dict[str, str]:
    """The status of each axiom by its name."""
    return {name: status_of(text) for theory in instance.theories().values() for name, text in theory.axioms.items()}


def status_of(record: str) -> str:
    """`smt`, `exhaustive`, `definition` or `tested`, from the text of a validation record."""
    word = record.split()[0] if record else "unknown"
    return _WORDS.get(word, word)
