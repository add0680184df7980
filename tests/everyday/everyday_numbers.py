"""Loops as people write them: statistics, numbers, signals."""

# ruff: noqa: B905, RUF007

from __future__ import annotations

import math

import numpy as np

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
