"""Prices, positions, interest."""

from __future__ import annotations

from typing import Any  # loops take every type

import numpy as np

import hyperion as hp
from catalogue import Count, Domain, Given, Real, Whole

HERE = Domain("finance")
PRICES = Whole(1, 10_000)
QUOTES = Real(1.0, 500.0)


@HERE.loop(PRICES, dtypes="int64 int32 uint16")
def worst_drop(prices: Any) -> Any:
    """The largest fall from an earlier peak."""
    peak = 0
    worst = 0
    for p in prices:
        if p > peak:
            peak = p
        fall = peak - p
        if fall > worst:
            worst = fall
    return worst


@HERE.loop(PRICES)
def buy_low_sell_high(prices: Any) -> Any:
    lowest = 10**9
    profit = 0
    for p in prices:
        lowest = min(lowest, p)
        profit = max(profit, p - lowest)
    return profit


@HERE.loop(PRICES)
def all_rises(prices: Any) -> Any:
    """Every rise is taken; the first price has no predecessor."""
    gain = 0
    last = -1
    for p in prices:
        if last >= 0 and p > last:
            gain += p - last
        last = p
    return gain


@HERE.loop(QUOTES)
def float_drawdown(prices: Any) -> Any:
    peak = 0.0
    worst = 0.0
    for p in prices:
        peak = max(peak, p)
        worst = max(worst, peak - p)
    return worst


@HERE.loop(QUOTES, fp="reassoc")
def fall_from_the_peak(prices: Any) -> Any:
    peak = 0.0
    worst = 0.0
    for p in prices:
        if p > peak:
            peak = p
        if peak - p > worst:
            worst = peak - p
    return worst


@HERE.loop(Whole(-500, 500))
def lowest_balance(changes: Any) -> Any:
    balance = 0
    low = 0
    for c in changes:
        balance += c
        low = balance if balance < low else low
    return low


@HERE.loop(Whole(-500, 500), Given((0, 1000)))
def days_overdrawn(changes: Any, balance: Any) -> Any:
    """Counts how often the running balance is below zero: a threshold on a prefix sum."""
    days = 0
    for c in changes:
        balance = balance + c
        if balance < 0:
            days += 1
    return days


@HERE.loop(Whole(0, 500), dtypes="uint16")
def never_overdrawn(deposits: Any) -> Any:
    """Deposits without a sign: the branch is never taken."""
    balance = 0
    fees = 0
    for d in deposits:
        balance += d
        if balance < 0:
            fees = 2 * fees + 35
    return balance - fees


@HERE.loop(Whole(0, 500))
def deposits_only(deposits: Any) -> Any:
    hp.assume(all(d >= 0 for d in deposits))
    balance = 0
    lowest = 0
    for d in deposits:
        balance = max(balance + d, 0)
        if balance < lowest:
            lowest = lowest // 2 + balance
    return balance, lowest


@HERE.loop(Whole(-400, 400))
def within_limits(changes: Any) -> Any:
    hp.assume(all(-400 <= c <= 400 for c in changes))
    balance = 0
    peak = 0
    for c in changes:
        balance += c
        peak = max(peak, balance)
    return peak - balance


@HERE.loop(Whole(-200, 200), Given((0, 50)))
def fees_and_balance(amounts: Any, fee: Any) -> Any:
    balance = 0
    paid = 0
    for a in amounts:
        if a < 0:
            balance += a - fee
            paid += fee
        else:
            balance += a
    return balance, paid


@HERE.loop(PRICES, Whole(0, 50))
def turnover(prices: Any, volumes: Any) -> Any:
    total = 0
    for i in range(len(prices)):
        total += prices[i] * volumes[i]
    return total


@HERE.loop(QUOTES, Real(0.0, 9.0), fp="reassoc")
def average_price(prices: Any, volumes: Any) -> Any:
    money = 0.0
    amount = 0.0
    for p, v in zip(prices, volumes):
        money += p * v
        amount += v
    return money / (amount + 1.0)


@HERE.loop(Real(-0.02, 0.02), fp="reassoc")
def compound(returns: Any) -> Any:
    wealth = 1.0
    for r in returns:
        wealth *= 1.0 + r
    return wealth


@HERE.loop(Real(0.0, 1.0), target="sequential")
def strict_mean(xs: Any) -> Any:
    total = 0.0
    for x in xs:
        total += x
    return total / (len(xs) + 1)


@HERE.loop(Count(), Given((0.01, 0.5)), fp="reassoc", target="logarithmic")
def savings(months: Any, rate: Any) -> Any:
    """A payment each month, with interest."""
    held = 0.0
    for _ in range(months):
        held = held * (1.0 + rate) + 100.0
    return held


@HERE.loop(Count(), Given((3, 7)), overflow="wrap", target="logarithmic")
def debt_in_cents(months: Any, factor: Any) -> Any:
    owed = 1000
    for _ in range(months):
        owed = owed * factor - 25
    return owed


@HERE.loop(Count(), Given((1, 0, -1, 3)), Given((0, 90, -7)), target="logarithmic")
def standing_order(days: Any, factor: Any, paid: Any) -> Any:
    """A balance with a factor that may be 1, without modulus or wrapping."""
    balance = 5
    for _ in range(days):
        balance = balance * factor + paid
    return balance


@HERE.loop(Count(), Given((0, 1, -1)), Given((0, 1, -3)), target="logarithmic")
def two_accounts(days: Any, moved: Any, fee: Any) -> Any:
    """Each day one passes a multiple of what it holds to the other, and pays a fee."""
    first, second = 40, -2
    for _ in range(days):
        first, second = second - fee, first + moved * second
    return first + second


@HERE.loop(QUOTES, fp="reassoc")
def smoothed(prices: Any) -> Any:
    """Exponential moving average, the last value."""
    level = 0.0
    for p in prices:
        level = 0.9 * level + 0.1 * p
    return level


@HERE.loop(QUOTES, fp="reassoc", target="scan")
def smoothed_series(prices: Any) -> Any:
    out = np.empty(len(prices), dtype=np.float64)
    level = 0.0
    for i in range(len(prices)):
        level += 0.2 * (prices[i] - level)
        out[i] = level
    return out


@HERE.loop(PRICES, target="scan")
def running_peak(prices: Any) -> Any:
    out = np.zeros(len(prices), dtype=np.int64)
    peak = 0
    for i, p in enumerate(prices):
        peak = max(peak, p)
        out[i] = peak
    return out


@HERE.loop(PRICES, target="scan")
def drawdowns(prices: Any) -> Any:
    out = np.zeros(len(prices), dtype=np.int64)
    peak = 0
    for i in range(len(prices)):
        if prices[i] > peak:
            peak = prices[i]
        out[i] = peak - prices[i]
    return out


@HERE.loop(PRICES)
def first_above(prices: Any) -> Any:
    """The position of the first price over a limit, or -1."""
    found = -1
    for i in range(len(prices)):
        if found < 0 and prices[i] > 9990:
            found = i
    return found


@HERE.loop(PRICES, Given((9000, 9999)))
def stop_loss(prices: Any, limit: Any) -> Any:
    for i, p in enumerate(prices):
        if p > limit:
            return i
    return -1


@HERE.loop(PRICES, Whole(0, 50), target="scan")
def money_so_far(prices: Any, volumes: Any) -> Any:
    out = np.zeros(len(prices), dtype=np.int64)
    money = 0
    for i in range(len(prices)):
        money = money + prices[i] * volumes[i]
        out[i] = money
    return out


@HERE.loop(PRICES, target="scan")
def best_price_to_come(prices: Any) -> Any:
    """What a sale may still bring, from each day on."""
    n = len(prices)
    out = np.zeros(n + 1, dtype=np.int64)
    for i in range(n - 1, -1, -1):
        out[i] = max(out[i + 1], prices[i])
    return out


@HERE.loop(QUOTES, QUOTES, fp="reassoc")
def beta(asset: Any, market: Any) -> Any:
    """The slope of one price over another, none for less than two days."""
    n = len(market)
    if n < 2:
        return 0.0
    sx = sy = sxy = sxx = 0.0
    for i in range(n):
        sx += market[i]
        sy += asset[i]
        sxy += market[i] * asset[i]
        sxx += market[i] ** 2
    spread = n * sxx - sx * sx
    return (n * sxy - sx * sy) / spread if spread > 1e-6 else 0.0


@HERE.loop(Real(0.5, 2.0), fp="reassoc")
def mean_growth(ratios: Any) -> Any:
    if len(ratios) == 0:
        return np.nan
    s = 0.0
    for r in ratios:
        s += np.log(np.abs(r) + 0.1)
    return s / len(ratios)


@HERE.loop(PRICES)
def best_day(prices: Any) -> Any:
    """The first day of the highest price."""
    best = 0
    for day in range(1, len(prices)):
        if prices[day] > prices[best]:
            best = day
    return best


@HERE.loop(Whole(0, 50), Given((100, 5_000)))
def unfilled(sizes: Any, order: Any) -> Any:
    """What is left of an order that takes what each quote offers."""
    left = order
    for size in sizes:
        left -= min(size, left)
    return left
