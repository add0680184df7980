"""Strength reduction.

    mul.trap %x, 2                           -->    add.trap %x, %x
    mul.wrap %x, 3                           -->    add.wrap (add.wrap %x, %x), %x
    x * x * x * x, wrapping                  -->    %s = mul.wrap %x, %x and mul.wrap %s, %s

Products of up to 16 factors get the fewest multiplications that squaring gives, longer ones piece by piece. Sums of
more than two terms stay products with trap and sat, where they would stop at another place. What has no evidence, and
is left alone: shifts and bit masks for products, quotients and remainders by powers of two (shifts and bits of words
have no laws), and products with a loop's counter (nor have the elements of most ranges).
"""

from __future__ import annotations

from dataclasses import dataclass

from hyperion.interfaces.compiler_pass import PassContext, PassResult
from hyperion.ir.function import Program, values_of
from hyperion_passes.applying import simplified
from hyperion_passes.law_tables import strength
from hyperion_passes.products import products
from hyperion_passes.sites import Laws


@dataclass(frozen=True, slots=True)
class StrengthReduction:
    @property
    def name(self) -> str:
        return "strength-reduction"

    def run(self, program: Program, context: PassContext) -> PassResult:
        types = dict.fromkeys(v.type for v in values_of(program.main))
        return simplified(program, context, [Laws(strength(types))], once=[products])
