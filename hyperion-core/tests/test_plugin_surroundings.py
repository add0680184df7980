"""What a plugin changes of the process by being imported is told, and put back for everybody else."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
from collections.abc import Callable

import pytest

import hyperion as hp
from hyperion.plugins import PluginStatus, surroundings
from hyperion.plugins.checking import problems

Install = Callable[..., None]
HEAD = "import os, signal, sys\nHYPERION_API = (1, 0)\n"


def status(instance: hp.Instance, name: str) -> PluginStatus:
    return next(p for p in instance.plugins if p.name == name)


CHANGES = [
    ("os.chdir('/')", "the working folder, to '/'"),
    ("os.environ['HYPERION_HOME'] = '/nowhere'", "the variable HYPERION_HOME, to '/nowhere'"),
    ("os.environ['HYPERION_NEW'] = '1'", "the variable HYPERION_NEW, to '1'"),
    ("del os.environ['HYPERION_HOME']", "the variable HYPERION_HOME, to None"),
    ("sys.setrecursionlimit(200)", "the limit of recursion, to 200"),
    ("signal.signal(signal.SIGINT, signal.SIG_IGN)", "what a Ctrl-C does"),
    ("sys.stdout = None", "sys.stdout"),
    ("sys.excepthook = None", "sys.excepthook"),
]


def seen() -> tuple[object, ...]:
    mine = {k: v for k, v in os.environ.items() if k.startswith("HYPERION_")}
    return os.getcwd(), mine, sys.getrecursionlimit(), signal.getsignal(signal.SIGINT), sys.stdout, sys.stderr


@pytest.mark.parametrize(("change", "said"), CHANGES)
@pytest.mark.parametrize("end", ["", "1 / 0"])
def test_a_change_is_told_and_put_back(
    install: Install,
    change: str,
    said: str,
    end: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("hyperion.plugins.surroundings._alone", lambda: True)  # other tests may have left threads
    install("changes", f"{HEAD}{change}\n{end}")
    install("good", f"{HEAD}import hyperion.errors")
    before = seen()
    with hp.Instance(plugins=["changes", "good"]) as instance:
        found = status(instance, "changes")
        assert seen() == before
        assert found.changed == (said,)
        assert found.state == ("failed" if end else "active")
        assert status(instance, "good").changed == ()
        assert f"importing plugin changes changed {said}" in caplog.messages
        if not end:
            assert f"importing it changes {said}: others rely on that" in [
                p.what for p in problems(instance._host, found)
            ]


def test_where_other_threads_may_have_changed_it_it_is_only_told(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hyperion.plugins.surroundings._alone", lambda: False)
    monkeypatch.setenv("HYPERION_HOME", "mine")
    install("changes", f"{HEAD}os.environ['HYPERION_HOME'] = 'theirs'\n")
    with hp.Instance(plugins=["changes"]) as instance:
        assert status(instance, "changes").changed == ("the variable HYPERION_HOME, to 'theirs'",)
        assert os.environ["HYPERION_HOME"] == "theirs"


def test_a_ctrl_c_during_the_import_puts_back_too(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hyperion.plugins.surroundings._alone", lambda: True)
    install("changes", f"{HEAD}os.chdir('/')\nsignal.raise_signal(signal.SIGINT)\n")
    before = os.getcwd()
    with hp.Instance(plugins=["changes"]) as instance, pytest.raises(KeyboardInterrupt):
        instance.passes()
    assert os.getcwd() == before


def test_a_thread_that_goes_on_is_told(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hyperion.plugins.surroundings._alone", lambda: True)
    end = threading.Event()
    monkeypatch.setattr(sys, "test_end", end, raising=False)
    start = "threading.Thread(target=sys.test_end.wait, args=(30,), name='NAME', daemon=DAEMON).start()\n"
    for daemon, name in (("True", "daemon"), ("False", "waited")):
        text = f"{HEAD}import threading\n{start}".replace("DAEMON", daemon).replace("NAME", name)
        install(name, text)
    try:
        with hp.Instance(plugins=["daemon", "waited"]) as instance:
            found = [status(instance, name).changed for name in ("daemon", "waited")]
    finally:
        end.set()
    assert found == [(), ("the threads that the program waits for, by 'waited'",)]


def test_who_has_two_more_threads_is_not_alone() -> None:
    end = threading.Event()
    threads = [threading.Thread(target=end.wait, args=(30,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert not surroundings._alone()
    end.set()
    for thread in threads:
        thread.join(30)


def test_a_stream_that_is_closed_is_told(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    monkeypatch.setattr(sys, "stderr", closed := io.StringIO())
    closed.close()
    install("changes", f"{HEAD}sys.stdout.close()\n")
    with hp.Instance(plugins=["changes"]) as instance:
        assert status(instance, "changes").changed == ("sys.stdout, which is closed",)
