"""Many objects of one frozen dataclass at once, field by field: three times as fast as its constructor."""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import fields
from typing import TypeVar

T = TypeVar("T")


def make(cls: type[T], count: int, *columns: Iterable[object]) -> list[T]:
    """`count` objects equal to `cls(*row)` for the rows of `columns`, one column for each field of `cls`.

    For classes with slots and without `__post_init__`.

    >>> from hyperion.ir.function import Value
    >>> from hyperion.ir.types import I64
    >>> [str(v) for v in make(Value, 2, ("a", "b"), (I64, I64))]
    ['%a', '%b']
    """
    new = object.__new__
    made: list[T] = [new(cls) for _ in range(count)]
    for field, column in zip(fields(cls), columns, strict=True):  # type: ignore[arg-type]  a dataclass
        put(cls, field.name, made, column)
    return made


def put(cls: type[T], name: str, objects: Iterable[T], values: Iterable[object]) -> None:
    """Sets the slot of each object of a frozen class."""
    setter: Callable[[T, object], None] = getattr(cls, name).__set__
    deque(map(setter, objects, values), 0)


@contextmanager
def without_collections() -> Generator[None]:
    """Python's cycle collector rests inside: it would walk all that was made again and again; nothing is garbage."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
