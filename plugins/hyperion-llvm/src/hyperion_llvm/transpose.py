"""Rows of memory to columns of lanes, in registers.

Each lane of a vector loop takes a contiguous piece, so lane i of the vectors to be added lies in row i of memory.
Reading that lane by lane costs a load per element; here rows are loaded whole and turned with shuffles.
"""

from __future__ import annotations

from collections.abc import Sequence

from hyperion_llvm.text import Writer


def columns(w: Writer, rows: Sequence[str], element: str, width: int) -> list[str]:
    """`width` vectors with one element of each row, from `len(rows)` vectors of `width`; both are powers of two.

    Read the rows as one sequence with index row * width + column: its address bits must be rotated. A perfect shuffle
    of the whole sequence (interleave its two halves) rotates them by one; so does the opposite, splitting even
    elements from odd. Whichever side needs fewer steps is taken.
    """
    lanes = len(rows)
    sequence = list(rows)
    if lanes <= width:
        for _ in range(lanes.bit_length() - 1):
            sequence = _interleave(w, sequence, element, width)
    else:
        for _ in range(width.bit_length() - 1):
            sequence = _split(w, sequence, element, width)
    return _regroup(w, sequence, element, width, lanes)


def shuffle(w: Writer, element: str, width: int, x: str, y: str, mask: Sequence[int]) -> str:
    indices = ", ".join(f"i32 {i}" for i in mask)
    kind = f"<{width} x {element}>"
    return w.set(f"shufflevector {kind} {x}, {kind} {y}, <{len(mask)} x i32> <{indices}>", "v")


def _interleave(w: Writer, sequence: list[str], element: str, width: int) -> list[str]:
    half = len(sequence) // 2
    low = [i // 2 + (i % 2) * width for i in range(width)]
    high = [i + width // 2 for i in low]
    out: list[str] = []
    for x, y in zip(sequence[:half], sequence[half:], strict=True):
        out += [shuffle(w, element, width, x, y, low), shuffle(w, element, width, x, y, high)]
    return out


def _split(w: Writer, sequence: list[str], element: str, width: int) -> list[str]:
    even = [2 * i for i in range(width)]
    odd = [2 * i + 1 for i in range(width)]
    pairs = list(zip(sequence[::2], sequence[1::2], strict=True))
    evens = [shuffle(w, element, width, x, y, even) for x, y in pairs]
    return evens + [shuffle(w, element, width, x, y, odd) for x, y in pairs]


def _regroup(w: Writer, sequence: list[str], element: str, width: int, lanes: int) -> list[str]:
    """The same sequence in vectors of `lanes` elements."""
    if lanes <= width:
        parts = [list(range(i, i + lanes)) for i in range(0, width, lanes)]
        return [shuffle(w, element, width, v, "poison", part) for v in sequence for part in parts]
    while width < lanes:
        mask = list(range(2 * width))
        pairs = zip(sequence[::2], sequence[1::2], strict=True)
        sequence = [shuffle(w, element, width, x, y, mask) for x, y in pairs]
        width *= 2
    return sequence
