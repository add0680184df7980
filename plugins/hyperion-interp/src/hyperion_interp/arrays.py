"""Immutable arrays with O(1) reads and writes of the newest version.

All versions share one list; an older version knows in which element it differs from the next (H. G. Baker, Shallow
binding makes functional arrays fast, 1991). Reading an old version moves the list back to it.
"""

from __future__ import annotations

from hyperion.ir.scalars import Number


class PersistentArray:
    """A 1-d array of Python values.

    >>> old = PersistentArray([1, 2]); new = old.updated(0, 7)
    >>> old.to_list(), new.to_list()
    ([1, 2], [7, 2])
    """

    __slots__ = ("_index", "_items", "_length", "_next", "_value")

    def __init__(self, items: list[Number]) -> None:
        self._items = items  # in use only where `_next` is None
        self._length = len(items)
        self._next: PersistentArray | None = None
        self._index = 0
        self._value: Number = None

    def __len__(self) -> int:
        return self._length

    def item(self, index: int) -> Number:
        if self._next is not None:
            self._take_list()
        return self._items[index]

    def updated(self, index: int, value: Number) -> PersistentArray:
        if self._next is not None:
            self._take_list()
        newest = PersistentArray(self._items)
        self._index, self._value, self._next = index, self._items[index], newest
        self._items[index] = value
        return newest

    def to_list(self) -> list[Number]:
        if self._next is not None:
            self._take_list()
        return list(self._items)

    def _take_list(self) -> None:
        path: list[PersistentArray] = []
        node: PersistentArray = self
        while node._next is not None:
            path.append(node)
            node = node._next
        for older in reversed(path):
            index, items = older._index, older._items
            node._index, node._value, node._next = index, items[index], older
            items[index] = older._value
            older._next = None
            node = older
