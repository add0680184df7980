"""Registers the reference interpreter, and the code generation target that runs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hyperion.hookspecs import hookimpl

if TYPE_CHECKING:
    from hyperion.interfaces.codegen import CodegenTarget
    from hyperion.interfaces.interpreter import Interpreter

HYPERION_API = (1, 0)


def _reference() -> Interpreter:
    from hyperion_interp.reference import ReferenceInterpreter

    return ReferenceInterpreter()


@hookimpl
def hyperion_interpreters() -> dict[str, Callable[[], Interpreter]]:
    return {"reference": _reference}


def _target() -> CodegenTarget:
    from hyperion_interp.target import ReferenceTarget

    return ReferenceTarget()


@hookimpl
def hyperion_codegen_targets() -> dict[str, Callable[[], CodegenTarget]]:
    return {"reference": _target}
