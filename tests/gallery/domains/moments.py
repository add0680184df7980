"""Statistics: sums, moments, extrema, counts."""

from __future__ import annotations

import math
from typing import Any  # loops take every type

from catalogue import Domain, Given, Real, Whole

HERE = Domain("moments")
DATA = Whole(-1000, 1000)
REALS = Real(-3.0, 3.0)


@HERE.loop(DATA, dtypes="int64 int32 uint8")
def total(xs: Any) -> Any:
    s = 0
    for x in xs:
        s += x
    return s


@HERE.loop(DATA, overflow="sat")
def saturating_total(xs: Any) -> Any:
    s = 0
    for x in xs:
        s += x
    return s


@HERE.loop(REALS, fp="reassoc", dtypes="float64 float32")
def mean(xs: Any) -> Any:
    s = 0.0
    n = 0
    for x in xs:
        s += x
        n += 1
    return s / max(n, 1)


@HERE.loop(DATA)
def sum_and_squares(xs: Any) -> Any:
    s = 0
    q = 0
    for x in xs:
        s += x
        q += x * x
    return s, q


@HERE.loop(REALS, fp="reassoc")
def welford(xs: Any) -> Any:
    mean = 0.0
    m2 = 0.0
    n = 0
    for x in xs:
        n += 1
        d = x - mean
        mean += d / n
        m2 += d * (x - mean)
    return m2


@HERE.loop(REALS, target="sequential")
def compensated(xs: Any) -> Any:
    """Kahan's summation, in the order of the source."""
    s = 0.0
    c = 0.0
    for x in xs:
        y = x - c
        t = s + y
        c = (t - s) - y
        s = t
    return s


@HERE.loop(DATA)
def smallest_and_largest(xs: Any) -> Any:
    lo = 10**18
    hi = -(10**18)
    for x in xs:
        if x < lo:
            lo = x
        elif x > hi:
            hi = x
    return lo, hi


@HERE.loop(DATA)
def second_largest(xs: Any) -> Any:
    first = -(10**18)
    second = -(10**18)
    for x in xs:
        if x > first:
            second = first
            first = x
        elif x > second:
            second = x
    return second


@HERE.loop(DATA)
def two_largest_by_max(xs: Any) -> Any:
    a = -(10**18)
    b = -(10**18)
    for x in xs:
        b = max(b, min(a, x))
        a = max(a, x)
    return a + b


@HERE.loop(DATA)
def third_smallest(xs: Any) -> Any:
    a = b = c = 10**18
    for x in xs:
        if x < a:
            a, b, c = x, a, b
        elif x < b:
            b, c = x, b
        elif x < c:
            c = x
    return c


@HERE.loop(DATA)
def count_of_maximum(xs: Any) -> Any:
    best = -(10**18)
    n = 0
    for x in xs:
        if x > best:
            best = x
            n = 1
        elif x == best:
            n += 1
    return n


@HERE.loop(DATA, Given((0, 500)))
def above(xs: Any, t: Any) -> Any:
    n = 0
    for x in xs:
        if x > t:
            n += 1
    return n


@HERE.loop(REALS, Given((0.0, 1.5)))
def fraction_above(xs: Any, t: Any) -> Any:
    hits = 0
    n = 0
    for x in xs:
        n += 1
        hits += x > t
    return hits / (n + 1)


@HERE.loop(REALS)
def missing(xs: Any) -> Any:
    n = 0
    for x in xs:
        if x != x:
            n += 1
    return n


@HERE.loop(DATA)
def even_and_odd(xs: Any) -> Any:
    even = 0
    odd = 0
    for x in xs:
        if x % 2 == 0:
            even += x
        else:
            odd += x
    return even, odd


@HERE.loop(DATA)
def sum_of_positives(xs: Any) -> Any:
    s = 0
    for x in xs:
        s += max(x, 0)
    return s


@HERE.loop(DATA, DATA)
def inner(a: Any, b: Any) -> Any:
    s = 0
    for x, y in zip(a, b):
        s += x * y
    return s


@HERE.loop(DATA, DATA)
def manhattan(a: Any, b: Any) -> Any:
    d = 0
    for x, y in zip(a, b):
        d += abs(x - y)
    return d


@HERE.loop(DATA, DATA)
def chebyshev(a: Any, b: Any) -> Any:
    d = 0
    for i in range(min(len(a), len(b))):
        g = a[i] - b[i]
        if g < 0:
            g = -g
        if g > d:
            d = g
    return d


@HERE.loop(DATA, DATA)
def matches(a: Any, b: Any) -> Any:
    return_value = 0
    for x, y in zip(a, b):
        return_value += 1 if x == y else 0
    return return_value


@HERE.loop(REALS, fp="reassoc")
def weighted_by_position(xs: Any) -> Any:
    s = 0.0
    for i in range(len(xs)):
        s += i * 1e-5 * xs[i]
    return s


@HERE.loop(DATA)
def centre_of_mass(xs: Any) -> Any:
    top = 0
    all_of_it = 0
    for i, x in enumerate(xs):
        w = abs(x)
        top += i * w
        all_of_it += w
    return top, all_of_it


@HERE.loop(DATA)
def is_constant(xs: Any) -> Any:
    same = True
    for i in range(1, len(xs)):
        if xs[i] != xs[0]:
            same = False
    return same


@HERE.loop(DATA)
def has_zero(xs: Any) -> Any:
    found = False
    for x in xs:
        found = found or x == 0
    return found


@HERE.loop(DATA)
def any_over(xs: Any) -> Any:
    for x in xs:
        if x > 999:
            return True
    return False


@HERE.loop(REALS, fp="reassoc")
def alternating(xs: Any) -> Any:
    s = 0.0
    sign = 1.0
    for x in xs:
        s += sign * x
        sign = -sign
    return s


@HERE.loop(REALS, fp="reassoc")
def softmax_denominator(xs: Any) -> Any:
    """The largest element and the sum of squares of distances below it: two states that depend on each other."""
    top = -1e9
    s = 0.0
    for x in xs:
        if x > top:
            top = x
        s += x
    return top, s


@HERE.loop(REALS, REALS, fp="reassoc")
def online_covariance(a: Any, b: Any) -> Any:
    n = 0
    mean_a = 0.0
    mean_b = 0.0
    together = 0.0
    for x, y in zip(a, b):
        n += 1
        off = x - mean_a
        mean_a += off / n
        mean_b += (y - mean_b) / n
        together += off * (y - mean_b)
    return together / max(n, 1)


@HERE.loop(REALS, Real(0.5, 2.0), fp="reassoc")
def weighted_average(xs: Any, ws: Any) -> Any:
    so_far = 0.0
    average = 0.0
    for x, w in zip(xs, ws):
        so_far += w
        average += (x - average) * w / so_far
    return average


@HERE.loop(REALS, fp="reassoc")
def log_sum_exp(xs: Any) -> Any:
    most = -1e300
    total = 0.0
    for x in xs:
        above = max(most, x)
        total = total * math.exp(most - above) + math.exp(x - above)
        most = above
    return most, total


@HERE.loop(Real(0.01, 1.0), fp="reassoc")
def entropy(ps: Any) -> Any:
    h = 0.0
    for p in ps:
        h -= p * math.log(p)
    return h


@HERE.loop(REALS, REALS, fp="reassoc")
def pooled_by_score(scores: Any, xs: Any) -> Any:
    """Attention: values weighted by the softmax of their scores."""
    top = -1e300
    weight = 0.0
    pooled = 0.0
    for score, x in zip(scores, xs):
        if score > top:
            fade = math.exp(top - score)
            weight *= fade
            pooled *= fade
            top = score
        e = math.exp(score - top)
        weight += e
        pooled += e * x
    return pooled / max(weight, 1e-300)


@HERE.loop(REALS, fp="reassoc")
def variance_of_readings(xs: Any) -> Any:
    """A sensor that fails gives NaN, which counts for nothing."""
    n = 0
    mean = 0.0
    m2 = 0.0
    for x in xs:
        if math.isnan(x):
            continue
        n += 1
        delta = x - mean
        mean += delta / n
        m2 += delta * (x - mean)
    return m2 / (n - 1) if n > 1 else 0.0


@HERE.loop(DATA)
def highest_and_how_often(xs: Any) -> Any:
    top = -1000
    times = 0
    for x in xs:
        if x == top:
            times += 1
        elif x > top:
            top = x
            times = 1
    return top, times
