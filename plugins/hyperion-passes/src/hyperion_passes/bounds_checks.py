"""Bounds checks that always succeed.

    %n = len %xs : i64                              for %zero, %n, %one, (%s) {
    for %zero, %n, %one, (%s) {                       ^(%i: i64, %t: i64):
      ^(%i: i64, %t: i64):                   -->        %x = get.unchecked %xs, %i
        %x = get %xs, %i                                ...

An index is inside in a loop over the indices of its array; where branches and earlier sums that did not trap say so;
after an access to the same array at the same index; and where it is a literal and so are the elements. An array has the
length of that which it is an update of, or a map over. The evidence: what `get` and `update` are defined by, and the
conditions in force at the place, for arrays that exist (docs/adr/0010).

Left alone: loops over other ranges, whose elements are opaque, arrays that a loop carries, whose lengths are, and what
is in an `attempt`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from hyperion.interfaces.compiler_pass import PassContext, PassResult
from hyperion.ir.function import Equation, Function, Program, Region, Value
from hyperion.ir.types import BOOL, I64, ArrayType, IntType
from hyperion_passes.accesses import Accesses
from hyperion_passes.congruence import Rule
from hyperion_passes.evidence import Evidence, Rewrite
from hyperion_passes.linear import Linear, atom, certificate, number


@dataclass(frozen=True, slots=True)
class BoundsChecks:
    @property
    def name(self) -> str:
        return "bounds-checks"

    def run(self, program: Program, context: PassContext) -> PassResult:
        inside = _Search(program.main).inside

        def rewritten(refused: Collection[str]) -> Rewrite:
            places = tuple(name for name in inside if name not in refused)
            accesses = Accesses()
            rules: dict[str, Sequence[Rule]] = dict.fromkeys(("get", "update", "cond"), (accesses.rule,))
            return Rewrite(_unchecked(program.main, places), places, rules, elements=accesses.elements)

        return Evidence(program, context).largest(rewritten, "unchecked")


def _unchecked(function: Function, places: Collection[str]) -> Function:
    def equation(e: Equation) -> Equation:
        op = f"{e.op}.unchecked" if e.results and e.results[0].name in places else e.op
        return replace(e, op=op, regions=tuple(map(region, e.regions)))

    def region(r: Region) -> Region:
        return replace(r, equations=tuple(map(equation, r.equations)))

    return replace(function, equations=tuple(map(equation, function.equations)))


class _Search:
    """Finds accesses whose indices are inside; `inside` has the names of their results, in order.

    Facts are linear expressions that are not negative. They are kept while the walk is where they hold.
    """

    def __init__(self, function: Function) -> None:
        self.inside: list[str] = []
        self._definitions: dict[str, Equation] = {}
        self._facts: list[Linear] = []
        self._block(function.equations)

    def _block(self, equations: Iterable[Equation]) -> None:
        for e in equations:
            self._definitions.update({v.name: e for v in e.results})
            if e.op in ("get", "update"):
                self._access(e)
            if e.op == "attempt":  # an access in it is told from outside, and so stays as it is
                continue
            for i, region in enumerate(e.regions):
                before = len(self._facts)
                self._facts += self._in_region(e, i)
                self._block(region.equations)
                del self._facts[before:]

    def _in_region(self, e: Equation, index: int) -> Iterator[Linear]:
        """What is known inside a region of e."""
        if e.op == "if":
            yield from self._test(e.operands[0], index == 0)
        if e.op == "for":
            lo, hi, step = e.operands[:3]
            size = self._definitions.get(hi.name)
            counted = self._literal(lo) == 0 and self._literal(step) == 1
            if counted and size is not None and size.op == "len" and _rank(size.operands[0]) == 1:
                i = atom(e.regions[0].parameters[0].name)
                yield from (i, self._size(size.operands[0], 0) - i - number(1))

    def _test(self, test: Value, truth: bool) -> Iterator[Linear]:
        """What it says that a truth value is this."""
        e = self._definitions.get(test.name)
        if e is None:
            return
        if e.op == "not":
            yield from self._test(e.operands[0], not truth)
        elif e.op == ("and" if truth else "or") and e.result.type == BOOL:
            for part in e.operands:
                yield from self._test(part, truth)
        elif e.op in ("lt", "le", "gt", "ge") and isinstance(e.operands[0].type, IntType):
            small, large = map(self._linear, e.operands if e.op in ("lt", "le") else e.operands[::-1])
            strict = e.op in ("lt", "gt")
            yield large - small - number(strict) if truth else small - large - number(not strict)

    def _access(self, e: Equation) -> None:
        array, indices = e.operands[0], e.operands[1 : 1 + _rank(e.operands[0])]
        wanted = [bound for axis, i in enumerate(indices) for bound in self._bounds(i, array, axis)]
        known = [*self._facts, *(self._size(array, axis) for axis in range(len(indices)))]
        if all(certificate(bound, known) is not None for bound in wanted):
            self.inside.append(e.results[0].name)
        else:
            self._facts += wanted  # once it has not trapped

    def _bounds(self, index: Value, array: Value, axis: int) -> tuple[Linear, Linear]:
        i = self._linear(index)
        return i, self._size(array, axis) - i - number(1)

    def _size(self, array: Value, axis: int) -> Linear:
        """The size of an axis; that of the array which the array is an update of, or a map over."""
        e = self._definitions.get(array.name)
        while e is not None and _rank(array) == 1 and (e.op == "update" or (e.op == "map" and len(e.operands) == 1)):
            array = e.operands[0]
            e = self._definitions.get(array.name)
        if e is not None and e.op == "array" and _rank(array) == 1:
            return number(len(e.operands))
        return atom((array.name, axis))

    def _linear(self, value: Value) -> Linear:
        """An integer by the sums that make it, which did not trap."""
        e = self._definitions.get(value.name)
        literal = self._literal(value)
        if literal is not None:
            return number(literal)
        match e.op if e is not None else "":
            case "len" | "dim":
                assert e is not None
                axis = e.attribute("axis", 0)
                return self._size(e.operands[0], axis if isinstance(axis, int) else 0)
            case "add.trap" | "sub.trap":
                assert e is not None
                first, last = map(self._linear, e.operands)
                return first + last if e.op == "add.trap" else first - last
            case "neg.trap":
                assert e is not None
                return self._linear(e.operands[0]) * -1
            case _:
                return atom(value.name)

    def _literal(self, value: Value) -> int | None:
        e = self._definitions.get(value.name)
        literal = e.attribute("value") if e is not None and e.op == "const" else None
        return literal if isinstance(literal, int) and value.type == I64 else None


def _rank(array: Value) -> int:
    return len(array.type.shape) if isinstance(array.type, ArrayType) else 0
