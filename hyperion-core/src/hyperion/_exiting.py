"""Keeps the program from ending where code that strangers wrote calls `sys.exit`."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from hyperion.errors import PluginError


@contextmanager
def no_exit(what: str) -> Generator[None]:
    """Raises `PluginError` (HY1025) for a SystemExit of the body, which `what` runs in."""
    try:
        yield
    except SystemExit as error:
        message = f"{what} called sys.exit({error.code!r})"
        raise PluginError("HY1025", message, hints=["report it to the authors of its plugin"]) from error
