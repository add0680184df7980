"""Immutable n-d arrays with O(1) reads and writes of the newest version.

All versions share one list; an older version knows in which element it differs from the next (H. G. Baker, Shallow
binding makes functional arrays fast, 1991). Reading an old version moves the list back to it. Two additions keep any
mix of reads and writes from going quadratic: a version that was moved to for as many steps as it has elements gets a
list of its own, and so does the newest one after that many writes.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from hyperion.ir.scalars import Number
from hyperion.tokens import NOTHING, Token
from hyperion_interp.looking import parts

_ELSEWHERE: list[Number] = []  # what a version without the list holds instead


class PersistentArray:
    """Python values in row-major order with a shape.

    >>> old = PersistentArray([1, 2, 3, 4], (2, 2)); new = old.updated(3, 7)
    >>> old.nested(), new.nested()
    ([[1, 2], [3, 4]], [[1, 2], [3, 7]])
    """

    __slots__ = ("_index", "_items", "_moved", "_next", "_value", "_writes", "shape")

    def __init__(self, items: list[Number], shape: tuple[int, ...] | None = None, writes: int = 0) -> None:
        """Takes over `items`. Without a shape the array is 1-d."""
        self.shape = (len(items),) if shape is None else shape
        self._items = items  # the list where `_next` is None
        self._next: PersistentArray | None = None
        self._index = 0
        self._value: Number = None
        self._writes = writes  # length of the chain of versions that ends here
        self._moved = 0  # steps that the list was moved to come here

    @classmethod
    def filled(cls, value: Number, shape: tuple[int, ...], token: Token = NOTHING) -> PersistentArray:
        items: list[Number] = []
        for some in parts(token, range(prod(shape))):
            items += [value] * len(some)
        return cls(items, shape)

    @property
    def size(self) -> int:
        return prod(self.shape)

    def item(self, offset: int) -> Number:
        if self._next is not None:
            self._take_list()
        return self._items[offset]

    def updated(self, offset: int, value: Number) -> PersistentArray:
        if self._next is not None:
            self._take_list()
        items = self._items
        if self._writes > len(items):
            newest = PersistentArray(items.copy(), self.shape)
            newest._items[offset] = value
            return newest
        newest = PersistentArray(items, self.shape, self._writes + 1)
        self._index, self._value, self._next, self._items = offset, items[offset], newest, _ELSEWHERE
        items[offset] = value
        return newest

    def to_list(self) -> list[Number]:
        """The elements in row-major order."""
        if self._next is not None:
            self._take_list()
        return self._items.copy()

    def picked(self, offsets: Sequence[int], token: Token = NOTHING) -> list[Number]:
        """The elements at those places."""
        if self._next is not None:
            self._take_list()
        items = self._items
        return [items[offset] for some in parts(token, offsets) for offset in some]

    def nested(self) -> list[Number]:
        """The elements as lists of lists, one level for each axis."""
        items: list[Number] = self.to_list()
        for axis in range(len(self.shape) - 1, 0, -1):
            width = self.shape[axis]
            rows = prod(self.shape[:axis])
            items = [items[row * width : (row + 1) * width] for row in range(rows)]
        return items

    def _take_list(self) -> None:
        path: list[PersistentArray] = []
        node: PersistentArray = self
        while node._next is not None:
            path.append(node)
            node = node._next
        self._moved += len(path)
        if self._moved > len(node._items):
            self._copy_list(node._items, path)
            return
        for older in reversed(path):
            index, items = older._index, node._items
            node._index, node._value, node._next, node._items = index, items[index], older, _ELSEWHERE
            items[index] = older._value
            older._next, older._items = None, items
            node = older

    def _copy_list(self, newest: list[Number], path: list[PersistentArray]) -> None:
        items = newest.copy()
        for older in reversed(path):
            items[older._index] = older._value
        self._items, self._next, self._moved, self._writes = items, None, 0, 0
