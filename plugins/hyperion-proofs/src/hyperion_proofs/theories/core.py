"""The theories of the core: those with axioms of their own, and those that are definitions and theorems alone."""

from __future__ import annotations

from hyperion_proofs.theories.records import CoreTheory

_WORD = r"[iu]\d+\."
THEORIES = {
    theory.name: theory
    for theory in (
        CoreTheory("affine"),
        CoreTheory("bits", _WORD + r"bit\."),
        CoreTheory("booleans", r"(and|or|xor|not|cond)\."),
        CoreTheory("clamps"),
        CoreTheory("finite-functions"),
        CoreTheory("floats", r"f\d+\."),
        CoreTheory("gf2"),
        CoreTheory("integers", r"(int|within)\."),
        CoreTheory("lists", r"(listrec|count)\."),
        CoreTheory("modular"),
        CoreTheory("naturals", r"natrec\."),
        CoreTheory("orders"),
        CoreTheory("outcomes", r"outcase\."),
        CoreTheory("reals", r"real\."),
        CoreTheory("saturating"),
        CoreTheory("semirings"),
        CoreTheory("trapping"),
        CoreTheory("words", _WORD + r"(?!bit\.)"),
    )
}
