"""Theorems of the library as the commands show them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any  # JSON values

from hyperion.diagnostics.layout import shown
from hyperion.errors import ProofError
from hyperion.interfaces.theorem_library import StoredTheorem, TheoremLibrary
from hyperion.ir.function import Program, walk
from hyperion_cli.compiled import signature_of
from hyperion_cli.output import UsageError

SHORT = 12  # characters of a digest
MODES = ("trap", "wrap", "sat")


def fields(theorem: StoredTheorem) -> dict[str, Any]:
    """A theorem as plain values; what the checker says of it, or why it refuses."""
    found: dict[str, Any] = {
        "digest": theorem.digest,
        "signature": signature_of(theorem.source.main),
        "overflow": overflow_of(theorem.source),
        "strategy": theorem.strategy,
        "cost": str(theorem.cost),
        "summary": theorem.summary,
    }
    try:
        checked = theorem.checked
    except ProofError as error:
        return {**found, "checked": False, "reason": error.message}
    return {
        **found,
        "checked": not checked.hypotheses,
        "statement": checked.statement,
        "axioms": list(checked.axioms),
        "oracles": list(checked.oracles),
        "steps": checked.steps,
    }


def overflow_of(program: Program) -> str:
    """What the integer operations of the program do beyond their range: `trap`, `wrap`, `sat`, several of them with
    commas between, or nothing where no operation has such a mode."""
    ops = {equation.op for function in program.functions.values() for equation in walk(function.equations)}
    return ", ".join(mode for mode in MODES if any(op.endswith(f".{mode}") for op in ops))


def safe(text: str) -> str:
    """Texts of a stranger's bundle do not move the cursor."""
    return "\n".join(shown(line) for line in text.split("\n"))


def chosen(library: TheoremLibrary, digests: Sequence[str]) -> list[StoredTheorem]:
    """The theorems whose digests begin so; all of them where none is named. Raises `UsageError` (HY1222)."""
    theorems = list(library)
    if not digests:
        return theorems
    found = [one(theorems, digest) for digest in digests]
    return list({theorem.digest: theorem for theorem in found}.values())


def one(theorems: Sequence[StoredTheorem], digest: str) -> StoredTheorem:
    """The only theorem whose digest begins so. Raises `UsageError` (HY1222)."""
    found = [t for t in theorems if t.digest.startswith(digest.lower())]
    if len(found) == 1:
        return found[0]
    if found:
        hints = [f"give more of it: {', '.join(t.digest[: len(digest) + 4] for t in found[:5])}"]
        raise UsageError("HY1222", f"{len(found)} theorems of the library begin with {digest!r}", hints=hints)
    hints = ["`hyperion theorems list` shows them"] if theorems else ["the library is empty: derive something first"]
    raise UsageError("HY1222", f"no theorem of the library begins with {digest!r}", hints=hints)
