"""Samples: filters, peaks, crossings, windows."""

from __future__ import annotations

from typing import Any  # loops take every type

import numpy as np

from catalogue import Domain, Given, Real, Whole

HERE = Domain("signals")
SAMPLES = Whole(-1000, 1000)
WAVE = Real(-5.0, 5.0)


@HERE.loop(SAMPLES, dtypes="int64 int16")
def zero_crossings(xs: Any) -> Any:
    n = 0
    before = 0
    for x in xs:
        if (before < 0 and x > 0) or (before > 0 and x < 0):
            n += 1
        before = x
    return n


@HERE.loop(WAVE)
def float_crossings(xs: Any) -> Any:
    n = 0
    last = 0.0
    for x in xs:
        if last <= 0.0 and x > 0.0:
            n += 1
        last = x
    return n


@HERE.loop(SAMPLES)
def total_variation(xs: Any) -> Any:
    total = 0
    last = 0
    for x in xs:
        total += abs(x - last)
        last = x
    return total


@HERE.loop(SAMPLES)
def largest_jump(xs: Any) -> Any:
    jump = 0
    for i in range(1, len(xs)):
        jump = max(jump, abs(xs[i] - xs[i - 1]))
    return jump


@HERE.loop(WAVE, dtypes="float64 float32")
def peak(xs: Any) -> Any:
    top = float("-inf")
    for x in xs:
        top = max(top, x)
    return top


@HERE.loop(WAVE)
def range_of(xs: Any) -> Any:
    lo = 1e300
    hi = -1e300
    for x in xs:
        if x < lo:
            lo = x
        if x > hi:
            hi = x
    return hi - lo


@HERE.loop(SAMPLES)
def where_peak(xs: Any) -> Any:
    """The first position of the largest sample."""
    best = -(10**18)
    at = -1
    for i, x in enumerate(xs):
        if x > best:
            best = x
            at = i
    return at


@HERE.loop(WAVE)
def where_lowest(xs: Any) -> Any:
    low = float("inf")
    at = -1
    for i in range(len(xs)):
        if xs[i] < low:
            low = xs[i]
            at = i
    return at, low


@HERE.loop(WAVE, fp="reassoc", dtypes="float64 float32")
def energy(xs: Any) -> Any:
    e = 0.0
    for x in xs:
        e += x * x
    return e


@HERE.loop(WAVE, WAVE, fp="reassoc")
def correlation(a: Any, b: Any) -> Any:
    c = 0.0
    for i in range(len(a)):
        c += a[i] * b[i]
    return c


@HERE.loop(WAVE, fp="reassoc", target="scan")
def second_order_filter(xs: Any) -> Any:
    """An IIR filter of order two."""
    out = np.zeros(len(xs), dtype=np.float64)
    y1 = 0.0
    y2 = 0.0
    for i in range(len(xs)):
        y = 0.3 * xs[i] + 0.5 * y1 - 0.2 * y2
        out[i] = y
        y2 = y1
        y1 = y
    return out


@HERE.loop(SAMPLES, target="scan")
def running_sum(xs: Any) -> Any:
    out = np.empty(len(xs), dtype=np.int64)
    s = 0
    for i in range(len(xs)):
        s += xs[i]
        out[i] = s
    return out


@HERE.loop(SAMPLES, target="scan")
def window_sums(xs: Any) -> Any:
    """Sums of the last eight samples."""
    out = np.zeros(len(xs), dtype=np.int64)
    s = 0
    for i in range(len(xs)):
        s += xs[i]
        if i >= 8:
            s -= xs[i - 8]
        out[i] = s
    return out


@HERE.loop(SAMPLES, target="scan")
def differences(xs: Any) -> Any:
    out = np.zeros(len(xs), dtype=np.int64)
    last = 0
    for i in range(len(xs)):
        out[i] = xs[i] - last
        last = xs[i]
    return out


@HERE.loop(SAMPLES)
def every_third(xs: Any) -> Any:
    s = 0
    for i in range(0, len(xs), 3):
        s += xs[i]
    return s


@HERE.loop(SAMPLES)
def from_the_end(xs: Any) -> Any:
    """The largest sum of a suffix, walking backwards."""
    s = 0
    best = 0
    for i in range(len(xs) - 1, -1, -1):
        s += xs[i]
        best = max(best, s)
    return best


@HERE.loop(SAMPLES)
def reversed_pairs(xs: Any) -> Any:
    best = 0
    top = 0
    for x in xs[::-1]:
        best = max(best, top - x)
        top = max(top, x)
    return best


@HERE.loop(SAMPLES)
def clipped_sum(xs: Any) -> Any:
    """An integrator with limits at both ends."""
    s = 0
    for x in xs:
        s = min(max(s + x, -5000), 5000)
    return s


@HERE.loop(SAMPLES)
def leaky_counter(xs: Any) -> Any:
    level = 0
    for x in xs:
        if x > 500:
            level = level + 10
        elif level > 0:
            level = level - 1
    return level


@HERE.loop(WAVE)
def is_rising(xs: Any) -> Any:
    ok = True
    last = float("-inf")
    for x in xs:
        ok = ok and x >= last
        last = x
    return ok


@HERE.loop(SAMPLES)
def longest_rise(xs: Any) -> Any:
    length = 0
    best = 0
    last = 10**9
    for x in xs:
        length = length + 1 if x > last else 1
        best = max(best, length)
        last = x
    return best


@HERE.loop(SAMPLES)
def longest_positive(xs: Any) -> Any:
    here = best = 0
    for x in xs:
        if x > 0:
            here += 1
            if here > best:
                best = here
        else:
            here = 0
    return best


@HERE.loop(SAMPLES, Given((2, 5)), target="sequential")
def debounced(xs: Any, hold: Any) -> Any:
    """Counts samples over a level, not again before `hold` more have passed."""
    wait = 0
    n = 0
    for x in xs:
        if wait > 0:
            wait -= 1
        elif x > 900:
            n += 1
            wait = hold
    return n


@HERE.loop(WAVE, target="sequential")
def logistic(xs: Any) -> Any:
    y = 0.5
    for x in xs:
        y = 3.9 * y * (1.0 - y)
    return y


@HERE.loop(SAMPLES, Given((1, 3, 8, 50)), target="scan")
def moving_sums(xs: Any, width: Any) -> Any:
    """Sums of the last `width` samples, by a running sum."""
    out = np.zeros(len(xs), dtype=np.int64)
    s = 0
    for i in range(len(xs)):
        s += xs[i]
        if i >= width:
            s -= xs[i - width]
        out[i] = s
    return out


@HERE.loop(WAVE, WAVE, fp="reassoc", target="scan")
def tracked(xs: Any, gains: Any) -> Any:
    """A first-order filter whose gain is given for every sample."""
    out = np.zeros(len(xs), dtype=np.float64)
    y = 0.0
    for i, (x, g) in enumerate(zip(xs, gains)):
        y = 0.5 * y + 0.01 * g * x
        out[i] = y
    return out


@HERE.loop(WAVE, fp="reassoc", target="scan")
def mean_so_far(xs: Any) -> Any:
    out = np.zeros(len(xs), dtype=np.float64)
    s = 0.0
    for i in range(len(xs)):
        s += xs[i]
        out[i] = s / (i + 1)
    return out


@HERE.loop(SAMPLES, target="scan")
def smoothed_by_three(xs: Any) -> Any:
    n = len(xs)
    out = np.zeros(n, dtype=np.int64)
    for i in range(1, n - 1):
        out[i] = (xs[i - 1] + 2 * xs[i] + xs[i + 1]) // 4
    return out


@HERE.loop(SAMPLES, target="scan")
def since_loud(xs: Any) -> Any:
    """How many samples ago the last loud one was."""
    out = np.zeros(len(xs), dtype=np.int64)
    last = -1
    for i in range(len(xs)):
        if abs(xs[i]) > 900:
            last = i
        out[i] = i - last
    return out


@HERE.loop(SAMPLES, Given((1, 4, 9)), target="parallel")
def loudest_nearby(xs: Any, width: Any) -> Any:
    """The largest of `width` samples from each one on, one window after the other."""
    n = len(xs)
    out = np.zeros(max(n - width + 1, 0), dtype=np.int64)
    for i in range(n - width + 1):
        m = xs[i]
        for j in range(1, width):
            m = max(m, xs[i + j])
        out[i] = m
    return out


@HERE.loop(SAMPLES, Given((1, 3, 8)), target="parallel")
def widest_swing(xs: Any, width: Any) -> Any:
    """The largest difference between two of `width` neighbours."""
    widest = 0
    for i in range(len(xs) - width + 1):
        high = xs[i]
        low = xs[i]
        for j in range(i, i + width):
            high = max(high, xs[j])
            low = min(low, xs[j])
        widest = max(widest, high - low)
    return widest


@HERE.loop(SAMPLES, Given((0, 2, 5)), target="parallel")
def smoothed_both_ways(xs: Any, reach: Any) -> Any:
    """Sums of the samples at most `reach` places away, fewer at both ends."""
    out = np.zeros(len(xs), dtype=np.int64)
    for i in range(len(xs)):
        s = 0
        for j in range(max(0, i - reach), min(len(xs), i + reach + 1)):
            s += xs[j]
        out[i] = s
    return out


@HERE.loop(SAMPLES, target="parallel")
def quiet_stretches(xs: Any) -> Any:
    """How many stretches of 32 samples have none beyond 50."""
    quiet = 0
    for i in range(len(xs) - 31):
        loud = 0
        for j in range(32):
            if xs[i + j] > 50:
                loud += 1
        if loud == 0:
            quiet += 1
    return quiet


@HERE.loop(WAVE, Given((1, 3, 16)), target="parallel")
def lowest_crest(xs: Any, width: Any) -> Any:
    """The lowest of the highest samples of all windows."""
    crest = float("inf")
    for i in range(len(xs) - width + 1):
        high = xs[i]
        for j in range(1, width):
            high = max(high, xs[i + j])
        crest = min(crest, high)
    return crest


@HERE.loop(WAVE, Given((1, 3, 16)), fp="reassoc", target="parallel")
def strongest_stretch(xs: Any, width: Any) -> Any:
    """The most energy in `width` neighbours."""
    strongest = 0.0
    for i in range(len(xs) - width + 1):
        energy = 0.0
        for j in range(i, i + width):
            energy += xs[j] * xs[j]
        strongest = max(strongest, energy)
    return strongest


@HERE.loop(SAMPLES, Given((1, 4, 9)), target="parallel")
def busiest_slice(xs: Any, width: Any) -> Any:
    """The largest sum of `width` neighbours, fewer at the end."""
    most = 0
    for i in range(len(xs)):
        most = max(most, sum(xs[i : i + width]))
    return most


@HERE.loop(SAMPLES, Given((0, 2, 5)), target="parallel")
def range_around(xs: Any, reach: Any) -> Any:
    """The largest less the least of the samples at most `reach` places away."""
    out = np.zeros(len(xs), dtype=np.int64)
    for i in range(len(xs)):
        out[i] = max(xs[max(0, i - reach) : i + reach + 1]) - min(xs[max(0, i - reach) : i + reach + 1])
    return out


@HERE.loop(SAMPLES, Given((1, 3, 8)), target="parallel")
def loud_in_slices(xs: Any, width: Any) -> Any:
    """How often two or more of the last `width` samples are beyond 50."""
    often = 0
    for i in range(width, len(xs) + 1):
        loud = 0
        for x in xs[i - width : i]:
            if x > 50:
                loud += 1
        if loud > 1:
            often += 1
    return often


@HERE.loop(SAMPLES, Given((0, 1, 5)))
def autocorrelation(xs: Any, lag: Any) -> Any:
    s = 0
    for i in range(len(xs) - lag):
        s += xs[i] * xs[i + lag]
    return s


@HERE.loop(WAVE, Given((0.5, 2.0)), fp="reassoc")
def controller(errors: Any, gain: Any) -> Any:
    """The last output of a PID controller."""
    integral = 0.0
    last = 0.0
    out = 0.0
    for e in errors:
        integral += e
        out = gain * e + 0.1 * integral + 0.05 * (e - last)
        last = e
    return out


@HERE.loop(SAMPLES)
def level_changes(xs: Any) -> Any:
    if len(xs) == 0:
        return 0
    runs = 1
    for i in range(1, len(xs)):
        if xs[i] != xs[i - 1]:
            runs += 1
    return runs


@HERE.loop(WAVE, target="scan", fp="reassoc")
def peak_meter(xs: Any) -> Any:
    out = np.zeros(len(xs))
    level = 0.0
    for i, x in enumerate(xs):
        level = max(abs(x), level * 0.95)
        out[i] = level
    return out
