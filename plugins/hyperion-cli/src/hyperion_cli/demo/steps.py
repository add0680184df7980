"""Loops that repeat one step a number of times: what they compute is published, so the answer has a second witness."""

from __future__ import annotations

from collections.abc import Sequence

from hyperion_cli.demo.case import Case

STEPS = 10**15
TIMED = 10**8
PLAIN, SHORT_PLAIN = 10**5, 5000  # plain Python's integers grow with every step
WORD = 1 << 64


def fibonacci(n: int) -> int:
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


def mmix(seed: int, n: int) -> int:
    x = seed
    for _ in range(n):
        x = x * 6364136223846793005 + 1442695040888963407
    return x


def fibonacci_by_doubling(n: int) -> int:
    """Fibonacci modulo 2**64 by F(2k) = F(k) (2 F(k+1) - F(k)), F(2k+1) = F(k)**2 + F(k+1)**2 (Dijkstra, EWD 654)."""
    a, b = 0, 1
    for bit in bin(n)[2:]:
        a, b = a * (2 * b - a) % WORD, (a * a + b * b) % WORD
        if bit == "1":
            a, b = b, (a + b) % WORD
    return signed(a)


def mmix_by_geometric_sum(seed: int, n: int) -> int:
    """x_n = a**n x_0 + c (a**n - 1) / (a - 1) modulo 2**64 (Knuth, TAOCP volume 2, 3.2.1)."""
    a, c = 6364136223846793005, 1442695040888963407
    power = pow(a, n, WORD * (a - 1))
    return signed(power * seed + c * ((power - 1) // (a - 1)))


def signed(value: int) -> int:
    """`value` modulo 2**64 as a 64-bit integer."""
    return (value + WORD // 2) % WORD - WORD // 2


def cases() -> Sequence[Case]:
    return [
        Case(
            "Fibonacci number 10**15, modulo 2**64",
            fibonacci,
            "n = 10**15",
            arguments=(STEPS,),
            times=(STEPS,),
            times_note="10**15 steps",
            plain=(PLAIN,),
            plain_note=f"n = {PLAIN:,}",
            overflow="wrap",
            sequential=(TIMED,),
            sequential_note="10**8 steps",
            expected=lambda: fibonacci_by_doubling(STEPS),
            expected_note="the doubling formula",
        ),
        Case(
            "Knuth's MMIX random numbers, 10**15 steps ahead",
            mmix,
            "x = 6364136223846793005 x + 1442695040888963407 modulo 2**64 (TAOCP volume 2, 3.3.4), seed 2026",
            arguments=(2026, STEPS),
            times=(2026, STEPS),
            times_note="10**15 steps",
            plain=(2026, SHORT_PLAIN),
            plain_note=f"n = {SHORT_PLAIN:,}",
            overflow="wrap",
            sequential=(2026, TIMED),
            sequential_note="10**8 steps",
            expected=lambda: mmix_by_geometric_sum(2026, STEPS),
            expected_note="the geometric sum",
        ),
    ]
