"""The end of the program and forks: no executor hangs, none is used where its threads are not."""

from __future__ import annotations

import atexit
import os
import weakref
from typing import Protocol

from hyperion.errors import DeviceError

forks: int = 0
"""How many forks lie between the first process and this one; an executor of another number has no threads here."""


class Ends(Protocol):
    def finish(self) -> None: ...


_all: weakref.WeakSet[Ends] = weakref.WeakSet()


def watch(scheduler: Ends) -> None:
    """Has `finish` called before the program ends."""
    _all.add(scheduler)


def forked_error() -> DeviceError:
    return DeviceError(
        "HY5022",
        "this executor belongs to the parent process; its threads and devices are not in the child of a fork",
        hints=["make an Instance and an executor in the child", "start processes by the method spawn"],
    )


def _finish_all() -> None:
    for scheduler in list(_all):
        scheduler.finish()


def _in_child() -> None:
    global forks  # a process has one number
    forks += 1


atexit.register(_finish_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)
