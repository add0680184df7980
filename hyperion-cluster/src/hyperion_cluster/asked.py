"""What `execute` and `submit` are asked for, looked at before anything of the call begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast, get_args

from hyperion.errors import DeviceError
from hyperion.fences import Fence
from hyperion.interfaces.codegen import CompiledFunction
from hyperion.interfaces.executor import Place
from hyperion.module import ModuleFunction

_PLACES: tuple[str, ...] = get_args(Place)


def check_asked(function: object, place: str) -> None:
    """Raises `DeviceError` (HY5017) for what was not compiled, ValueError for a place that results cannot have."""
    if type(function) is not ModuleFunction and not isinstance(function, CompiledFunction):
        what = f"an executor runs compiled functions, not a {type(function).__name__}"
        hints = ['instance.compile(f, arguments=[...])["f"] compiles one, for each device that runs it']
        raise DeviceError("HY5017", what, hints=hints)
    if place not in _PLACES:
        raise ValueError(f"place={place!r}; results are left on the {' or the '.join(_PLACES)}")


def check_fences(after: object) -> None:
    """Raises TypeError for what is no list of fences."""
    if isinstance(after, tuple) and not after:
        return
    given = cast("Sequence[object]", after) if isinstance(after, list | tuple) else (after,)
    wrong = [x for x in given if not (isinstance(x, Fence) and given is after)]
    if wrong:
        more = "; a future has one: future.fence" if hasattr(wrong[0], "fence") else ""
        raise TypeError(f"after= takes a list of fences, not a {type(wrong[0]).__name__}{more}")
