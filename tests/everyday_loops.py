"""Loops as people write them, to compare compiled with plain: finance, text, tables, statistics, numbers, signals."""

# ruff: noqa: SIM110, B905, RUF007, E501

from __future__ import annotations

import math
from typing import Any

import numpy as np

# Finance


def best_trade(prices):
    low = prices[0]
    best = 0
    for p in prices[1:]:
        best = max(best, p - low)
        low = min(low, p)
    return best


def max_drawdown(prices):
    peak = prices[0]
    worst = 0
    for p in prices:
        if p > peak:
            peak = p
            continue
        worst = max(worst, peak - p)
    return worst


def first_crossing(prices, limit):
    for day, p in enumerate(prices, 1):
        if p >= limit:
            return day
    return -1


def losing_streak(prices):
    run = best = 0
    for a, b in zip(prices, prices[1:]):
        run = run + 1 if b < a else 0
        if run > best:
            best = run
    return best


def balance_until_broke(start, flows):
    balance = start
    for i, flow in enumerate(flows):
        balance += flow
        if balance < 0:
            return i, balance
    return len(flows), balance


def payback_year(cost, flows):
    total = 0
    year = 0
    while year < len(flows):
        total += flows[year]
        if total >= cost:
            break
        year += 1
    else:
        return -1
    return year


def interest_years(balance, target):
    years = 0
    while balance < target:
        balance += balance // 10 + 1
        years += 1
        if years > 500:
            return -1
    return years


def net_position(buys, sells):
    return sum(buys) - sum(sells), max(buys, default=0)


# Text, as bytes


def count_words(text):
    inside = False
    words = 0
    for c in text:
        if c in (32, 9, 10):
            inside = False
        elif not inside:
            inside = True
            words += 1
    return words


def count_lines(text):
    return sum(c == ord("\n") for c in text)


def first_digit(text):
    for i, c in enumerate(text):
        if ord("0") <= c <= ord("9"):
            return i
    return -1


def parse_int(text):
    value, sign, i = 0, 1, 0
    if len(text) and text[0] == ord("-"):
        sign = -1
        i = 1
    while i < len(text):
        c = text[i]
        if not (48 <= c <= 57):
            break
        value = value * 10 + (c - 48)
        i += 1
    return sign * value


def balanced(text):
    depth = 0
    for c in text:
        if c == ord("("):
            depth += 1
        elif c == ord(")"):
            depth -= 1
            if depth < 0:
                return False
    return depth == 0


def is_palindrome(text):
    return all(a == b for a, b in zip(text, reversed(text)))


def palindrome_by_ends(text):
    i, j = 0, len(text) - 1
    while i < j:
        if text[i] != text[j]:
            return False
        i += 1
        j -= 1
    return True


def starts_with(text, prefix):
    if len(prefix) > len(text):
        return False
    for i in range(len(prefix)):
        if text[i] != prefix[i]:
            return False
    return True


def find(text, pattern):
    for i in range(len(text) - len(pattern) + 1):
        for j in range(len(pattern)):
            if text[i + j] != pattern[j]:
                break
        else:
            return i
    return -1


def hamming(a, b):
    return sum(x != y for x, y in zip(a, b))


def longest_run(text):
    best = run = 0
    last = -1
    for c in text:
        run = run + 1 if c == last else 1
        last = c
        best = max(best, run)
    return best


def hash_bytes(text):
    h = 5381
    for c in text:
        h = (h * 33 + c) % 4294967291
    return h


def without_comments(text):
    state = kept = 0
    for c in text:
        if state == 0:
            if c == 35:
                state = 1
                continue
            kept += 1
        elif c == 10:
            state = 0
    return kept


def upper_case(text):
    out = np.zeros(len(text), dtype=np.uint8)
    for i, c in enumerate(text):
        if 97 <= c <= 122:
            out[i] = c - 32
        else:
            out[i] = c
    return out


# Tables


def longest_increasing(xs):
    n = len(xs)
    best = np.ones(n, dtype=np.int64)
    answer = 0
    for i in range(n):
        for j in range(i):
            if xs[j] < xs[i] and best[j] + 1 > best[i]:
                best[i] = best[j] + 1
        answer = max(answer, best[i])
    return answer


def coin_ways(coins, amount):
    ways = np.zeros(amount + 1, dtype=np.int64)
    ways[0] = 1
    for c in coins:
        if c <= 0:
            continue
        for a in range(c, amount + 1):
            ways[a] += ways[a - c]
    return ways[amount]


def edit_distance(a, b):
    row = np.zeros(len(b) + 1, dtype=np.int64)
    for j in range(len(b) + 1):
        row[j] = j
    for i, x in enumerate(a, 1):
        diagonal = row[0]
        row[0] = i
        for j, y in enumerate(b, 1):
            cost = diagonal if x == y else 1 + min(diagonal, row[j], row[j - 1])
            diagonal = row[j]
            row[j] = cost
    return row[len(b)]


def house_robber(xs):
    take = skip = 0
    for x in xs:
        take, skip = skip + x, max(skip, take)
    return max(take, skip)


def can_jump(xs):
    reach = 0
    for i, x in enumerate(xs):
        if i > reach:
            return False
        reach = max(reach, i + x)
    return True


def climbing(n):
    a, b = 1, 1
    for _ in range(n):
        a, b = b, a + b
    return a


def kadane_with_position(xs):
    best, here, start, at = xs[0], 0, 0, 0
    for i, x in enumerate(xs):
        if here <= 0:
            here, start = x, i
        else:
            here += x
        if here > best:
            best, at = here, start
    return best, at


# Statistics


def argmax(xs):
    best, place = xs[0], 0
    for i in range(1, len(xs)):
        if xs[i] > best:
            best, place = xs[i], i
    return place


def second_largest(xs):
    first = second = -(10**9)
    for x in xs:
        if x > first:
            first, second = x, first
        elif first > x > second:
            second = x
    return second


def spread(xs):
    return max(xs) - min(xs)


def majority(xs):
    candidate = count = 0
    for x in xs:
        if count == 0:
            candidate = x
        count += 1 if x == candidate else -1
    return candidate


def count_between(xs, low, high):
    return sum(1 for x in xs if low <= x < high)


def is_sorted(xs):
    return all(xs[i] <= xs[i + 1] for i in range(len(xs) - 1))


def has_duplicate(xs):
    for i in range(len(xs)):
        for j in range(i + 1, len(xs)):
            if xs[i] == xs[j]:
                return True
    return False


def two_sum(xs, target):
    for i, x in enumerate(xs):
        for j, y in enumerate(xs[i + 1 :], i + 1):
            if x + y == target:
                return i, j
    return -1, -1


def inversions(xs):
    return sum(x > y for i, x in enumerate(xs) for y in xs[i + 1 :])


def mode_of_digits(xs):
    counts = np.zeros(10, dtype=np.int64)
    for x in xs:
        counts[x % 10] += 1
    best = 0
    for d in range(10):
        if counts[d] > counts[best]:
            best = d
    return best


def histogram(xs):
    counts = np.zeros(8, dtype=np.int64)
    for x in xs:
        if 0 <= x < 8:
            counts[x] += 1
    return counts


def mean_of_positive(xs):
    total = count = 0
    for x in xs:
        if x <= 0:
            continue
        total += x
        count += 1
    return total / count if count else 0.0


def last_index(xs, value):
    for i in range(len(xs) - 1, -1, -1):
        if xs[i] == value:
            return i
    return -1


def trailing_zeros(xs):
    n = 0
    for x in reversed(xs):
        if x:
            break
        n += 1
    return n


def binary_search(xs, target):
    low, high = 0, len(xs)
    while low < high:
        middle = (low + high) // 2
        if xs[middle] == target:
            return middle
        if xs[middle] < target:
            low = middle + 1
        else:
            high = middle
    return -1


# Numbers


def is_prime(n):
    if n < 2:
        return False
    if n % 2 == 0:
        return n == 2
    i = 3
    while i * i <= n:
        if n % i == 0:
            return False
        i += 2
    return True


def smallest_factor(n):
    for d in range(2, n):
        if d * d > n:
            break
        if n % d == 0:
            return d
    return n


def collatz(n):
    steps = 0
    while n != 1:
        if n % 2:
            n = 3 * n + 1
        else:
            n //= 2
        steps += 1
        if steps >= 1000:
            return -1
    return steps


def gcd(a, b):
    while b:
        a, b = b, a % b
    return a


def power_mod(base, exponent, modulus):
    result = 1
    while exponent > 0:
        if exponent & 1:
            result = result * base % modulus
        base = base * base % modulus
        exponent >>= 1
    return result


def digit_sum(n):
    total = 0
    n = abs(n)
    while True:
        n, digit = divmod(n, 10)
        total += digit
        if n == 0:
            break
    return total


def bits_set(n):
    count = 0
    while n > 0:
        n &= n - 1
        count += 1
    return count


def perfect(n):
    return n > 1 and sum(d for d in range(1, n) if n % d == 0) == n


def primes_below(n):
    sieve = np.ones(n, dtype=bool)
    count = 0
    for i in range(2, n):
        if not sieve[i]:
            continue
        count += 1
        for j in range(i * i, n, i):
            sieve[j] = False
    return count


def integer_root(n):
    r = 0
    while (r + 1) * (r + 1) <= n:
        r += 1
    return r


# Signals


def zero_crossings(xs):
    return sum((a < 0) != (b < 0) for a, b in zip(xs, xs[1:]))


def local_peaks(xs):
    return sum(1 for a, b, c in zip(xs, xs[1:], xs[2:]) if a < b > c)


def dot(a, b):
    total = 0
    for x, y in zip(a, b):
        total += x * y
    return total


def checksum(xs):
    return sum(x * (i % 3 + 1) for i, x in enumerate(xs)) % 97


def first_stable(xs, width):
    run = 0
    for i in range(1, len(xs)):
        run = run + 1 if abs(xs[i] - xs[i - 1]) <= 1 else 0
        if run == width:
            return i - width
    return -1


def decimated(xs):
    total = 0
    for x in xs[::2]:
        total = total * 2 + x
    for x in xs[::-3]:
        total -= x
    return total


def debounce(xs):
    state, changes = xs[0], 0
    for a, b in zip(xs[:-1], xs[1:]):
        if a == b and a != state:
            state = a
            changes += 1
    return changes


def energy(ys):
    return sum(y * y for y in ys)


def clip_count(ys, limit):
    clipped = 0
    for y in ys:
        if y > limit or y < -limit:
            clipped += 1
    return clipped


def smoothed_end(ys):
    level = 0.0
    for y in ys:
        level = 0.9 * level + 0.1 * y
    return level


def loudest(ys):
    return max(abs(y) for y in ys)


def settles(ys, tolerance):
    for i in range(len(ys)):
        if all(abs(y) < tolerance for y in ys[i:]):
            return i
    return -1


def norm(ys):
    s = 0.0
    for y in ys:
        s += y * y
    return math.sqrt(s)


def any_nan(ys):
    return any(y != y for y in ys)


XS = [[], [3], [5, 3], [0, 0, 7], [3, -5, 4, 2, -1, 6, -7, 2], [1, 2, 3, 4, 5, 6, 7, 8, 9], [9, 7, 7, 7, 6, 0, 0]]
YS = [[], [1.5], [0.5, -0.25, 3.0], [float("nan"), 1.0], [-0.0, 0.0], [1e300, 1e300, 2.0]]
TEXTS = [
    b"",
    b"a",
    b"the quick  brown fox\n",
    b"(a(b)c)",
    b")(",
    b"# note\nx1 = 22 # more\n",
    b"abba",
    b"-1234x",
    b"77",
]
NUMBERS = [0, 1, 2, 7, 12, 97, 561, 1000]

ints = [np.array(x, dtype=np.int64) for x in XS]
floats = [np.array(y) for y in YS]

LOOPS: list[tuple[Any, list[tuple[Any, ...]]]] = [
    *((f, [(x,) for x in ints]) for f in (best_trade, max_drawdown, losing_streak, longest_increasing, house_robber, can_jump,
      kadane_with_position, argmax, second_largest, spread, majority, is_sorted, has_duplicate, inversions, mode_of_digits, histogram,
      mean_of_positive, trailing_zeros, zero_crossings, local_peaks, checksum, decimated, debounce)),
    *((f, [(x, k) for x in ints for k in (0, 2, 5, 7)]) for f in (first_crossing, two_sum, last_index, binary_search, first_stable)),
    *((f, [(k, x) for x in ints for k in (0, 2, 5, 7)]) for f in (balance_until_broke, payback_year)),
    (net_position, [(x, y) for x in ints for y in ints]),
    (dot, [(x, y) for x in ints for y in ints]),
    (count_between, [(x, 1, 6) for x in ints]),
    (coin_ways, [(x, 20) for x in ints]),
    *((f, [(t,) for t in TEXTS]) for f in (count_words, count_lines, first_digit, parse_int, balanced, is_palindrome,
      palindrome_by_ends, longest_run, hash_bytes, without_comments, upper_case)),
    *((f, [(t, u) for t in TEXTS for u in TEXTS]) for f in (starts_with, find, hamming, edit_distance)),
    *((f, [(n,) for n in NUMBERS]) for f in (is_prime, smallest_factor, digit_sum,
      bits_set, perfect, primes_below, integer_root)),
    (collatz, [(n,) for n in NUMBERS[1:]]),
    (interest_years, [(n, 1000) for n in NUMBERS]),
    (gcd, [(a, b) for a in NUMBERS for b in NUMBERS]),
    (power_mod, [(a, b, 97) for a in NUMBERS for b in NUMBERS]),
    (climbing, [(n,) for n in (0, 1, 2, 30, 90)]),
    (energy, [(y,) for y in floats[1:]]),  # of no floats the plain sum is the int 0
    *((f, [(y,) for y in floats]) for f in (smoothed_end, loudest, norm, any_nan)),
    *((f, [(y, 1.0) for y in floats]) for f in (clip_count, settles)),
]  # fmt: skip
