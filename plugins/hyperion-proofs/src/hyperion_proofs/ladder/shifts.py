"""Untrusted. The rung of shift registers: words whose bits move, and cyclic checksums.

    s  ->  A s ^ B x        A repeats a shift that moves one bit to the next

A chunk of k elements is a pair: A**k e for the bit e that is met first, and what the chunk makes of 0. One element is
appended to it by the loop's own step; only what takes it to a state combines as many words as the state has bits.
"""

from __future__ import annotations

from collections.abc import Sequence

from hyperion.ir.types import IntType, Type
from hyperion.logic import literals
from hyperion.logic.definitions import apply
from hyperion.logic.terms import Term
from hyperion_proofs.derived import NoProof
from hyperion_proofs.gf2.algebra import Algebra
from hyperion_proofs.gf2.register import Register, registers, replaced
from hyperion_proofs.gf2.words import WORDS, as_word, literal, xor
from hyperion_proofs.ladder.step import Step, Summary
from hyperion_proofs.templates import NotLinear


def shifts(step: Step, element: Sequence[tuple[Term, Type]], identity: bool) -> Summary:
    """A step of one word. Raises NotLinear."""
    if len(step.atoms) != 1 or len(step.modes) != 1 or identity:
        raise NotLinear("bits of several values of the state move, or under a test of the state")
    (kind,), word = step.types, str(step.types[0])
    if word not in WORDS:
        raise NotLinear(f"shifts of {word} have no laws")
    state = step.atoms[0].argument
    (initial,) = step.initial or (None,)
    known = literals.int_value(initial) if initial is not None else 0
    least = known.bit_length() if known >= 0 else 0
    first: NotLinear | None = None
    for register in registers(as_word(step.exprs[0], word), state, step.element, least):
        try:
            return _summary(Algebra(register), kind, element)
        except (NotLinear, NoProof) as why:
            first = first or NotLinear(str(why))
    raise first or NotLinear("the bits of the state move by more than a shift of all of them")


def _summary(algebra: Algebra, kind: Type, element: Sequence[tuple[Term, Type]]) -> Summary:
    register = algebra.register
    word, zero = register.word, literal(register.word, 0)
    types = (kind, kind, *(ty for _, ty in element))

    def integer(x: Term) -> Term:
        return apply(f"toZ.{word}", x)

    def inputs(values: Sequence[Term]) -> dict[Term, Term]:
        return _inputs(register, element, values)

    def mul(later: Sequence[Term], earlier: Sequence[Term]) -> list[Term]:
        c, v = (as_word(x, word) for x in earlier[:2])
        moved = register.stepped(v, inputs(later[2:]))
        return [integer(register.advanced(c)), integer(moved), *later[2:]]

    def act(values: Sequence[Term], state: Sequence[Term]) -> list[Term]:
        c, v = (as_word(x, word) for x in values[:2])
        return [integer(xor(register.combined(c, as_word(state[0], word)), v))]

    def holds(values: Sequence[Term]) -> list[Term]:
        return [register.inside(as_word(x, word)) for x in values[:2]]

    def state_holds(state: Sequence[Term]) -> list[Term]:
        return [register.inside(as_word(state[0], word))]

    lift = (
        integer(register.advanced(register.first)),
        integer(register.stepped(zero, inputs([x for x, _ in element]))),
        *(x for x, _ in element),
    )
    return Summary(types, (lift,), mul, act, None, holds, state_holds, algebra=algebra)


def _inputs(register: Register, element: Sequence[tuple[Term, Type]], values: Sequence[Term]) -> dict[Term, Term]:
    """The words of an element, whose parts have these integers."""
    known: dict[Term, Term] = {}
    for (x, ty), value in zip(element, values, strict=True):
        if isinstance(ty, IntType) and value is not x:
            known |= {x: value, x.argument: apply(f"ofZ.{ty}", value)}
    return {y: replaced(original, known) for y, original in register.inputs.items()}
