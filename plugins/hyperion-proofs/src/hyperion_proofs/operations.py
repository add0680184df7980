"""Untrusted. The operations of the IR that constants of the logic are, for emission."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from hyperion.ir.function import Attribute
from hyperion.ir.ops import OPS
from hyperion.ir.types import FloatType, Type, scalar_types

SCALARS: Final[Mapping[str, Type]] = scalar_types()
FLOAT_OPERATIONS: Final[Mapping[str, str]] = {
    **{f"{side}{name}": name for side in "fr" for name in ("add", "sub", "mul", "div", "neg")},
    "rexp": "exp",
    "rlog": "log",
    **{f"f{name}": name for name in ("sqrt", "maximum", "minimum", "maxnum", "minnum")},
}
"""Of the constants of floats (without the format) and of reals, the operation."""


@dataclass(frozen=True)
class Operation:
    """An operation; `source` is the float type that a cast is from."""

    name: str
    attributes: tuple[tuple[str, Attribute], ...]
    source: FloatType | None = None


def opaque_operation(constant: str, result: Type) -> Operation | None:
    """The scalar operation without laws that a constant `op:NAME[attributes]` is; None where it is something else."""
    if not constant.startswith("op:"):
        return None
    name, bracket, rest = constant.removeprefix("op:").partition("[")
    name = name.removesuffix(".real")
    key: list[Any] = json.loads(bracket + rest) if bracket and not rest.startswith("#") else [[]]
    source: FloatType | None = None
    if name.startswith(("cast", "bitcast")):
        name, origin, target = name.rsplit(".", 2)
        if target != str(result):
            return None
        found = SCALARS.get(origin)
        source = found if isinstance(found, FloatType) else None
    definition = OPS.get(name)
    if definition is None or definition.evaluate is None or definition.traps or len(key) != 1:
        return None
    return Operation(name, tuple((str(k), _attribute(v)) for k, v in key[0]), source)


def _attribute(value: Any) -> Attribute:  # of any JSON
    return tuple(value) if isinstance(value, list) else value  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] of JSON
