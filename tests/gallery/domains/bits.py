"""Bits and checksums."""

from __future__ import annotations

from typing import Any  # loops take every type

from catalogue import Count, Domain, Given, Letters, Whole

HERE = Domain("bits")
BYTES = Whole(0, 255)
WORDS = Whole(-(1 << 40), 1 << 40)


@HERE.loop(WORDS)
def parity(xs: Any) -> Any:
    p = 0
    for x in xs:
        p ^= x
    return p


@HERE.loop(WORDS)
def all_bits(xs: Any) -> Any:
    a = -1
    o = 0
    for x in xs:
        a &= x
        o |= x
    return a, o


@HERE.loop(BYTES, dtypes="uint8")
def adler(data: Any) -> Any:
    a = 1
    b = 0
    for x in data:
        a = (a + x) % 65521
        b = (b + a) % 65521
    return b * 65536 + a


@HERE.loop(BYTES, dtypes="uint8")
def fletcher(data: Any) -> Any:
    lo, hi = 0, 0
    for x in data:
        lo = (lo + x) % 255
        hi = (hi + lo) % 255
    return (hi << 8) | lo


@HERE.loop(BYTES, dtypes="uint8")
def internet_checksum(data: Any) -> Any:
    s = 0
    for x in data:
        s += x
        s = (s & 0xFFFF) + (s >> 16)
    return s


@HERE.loop(BYTES, dtypes="uint8")
def crc8(data: Any) -> Any:
    """Bit by bit, with eight inner steps."""
    crc = 0
    for x in data:
        crc ^= x
        for _ in range(8):
            if crc & 128:
                crc = ((crc << 1) ^ 7) & 255
            else:
                crc = (crc << 1) & 255
    return crc


@HERE.loop(BYTES, dtypes="uint8")
def xmodem(data: Any) -> Any:
    """The highest bit first, in 16 bits that a byte enters at the top."""
    crc = 0
    for x in data:
        crc ^= x << 8
        for _ in range(8):
            if crc & 0x8000:
                crc = (crc << 1) ^ 0x1021
            else:
                crc = crc << 1
            crc &= 0xFFFF
    return crc


@HERE.loop(WORDS)
def scrambled(xs: Any) -> Any:
    """A Galois shift register that takes 16 bits of every word."""
    s = 1
    for x in xs:
        s ^= x & 0xFFFF
        low = s & 1
        s >>= 1
        if low == 1:
            s ^= 0xB400
    return s


@HERE.loop(WORDS)
def ones_of_differences(xs: Any) -> Any:
    """Bits of x ^ (x >> 1), the lowest eight of them."""
    n = 0
    for x in xs:
        gray = x ^ (x >> 1)
        for i in range(8):
            n += (gray >> i) & 1
    return n


@HERE.loop(Letters(b"\x00\x01"))
def crc_of_bits(bits: Any) -> Any:
    crc = 0xFFFF
    for b in bits:
        top = (crc >> 15) & 1
        crc = (crc << 1) & 0xFFFF
        if top ^ b:
            crc ^= 0x1021
    return crc


@HERE.loop(BYTES, dtypes="uint8", overflow="wrap", target="sequential")
def fnv(data: Any) -> Any:
    h = 14695981039346656037 - (1 << 64)
    for x in data:
        h = (h ^ x) * 1099511628211
    return h


@HERE.loop(BYTES, dtypes="uint8", overflow="wrap")
def djb(data: Any) -> Any:
    h = 5381
    for x in data:
        h = h * 33 + x
    return h


@HERE.loop(BYTES, dtypes="uint8", overflow="wrap", target="sequential")
def sdbm_with_xor(data: Any) -> Any:
    h = 0
    for x in data:
        h = ((h << 5) + h) ^ x
    return h


@HERE.loop(Letters(b"\x00\x01"), overflow="wrap")
def bits_to_number(bits: Any) -> Any:
    v = 0
    for b in bits:
        v = (v << 1) | b
    return v


@HERE.loop(Letters(b"\x00\x01"))
def longest_ones(bits: Any) -> Any:
    here = 0
    best = 0
    for b in bits:
        here = (here + 1) * b
        best = max(best, here)
    return best


@HERE.loop(WORDS)
def rotating_xor(xs: Any) -> Any:
    h = 0
    for x in xs:
        h = ((h << 1) & 0xFFFFFFFF) ^ (h >> 31) ^ (x & 0xFFFFFFFF)
    return h


@HERE.loop(Count(), Given((1, 88172645463325252)), overflow="wrap", target="logarithmic")
def shift_register(n: Any, seed: Any) -> Any:
    """The lowest 32 bits of xorshift."""
    x = seed & 0xFFFFFFFF
    for _ in range(n):
        x ^= (x << 13) & 0xFFFFFFFF
        x ^= x >> 17
        x ^= (x << 5) & 0xFFFFFFFF
    return x


@HERE.loop(Count(), Given((1, 0xACE1)), target="logarithmic")
def feedback(n: Any, seed: Any) -> Any:
    """A register of 16 bits, fed back where the bit that leaves it is set."""
    state = seed
    for _ in range(n):
        out = state & 1
        state >>= 1
        if out:
            state ^= 0xB400
    return state


@HERE.loop(Count(), Given((1, 0xACE1)), target="logarithmic")
def taps(n: Any, seed: Any) -> Any:
    """The same kind of register, with the sum of some bits as its new one."""
    state = seed & 0xFFFF
    for _ in range(n):
        new = (state ^ (state >> 2) ^ (state >> 3) ^ (state >> 5)) & 1
        state = (state >> 1) | (new << 15)
    return state


@HERE.loop(Count(), Given((1, 88172645463325252)), target="sequential")
def drawn_total(n: Any, seed: Any) -> Any:
    """What a generator gives, added up: sums are not linear over bits."""
    x = seed & 0xFFFFFFFF
    total = 0
    for _ in range(n):
        x ^= (x << 13) & 0xFFFFFFFF
        x ^= x >> 17
        x ^= (x << 5) & 0xFFFFFFFF
        total += x
    return total


@HERE.loop(Letters(b"\x00\x01"))
def gray_decoded(bits: Any) -> Any:
    """How many of the decoded bits are ones: a running parity."""
    p = 0
    n = 0
    for b in bits:
        p = p ^ b
        n += p
    return n


@HERE.loop(WORDS)
def flags_seen(xs: Any) -> Any:
    """Which of the lowest eight bits came first, as a set."""
    seen = 0
    for x in xs:
        seen = seen | (1 << (x & 7))
    return seen


@HERE.loop(WORDS)
def bits_set(xs: Any) -> Any:
    n = 0
    for x in xs:
        n += x & 1
        n += (x >> 1) & 1
    return n


@HERE.loop(Letters(b"\x00\x01"))
def toggles(bits: Any) -> Any:
    on = False
    n = 0
    for b in bits:
        if b == 1:
            on = not on
        if on:
            n += 1
    return n
