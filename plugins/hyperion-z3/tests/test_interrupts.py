"""Ctrl-C while z3 works."""

from __future__ import annotations

import signal
import threading
from time import monotonic, sleep

import pytest

from hyperion.testing.apart import SECONDS, Apart
from hyperion_z3.solver import Z3, ask, context, z3


def factors(where: Z3) -> list[Z3]:
    """Two primes are asked for from their product, which takes minutes."""
    x, y = (z3.BitVec(name, 64, where) for name in "xy")
    product = z3.BitVecVal(0xFFFFFFFB * 0xFFFFFFEF, 64, where)
    limit = z3.BitVecVal(1 << 32, 64, where)
    return [x * y == product, z3.ULT(x, limit), z3.ULT(y, limit), x != 1, y != 1]


def interrupt_main() -> None:
    sleep(0.05)  # z3 begins meanwhile
    main = threading.main_thread().ident
    assert main is not None
    signal.pthread_kill(main, signal.SIGINT)


def test_ctrl_c_ends_what_the_main_thread_asks() -> None:
    where, begun = context(), monotonic()
    sent = Apart(interrupt_main)
    with pytest.raises(KeyboardInterrupt):
        ask(factors(where), where, SECONDS)
    assert monotonic() - begun < SECONDS
    sent.outcome()


def test_ctrl_c_reaches_the_main_thread_while_another_asks() -> None:
    where, ended = context(), threading.Event()

    def asks() -> None:
        assert ask(factors(where), where, SECONDS) == ("unknown", None)
        ended.set()

    asking = Apart(asks)
    sent = Apart(interrupt_main)
    with pytest.raises(KeyboardInterrupt):
        ended.wait(SECONDS)
    assert not ended.is_set(), "z3 took what was not for it"
    where.interrupt()
    asking.outcome()
    sent.outcome()
