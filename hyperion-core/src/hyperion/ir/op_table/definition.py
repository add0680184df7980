"""What the table says about one op."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from hyperion.ir.function import Function
from hyperion.ir.scalars import Evaluate, TrapKind
from hyperion.ir.type_rules import TypeRule, Use

MadeSizes = Literal["", "every axis", "the axis"]
Expansion = Callable[[Use], Function]


@dataclass(frozen=True, slots=True)
class OpDef:
    """One op. `traps` is empty where it never traps; `evaluate` is its meaning on Python values, for scalar ops.

    `denotation` says what the op means in the logic (`hyperion.logic`). Alternatives, separated by ` | `, are tried
    from left to right on the type of the first operand (of the result where there is none):

        constant            the literal in the attribute `value`
        machine OP [MODE]   machine integers: OP on integers between toZ and ofZ. MODE says what becomes of a result
                            that does not fit: wrap, trap or sat; without MODE it fits. floordiv and mod trap on 0
        bits OP             machine integers: and, or, xor and not, bit by bit
        shift left [MODE]   machine integers: x * 2**count, as the mode says; a negative count traps
        shift right         machine integers: x // 2**count; a negative count traps
        integer OP          `int`: OP on integers
        ieee NAME           floats: the constant NAME.FORMAT, which has the laws of IEEE; `real` under fp="reassoc"
        ieee NAME by zero   the same, with a trap where the divisor equals 0
        real NAME           what an `ieee` op or `neg` becomes under fp="reassoc"
        logic OP            bool: the connective OP
        compare OP          a truth value: by integers, by IEEE or by truth values
        choice              cond of the operands
        cast                toZ, ofZ and ranges between integers; under fp="reassoc" toR from an integer to a float;
                            else opaque, an outcome where the op traps
        size                the length of a list; of arrays of more dimensions the size of an axis, opaque
        element trap        get and update: by recursion on a list, opaque inside arrays of more dimensions; a trap
                            where an index is outside
        element undefined   the same, `op:undefined` where an index is outside
        elements            the list of the operands; opaque for more dimensions
        progression         the list that a loop over this range runs over
        when                the list where the condition holds, else the empty one
        resized             of arrays of one dimension: the list, where it is as long as the other; else a trap
        gathered            in an array of one dimension: in order, the elements at the indices; a trap where one is
                            outside
        tuple, item         the pair type
        product             of two matrices, with regions that are total: the matrix of the folds over the contracted
                            axis, where the sizes are equal; else a trap
        unit axis           a list as a matrix of one row or column, and back
        opaque              total: a constant of its own for each op, attributes and types, applied to the operands and
                            the regions
        opaque outcome      the same with an outcome as its value, for an op that traps
        control             by a definition of its own over the regions
        uninterpreted       a plugin's op with `evaluate`: opaque, its constant keyed by owner, op, version and the
                            attributes that are not `inert`; an outcome where `traps` is not empty
        expansion           a plugin's op with `expansion`: what the function of core ops denotes
    """

    name: str
    signature: str
    doc: str
    rule: TypeRule
    traps: tuple[TrapKind, ...] = ()
    evaluate: Evaluate | None = None
    attributes: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    optional_regions: int = 0  # how many of the last regions may be absent
    diverges: bool = False  # may run for ever
    denotation: str = "opaque"
    makes_sizes: MadeSizes = ""  # axes of the results whose sizes are new names (or numbers that are compared)
    total_regions: bool = False  # its regions may neither trap, diverge nor branch
    unchecked: bool = False  # behaviour is undefined for some operands: it needs a theorem and never moves
    inert: tuple[str, ...] = ()  # attributes that do not change the value
    deterministic: bool = True  # equal operands give equal results; anything else is refused
    expansion: Expansion | None = None  # the same meaning in core ops, for the types of one use
    owner: str = ""  # the distribution of a plugin's op; empty for the core's
    version: str = ""  # of the op's meaning; a plugin raises it when the meaning changes

    @property
    def is_control(self) -> bool:
        return bool(self.regions) or self.diverges
