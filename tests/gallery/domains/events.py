"""Games, logs and sensors."""

from __future__ import annotations

from typing import Any  # loops take every type

import numpy as np

from catalogue import Domain, Given, Letters, Real, Whole

HERE = Domain("events")
TIMES = Whole(0, 1000)


@HERE.loop(Letters(b"WLD"))
def longest_winning_streak(results: Any) -> Any:
    streak = 0
    longest = 0
    for r in results:
        if r == 87:
            streak = streak + 1
        else:
            streak = 0
        longest = streak if streak > longest else longest
    return longest


@HERE.loop(Letters(b"WLD"))
def league_points(results: Any) -> Any:
    points = 0
    for r in results:
        if r == 87:
            points += 3
        elif r == 68:
            points += 1
    return points


@HERE.loop(Letters(b"WLD"))
def longest_unbeaten_until_loss(results: Any) -> Any:
    run, best, losses = 0, 0, 0
    for r in results:
        if r == 76:
            losses += 1
            best = max(best, run)
            run = 0
        else:
            run += 1
    return max(best, run), losses


@HERE.loop(Letters(b"NSEW"))
def walk(moves: Any) -> Any:
    x = 0
    y = 0
    for m in moves:
        if m == 78:
            y += 1
        elif m == 83:
            y -= 1
        elif m == 69:
            x += 1
        else:
            x -= 1
    return x, y


@HERE.loop(Letters(b"NSEW"))
def farthest_north(moves: Any) -> Any:
    y = 0
    top = 0
    for m in moves:
        y += 1 if m == 78 else (-1 if m == 83 else 0)
        if y > top:
            top = y
    return top


@HERE.loop(Letters(b"LRF"))
def turtle(moves: Any) -> Any:
    """Turns left or right by a right angle, or goes a step forward."""
    heading = 0
    x, y = 0, 0
    for m in moves:
        if m == 76:
            heading = (heading + 3) % 4
        elif m == 82:
            heading = (heading + 1) % 4
        elif heading == 0:
            y += 1
        elif heading == 1:
            x += 1
        elif heading == 2:
            y -= 1
        else:
            x -= 1
    return x, y, heading


@HERE.loop(Whole(-20, 20), Given((100,)))
def health(changes: Any, most: Any) -> Any:
    hp = most
    for c in changes:
        hp = max(0, min(most, hp + c))
    return hp


@HERE.loop(Whole(-20, 20))
def dies(changes: Any) -> Any:
    hp = 100
    alive = True
    for c in changes:
        if alive:
            hp += c
            if hp <= 0:
                alive = False
    return alive


@HERE.loop(TIMES, Given((10, 600)))
def sessions(gaps: Any, limit: Any) -> Any:
    """A pause longer than the limit begins a new session."""
    count = 1
    for g in gaps:
        if g > limit:
            count += 1
    return count


@HERE.loop(TIMES, Given((500, 950)))
def longest_session(gaps: Any, limit: Any) -> Any:
    here = 0
    best = 0
    for g in gaps:
        if g > limit:
            here = 0
        else:
            here += g
        best = max(best, here)
    return best


@HERE.loop(Whole(-40, 60), dtypes="int8 int64")
def frost_days(temps: Any) -> Any:
    """Days of frost, and the longest row of them."""
    days = 0
    row = 0
    most = 0
    for t in temps:
        if t < 0:
            days += 1
            row += 1
        else:
            row = 0
        most = max(most, row)
    return days, most


@HERE.loop(Real(0.0, 100.0), Given((20.0,)), Given((80.0,)))
def thermostat(temps: Any, low: Any, high: Any) -> Any:
    """Hysteresis: on below, off above, and unchanged between."""
    heating = False
    minutes = 0
    for t in temps:
        if t < low:
            heating = True
        elif t > high:
            heating = False
        if heating:
            minutes += 1
    return minutes


@HERE.loop(Whole(0, 3))
def lock(presses: Any) -> Any:
    """Opens after 1, 2, 3 in a row."""
    state = 0
    opened = 0
    for p in presses:
        if p == state + 1:
            state += 1
        elif p == 1:
            state = 1
        else:
            state = 0
        if state == 3:
            opened += 1
            state = 0
    return opened


@HERE.loop(Letters(b"NYR"))
def traffic(seen: Any) -> Any:
    bad = 0
    last = 78
    for s in seen:
        if last == 82 and s == 89:
            bad += 1
        last = s
    return bad


@HERE.loop(Letters(b"IWE"))
def errors_since_warning(levels: Any) -> Any:
    n = 0
    most = 0
    for c in levels:
        if c == 87:
            n = 0
        elif c == 69:
            n += 1
        most = max(most, n)
    return most


@HERE.loop(Whole(0, 5000))
def last_valid(readings: Any) -> Any:
    """The last reading that is not zero."""
    value = -1
    for r in readings:
        if r != 0:
            value = r
    return value


@HERE.loop(Whole(0, 30), target="scan")
def filled_gaps(readings: Any) -> Any:
    out = np.zeros(len(readings), dtype=np.int64)
    last = 0
    for i in range(len(readings)):
        if readings[i] != 0:
            last = readings[i]
        out[i] = last
    return out


@HERE.loop(Whole(-5, 5), target="scan")
def scores(points: Any) -> Any:
    board = np.zeros(len(points), dtype=np.int64)
    s = 0
    for i, p in enumerate(points):
        s = max(0, s + p)
        board[i] = s
    return board


@HERE.loop(TIMES, TIMES)
def overlaps(starts: Any, ends: Any) -> Any:
    """Of intervals that begin before the last one ended."""
    last = -1
    n = 0
    for s, e in zip(starts, ends):
        if s < last:
            n += 1
        if e > last:
            last = e
    return n


@HERE.loop(TIMES)
def record_days(values: Any) -> Any:
    """How often a value is higher than all before it."""
    best = -1
    n = 0
    for v in values:
        if v > best:
            best = v
            n += 1
    return n


@HERE.loop(TIMES, target="sequential")
def token_bucket(requests: Any) -> Any:
    """Requests that find the bucket with enough tokens; it fills by 400 a step, up to 1000."""
    tokens = 1000
    served = 0
    for r in requests:
        tokens = min(1000, tokens + 400)
        if r <= tokens:
            tokens -= r
            served += 1
    return served


@HERE.loop(Letters(b"PU"))
def undo(actions: Any) -> Any:
    """How much is left to undo; undoing nothing does nothing."""
    n = 0
    for a in actions:
        n = n + 1 if a == 80 else max(n - 1, 0)
    return n


@HERE.loop(TIMES)
def until_sum(values: Any) -> Any:
    """How many values fit under a sum of 100000."""
    s = 0
    n = 0
    for v in values:
        if s + v > 100000:
            break
        s += v
        n += 1
    return n


@HERE.loop(TIMES)
def skip_small(values: Any) -> Any:
    s = 0
    for v in values:
        if v < 100:
            continue
        s += v
    return s


@HERE.loop(Whole(100, 599, extreme=False))
def longest_outage(status: Any) -> Any:
    """The most failures one after the other, and where the last of them is."""
    worst = failing = 0
    end = -1
    for i, s in enumerate(status):
        if s // 100 == 5:
            failing += 1
            if failing > worst:
                worst, end = failing, i
        else:
            failing = 0
    return worst, end


@HERE.loop(Letters(b"LRUD"))
def farthest_from_home(moves: Any) -> Any:
    x = y = farthest = 0
    for m in moves:
        if m == 76:
            x -= 1
        elif m == 82:
            x += 1
        elif m == 85:
            y += 1
        else:
            y -= 1
        farthest = max(farthest, abs(x) + abs(y))
    return farthest


@HERE.loop(Whole(-50, 50), Whole(-50, 50))
def area_covered(xs: Any, ys: Any) -> Any:
    """Of the least box around all points."""
    if len(xs) == 0 or len(ys) == 0:
        return 0
    left = right = xs[0]
    low = high = ys[0]
    for x, y in zip(xs, ys):
        left, right = min(left, x), max(right, x)
        low, high = min(low, y), max(high, y)
    return (right - left) * (high - low)
