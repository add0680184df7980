"""More variants: sums under conditions and with memory, clamps, several arrays, strides."""

from __future__ import annotations

from typing import Any  # loops take every type

from catalogue import Domain, Given, Whole

HERE = Domain("variants")
DATA = Whole(-1000, 1000)
POS = Whole(0, 1000)


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
