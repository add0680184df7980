"""Loops over the indices of an array that only get its elements.

    %n = len %xs : i64
    %r = for %zero, %n, %one, (%a) {                 %r = fold (%xs), (%a) {
      ^(%i: i64, %s: i64):                             ^(%x: i64, %s: i64):
        %x = get %xs, %i                     -->         %t = add.trap %s, %x : i64
        %t = add.trap %s, %x : i64                       yield %t
        yield %t                                     }
    }

The counter must have no other use. The evidence: `get` at the indices of a list, in order, gives its elements, by
induction on the list, for arrays that exist (docs/adr/0010).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from hyperion.interfaces.compiler_pass import PassContext, PassResult
from hyperion.ir.function import Equation, Program, Region, Value, values_of, walk
from hyperion.ir.types import ArrayType
from hyperion_passes.rewriting import Rewriting, Rewritten, kept

GETS = ("get", "get.unchecked")


@dataclass(frozen=True, slots=True)
class IndexLoops:
    @property
    def name(self) -> str:
        return "index-loops"

    def run(self, program: Program, context: PassContext) -> PassResult:
        if _Loops(program, ()).function(program.main) == program.main:
            return PassResult(program.main)
        # Most functions have no such loop, and need no proofs to be imported.
        from hyperion_passes.accesses import Accesses
        from hyperion_passes.evidence import Evidence, Rewrite

        def rewritten(refused: Collection[str]) -> Rewrite:
            loops = _Loops(program, refused)
            function, accesses = loops.function(program.main), Accesses()
            return Rewrite(function, tuple(loops.found), {"fold": (accesses.loop,)}, elements=accesses.elements)

        return Evidence(program, context).largest(rewritten, "loops")


class _Loops(Rewriting):
    """`found` has the first result of each loop that became one over elements."""

    def __init__(self, program: Program, refused: Collection[str]) -> None:
        super().__init__()
        self._refused = refused
        self._definitions = {v.name: e for e in walk(program.main.equations) for v in e.results}
        self._taken = {v.name for v in values_of(program.main)}
        self.found: list[str] = []

    def equation(self, equation: Equation) -> Rewritten:
        if equation.op != "for" or not equation.results or equation.results[0].name in self._refused:
            return kept(equation)
        xs = self._array(equation)
        (region,) = equation.regions
        counter, *state = region.parameters
        if xs is None or not _only_gets(region, counter, xs):
            return kept(equation)
        assert isinstance(xs.type, ArrayType)
        element = Value(self._fresh(f"{xs.name}.element"), xs.type.element)
        body = _Elements(xs, counter, element).region(region)
        fold = replace(
            equation,
            op="fold",
            operands=(xs, *equation.operands[3:]),
            attributes=(("arrays", 1),),
            regions=(replace(body, parameters=(element, *state)),),
        )
        self.found.append(equation.results[0].name)
        return kept(fold)

    def _array(self, loop: Equation) -> Value | None:
        """The array over whose indices the loop goes."""
        lo, hi, step = (self._definitions.get(v.name) for v in loop.operands[:3])
        if lo is None or hi is None or step is None or hi.op != "len":
            return None
        counted = lo.op == step.op == "const" and (lo.attribute("value"), step.attribute("value")) == (0, 1)
        xs = self._value(hi.operands[0])
        return xs if counted and isinstance(xs.type, ArrayType) and len(xs.type.shape) == 1 else None

    def _fresh(self, stem: str) -> str:
        name, number = stem, 0
        while name in self._taken:
            number += 1
            name = f"{stem}.{number}"
        self._taken.add(name)
        return name


class _Elements(Rewriting):
    """Puts the element for every `get` of it."""

    def __init__(self, xs: Value, counter: Value, element: Value) -> None:
        super().__init__()
        self._place = (xs, counter)
        self._element = element

    def equation(self, equation: Equation) -> Rewritten:
        if equation.op in GETS and equation.operands == self._place:
            return Rewritten((), (self._element,))
        return kept(equation)

    def region(self, region: Region) -> Region:
        return self._region(region)


def _only_gets(region: Region, counter: Value, xs: Value) -> bool:
    """Whether the region uses the counter, and only to get elements of xs."""
    used = False
    results = list(region.results)
    for e in walk(region.equations):
        results += [v for r in e.regions for v in r.results]
        if counter in e.operands:
            used = True
            if e.op not in GETS or e.operands != (xs, counter):
                return False
    return used and counter not in results
