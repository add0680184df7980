"""Loops as people write them: finance, text, tables."""

# ruff: noqa: SIM110, B905, RUF007

from __future__ import annotations

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
