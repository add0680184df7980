"""Registers the passes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hyperion.hookspecs import hookimpl

if TYPE_CHECKING:
    from hyperion.interfaces.compiler_pass import CompilerPass

HYPERION_API = (1, 0)


def _algebraic() -> CompilerPass:
    from hyperion_passes.algebraic import Algebraic

    return Algebraic()


def _bounds_checks() -> CompilerPass:
    from hyperion_passes.bounds_checks import BoundsChecks

    return BoundsChecks()


def _canonicalize() -> CompilerPass:
    from hyperion_passes.canonicalize import Canonicalize

    return Canonicalize()


def _constant_folding() -> CompilerPass:
    from hyperion_passes.constant_folding import ConstantFolding

    return ConstantFolding()


def _counter_loops() -> CompilerPass:
    from hyperion_passes.counter_loops import CounterLoops

    return CounterLoops()


def _cse() -> CompilerPass:
    from hyperion_passes.cse import CommonSubexpressions

    return CommonSubexpressions()


def _dce() -> CompilerPass:
    from hyperion_passes.dce import DeadCode

    return DeadCode()


def _fuse() -> CompilerPass:
    from hyperion_passes.fuse import Fuse

    return Fuse()


def _gathered_loops() -> CompilerPass:
    from hyperion_passes.gathered_loops import GatheredLoops

    return GatheredLoops()


def _index_loops() -> CompilerPass:
    from hyperion_passes.index_loops import IndexLoops

    return IndexLoops()


def _inline() -> CompilerPass:
    from hyperion_passes.inline import Inline

    return Inline()


def _licm() -> CompilerPass:
    from hyperion_passes.licm import LoopInvariantCode

    return LoopInvariantCode()


def _one_length() -> CompilerPass:
    from hyperion_passes.one_length import OneLength

    return OneLength()


def _loops_to_scans() -> CompilerPass:
    from hyperion_passes.loops_to_scans import LoopsToScans

    return LoopsToScans()


def _strength_reduction() -> CompilerPass:
    from hyperion_passes.strength_reduction import StrengthReduction

    return StrengthReduction()


def _unroll() -> CompilerPass:
    from hyperion_passes.unroll import Unroll

    return Unroll()


def _written_loops() -> CompilerPass:
    from hyperion_passes.written_loops import WrittenLoops

    return WrittenLoops()


@hookimpl
def hyperion_passes() -> dict[str, Callable[[], CompilerPass]]:
    return {
        "algebraic": _algebraic,
        "bounds-checks": _bounds_checks,
        "canonicalize": _canonicalize,
        "constant-folding": _constant_folding,
        "counter-loops": _counter_loops,
        "cse": _cse,
        "dce": _dce,
        "fuse": _fuse,
        "gathered-loops": _gathered_loops,
        "index-loops": _index_loops,
        "inline": _inline,
        "licm": _licm,
        "loops-to-scans": _loops_to_scans,
        "one-length": _one_length,
        "strength-reduction": _strength_reduction,
        "unroll": _unroll,
        "written-loops": _written_loops,
    }
