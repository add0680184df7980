"""Algebraic simplification from theorems.

    sub.wrap (add.wrap %x, %y), %y                    -->    %x
    add.wrap (mul.wrap %x, %a), (mul.wrap %x, %b)     -->    mul.wrap %x, (add.wrap %a, %b)
    max %x, (min %x, %y)                              -->    %x
    sub.trap (add.trap %x, %y), %y                    -->    %x, after the sum that may trap
    and (not %p), (not %q)                            -->    not (or %p, %q)

Each law is a theorem about two small functions; see `laws` for how to make more, and `law_tables` for those that come
with the pass. The evidence: the theorem's instance at each place, and congruence around it. Floats have no laws here.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hyperion.interfaces.compiler_pass import PassContext, PassResult
from hyperion.ir.function import Program, values_of
from hyperion_passes.applying import simplified
from hyperion_passes.law_tables import algebra
from hyperion_passes.laws import Law
from hyperion_passes.sites import Laws


@dataclass(frozen=True, slots=True)
class Algebraic:
    """`rules` come before the built-in laws; `builtin` says whether those are used. A text cannot set `rules`."""

    rules: tuple[Law, ...] = field(default=(), metadata={"option": False})
    builtin: bool = True

    @property
    def name(self) -> str:
        return "algebraic"

    def run(self, program: Program, context: PassContext) -> PassResult:
        types = dict.fromkeys(v.type for v in values_of(program.main))
        return simplified(program, context, [Laws((*self.rules, *(algebra(types) if self.builtin else ())))])
