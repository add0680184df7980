"""From derivations to the contents of a module file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hyperion.driver import Derivation
from hyperion.errors import ModuleError
from hyperion.logic.proof import Proof, line_of
from hyperion.module.about import About
from hyperion.module.contents import Contents, StoredFunction
from hyperion.module.function import ModuleFunction
from hyperion.module.records import Record, TheoremRecord
from hyperion.module.span_writer import Spans
from hyperion.module.stored_code import StoredCode


def contents_of(
    functions: Mapping[str, ModuleFunction], about: About, code: Sequence[StoredCode], spans: Spans
) -> Contents:
    """The contents. Raises `ModuleError` (HY3016) for a module without functions, or whose functions use different
    plugins' operations."""
    if not functions:
        raise ModuleError("HY3016", "a module without functions has no file")
    derivations = {name: function.derivation for name, function in functions.items()}
    registries = [d.source.registry for d in derivations.values()]
    if any(r != registries[0] for r in registries):
        raise ModuleError("HY3016", "the functions were compiled by Instances with different plugins")
    proofs: dict[bytes, int] = {}
    stored = [StoredFunction(name, d.source, d.chosen, _record(d, proofs)) for name, d in derivations.items()]
    return Contents(about, tuple(stored), tuple(proofs), tuple(code), spans)


def _record(derivation: Derivation, proofs: dict[bytes, int]) -> Record:
    return Record(
        _theorem(derivation, proofs),
        None if derivation.rewritten is None else _number(derivation.rewritten, proofs),
        derivation.unproved,
        derivation.parallel,
        derivation.chosen_cost,
        derivation.candidates,
        derivation.refusals,
    )


def _theorem(derivation: Derivation, proofs: dict[bytes, int]) -> TheoremRecord | None:
    equality, verdict = derivation.equality, derivation.verdict
    if derivation.theorem is None or equality is None:
        return None
    return TheoremRecord(
        _number(derivation.theorem, proofs),
        equality.strategy,
        equality.text,
        equality.left,
        equality.right,
        verdict.axioms,
        verdict.oracles,
    )


def _number(proof: Proof, proofs: dict[bytes, int]) -> int:
    return proofs.setdefault(line_of(proof), len(proofs))
