"""Short inner loops become straight-line code.

    %r = for %zero, %two, %one, (%a) {         %i = const 0 : i64
      ^(%i: i64, %s: i64):                     %t = mul.wrap %a, %k
        %t = mul.wrap %s, %k            -->    %u = add.wrap %t, %i
        %u = add.wrap %t, %i                   %i.1 = const 1 : i64
        yield %u                               %t.1 = mul.wrap %u, %k
    }                                          %u.1 = add.wrap %t.1, %i.1

Only in the body of another loop, whose step then has no loop inside; the bounds must be written numbers. The evidence:
such a loop runs over the list of these numbers, and what it does with a first element and with none is computed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from hyperion.interfaces.compiler_pass import PassContext, PassResult
from hyperion.ir.function import Equation, Program, Value, values_of, walk
from hyperion.ir.types import I64
from hyperion_passes.copies import Copy
from hyperion_passes.fresh import Fresh
from hyperion_passes.rewriting import Rewriting, Rewritten, kept

LOOPS = frozenset({"fold", "for", "while", "map", "scan", "build"})
MOST_ROUNDS = 16


@dataclass(frozen=True, slots=True)
class Unroll:
    """`max_equations`: how many equations may stand for one loop."""

    max_equations: int = 512

    @property
    def name(self) -> str:
        return "unroll"

    def run(self, program: Program, context: PassContext) -> PassResult:
        if _Unrolling(program, self.max_equations, ()).function(program.main) == program.main:
            return PassResult(program.main)
        from hyperion_passes.evidence import Evidence, Rewrite
        from hyperion_passes.unroll_lemmas import rounds

        def rewritten(refused: Collection[str]) -> Rewrite:
            unrolling = _Unrolling(program, self.max_equations, refused)
            function = unrolling.function(program.main)
            return Rewrite(function, tuple(unrolling.done), {"fold": (rounds,)})

        return Evidence(program, context).largest(rewritten, "loops")


class _Unrolling(Rewriting):
    """`done` has the first result of each loop that was unrolled."""

    def __init__(self, program: Program, most: int, refused: Collection[str]) -> None:
        super().__init__()
        equations = program.main.equations
        self._most = most
        self._refused = refused
        self._inner = {r.name for e in walk(equations) if e.op in LOOPS for r in _loops_inside(e)}
        self._literals = {e.result.name: e.attribute("value") for e in walk(equations) if e.op == "const"}
        self._fresh = Fresh(values_of(program.main))
        self.done: list[str] = []

    def equation(self, equation: Equation) -> Rewritten:
        numbers = self._numbers(equation)
        if numbers is None:
            return kept(equation)
        self.done.append(equation.results[0].name)
        state, made = equation.operands[3:], list[Equation]()
        (region,) = equation.regions
        for number in numbers:
            counter = self._fresh.value(region.parameters[0].name, I64)
            made.append(Equation((counter,), "const", (), (("value", number),), (), equation.span))
            copy = Copy(self._fresh, dict(zip((p.name for p in region.parameters), (counter, *state), strict=True)))
            made += copy.equations(region.equations)
            state = tuple(map(copy.value, region.results))
        return Rewritten(tuple(made), state)

    def _numbers(self, e: Equation) -> range | None:
        """The numbers that the loop counts through, where it is to be unrolled."""
        if e.op != "for" or not e.results or e.results[0].name not in self._inner - set(self._refused):
            return None
        bounds = [x for x in (self._literals.get(v.name) for v in e.operands[:3]) if isinstance(x, int)]
        if len(bounds) != 3 or bounds[2] == 0:
            return None
        numbers = range(*bounds)
        few = numbers.stop - numbers.start <= MOST_ROUNDS * abs(numbers.step)
        size = 1 + sum(1 for _ in walk(e.regions[0].equations))
        return numbers if few and len(numbers) <= MOST_ROUNDS and size * len(numbers) <= self._most else None


def _loops_inside(loop: Equation) -> Iterator[Value]:
    """The first results of the counted loops in the body of a loop."""
    for region in loop.regions:
        yield from (e.results[0] for e in walk(region.equations) if e.op == "for" and e.results)
