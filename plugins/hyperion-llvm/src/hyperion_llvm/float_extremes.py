"""The larger and the smaller of two floats as IEEE 754-2019 has them, where -0 is less than +0."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hyperion_llvm.scalar import Use


def _with_nan(use: Use) -> str:
    """`maximum` and `minimum`: NaN where either is."""
    return use.intrinsic(use.op, *use.operands)


def _with_number(use: Use) -> str:
    """`maxnum` and `minnum`: the number where the other is NaN."""
    x, y = use.operands
    both = use.intrinsic({"maxnum": "maximum", "minnum": "minimum"}[use.op], x, y)
    or_left = use.choose(use.compare("uno", y, y), x, both)
    return use.choose(use.compare("uno", x, x), y, or_left)


def float_extremes_table() -> Mapping[str, Callable[[Use], str]]:
    return {"maximum": _with_nan, "minimum": _with_nan, "maxnum": _with_number, "minnum": _with_number}
