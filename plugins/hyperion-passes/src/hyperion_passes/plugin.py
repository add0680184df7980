"""Registers the passes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hyperion.hookspecs import hookimpl

if TYPE_CHECKING:
    from hyperion.interfaces.compiler_pass import CompilerPass

HYPERION_API = (0, 1)


def _canonicalise() -> CompilerPass:
    from hyperion_passes.canonicalise import Canonicalise

    return Canonicalise()


def _constant_folding() -> CompilerPass:
    from hyperion_passes.constant_folding import ConstantFolding

    return ConstantFolding()


def _common_subexpressions() -> CompilerPass:
    from hyperion_passes.common_subexpressions import CommonSubexpressions

    return CommonSubexpressions()


def _dead_code() -> CompilerPass:
    from hyperion_passes.dead_code import DeadCode

    return DeadCode()


@hookimpl
def hyperion_passes() -> dict[str, Callable[[], CompilerPass]]:
    return {
        "canonicalise": _canonicalise,
        "constant-folding": _constant_folding,
        "common-subexpressions": _common_subexpressions,
        "dead-code": _dead_code,
    }
