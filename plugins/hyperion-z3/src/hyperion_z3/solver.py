"""z3 itself, and one question to it in a context of its own, so that questions of different threads never meet."""

from __future__ import annotations

import importlib
import signal
import threading
from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

Z3: TypeAlias = Any  # z3's stubs leave most types open
z3: Z3 = importlib.import_module("z3")

Answer: TypeAlias = Literal["sat", "unsat", "unknown"]


class Untranslatable(Exception):
    """A term is beyond the translation, or takes too long; the message says which."""


def context() -> Z3:
    """A new context. Its terms may be released by any thread's garbage collector."""
    made = z3.Context()
    z3.Z3_enable_concurrent_dec_ref(made.ref())
    return made


def ask(assumptions: Sequence[Z3], where: Z3, time_limit: float) -> tuple[Answer, Z3]:
    """Whether the assumptions can hold together, and a model where they can.

    z3 keeps to its own time limit in most tactics; where it does not, it is interrupted. While it has the program's
    SIGINT nobody else gets one: it has it in the main thread alone, which could not look at it, and it is sent again.
    """
    if time_limit <= 0:
        return "unknown", None
    solver = z3.Solver(ctx=where)
    solver.set("timeout", max(1, int(time_limit * 1000)))
    in_main = threading.current_thread() is threading.main_thread()
    solver.set("ctrl_c", in_main)
    solver.add(*assumptions)
    alarm = threading.Timer(time_limit + 0.2, where.interrupt)
    alarm.daemon = True
    try:
        alarm.start()
    except RuntimeError:  # there is no thread that would end what z3 does not end itself
        return "unknown", None
    try:
        answer = str(solver.check())
    except z3.Z3Exception:
        return "unknown", None
    finally:
        alarm.cancel()
    if answer == "unknown" and in_main and solver.reason_unknown() == "interrupted from keyboard":
        signal.raise_signal(signal.SIGINT)
    if answer == "sat":
        return "sat", solver.model()
    return ("unsat" if answer == "unsat" else "unknown"), None
