"""Untrusted. A range of the words of a state in which no step of a loop traps, and which no step leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyperion.logic import kernel as k
from hyperion.logic import terms as t
from hyperion.logic.derived import chain
from hyperion.logic.kernel import Theorem
from hyperion.logic.meaning import tuple_of
from hyperion_proofs.derived import NoProof
from hyperion_proofs.gf2.inside import Inside
from hyperion_proofs.gf2.orbits import spread_kept
from hyperion_proofs.gf2.spaces import LinearMap, Words, together
from hyperion_proofs.gf2.words import both, literal, same

if TYPE_CHECKING:
    from hyperion_proofs.gf2.jump_proof import JumpProof


class Within:
    """Words below 2**width, and the step as a map of them."""

    def __init__(self, vectors: Words, step: LinearMap, width: int) -> None:
        self.vectors, self.step, self.width = vectors, step, width
        (self._word,) = set(vectors.words)
        self._mask = literal(self._word, (1 << width) - 1)
        z = vectors.variables("bits")
        self.keep = LinearMap(vectors, z, [both(x, self._mask) for x in z])
        state = vectors.parts(t.var("s", vectors.type))
        self.inside = Inside(self._word, width, {x: k.assume(both(x, self._mask), x) for x in state})
        self.stays = self._stays()

    def _stays(self) -> Theorem:
        """|- keep (a (keep v)) = a (keep v), of all v. Raises NoProof."""
        v = t.var("v", self.vectors.type)
        kept = self.keep.opened(v)  # keep v = (v0 & mask, ..)
        parts = self.vectors.parts(kept.right)
        known = {x: same(both(x, self._mask), x) for x in parts}
        prove = Inside(self._word, self.width, known)
        moved = self.step.opened(kept.right)
        there = k.trans(k.app(k.refl(self.step.term), kept), moved)  # a (keep v) = (e0, ..)
        values = dict(zip(self.step.variables, parts, strict=True))
        normal = [k.inst(values, th) for th in self.step.normal]
        masked: list[Theorem] = []
        for th in normal:
            put = k.app(k.app(k.refl(both(th.left, self._mask).function.function), th), k.refl(self._mask))
            masked.append(chain(put, prove(th.right), k.sym(th)))
        if tuple_of([th.right for th in masked]) is not there.right:
            raise NoProof("a step is written in another way")
        again = k.app(k.refl(self.keep.term), there)
        opened = self.keep.opened(there.right)
        return k.abs_(v, chain(again, opened, together(masked), k.sym(there)))

    def kept(self, proof: JumpProof, start: Theorem) -> Theorem:
        """|- (x0 & mask, ..) = the state that r stands for, with x0, .. for its parts, from the same of the state at
        first"""
        begun = k.trans(self.keep.opened(start.right), start)  # keep start = start
        facts = (*self.vectors.laws(), self.keep.additive, self.stays, begun)
        r = proof.polynomial
        th = spread_kept(proof.orbit, self.keep.term, proof.modulo.tests, proof.modulo.kept(r), *facts)
        back = k.sym(proof.pictured(r))
        th = chain(k.sym(k.app(k.refl(self.keep.term), back)), th, back)
        return k.trans(k.sym(self.keep.opened(th.right)), th)
