"""Type rules of ops that compute over whole axes: scatter, sort, reduce and contract."""

from __future__ import annotations

from hyperion.errors import TypeCheckError
from hyperion.ir.array_rules import array_of, array_operand, at_least, attribute_error, axes_attribute, axis_attribute
from hyperion.ir.monoids import MONOIDS, monoid
from hyperion.ir.region_rules import check_region
from hyperion.ir.sizes import Sizes
from hyperion.ir.type_rules import RegionType, Types, Use, count, expect, is_sorted
from hyperion.ir.types import I64, ArrayType, is_scalar


def scatter(use: Use) -> Types:
    count(use, 3)
    array, indices, values = array_operand(use, 0), array_operand(use, 1, 1), array_operand(use, 2)
    if indices.element != I64:
        expect(use, 1, ArrayType(I64, indices.shape))
    rank = len(array.shape)
    axis = axis_attribute(use, rank)
    if values.element != array.element or len(values.shape) != rank:
        expect(use, 2, ArrayType(array.element, (*array.shape[:axis], *indices.shape, *array.shape[axis + 1 :])))
    sizes = Sizes(f"scatter along axis {axis} puts one slice of the values at each index")
    sizes.bind_shape("", 0, array.shape[:axis])
    sizes.bind("index", (1, 0, indices.shape[0]))
    for k, size in enumerate(values.shape):
        if k > axis:
            sizes.bind(str(k), (0, k, array.shape[k]))
        sizes.bind("index" if k == axis else str(k), (2, k, size))
    if use.regions:
        check_region("combine", use.regions[0], RegionType((array.element, array.element), (array.element,)))
    return (array,)


def sort(use: Use) -> Types:
    at_least(use, 1)
    keys = array_operand(use, 0)
    if not is_sorted(keys.element):
        raise TypeCheckError("HY6012", f"sort needs keys that have an order, operand 1 is {keys}")
    axis_attribute(use, len(keys.shape))
    if not isinstance(use.attributes.get("descending", False), bool):
        raise attribute_error(use, "descending", "true or false", "{axis = 0, descending = true}")
    sizes = Sizes("sort moves keys and values together")
    for position in range(len(use.operands)):
        sizes.bind_shape("", position, array_operand(use, position, len(keys.shape)).shape)
    return use.operands


def reduce(use: Use) -> Types:
    count(use, 1)
    array = array_operand(use, 0)
    axes = axes_attribute(use, "axes", len(array.shape))
    name = use.attributes.get("monoid")
    if not isinstance(name, str) or monoid(name, array.element) is None:
        known = ", ".join(op for op in MONOIDS if monoid(op, array.element) is not None)
        raise attribute_error(
            use, "monoid", f"a monoid on {array.element}: {known or 'there is none'}", 'monoid = "max"'
        )
    return (array_of(array.element, tuple(size for k, size in enumerate(array.shape) if k not in axes)),)


def contract(use: Use) -> Types:
    count(use, 3)
    left, right = array_operand(use, 0), array_operand(use, 1)
    initial = use.operands[2]
    if not is_scalar(initial):
        raise TypeCheckError("HY6012", f"operand 3 of contract is {initial}, expected a scalar, the initial value")
    sums = _paired(use, "left", "right", left, right, "contraction needs equal sizes", at_run_time=True)
    batches = _paired(use, "batch_left", "batch_right", left, right, "a batch axis needs equal sizes")
    for name, own, others in (("left", sums[0], batches[0]), ("right", sums[1], batches[1])):
        both = sorted(set(own) & set(others))
        if both:
            raise TypeCheckError("HY6014", f"axis {both[0]} stands in {name} and in batch_{name}")
    multiply, add = use.regions
    check_region("mul", multiply, RegionType((left.element, right.element), multiply.results))
    if len(multiply.results) != 1 or not is_scalar(multiply.results[0]):
        raise TypeCheckError("HY6016", "the mul region yields one scalar, the product")
    check_region("add", add, RegionType((initial, *multiply.results), (initial,)))
    free_left = tuple(s for k, s in enumerate(left.shape) if k not in (*sums[0], *batches[0]))
    free_right = tuple(s for k, s in enumerate(right.shape) if k not in (*sums[1], *batches[1]))
    return (array_of(initial, (*(left.shape[k] for k in batches[0]), *free_left, *free_right)),)


def _paired(
    use: Use, first: str, second: str, left: ArrayType, right: ArrayType, reason: str, at_run_time: bool = False
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Axes of both operands that go together; absent means none. What the types leave open may be compared
    `at_run_time`."""
    a = axes_attribute(use, first, len(left.shape)) if first in use.attributes else ()
    b = axes_attribute(use, second, len(right.shape)) if second in use.attributes else ()
    if len(a) != len(b):
        raise TypeCheckError("HY6014", f"{first} of {use.op} has {len(a)} axes, {second} has {len(b)}")
    sizes = Sizes(reason)
    for number, (i, j) in enumerate(zip(a, b, strict=True)):
        if at_run_time and (isinstance(left.shape[i], str) or isinstance(right.shape[j], str)):
            continue
        sizes.bind(str(number), (0, i, left.shape[i]))
        sizes.bind(str(number), (1, j, right.shape[j]))
    return a, b
