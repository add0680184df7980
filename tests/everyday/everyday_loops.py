"""Loops as people write them, with what they are called with, to compare compiled with plain."""

# ruff: noqa: E501

from __future__ import annotations

from typing import Any

import numpy as np
from everyday_numbers import (
    any_nan,
    argmax,
    binary_search,
    bits_set,
    checksum,
    clip_count,
    collatz,
    count_between,
    debounce,
    decimated,
    digit_sum,
    dot,
    energy,
    first_stable,
    gcd,
    has_duplicate,
    histogram,
    integer_root,
    inversions,
    is_prime,
    is_sorted,
    last_index,
    local_peaks,
    loudest,
    majority,
    mean_of_positive,
    mode_of_digits,
    norm,
    perfect,
    power_mod,
    primes_below,
    second_largest,
    settles,
    smallest_factor,
    smoothed_end,
    spread,
    trailing_zeros,
    two_sum,
    zero_crossings,
)
from everyday_words import (
    balance_until_broke,
    balanced,
    best_trade,
    can_jump,
    climbing,
    coin_ways,
    count_lines,
    count_words,
    edit_distance,
    find,
    first_crossing,
    first_digit,
    hamming,
    hash_bytes,
    house_robber,
    interest_years,
    is_palindrome,
    kadane_with_position,
    longest_increasing,
    longest_run,
    losing_streak,
    max_drawdown,
    net_position,
    palindrome_by_ends,
    parse_int,
    payback_year,
    starts_with,
    upper_case,
    without_comments,
)

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
