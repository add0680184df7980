"""For all tests: caches and theorem libraries are temporary, a new one for each test, also in its child processes; what
a test admits of a distribution's axioms is taken out after it. What is derived depends on no machine's speed.
"""

from __future__ import annotations

import itertools
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from hyperion import default

_numbers = itertools.count()


# What tests send to themselves and to their child processes, or wait for.
SIGNALS = ("SIGINT", "SIGTERM", "SIGALRM", "SIGPROF", "SIGCHLD")


def pytest_configure() -> None:
    """Signals reach the tests and their child processes also where whoever started them had them ignored or blocked
    (nohup, a shell's background, a runner of jobs)."""
    for name in SIGNALS:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if name == "SIGINT" else signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {getattr(signal, name) for name in SIGNALS})


@pytest.fixture(scope="session")
def _homes() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="hyperion-tests-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="session", autouse=True)
def shared_home(_homes: Path) -> Iterator[Path]:
    """The home of what fixtures of a module or session make, and of the default Instance: a child process that is given
    it knows what was derived before."""
    home = _homes / "shared"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HYPERION_HOME", str(home))
        patch.setenv("HYPERION_CONFIG", "")  # whatever files are around
        patch.setenv("HYPERION_BUDGET", "60")  # however busy the machine is
        patch.setenv("HYPERION_PREFER", "proven")  # however fast it is
        default.default_instance()
        yield home


@pytest.fixture(autouse=True)
def _own_home(_homes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYPERION_HOME", str(_homes / f"{next(_numbers)}"))


@pytest.fixture
def own_default(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A default Instance of the test's own, in the home that the environment names then: its library is empty."""
    monkeypatch.setattr(default, "_default", None)
    yield
    if default._default is not None:
        default._default.close()


@pytest.fixture(autouse=True)
def _only_the_cores_axioms() -> Iterator[None]:
    """What is admitted is known to the process for good, and tests share processes."""
    yield
    theory = sys.modules.get("hyperion.logic.theory")
    if theory is not None and theory.ADMITTED:
        for table in (theory.kernel._axioms, theory.t.SIGNATURE):
            for name in [name for name in table if ":" in name]:
                del table[name]
        theory._admitted.clear()
