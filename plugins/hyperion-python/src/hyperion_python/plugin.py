"""Registration only: the frontend is imported on first use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from hyperion.hookspecs import hookimpl

if TYPE_CHECKING:
    from hyperion.interfaces.frontend import Frontend

HYPERION_API = (1, 0)


def _python() -> Frontend:
    from hyperion_python.frontend import PythonFrontend

    return PythonFrontend()


@hookimpl
def hyperion_frontends() -> Mapping[str, Callable[[], Frontend]]:
    return {"python": _python}
