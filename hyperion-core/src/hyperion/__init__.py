"""Hyperion derives theorems about a loop, checks them, and runs a proven equivalent: less work, or in parallel.

    import hyperion as hp

    @hp.jit
    def total(xs):
        s = 0
        for x in xs:
            s += x
        return s

Importing this package imports next to nothing: names are resolved on first use (PEP 562).
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # type checkers take it for the one of `typing`, whose import costs more than all else here
if TYPE_CHECKING:
    from hyperion._jit import JitFunction as JitFunction
    from hyperion._jit import jit as jit
    from hyperion.assumptions import Range as Range
    from hyperion.assumptions import assume as assume
    from hyperion.buffers.host import view as view
    from hyperion.default import default_instance as default_instance
    from hyperion.errors import AssumptionError as AssumptionError
    from hyperion.errors import HyperionError as HyperionError
    from hyperion.errors import Span as Span
    from hyperion.explain import Explanation as Explanation
    from hyperion.instance import Instance as Instance
    from hyperion.interfaces.buffer import BufferView as BufferView
    from hyperion.module import Module as Module
    from hyperion.pipeline import OptimizerPipeline as OptimizerPipeline

__version__ = "0.1.0"

_HOME = {
    "AssumptionError": "hyperion.errors",
    "BufferView": "hyperion.interfaces.buffer",
    "Explanation": "hyperion.explain",
    "HyperionError": "hyperion.errors",
    "Instance": "hyperion.instance",
    "JitFunction": "hyperion._jit",
    "Module": "hyperion.module",
    "OptimizerPipeline": "hyperion.pipeline",
    "Range": "hyperion.assumptions",
    "Span": "hyperion.errors",
    "assume": "hyperion.assumptions",
    "default_instance": "hyperion.default",
    "jit": "hyperion._jit",
    "view": "hyperion.buffers.host",
}

__all__ = [
    "AssumptionError",
    "BufferView",
    "Explanation",
    "HyperionError",
    "Instance",
    "JitFunction",
    "Module",
    "OptimizerPipeline",
    "Range",
    "Span",
    "assume",
    "default_instance",
    "jit",
    "view",
]


def __getattr__(name: str) -> object:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
