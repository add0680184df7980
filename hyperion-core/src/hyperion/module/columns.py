"""Numbers and texts as bytes: the words that the binary sections are made of.

uint     7 bits to a byte, the lowest first, the top bit set on all but the last
column   a byte with the width 1, 2, 4 or 8 that the largest needs, then that many bytes for each number
texts    uint count; column of lengths in characters; uint bytes; UTF-8, surrogates as they are
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Sequence
from itertools import accumulate
from typing import Literal

from hyperion.errors import ModuleError
from hyperion.module.codecs import Bytes
from hyperion.module.limits import DEFAULT, Limits

_CODES: dict[int, Literal["B", "H", "I", "Q"]] = {1: "B", 2: "H", 4: "I", 8: "Q"}
_MOST = 1 << 64
_SWAP = sys.byteorder == "big"


class Writer:
    """Appends to `data`."""

    def __init__(self) -> None:
        self.data = bytearray()

    def uint(self, value: int) -> None:
        while value > 127:
            self.data.append(value & 127 | 128)
            value >>= 7
        self.data.append(value)

    def column(self, values: Sequence[int]) -> None:
        most = max(values, default=0)
        width = 1 if most < 1 << 8 else 2 if most < 1 << 16 else 4 if most < 1 << 32 else 8
        numbers = array(_CODES[width], values)
        if _SWAP:
            numbers.byteswap()
        self.data.append(width)
        self.data += numbers.tobytes()

    def counted(self, values: Sequence[int]) -> None:
        """A column whose length the reader does not know otherwise."""
        self.uint(len(values))
        self.column(values)

    def texts(self, texts: Sequence[str]) -> None:
        self.counted([len(text) for text in texts])
        blob = "".join(texts).encode("utf-8", "surrogatepass")
        self.uint(len(blob))
        self.data += blob


class Reader:
    """Reads what a `Writer` wrote. Raises `ModuleError` before memory is taken: HY3012 for anything else, HY3007 for
    columns past the limit. With `exact`, columns are as narrow as a `Writer` makes them."""

    def __init__(self, data: Bytes, what: str, limits: Limits = DEFAULT, exact: bool = False) -> None:
        self._data = memoryview(data)
        self._at = 0
        self._what = what
        self._exact = exact
        self.limits = limits

    @property
    def position(self) -> int:
        return self._at

    def bytes_from(self, start: int) -> bytes:
        """What was read since that position."""
        return bytes(self._data[start : self._at])

    def malformed(self, why: str) -> ModuleError:
        return ModuleError("HY3012", f"{self._what} is malformed: {why}", hints=["compile the module again"])

    def uint(self) -> int:
        value = 0
        for shift in range(0, 70, 7):
            byte = self._take(1)[0]
            value |= (byte & 127) << shift
            if byte < 128:
                if value >= _MOST or (shift and byte == 0):
                    break
                return value
        raise self.malformed("a number is not written as it should be")

    def column(self, count: int) -> list[int]:
        self.limits.check("items", count, f"numbers in a column of {self._what}")
        width = self._take(1)[0]
        if width not in _CODES:
            raise self.malformed(f"numbers of {width} bytes")
        numbers = self._numbers(self._take(count * width), _CODES[width])
        if self._exact and width > 1 and max(numbers, default=0) < 1 << 4 * width:
            raise self.not_exact()
        return numbers

    def not_exact(self) -> ModuleError:
        return self.malformed("it is not written in the one way that it should be")

    def _numbers(self, data: memoryview, code: Literal["B", "H", "I", "Q"]) -> list[int]:
        if not _SWAP:
            return data.cast(code).tolist()
        numbers = array(code, data.tobytes())
        numbers.byteswap()
        return numbers.tolist()

    def counted(self) -> list[int]:
        return self.column(self.uint())

    def texts(self) -> list[str]:
        ends = list(accumulate(self.counted(), initial=0))
        try:
            text = str(self._take(self.uint()), "utf-8", "surrogatepass")
        except UnicodeDecodeError as error:
            raise self.malformed(str(error)) from None
        if ends[-1] != len(text):
            raise self.malformed("the texts have another length than their parts")
        return list(map(text.__getitem__, map(slice, ends, ends[1:])))

    def end(self) -> None:
        if self._at != len(self._data):
            raise self.malformed(f"{len(self._data) - self._at} bytes too many")

    def _take(self, count: int) -> memoryview:
        stop = self._at + count
        if stop > len(self._data):
            raise self.malformed("it ends early")
        found = self._data[self._at : stop]
        self._at = stop
        return found
