"""Registration only: what is heavy is imported by the factory, on first use."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hyperion.hookspecs import hookimpl
from hyperion.interfaces.compiler_pass import CompilerPass

HYPERION_API = (1, 0)


def _literals_first() -> CompilerPass:
    from hyperion_example.literals_first import LiteralsFirst

    return LiteralsFirst()


@hookimpl
def hyperion_passes() -> Mapping[str, Callable[[], CompilerPass]]:
    return {"literals-first": _literals_first}
