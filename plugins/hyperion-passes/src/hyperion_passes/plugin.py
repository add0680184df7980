"""Registers the passes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hyperion.hookspecs import hookimpl

if TYPE_CHECKING:
    from hyperion.interfaces.compiler_pass import CompilerPass

HYPERION_API = (0, 1)


def _canonicalize() -> CompilerPass:
    from hyperion_passes.canonicalize import Canonicalize

    return Canonicalize()


def _constant_folding() -> CompilerPass:
    from hyperion_passes.constant_folding import ConstantFolding

    return ConstantFolding()


def _cse() -> CompilerPass:
    from hyperion_passes.cse import CommonSubexpressions

    return CommonSubexpressions()


def _dce() -> CompilerPass:
    from hyperion_passes.dce import DeadCode

    return DeadCode()


@hookimpl
def hyperion_passes() -> dict[str, Callable[[], CompilerPass]]:
    return {
        "canonicalize": _canonicalize,
        "constant-folding": _constant_folding,
        "cse": _cse,
        "dce": _dce,
    }
