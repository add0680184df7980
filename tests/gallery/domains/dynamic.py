"""Dynamic programming over one array, with a few numbers of state."""

from __future__ import annotations

from typing import Any  # loops take every type

import numpy as np

from catalogue import Count, Domain, Given, Letters, Whole

HERE = Domain("dynamic")
GAINS = Whole(-100, 100)
COSTS = Whole(0, 50)


@HERE.loop(GAINS, dtypes="int64 int32 int8")
def best_segment(xs: Any) -> Any:
    here = 0
    best = 0
    for x in xs:
        here = max(here + x, 0)
        best = max(best, here)
    return best


@HERE.loop(GAINS)
def best_segment_by_if(xs: Any) -> Any:
    """Not empty: the usual sentinel."""
    best = -(10**15)
    here = -(10**15)
    for x in xs:
        if here > 0:
            here = here + x
        else:
            here = x
        if here > best:
            best = here
    return best


@HERE.loop(GAINS)
def worst_segment(xs: Any) -> Any:
    low = 0
    here = 0
    for x in xs:
        here += x
        if here > 0:
            here = 0
        low = min(low, here)
    return low


@HERE.loop(GAINS, overflow="wrap", target="sequential")
def best_segment_wrapping(xs: Any) -> Any:
    here = 0
    best = 0
    for x in xs:
        here = max(here + x, 0)
        best = max(best, here)
    return best


@HERE.loop(Whole(0, 100))
def no_two_neighbours(values: Any) -> Any:
    take = 0
    skip = 0
    for v in values:
        take, skip = skip + v, max(take, skip)
    return max(take, skip)


@HERE.loop(COSTS)
def stairs(cost: Any) -> Any:
    """One step or two at a time."""
    a = 0
    b = 0
    for c in cost:
        a, b = b, min(a, b) + c
    return min(a, b)


@HERE.loop(COSTS, COSTS)
def two_assembly_lines(left: Any, right: Any) -> Any:
    a = 0
    b = 0
    for x, y in zip(left, right):
        na = min(a, b + 3) + x
        nb = min(b, a + 3) + y
        a = na
        b = nb
    return min(a, b)


@HERE.loop(COSTS, COSTS, COSTS)
def three_colours(r: Any, g: Any, b: Any) -> Any:
    x, y, z = 0, 0, 0
    for i in range(len(r)):
        x, y, z = r[i] + min(y, z), g[i] + min(x, z), b[i] + min(x, y)
    return min(x, y, z)


@HERE.loop(Whole(1, 1000))
def stock_with_cooldown(prices: Any) -> Any:
    held = -(10**12)
    sold = 0
    rest = 0
    for p in prices:
        before = sold
        sold = held + p
        held = max(held, rest - p)
        rest = max(rest, before)
    return max(sold, rest)


@HERE.loop(Whole(1, 1000), Given((0, 20)))
def stock_with_fee(prices: Any, fee: Any) -> Any:
    cash = 0
    hold = -1000000000
    for p in prices:
        cash = max(cash, hold + p - fee)
        hold = max(hold, cash - p)
    return cash


@HERE.loop(Whole(1, 1000))
def two_trades(prices: Any) -> Any:
    buy1 = -(10**12)
    sell1 = 0
    buy2 = -(10**12)
    sell2 = 0
    for p in prices:
        buy1 = max(buy1, -p)
        sell1 = max(sell1, buy1 + p)
        buy2 = max(buy2, sell1 - p)
        sell2 = max(sell2, buy2 + p)
    return sell2


@HERE.loop(Letters(b"01"), overflow="wrap")
def ways_to_decode(bits: Any) -> Any:
    a, b = 1, 1
    for c in bits:
        if c == 48:
            a, b = b, a
        else:
            a, b = b, a + b
    return b


@HERE.loop(GAINS)
def alternating_sum(xs: Any) -> Any:
    """The best subsequence with signs + - + -."""
    even = 0
    odd = -1000000000000
    for x in xs:
        even, odd = max(even, odd - x), max(odd, even + x)
    return max(even, odd)


@HERE.loop(GAINS, overflow="wrap")
def every_segment(xs: Any) -> Any:
    """The sum of the sums of all segments."""
    ending = 0
    total = 0
    n = 0
    for x in xs:
        n += 1
        ending = ending + n * x
        total = total + ending
    return total


@HERE.loop(Letters(b"ab"), overflow="wrap")
def distinct_subsequences(data: Any) -> Any:
    """How many times `ab` is a subsequence."""
    a = 0
    ab = 0
    for c in data:
        if c == 97:
            a += 1
        else:
            ab += a
    return ab


@HERE.loop(GAINS, target="scan")
def best_ending(xs: Any) -> Any:
    out = np.zeros(len(xs), dtype=np.int64)
    here = 0
    for i in range(len(xs)):
        here = max(here + xs[i], 0)
        out[i] = here
    return out


@HERE.loop(Whole(-4, 4), overflow="wrap")
def products(xs: Any) -> Any:
    p = 1
    for x in xs:
        p *= x
    return p


@HERE.loop(Whole(-2, 2), target="sequential")
def best_product(xs: Any) -> Any:
    """The largest product of a segment; overflow traps."""
    lo = 1
    hi = 1
    best = 0
    for x in xs:
        a = lo * x
        b = hi * x
        lo = min(x, a, b)
        hi = max(x, a, b)
        best = max(best, hi)
        if hi > 1000 or lo < -1000:
            lo = 1
            hi = 1
    return best


@HERE.loop(Whole(0, 9))
def reach(jumps: Any) -> Any:
    """Whether the end can be reached by jumps of at most so far."""
    far = 0
    ok = True
    for i in range(len(jumps)):
        if i > far:
            ok = False
        far = max(far, i + jumps[i])
    return ok


@HERE.loop(Count(90), target="logarithmic")
def tilings(n: Any) -> Any:
    a = 1
    b = 1
    for _ in range(n):
        a, b = b, a + b
    return a


@HERE.loop(Count(), overflow="wrap", target="logarithmic")
def tribonacci(n: Any) -> Any:
    a, b, c = 0, 0, 1
    for _ in range(n):
        a, b, c = b, c, a + b + c
    return a


@HERE.loop(Whole(1, 9), Given((10, 30)))
def gas_station(gains: Any, start: Any) -> Any:
    """The tank holds no more than 100."""
    tank = start
    for g in gains:
        tank = tank + g - 5
        if tank > 100:
            tank = 100
        if tank < 0:
            tank = 0
    return tank


FEW = Given((0, 1, 2, 3, 9, 16))


@HERE.loop(FEW, target="logarithmic")
def rabbits(n: Any) -> Any:
    """Calls itself, as the ones below do."""
    if n == 0:
        return 0
    if n == 1:
        return 1
    return (rabbits(n - 1) + rabbits(n - 2)) % 1_000_000_007


@HERE.loop(FEW, overflow="wrap", target="logarithmic")
def ways_up(n: Any) -> Any:
    """By one, two or three stairs at once."""
    if n < 0:
        return 0
    if n == 0:
        return 1
    return ways_up(n - 1) + ways_up(n - 2) + ways_up(n - 3)


@HERE.loop(FEW, target="closed")
def square_pyramid(n: Any) -> Any:
    return 0 if n <= 0 else n * n + square_pyramid(n - 1)


@HERE.loop(Given((0, 1, 20, 21)), target="sequential")
def arrangements(n: Any) -> Any:
    return 1 if n == 0 else n * arrangements(n - 1)


@HERE.loop(Given((0, 1, 5, 6)), Given((0, 1, 7)), target="sequential")
def grid_paths(rows: Any, columns: Any) -> Any:
    if rows == 0 or columns == 0:
        return 1
    return grid_paths(rows - 1, columns) + grid_paths(rows, columns - 1)


@HERE.loop(Given((0, 12, -18, 270)), Given((0, 8, 192)), target="sequential")
def euclid(a: Any, b: Any) -> Any:
    return a if b == 0 else euclid(b, a % b)


@HERE.loop(Given((0, 1, 7, 24)), Given((0, 1, 3)), target="sequential")
def ways_to_pay(amount: Any, kinds: Any) -> Any:
    """With coins of 1, 3 and 5."""
    if amount == 0:
        return 1
    if amount < 0 or kinds == 0:
        return 0
    return ways_to_pay(amount, kinds - 1) + ways_to_pay(amount - 2 * kinds + 1, kinds)


@HERE.loop(Whole(-50, 50))
def best_segment_and_its_ends(values: Any) -> Any:
    best = -(10**18)
    here = start = first = last = 0
    for i, x in enumerate(values):
        here += x
        if here > best:
            best = here
            first, last = start, i
        if here < 0:
            here = 0
            start = i + 1
    return best, first, last


@HERE.loop(Whole(0, 60, extreme=False), Whole(0, 60, extreme=False))
def where_to_start(fuel: Any, used: Any) -> Any:
    """The station from which a round trip has enough fuel."""
    total = tank = start = 0
    for i in range(len(fuel)):
        left = fuel[i] - used[i]
        total += left
        tank += left
        if tank < 0:
            start = i + 1
            tank = 0
    return start if total >= 0 else -1


@HERE.loop(Whole(-50, 50))
def longest_rise(values: Any) -> Any:
    longest = 0
    rising = 0
    for i in range(len(values)):
        if i > 0 and values[i] > values[i - 1]:
            rising += 1
        else:
            rising = 1
        longest = max(longest, rising)
    return longest


@HERE.loop(Given((0, 1, 5, 9)), Given((0, 1, 4)), target="sequential")
def choices_by_pascal(things: Any, taken: Any) -> Any:
    """Without overflow, and without end where more are taken than there are."""
    if taken > things:
        return 0
    if taken == 0 or taken == things:
        return 1
    return (choices_by_pascal(things - 1, taken) + choices_by_pascal(things - 1, taken - 1)) % 1_000_000_007


@HERE.loop(Letters(b"ab"), Letters(b"ab"), Given((-1, 0, 4)), Given((-1, 2, 3)), target="sequential")
def spelling_distance(word: Any, other: Any, i: Any, j: Any) -> Any:
    """Changes of letters between two words, up to the letters i and j."""
    if i < 0 or j < 0:
        return max(i, j) + 1
    changed = spelling_distance(word, other, i - 1, j - 1) + (1 if word[i] != other[j] else 0)
    return min(changed, spelling_distance(word, other, i - 1, j) + 1, spelling_distance(word, other, i, j - 1) + 1)


@HERE.loop(Whole(0, 9), Given((0, 3, 5)), Given((0, 7, 20)), target="sequential")
def fullest_bag(weights: Any, count: Any, room: Any) -> Any:
    if count == 0:
        return 0
    without = fullest_bag(weights, count - 1, room)
    weight = weights[count - 1]
    if weight > room:
        return without
    return max(without, weight + fullest_bag(weights, count - 1, room - weight))


@HERE.loop(Given((0, 1, 7, 90)), Given((0, 1)), Given((1, 2)), target="logarithmic", overflow="wrap")
def rabbits_by_accumulators(months: Any, young: Any, grown: Any) -> Any:
    return grown if months == 0 else rabbits_by_accumulators(months - 1, grown, young + grown)
