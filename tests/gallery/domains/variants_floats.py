"""More variants: early exits, floats, scans, powers and closed forms, remainders and bits."""

from __future__ import annotations

import math
from typing import Any  # loops take every type

import numpy as np

from catalogue import Count, Domain, Given, Letters, Real, Whole

HERE = Domain("variants")
DATA = Whole(-1000, 1000)
POS = Whole(0, 1000)
R = Real(-3.0, 3.0)


# early exit
@HERE.loop(DATA)
def find_break(xs: Any) -> Any:
    at = -1
    for i, x in enumerate(xs):
        if x == 500:
            at = i
            break
    return at


@HERE.loop(DATA)
def find_for_else(xs: Any) -> Any:
    for x in xs:
        if x > 998:
            found = 1
            break
    else:
        found = 0
    return found


@HERE.loop(DATA)
def until_negative_total(xs: Any) -> Any:
    s = 0
    for x in xs:
        s += x
        if s < -500:
            return -1
    return s


@HERE.loop(DATA)
def take_while(xs: Any) -> Any:
    n = 0
    for x in xs:
        if x < -990:
            break
        n += 1
    return n


# floats
@HERE.loop(R)
def fmax_if(xs: Any) -> Any:
    m = -1e308
    for x in xs:
        if x > m:
            m = x
    return m


@HERE.loop(R)
def fmin(xs: Any) -> Any:
    m = math.inf
    for x in xs:
        m = min(m, x)
    return m


@HERE.loop(R)
def fmax_ge(xs: Any) -> Any:
    m = 0.0
    for x in xs:
        m = x if x >= m else m
    return m


@HERE.loop(R)
def fcount(xs: Any) -> Any:
    n = 0
    for x in xs:
        if 0.5 < x and x < 1.5:
            n += 1
    return n


@HERE.loop(R)
def fargmax(xs: Any) -> Any:
    m = -1e300
    at = -1
    for i, x in enumerate(xs):
        if x > m:
            m = x
            at = i
    return at


@HERE.loop(R, fp="reassoc")
def variance_two_sums(xs: Any) -> Any:
    s = 0.0
    q = 0.0
    n = 0.0
    for x in xs:
        s += x
        q += x * x
        n += 1.0
    return (q - s * s / (n + 1e-9)) / (n + 1e-9)


@HERE.loop(R, fp="reassoc")
def fkadane(xs: Any) -> Any:
    h = 0.0
    b = 0.0
    for x in xs:
        h = max(0.0, h + x)
        b = max(b, h)
    return b


@HERE.loop(R, fp="reassoc")
def ema_alpha(xs: Any) -> Any:
    a = 0.25
    e = 0.0
    for x in xs:
        e = a * x + (1.0 - a) * e
    return e


@HERE.loop(R, fp="reassoc")
def double_ema(xs: Any) -> Any:
    e = 0.0
    d = 0.0
    for x in xs:
        e = 0.9 * e + 0.1 * x
        d = 0.8 * d + 0.2 * e
    return d


@HERE.loop(R, fp="reassoc")
def int_start(xs: Any) -> Any:
    s = 0.0
    c = 0
    for x in xs:
        if x > 0:
            s += x
            c += 1
    return s, c


@HERE.loop(R, R, fp="reassoc")
def distance_squared(a: Any, b: Any) -> Any:
    d = 0.0
    for x, y in zip(a, b):
        d += (x - y) * (x - y)
    return math.sqrt(d)


@HERE.loop(R, fp="reassoc")
def horner_float(xs: Any) -> Any:
    v = 0.0
    for c in xs:
        v = v * 0.5 + c
    return v


@HERE.loop(R, fp="reassoc")
def neg_sum(xs: Any) -> Any:
    s = 0.0
    for x in xs:
        s = s - x
    return s


@HERE.loop(R, fp="reassoc", dtypes="float32 float64")
def abs_sum(xs: Any) -> Any:
    s = 0.0
    for x in xs:
        s += abs(x)
    return s


# scans
@HERE.loop(DATA, target="scan")
def cummax(xs: Any) -> Any:
    out = np.zeros_like(xs)
    m = -(10**9)
    for i in range(len(xs)):
        m = max(m, xs[i])
        out[i] = m
    return out


@HERE.loop(DATA, target="scan")
def cumsum_exclusive(xs: Any) -> Any:
    out = np.zeros(len(xs), dtype=np.int64)
    s = 0
    for i in range(len(xs)):
        out[i] = s
        s += xs[i]
    return out


@HERE.loop(DATA, target="scan")
def prefix_in_place(xs: Any) -> Any:
    out = np.zeros(len(xs), dtype=np.int64)
    if len(xs) > 0:
        out[0] = xs[0]
    for i in range(1, len(xs)):
        out[i] = out[i - 1] + xs[i]
    return out


@HERE.loop(DATA, target="scan")
def map_only(xs: Any) -> Any:
    out = np.zeros(len(xs), dtype=np.int64)
    for i in range(len(xs)):
        out[i] = 2 * xs[i] + 1
    return out


@HERE.loop(DATA, target="scan")
def signs(xs: Any) -> Any:
    out = np.zeros(len(xs), dtype=np.int64)
    for i, x in enumerate(xs):
        if x > 0:
            out[i] = 1
        elif x < 0:
            out[i] = -1
    return out


@HERE.loop(DATA, target="scan")
def suffix_max(xs: Any) -> Any:
    out = np.zeros(len(xs), dtype=np.int64)
    m = -(10**9)
    for i in range(len(xs) - 1, -1, -1):
        m = max(m, xs[i])
        out[i] = m
    return out


@HERE.loop(Letters(b"ab "), target="scan")
def word_numbers(data: Any) -> Any:
    out = np.zeros(len(data), dtype=np.int64)
    n = 0
    inside = False
    for i in range(len(data)):
        if data[i] == 32:
            inside = False
        elif not inside:
            inside = True
            n += 1
        out[i] = n
    return out


# powers, closed forms
@HERE.loop(Count(), overflow="wrap", target="logarithmic")
def double_and_add(n: Any) -> Any:
    x = 1
    for i in range(n):
        x = 2 * x + 3
    return x


@HERE.loop(Count(60), target="logarithmic")
def doubling_trap(n: Any) -> Any:
    x = 1
    for _ in range(n):
        x = x + x
    return x


@HERE.loop(Count(), target="closed")
def count_up(n: Any) -> Any:
    c = 0
    for _ in range(n):
        c += 3
    return c


@HERE.loop(Count(), target="closed")
def sum_cubes(n: Any) -> Any:
    s = 0
    for i in range(n):
        s += i * i * i
    return s


@HERE.loop(Count(), Given((2, 9)), target="closed")
def arithmetic_series(n: Any, d: Any) -> Any:
    s = 0
    t = 5
    for _ in range(n):
        s += t
        t += d
    return s


@HERE.loop(Count(), target="closed")
def while_count(n: Any) -> Any:
    i = 0
    s = 0
    while i < n:
        s += i
        i += 1
    return s


@HERE.loop(Count(), target="closed")
def countdown(n: Any) -> Any:
    s = 0
    while n > 0:
        s += n
        n -= 1
    return s


@HERE.loop(Count(), target="closed")
def evens(n: Any) -> Any:
    s = 0
    for i in range(0, n, 2):
        s += i
    return s


@HERE.loop(Count(), Given((3, 1000)), target="logarithmic")
def lcg_mod(n: Any, seed: Any) -> Any:
    x = seed
    for _ in range(n):
        x = (1103515245 * x + 12345) % 2147483648
    return x


@HERE.loop(Count(), target="logarithmic")
def power_of_two_mod(n: Any) -> Any:
    r = 1
    for _ in range(n):
        r = (2 * r) % 1000000007
    return r


@HERE.loop(Count(), overflow="wrap", target="logarithmic")
def matrix_3(n: Any) -> Any:
    a, b, c = 1, 0, 0
    for _ in range(n):
        a, b, c = 2 * a + b, b + c, a + 3 * c
    return a + b + c


@HERE.loop(Count(1500), Given((1.0, 1000.0)), fp="reassoc", target="logarithmic")
def interest_float(n: Any, p: Any) -> Any:
    for _ in range(n):
        p = p * 1.001
    return p


# modular, bits
@HERE.loop(POS)
def rolling_hash_if(xs: Any) -> Any:
    h = 7
    for x in xs:
        h = h * 131 + x
        h = h % 1000003
    return h


@HERE.loop(POS)
def mod_counter(xs: Any) -> Any:
    k = 0
    for x in xs:
        if x > 500:
            k = (k + 1) % 5
    return k


@HERE.loop(POS)
def conditional_subtract(xs: Any) -> Any:
    s = 0
    for x in xs:
        s += x
        if s >= 1000:
            s -= 1000
    return s


@HERE.loop(POS)
def xor_and_count(xs: Any) -> Any:
    h = 0
    n = 0
    for x in xs:
        h = h ^ x
        n += 1
    return h, n


@HERE.loop(Letters(b"\x00\x01"))
def lfsr(bits: Any) -> Any:
    s = 1
    for b in bits:
        f = ((s >> 0) ^ (s >> 2) ^ (s >> 3) ^ (s >> 5)) & 1
        s = (s >> 1) | ((f ^ b) << 15)
    return s


@HERE.loop(POS)
def or_flags(xs: Any) -> Any:
    m = 0
    for x in xs:
        m |= x & 12
    return m


@HERE.loop(POS)
def toggle_parity(xs: Any) -> Any:
    odd = False
    for x in xs:
        odd = odd != (x % 2 == 1)
    return odd


@HERE.loop(R, R, fp="reassoc")
def two_tracks(a: Any, b: Any) -> Any:
    """The best path through two states, of which a change costs something."""
    left = 0.0
    right = 0.0
    for x, y in zip(a, b):
        stay = left
        left = max(left, right - 1.5) + x
        right = max(right, stay - 1.5) + y
    return max(left, right)
