"""Closes things, whatever becomes of one of them."""

from __future__ import annotations

from collections.abc import Iterable


def close_all(things: Iterable[object]) -> list[Exception]:
    """Closes each of them that can be closed, whatever becomes of the others; what went wrong. A Ctrl-C is raised once
    all are closed."""
    failures: list[Exception] = []
    stopped: BaseException | None = None
    for thing in things:
        try:
            getattr(thing, "close", lambda: None)()
        except Exception as error:
            failures.append(error)
        except SystemExit as error:  # of a plugin: the program goes on
            failures.append(RuntimeError(f"SystemExit: {error}"))
        except BaseException as error:
            stopped = stopped or error
    if stopped is not None:
        raise stopped
    return failures
