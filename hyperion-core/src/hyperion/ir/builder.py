"""Building functions from Python: fresh names, inferred types, a method for each op that has structure.

An op that makes arrays gives their sizes fresh names; say the sizes yourself with `equation(..., types=...)`.
"""

from __future__ import annotations

from collections.abc import Sequence

from hyperion.errors import TypeCheckError
from hyperion.ir.block_builder import BlockBuilder, Parameter, RegionBuilder
from hyperion.ir.function import Attribute, Function, Program, Region, Value
from hyperion.ir.registry import CORE, Registry
from hyperion.ir.types import I64, ArrayType, Type

__all__ = ["Builder", "Parameter", "RegionBuilder", "program"]

Body = RegionBuilder | Region
Attributes = Sequence[tuple[str, Attribute]]


class Builder(BlockBuilder):
    """Builds one function, of the ops and types of `registry`.

    >>> from hyperion.ir.types import I64
    >>> b = Builder("twice")
    >>> x = b.parameter("x", I64)
    >>> b.build([b.op("add.trap", x, x)]).name
    'twice'
    """

    # Control

    def call(self, callee: Function, *operands: Value, types: Sequence[Type] | None = None) -> tuple[Value, ...]:
        """A call; `types` are its result types where the callee's sizes have other names here."""
        kinds = tuple(v.type for v in callee.results) if types is None else types
        return self.equation("call", operands, (("callee", callee.name),), (), kinds)

    def if_(self, condition: Value, then: RegionBuilder, otherwise: RegionBuilder) -> tuple[Value, ...]:
        return self.equation("if", (condition,), (), (then, otherwise))

    def for_(self, bounds: Sequence[Value], initial: Sequence[Value], body: RegionBuilder) -> tuple[Value, ...]:
        """`bounds` are lo, hi and step of Python's range."""
        return self.equation("for", (*bounds, *initial), (), (body,))

    def while_(self, initial: Sequence[Value], condition: RegionBuilder, body: RegionBuilder) -> tuple[Value, ...]:
        return self.equation("while", initial, (), (condition, body))

    def fold(
        self, arrays: Sequence[Value], initial: Sequence[Value], body: Body, names: Sequence[str] = ()
    ) -> tuple[Value, ...]:
        return self.equation("fold", (*arrays, *initial), (("arrays", len(arrays)),), (body,), None, names)

    def par_reduce(
        self,
        arrays: Sequence[Value],
        initial: Sequence[Value],
        regions: Sequence[Body],
        lanes: int,
        piece: int,
        growing: int = 0,
    ) -> tuple[Value, ...]:
        """`regions` are lift, mul, act and, where wanted, guard."""
        attributes = (("arrays", len(arrays)), ("lanes", lanes), ("piece", piece))
        attributes += (("growing", growing),) if growing else ()
        return self.equation("par.reduce", (*arrays, *initial), attributes, regions)

    def par_windows(self, arrays: Sequence[Value], width: Value, regions: Sequence[RegionBuilder]) -> tuple[Value, ...]:
        """The products of all windows of `width` neighbours; `regions` are lift and mul."""
        shape = self._new_shape(1)
        kinds = [ArrayType(v.type, shape) for v in regions[0].region.results]
        return self.equation("par.windows", (*arrays, width), (("arrays", len(arrays)),), regions, kinds)

    def par_power(
        self, bounds: Sequence[Value], initial: Sequence[Value], regions: Sequence[Body]
    ) -> tuple[Value, ...]:
        return self.equation("par.power", (*bounds, *initial), (), regions)

    def map(self, arrays: Sequence[Value], body: Body, names: Sequence[str] = ()) -> tuple[Value, ...]:
        """The body on the elements of arrays of one shape."""
        return self.equation("map", arrays, (("arrays", len(arrays)),), (body,), None, names)

    def scan(
        self, arrays: Sequence[Value], initial: Sequence[Value], body: Body, names: Sequence[str] = ()
    ) -> tuple[Value, ...]:
        """The body takes elements and state, and yields the next state and then elements of the arrays made."""
        return self.equation("scan", (*arrays, *initial), (("arrays", len(arrays)),), (body,), None, names)

    def build_(self, counts: Sequence[Value], body: RegionBuilder, names: Sequence[str] = ()) -> tuple[Value, ...]:
        """Arrays of what the body yields for each index; `counts` are their sizes."""
        shape = self._new_shape(len(counts))
        kinds = [ArrayType(v.type, shape) for v in body.region.results]
        return self.equation("build", counts, (), (body,), kinds, names)

    def par_scan(
        self, arrays: Sequence[Value], initial: Sequence[Value], regions: Sequence[Body], lanes: int, piece: int
    ) -> tuple[Value, ...]:
        """`regions` are step, lift, mul and act."""
        attributes = (("arrays", len(arrays)), ("lanes", lanes), ("piece", piece))
        return self.equation("par.scan", (*arrays, *initial), attributes, regions)

    def summaries_of_pieces(
        self, arrays: Sequence[Value], regions: Sequence[Body], lanes: int, piece: int, names: Sequence[str] = ()
    ) -> tuple[Value, ...]:
        """`regions` are lift, mul and, where wanted, guard. Gives an array of each component, then the truth."""
        lift, _, *guards = (r.region if isinstance(r, RegionBuilder) else r for r in regions)
        shape = self._new_shape(1)
        kinds = [*(ArrayType(v.type, shape) for v in lift.results), *(v.type for g in guards for v in g.results)]
        attributes = (("arrays", len(arrays)), ("lanes", lanes), ("piece", piece))
        return self.equation("pieces.summaries", arrays, attributes, regions, kinds, names)

    def scan_of_pieces(
        self,
        arrays: Sequence[Value],
        entering: Sequence[Value],
        step: Body,
        lanes: int,
        piece: int,
        names: Sequence[str] = (),
    ) -> tuple[Value, ...]:
        """`entering` are arrays of the states that enter the pieces. Gives those that leave, then the arrays made."""
        attributes = (("arrays", len(arrays)), ("lanes", lanes), ("piece", piece))
        return self.equation("pieces.scan", (*arrays, *entering), attributes, (step,), None, names)

    # New arrays

    def fill(self, count: Value | Sequence[Value], value: Value, name: str = "a") -> Value:
        """A new array of copies; one count for each axis."""
        counts = (count,) if isinstance(count, Value) else tuple(count)
        return self.op("fill", *counts, value, type=ArrayType(value.type, self._new_shape(len(counts))), name=name)

    def array(self, values: Sequence[Value], shape: Sequence[int] | None = None, name: str = "a") -> Value:
        """The values in row-major order; there must be one. 1-d where no shape is given."""
        sizes = (len(values),) if shape is None else tuple(shape)
        return self.op("array", *values, type=ArrayType(values[0].type, sizes), name=name)

    def iota(self, count: Value, kind: Type = I64, name: str = "a") -> Value:
        """0, 1, .. count - 1."""
        return self.op("iota", count, type=ArrayType(kind, self._new_shape(1)), name=name)

    def progression(self, lo: Value, hi: Value, step: Value, name: str = "a") -> Value:
        """Python's range(lo, hi, step)."""
        return self.op("progression", lo, hi, step, type=ArrayType(I64, self._new_shape(1)), name=name)

    def when(self, condition: Value, array: Value, name: str = "a") -> Value:
        """The array where the condition holds, else one without elements."""
        return self.op("when", condition, array, type=ArrayType(_array(array).element, self._new_shape(1)), name=name)

    def concat(self, arrays: Sequence[Value], axis: int = 0, name: str = "a") -> Value:
        first = _array(arrays[0])
        parts = [_array(v).shape[axis] for v in arrays]
        numbers = [size for size in parts if isinstance(size, int)]
        size = sum(numbers) if len(numbers) == len(parts) else self.size()
        kind = ArrayType(first.element, (*first.shape[:axis], size, *first.shape[axis + 1 :]))
        return self.op("concat", *arrays, type=kind, name=name, attributes=(("axis", axis),))

    # Arrays in another shape or order

    def slice(
        self, array: Value, bounds: Sequence[tuple[Value, Value]], steps: Sequence[int] = (), name: str = "a"
    ) -> Value:
        """For each axis the elements lo, lo + step, .. below hi."""
        kind = ArrayType(_array(array).element, self._new_shape(len(bounds)))
        attributes = (("steps", tuple(steps)),) if steps else ()
        operands = [v for pair in bounds for v in pair]
        return self.op("slice", array, *operands, type=kind, name=name, attributes=attributes)

    def reshape(self, array: Value, sizes: Sequence[Value], name: str = "a") -> Value:
        kind = ArrayType(_array(array).element, self._new_shape(len(sizes)))
        return self.op("reshape", array, *sizes, type=kind, name=name)

    def reverse(self, array: Value, axes: Sequence[int] = (0,), name: str = "a") -> Value:
        return self.op("reverse", array, name=name, attributes=(("axes", tuple(axes)),))

    def transpose(self, array: Value, permutation: Sequence[int], name: str = "a") -> Value:
        return self.op("transpose", array, name=name, attributes=(("permutation", tuple(permutation)),))

    def broadcast(self, value: Value, like: Value, axes: Sequence[int] = (), name: str = "a") -> Value:
        """A scalar or an array in the shape of `like`; axis k of it becomes axis axes[k]."""
        return self.op("broadcast", value, like, name=name, attributes=(("axes", tuple(axes)),))

    def expand(self, array: Value, axis: int, name: str = "a") -> Value:
        return self.op("expand", array, name=name, attributes=(("axis", axis),))

    def squeeze(self, array: Value, axis: int, name: str = "a") -> Value:
        return self.op("squeeze", array, name=name, attributes=(("axis", axis),))

    def gather(self, array: Value, indices: Value, axis: int = 0, name: str = "a") -> Value:
        return self.op("gather", array, indices, name=name, attributes=(("axis", axis),))

    def scatter(
        self, array: Value, indices: Value, values: Value, axis: int = 0, combine: Body | None = None, name: str = "a"
    ) -> Value:
        """`combine` makes an element of the old and the new one; without it the new one stays."""
        regions = () if combine is None else (combine,)
        (result,) = self.equation("scatter", (array, indices, values), (("axis", axis),), regions, None, (name,))
        return result

    # Whole axes

    def sort(self, keys: Value, *values: Value, axis: int = 0, descending: bool = False) -> tuple[Value, ...]:
        attributes: Attributes = (("axis", axis), ("descending", descending)) if descending else (("axis", axis),)
        return self.equation("sort", (keys, *values), attributes)

    def reduce(self, array: Value, monoid: str, axes: Sequence[int] = (0,), name: str = "v") -> Value:
        """`monoid` is an op of `hyperion.ir.monoids.MONOIDS`."""
        return self.op("reduce", array, name=name, attributes=(("axes", tuple(axes)), ("monoid", monoid)))

    def contract(
        self,
        left: Value,
        right: Value,
        initial: Value,
        regions: Sequence[Body],
        axes: tuple[Sequence[int], Sequence[int]],
        batch: tuple[Sequence[int], Sequence[int]] = ((), ()),
        name: str = "v",
    ) -> Value:
        """`regions` are mul and add; `axes` are the contracted axes of both sides, `batch` those that stay together."""
        pairs = (("left", axes[0]), ("right", axes[1]), ("batch_left", batch[0]), ("batch_right", batch[1]))
        attributes = [(key, tuple(value)) for key, value in pairs if value or key in ("left", "right")]
        (result,) = self.equation("contract", (left, right, initial), attributes, regions, None, (name,))
        return result

    def _new_shape(self, rank: int) -> tuple[str, ...]:
        return tuple(self.size() for _ in range(rank))


def _array(value: Value) -> ArrayType:
    if not isinstance(value.type, ArrayType):
        raise TypeCheckError("HY6012", f"{value} is {value.type}, expected an array")
    return value.type


def program(main: Function, *others: Function, registry: Registry = CORE) -> Program:
    """A program with `main` as its entry."""
    return Program({f.name: f for f in (main, *others)}, main.name, registry)
