"""Variants: the same things said in other ways, and things between: extrema, segments, flags, counters, machines. Run
with HYPERION_GALLERY=all and by the report."""

from __future__ import annotations

from typing import Any  # loops take every type

from catalogue import Domain, Letters, Whole

HERE = Domain("variants")
DATA = Whole(-1000, 1000)


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
