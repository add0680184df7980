"""Variants: the same things said in other ways, and things between; run with HYPERION_GALLERY=all and by the report."""

from __future__ import annotations

import math
from typing import Any  # loops take every type

import numpy as np

from catalogue import Count, Domain, Given, Letters, Real, Whole

HERE = Domain("variants")
DATA = Whole(-1000, 1000)
POS = Whole(0, 1000)
R = Real(-3.0, 3.0)


# maxima and sentinels
@HERE.loop(DATA)
def max_flag(xs: Any) -> Any:
    seen = False
    best = 0
    for x in xs:
        if not seen or x > best:
            best = x
            seen = True
    return best


@HERE.loop(DATA)
def max_first(xs: Any) -> Any:
    best = xs[0]
    for x in xs:
        if x > best:
            best = x
    return best


@HERE.loop(DATA)
def max_from_one(xs: Any) -> Any:
    best = xs[0]
    for i in range(1, len(xs)):
        best = max(best, xs[i])
    return best


@HERE.loop(DATA)
def max_nested_cond(xs: Any) -> Any:
    best = -2000
    second = -2000
    for x in xs:
        best, second = (x, best) if x > best else (best, x if x > second else second)
    return best - second


@HERE.loop(DATA)
def argmin_last(xs: Any) -> Any:
    at = -1
    low = 2000
    for i, x in enumerate(xs):
        if x <= low:
            low = x
            at = i
    return at


@HERE.loop(DATA)
def argmax_counter(xs: Any) -> Any:
    i = 0
    at = 0
    best = -(2**63)
    for x in xs:
        if x > best:
            best, at = x, i
        i += 1
    return at, best


@HERE.loop(DATA)
def min_max_gap(xs: Any) -> Any:
    lo, hi = 10**9, -(10**9)
    for x in xs:
        lo = x if x < lo else lo
        hi = x if hi < x else hi
    return hi - lo


# segments
@HERE.loop(DATA)
def kadane_classic(xs: Any) -> Any:
    best = xs[0]
    cur = xs[0]
    for x in xs[1:]:
        cur = max(x, cur + x)
        best = max(best, cur)
    return best


@HERE.loop(DATA)
def kadane_neginf(xs: Any) -> Any:
    best = -(1 << 62)
    cur = 0
    for x in xs:
        cur += x
        if cur > best:
            best = cur
        if cur < 0:
            cur = 0
    return best


@HERE.loop(DATA)
def kadane_with_start(xs: Any) -> Any:
    best, cur, start, where = 0, 0, 0, -1
    for i, x in enumerate(xs):
        if cur <= 0:
            cur = x
            start = i
        else:
            cur += x
        if cur > best:
            best = cur
            where = start
    return best, where


@HERE.loop(DATA)
def prefix_min_trick(xs: Any) -> Any:
    s = 0
    low = 0
    best = 0
    for x in xs:
        s += x
        best = max(best, s - low)
        low = min(low, s)
    return best


@HERE.loop(DATA)
def kadane_abs(xs: Any) -> Any:
    hi = lo = 0
    mx = mn = 0
    for x in xs:
        hi = max(0, hi + x)
        lo = min(0, lo + x)
        mx = max(mx, hi)
        mn = min(mn, lo)
    return max(mx, -mn)


@HERE.loop(DATA)
def circular_segment(xs: Any) -> Any:
    total = 0
    hi = 0
    lo = 0
    best = 0
    worst = 0
    for x in xs:
        total += x
        hi = max(hi + x, 0)
        best = max(best, hi)
        lo = min(lo + x, 0)
        worst = min(worst, lo)
    return max(best, total - worst)


# flags
@HERE.loop(DATA)
def all_positive(xs: Any) -> Any:
    ok = True
    for x in xs:
        ok &= x > 0
    return ok


@HERE.loop(DATA)
def any_negative_if(xs: Any) -> Any:
    found = 0
    for x in xs:
        if x < 0:
            found = 1
    return found


@HERE.loop(DATA)
def sorted_desc(xs: Any) -> Any:
    prev = 10**9
    good = True
    for x in xs:
        if x > prev:
            good = False
        prev = x
    return good


@HERE.loop(DATA)
def inversions_adjacent(xs: Any) -> Any:
    c = 0
    for i in range(len(xs) - 1):
        if xs[i] > xs[i + 1]:
            c += 1
    return c


@HERE.loop(DATA)
def local_maxima(xs: Any) -> Any:
    c = 0
    for i in range(1, len(xs) - 1):
        if xs[i] > xs[i - 1] and xs[i] > xs[i + 1]:
            c += 1
    return c


@HERE.loop(DATA)
def peaks_two_back(xs: Any) -> Any:
    a, b, n = 0, 0, 0
    for x in xs:
        if b > a and b > x:
            n += 1
        a, b = b, x
    return n


@HERE.loop(DATA)
def direction_changes(xs: Any) -> Any:
    d = 0
    last = 0
    n = 0
    for x in xs:
        s = 1 if x > last else (-1 if x < last else 0)
        if s != 0 and s != d:
            n += 1
            d = s
        last = x
    return n


# counters, machines
@HERE.loop(Letters(b"ab"))
def runs(data: Any) -> Any:
    prev = 0
    n = 0
    for c in data:
        n += c != prev
        prev = c
    return n


@HERE.loop(Letters(b"ab"))
def longest_alternation(data: Any) -> Any:
    prev = 0
    cur = 0
    best = 0
    for c in data:
        if c != prev:
            cur += 1
        else:
            cur = 1
        prev = c
        best = max(best, cur)
    return best


@HERE.loop(Letters(b"ab "))
def longest_word(data: Any) -> Any:
    n = 0
    best = 0
    for c in data:
        if c == 32:
            if n > best:
                best = n
            n = 0
        else:
            n += 1
    if n > best:
        best = n
    return best


@HERE.loop(Letters(b"ab "))
def first_word_length(data: Any) -> Any:
    n = 0
    done = False
    for c in data:
        if c == 32:
            done = True
        if not done:
            n += 1
    return n


@HERE.loop(Letters(b"ab "))
def last_word_length(data: Any) -> Any:
    n = 0
    last = 0
    for c in data:
        if c != 32:
            n += 1
            last = n
        else:
            n = 0
    return last


@HERE.loop(Letters(b"aA b."))
def capital_after_stop(data: Any) -> Any:
    state = 0
    bad = 0
    for c in data:
        if c == 46:
            state = 1
        elif c == 32:
            pass
        else:
            if state == 1 and c >= 97:
                bad += 1
            state = 0
    return bad


@HERE.loop(Letters(b"01"))
def divisible_by_three(bits: Any) -> Any:
    r = 0
    for b in bits:
        d = b - 48
        if r == 0:
            r = d
        elif r == 1:
            r = 2 + d if d == 0 else 0
        else:
            r = 1 if d == 0 else 2
    return r == 0


@HERE.loop(Letters(b"abc"))
def pattern_abac(data: Any) -> Any:
    s = 0
    n = 0
    for c in data:
        if s == 0:
            s = 1 if c == 97 else 0
        elif s == 1:
            s = 2 if c == 98 else (1 if c == 97 else 0)
        elif s == 2:
            s = 3 if c == 97 else 0
        elif s == 3:
            if c == 99:
                n += 1
                s = 0
            else:
                s = 2 if c == 98 else (1 if c == 97 else 0)
    return n


@HERE.loop(Letters(b"()[]"))
def two_brackets(data: Any) -> Any:
    a = b = 0
    ok = True
    for c in data:
        if c == 40:
            a += 1
        elif c == 41:
            a -= 1
        elif c == 91:
            b += 1
        else:
            b -= 1
        ok = ok and a >= 0 and b >= 0
    return ok and a == 0 and b == 0


@HERE.loop(Letters(b'"a\\'))
def string_literals(data: Any) -> Any:
    inside = escaped = False
    n = 0
    for c in data:
        if escaped:
            escaped = False
        elif inside and c == 92:
            escaped = True
        elif c == 34:
            inside = not inside
            if inside:
                n += 1
    return n, inside


# sums under conditions and with memory
@HERE.loop(DATA)
def sum_since_reset(xs: Any) -> Any:
    s = 0
    for x in xs:
        if x == 0:
            s = 0
        else:
            s += x
    return s


@HERE.loop(DATA)
def sum_after_first_negative(xs: Any) -> Any:
    s = 0
    on = False
    for x in xs:
        if on:
            s += x
        if x < 0:
            on = True
    return s


@HERE.loop(DATA)
def count_between_zeros(xs: Any) -> Any:
    on = 0
    n = 0
    for x in xs:
        if x == 0:
            on = 1 - on
        elif on:
            n += 1
    return n


@HERE.loop(DATA)
def sum_of_abs_neg(xs: Any) -> Any:
    s = 0
    for x in xs:
        if x >= 0:
            continue
        s -= x
    return s


@HERE.loop(DATA)
def even_positions(xs: Any) -> Any:
    s = 0
    k = 0
    for x in xs:
        if k % 2 == 0:
            s += x
        k += 1
    return s


@HERE.loop(DATA)
def alternate_sign(xs: Any) -> Any:
    s = 0
    t = 1
    for x in xs:
        s += t * x
        t = -t
    return s


@HERE.loop(DATA)
def sum_scaled(xs: Any) -> Any:
    s = 0
    for x in xs:
        s += 3 * x - 7
    return s


@HERE.loop(DATA)
def sum_shifted_mask(xs: Any) -> Any:
    s = 0
    for x in xs:
        s += (x >> 2) & 15
    return s


@HERE.loop(DATA)
def sum_mod_of_elements(xs: Any) -> Any:
    s = 0
    for x in xs:
        s += x % 7
    return s


@HERE.loop(POS)
def sum_div(xs: Any) -> Any:
    s = 0
    for x in xs:
        s += x // 3
    return s


@HERE.loop(DATA)
def cubes(xs: Any) -> Any:
    s = 0
    for x in xs:
        s += x * x * x
    return s


@HERE.loop(DATA, dtypes="int8 int16")
def squares_narrow(xs: Any) -> Any:
    s = 0
    for x in xs:
        s += x * x
    return s


@HERE.loop(DATA, Given((0, 7)))
def count_equal(xs: Any, v: Any) -> Any:
    n = 0
    for x in xs:
        if x == v:
            n = n + 1
    return n


@HERE.loop(DATA, Given((-5,)), Given((5,)))
def count_in_range(xs: Any, lo: Any, hi: Any) -> Any:
    n = 0
    for x in xs:
        if lo <= x <= hi:
            n += 1
    return n


@HERE.loop(DATA)
def histogram3(xs: Any) -> Any:
    a, b, c = 0, 0, 0
    for x in xs:
        if x < 0:
            a += 1
        elif x == 0:
            b += 1
        else:
            c += 1
    return a, b, c


@HERE.loop(DATA)
def local_temp(xs: Any) -> Any:
    s = 0
    for x in xs:
        t = x + 1
        u = t if t > 0 else -t
        s = s + u
    return s


@HERE.loop(DATA)
def product_trap(xs: Any) -> Any:
    p = 1
    for x in xs:
        p = p * 1
        if x == 3:
            p = p * 2 % 1000
    return p


# clamps
@HERE.loop(DATA)
def clamp_if(xs: Any) -> Any:
    v = 0
    for x in xs:
        v += x
        if v > 255:
            v = 255
        elif v < 0:
            v = 0
    return v


@HERE.loop(DATA)
def clamp_one_side(xs: Any) -> Any:
    v = 0
    for x in xs:
        v = min(v + x, 100)
    return v


@HERE.loop(DATA)
def volume_steps(xs: Any) -> Any:
    v = 5
    for x in xs:
        if x > 0 and v < 10:
            v += 1
        elif x < 0 and v > 0:
            v -= 1
    return v


@HERE.loop(DATA)
def decay_to_zero(xs: Any) -> Any:
    v = 0
    for x in xs:
        v = max(v - 1, x)
    return v


@HERE.loop(DATA)
def queue_wait(xs: Any) -> Any:
    w = 0
    worst = 0
    for x in xs:
        w = max(0, w + x - 3)
        worst = max(worst, w)
    return w, worst


@HERE.loop(POS, POS)
def lindley(service: Any, gap: Any) -> Any:
    w = 0
    total = 0
    for s, g in zip(service, gap):
        w = max(0, w + s - g)
        total += w
    return total


# two arrays, reverse, strides
@HERE.loop(DATA, DATA)
def dominance(a: Any, b: Any) -> Any:
    n = 0
    for i in range(len(a)):
        if a[i] > b[i]:
            n += 1
        elif a[i] < b[i]:
            n -= 1
    return n


@HERE.loop(DATA, DATA)
def first_mismatch_flag(a: Any, b: Any) -> Any:
    at = -1
    for i in range(min(len(a), len(b))):
        if a[i] != b[i] and at == -1:
            at = i
    return at


@HERE.loop(DATA)
def rev_index(xs: Any) -> Any:
    n = len(xs)
    h = 0
    for i in range(n):
        h = max(h, xs[n - 1 - i] - h)
    return h


@HERE.loop(DATA)
def reversed_builtin(xs: Any) -> Any:
    s = 0
    best = 0
    for x in reversed(xs):
        s = max(s + x, 0)
        best = max(best, s)
    return best


@HERE.loop(DATA)
def while_index(xs: Any) -> Any:
    i = 0
    s = 0
    while i < len(xs):
        s += xs[i]
        i += 1
    return s


@HERE.loop(DATA)
def while_step2(xs: Any) -> Any:
    i = 0
    s = 0
    while i < len(xs):
        s += xs[i]
        i += 2
    return s


@HERE.loop(DATA)
def two_pass(xs: Any) -> Any:
    top = -2000
    for x in xs:
        top = max(top, x)
    n = 0
    for x in xs:
        if x == top:
            n += 1
    return n


@HERE.loop(DATA)
def palindrome(xs: Any) -> Any:
    ok = True
    n = len(xs)
    for i in range(n // 2):
        if xs[i] != xs[n - 1 - i]:
            ok = False
    return ok


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
