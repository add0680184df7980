"""For all tests: caches and theorem libraries are temporary, a new one for each test, also in its child processes; what
a test admits of a distribution's axioms is taken out after it. What is derived depends on no machine's speed.
"""

from __future__ import annotations

import faulthandler
import gc
import itertools
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from _pytest.faulthandler import fault_handler_stderr_fd_key  # where pytest itself writes; there is no public name

from hyperion import default

LONG = (
    "tests/gallery/test_gallery.py",
    "tests/test_readme.py",
    "tests/test_wheels.py",
    "tests/test_everyday_loops.py",
    "tests/test_module_files.py",
    "hyperion-core/tests/logic/test_denote_runs.py",
    "hyperion-cpu/tests/test_vector_ops.py",
    "hyperion-cpu/tests/test_int_division.py",
    "plugins/hyperion-exports/tests/test_coq.py",
    "plugins/hyperion-library/tests/test_robustness.py",
    "plugins/hyperion-proofs/tests/test_scans.py",
    "plugins/hyperion-proofs/tests/test_modular_loops.py",
    "plugins/hyperion-proofs/tests/test_counted_loops.py",
    "plugins/hyperion-python/tests/test_random_programs.py",
    "plugins/hyperion-z3/tests/test_axioms.py",
)
"""Each takes more than ten seconds."""
_numbers = itertools.count()


# What tests send to themselves and to their child processes, or wait for.
SIGNALS = ("SIGINT", "SIGTERM", "SIGALRM", "SIGPROF", "SIGCHLD")


def pytest_configure() -> None:
    _hear_signals()
    gc.set_threshold(20_000, 10, 10)  # cycles are looked for rarely: tests leave few, and much that stays
    # However busy the machine is; else as it was, as in Hypothesis' own profile for CI.
    unhurried = {"deadline": None, "suppress_health_check": [hypothesis.HealthCheck.too_slow]}
    hypothesis.settings.register_profile("unhurried", hypothesis.settings(), **unhurried)
    hypothesis.settings.load_profile("unhurried")


def _hear_signals() -> None:
    """Signals reach the tests and their child processes also where whoever started them had them ignored or blocked
    (nohup, a shell's background, a runner of jobs)."""
    for name in SIGNALS:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if name == "SIGINT" else signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {getattr(signal, name) for name in SIGNALS})


@pytest.hookimpl(trylast=True)
def pytest_exception_interact(node: pytest.Item | pytest.Collector) -> None:
    """pytest ends its watch over a test that fails, for a debugger's sake: what is torn down after it may hang too."""
    config = node.config
    seconds = float(config.getini("faulthandler_timeout") or 0)
    if isinstance(node, pytest.Item) and seconds and not config.getoption("usepdb"):
        leave = bool(config.getini("faulthandler_exit_on_timeout"))
        faulthandler.dump_traceback_later(seconds, exit=leave, file=config.stash[fault_handler_stderr_fd_key])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files come first: none is begun when all others are done, and only one process still works."""
    places = {path: place for place, path in enumerate(LONG)}
    items.sort(key=lambda item: places.get(item.nodeid.partition("::")[0], len(LONG)))


@pytest.fixture(scope="module", autouse=True)
def _out_of_sight() -> None:
    """What earlier files left, proofs above all, is looked through once, and not again at each collection."""
    gc.collect()
    gc.freeze()


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
