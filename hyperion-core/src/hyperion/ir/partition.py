"""Where `par.reduce` cuts its input."""

from __future__ import annotations

SHORTEST_LANE = 16  # a tail with fewer elements per lane than this is not worth cutting
FIRST_PIECE = 32
"""The size of the first pieces of a growing cut after those of one element."""


def pieces(n: int, lanes: int, piece: int, growing: int = 0) -> list[tuple[int, int]]:
    """The half-open ranges `(start, stop)` that `par.reduce` summarises, in order.

    They are contiguous, non-empty and cover `0..n`; they depend on the three numbers only, never on the host or on
    the number of threads, so every machine computes the same bits. Code generators implement the same three steps:

    1. every full block of `lanes * piece` elements is cut into `lanes` pieces of `piece`;
    2. of the `r` elements left, if `r >= 16 * lanes`, `lanes` pieces of `r // lanes` follow;
    3. what is then left, if anything, is the last piece.

    A cut with `growing`, for loops that are left early, starts with that many pieces of one element, then has, as long
    as they fit, `lanes` pieces of `FIRST_PIECE`, of twice that, and so on while shorter than `piece`; what is left is
    cut by the same three steps.

    >>> pieces(11, lanes=2, piece=4)
    [(0, 4), (4, 8), (8, 11)]
    >>> pieces(11, lanes=2, piece=4, growing=2)
    [(0, 1), (1, 2), (2, 6), (6, 10), (10, 11)]
    """
    begin, cuts = _growing(n, lanes, piece, growing) if growing else (0, [])
    full = begin + (n - begin) // (lanes * piece) * (lanes * piece)
    cuts += [(start, start + piece) for start in range(begin, full, piece)]
    rest = n - full
    if rest >= SHORTEST_LANE * lanes:
        size = rest // lanes
        cuts += [(full + lane * size, full + (lane + 1) * size) for lane in range(lanes)]
        full += lanes * size
    if full < n:
        cuts.append((full, n))
    return cuts


def _growing(n: int, lanes: int, piece: int, single: int) -> tuple[int, list[tuple[int, int]]]:
    """Where the growing pieces end, and what they are."""
    begin, size = min(n, single), FIRST_PIECE
    cuts = [(start, start + 1) for start in range(begin)]
    while size < piece and begin + lanes * size <= n:
        cuts += [(start, start + size) for start in range(begin, begin + lanes * size, size)]
        begin, size = begin + lanes * size, 2 * size
    return begin, cuts
