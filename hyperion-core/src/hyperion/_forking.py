"""Locks of a whole process: one that another thread holds at a fork would stay held in the child for ever."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Protocol, TypeVar


class Lock(Protocol):
    acquire: Callable[..., Any]  # Any: what it returns is not used
    release: Callable[[], None]


L = TypeVar("L", bound=Lock)


def survives_forks(lock: L) -> L:
    """The lock, which from now on is held around every fork of the process, and free in parent and child after it.

    For locks that live as long as the process. Those registered later are taken first: whoever holds one and takes
    another must have registered the outer one later.
    """
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=lock.acquire, after_in_parent=lock.release, after_in_child=lock.release)
    return lock
