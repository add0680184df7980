"""A property that is made once for each object, by whichever thread asks first."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload  # Any: an owner's attributes

T = TypeVar("T")

_MAKING = "_hyperion_making"


class Once(Generic[T]):
    """Like `functools.cached_property`, with a lock for each object. That of Python 3.11 has one for all objects of a
    class, later ones have none."""

    def __init__(self, make: Callable[[Any], T]) -> None:
        self._make = make
        self._name = make.__name__
        self.__doc__ = make.__doc__

    @overload
    def __get__(self, owner: None, kind: type) -> Once[T]: ...

    @overload
    def __get__(self, owner: object, kind: type) -> T: ...

    def __get__(self, owner: object | None, kind: type) -> Once[T] | T:
        if owner is None:
            return self
        values: dict[str, Any] = owner.__dict__
        with values.setdefault(_MAKING, threading.RLock()):  # the first of two threads puts its own
            if self._name not in values:
                values[self._name] = self._make(owner)
            return values[self._name]
