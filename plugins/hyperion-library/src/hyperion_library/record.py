"""A stored theorem as bytes: a module file of one function, whose places name no file. Nothing of it is believed when
it is read."""

from __future__ import annotations

from dataclasses import dataclass

from hyperion import __version__
from hyperion.errors import ModuleError
from hyperion.interfaces.theorem_library import StoredTheorem
from hyperion.ir.registry import Registry
from hyperion.library.keys import key_of, theorem_digest
from hyperion.library.placing import without_files
from hyperion.logic.proof import ProofFile, line_of
from hyperion.module import container
from hyperion.module.about import About
from hyperion.module.contents import Contents, StoredFunction, sections
from hyperion.module.limits import Limits
from hyperion.module.reading import open_module
from hyperion.module.records import Record, TheoremRecord
from hyperion.module.source import Memory

LIMITS = Limits(
    file_bytes=16 << 20,
    raw_bytes=64 << 20,
    sections=8,
    json_bytes=1 << 20,
    ir_bytes=4 << 20,
    span_bytes=1 << 20,
    items=1_000_000,
    functions=200,
    equations=20_000,
    values=100_000,
    spans=20_000,
)
"""How much one record may ask for; what a derivation stores is a small part of it."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a record says of the theorem's statement. No reader believes it."""

    left: str
    right: str
    axioms: tuple[str, ...]
    oracles: tuple[str, ...]


def encode(theorem: StoredTheorem, claims: Claims | None = None) -> bytes:
    """The record: equal bytes for equal theorems. `claims` are the checker's conclusions unless they are given.

    Raises `ModuleError` (HY3016) for what a file cannot hold, `ProofError` where the checker refuses the proof.
    """
    if claims is None:
        checked = theorem.checked
        claims = Claims(checked.left, checked.right, checked.axioms, checked.oracles)
    theorem = without_files(theorem)
    claim = TheoremRecord(
        0, theorem.strategy, theorem.summary, claims.left, claims.right, claims.axioms, claims.oracles
    )
    record = Record(claim, None, (), theorem.parallel, theorem.cost, theorem.candidates, theorem.refusals)
    name = theorem.source.entry
    function = StoredFunction(name, theorem.source, theorem.chosen, record)
    about = About(name, __version__, theorem.searched)
    contents = Contents(about, (function,), (line_of(theorem.proof),), (), "places")
    return b"".join(container.pieces(sections(contents, "zlib")))


def decode(data: bytes, registry: Registry, digest: str = "") -> StoredTheorem:
    """The theorem in a record; `digest` is recomputed where it is not given.

    Raises `ModuleError` for what is no record, or needs operations that `registry` lacks; without a digest also
    `ProofError` and `TermError`.
    """
    contents = open_module(Memory(data), LIMITS, registry).contents
    if len(contents.functions) != 1 or len(contents.proofs) != 1 or contents.code:
        raise ModuleError("HY3021", "a stored theorem is one function with one proof and no code")
    (function,), record = contents.functions, contents.functions[0].record
    if record.theorem is None:
        raise ModuleError("HY3021", "a stored theorem has a theorem")
    return StoredTheorem(
        digest or theorem_digest(key_of(function.source), function.chosen),
        function.source,
        function.chosen,
        ProofFile(contents.proofs[0]),
        record.theorem.strategy,
        record.theorem.summary,
        record.cost,
        record.parallel,
        contents.about.pipeline,
        record.candidates,
        record.refusals,
    )
