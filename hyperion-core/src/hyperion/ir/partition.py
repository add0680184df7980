"""Where `par.reduce` cuts its input."""

from __future__ import annotations

SHORTEST_LANE = 16  # a tail with fewer elements per lane than this is not worth cutting


def pieces(n: int, lanes: int, piece: int) -> list[tuple[int, int]]:
    """The half-open ranges `(start, stop)` that `par.reduce` summarises, in order.

    They are contiguous, non-empty and cover `0..n`; they depend on the three numbers only, never on the host or on
    the number of threads, so every machine computes the same bits. Code generators implement the same three steps:

    1. every full block of `lanes * piece` elements is cut into `lanes` pieces of `piece`;
    2. of the `r` elements left, if `r >= 16 * lanes`, `lanes` pieces of `r // lanes` follow;
    3. what is then left, if anything, is the last piece.

    >>> pieces(11, lanes=2, piece=4)
    [(0, 4), (4, 8), (8, 11)]
    """
    full = n // (lanes * piece) * (lanes * piece)
    cuts = [(start, start + piece) for start in range(0, full, piece)]
    rest = n - full
    if rest >= SHORTEST_LANE * lanes:
        size = rest // lanes
        cuts += [(full + lane * size, full + (lane + 1) * size) for lane in range(lanes)]
        full += lanes * size
    if full < n:
        cuts.append((full, n))
    return cuts
