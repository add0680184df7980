"""A Ctrl-C in a plugin's code, and code that takes long: said with whose it is."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable

import pytest

import hyperion as hp
from hyperion.plugins import PluginStatus

Install = Callable[..., None]

GOOD = """
from hyperion.hookspecs import hookimpl
HYPERION_API = (1, 0)
class Theory:
    name, axioms, records, axiom_text, theorems = "NAME", {}, {}, "", dict
@hookimpl
def hyperion_theories():
    return {"NAME": Theory}
"""


def find(instance: hp.Instance, name: str) -> PluginStatus:
    return next(p for p in instance.plugins if p.name == name)


@pytest.mark.parametrize(
    ("what", "error"),
    [
        ("signal.raise_signal(signal.SIGINT)", KeyboardInterrupt),
        ("bytearray(1 << 62)", MemoryError),
        ("sys.caught()", KeyboardInterrupt),  # a handler of somebody else, as asyncio has
    ],
)
def test_what_is_no_plugins_fault_goes_through_and_loses_nothing(
    install: Install, what: str, error: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    def caught() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sys, "caught", caught, raising=False)
    monkeypatch.setattr("hyperion.plugins.patience.NOTABLE", 0.0)
    install("broken", f"import signal, sys\nif not hasattr(sys, 'again'): {what}\n{GOOD}")
    install("good", GOOD.replace("NAME", "other"))
    with hp.Instance(plugins=["broken", "good"]) as instance:
        with pytest.raises(error) as raised:
            instance.theories()
        if error is KeyboardInterrupt:
            assert raised.value.__notes__ == [
                "in plugin 'broken' (test-broken 1.2), importing it; HYPERION_DISABLE_PLUGINS=broken goes on without it"
            ]
        monkeypatch.setattr(sys, "again", True, raising=False)
        assert sorted(instance.theories()) == ["NAME", "other"]


@pytest.mark.parametrize("error", ["KeyboardInterrupt", "MemoryError", "GeneratorExit"])
def test_a_plugin_that_raises_it_itself_is_to_blame(install: Install, error: str) -> None:
    install("broken", f"raise {error}")
    install("hooked", GOOD.replace('return {"NAME": Theory}', f"raise {error}('mine')"))
    making = f"{GOOD}\ndef _make(): raise {error}\n".replace("Theory}", "_make}")
    install("making", making)
    install("good", GOOD.replace("NAME", "other"))
    with hp.Instance(plugins=["broken", "hooked", "making", "good"]) as instance:
        assert list(instance.theories()) == ["other"]
        assert find(instance, "broken").reason == error
        assert find(instance, "broken").remedy.endswith("or switch it off")
        assert find(instance, "hooked").reason == f"hyperion_theories raised {error}: mine"
        assert f"cannot make 'NAME': {error}" in find(instance, "making").reason


@pytest.mark.parametrize(
    ("hook", "doing"),
    [
        ("raise_signal(SIGINT)", "asking hyperion_theories"),
        ("return {'x': lambda: raise_signal(SIGINT)}", "making 'x'"),
    ],
)
def test_a_ctrl_c_says_in_whose_code_it_came(
    install: Install, hook: str, doing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hyperion.plugins.patience.NOTABLE", 0.0)
    install("slow", "from signal import *\n" + GOOD.replace('return {"NAME": Theory}', hook))
    with hp.Instance(plugins=["slow"]) as instance, pytest.raises(KeyboardInterrupt) as raised:
        instance.theories()
    assert raised.value.__notes__ == [
        f"in plugin 'slow' (test-slow 1.2), {doing}; HYPERION_DISABLE_PLUGINS=slow goes on without it"
    ]


def test_a_ctrl_c_that_comes_at_once_is_not_about_the_plugin(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hyperion.plugins.patience.NOTABLE", 60.0)
    install("quick", f"import signal\nsignal.raise_signal(signal.SIGINT)\n{GOOD}")
    with hp.Instance(plugins=["quick"]) as instance, pytest.raises(KeyboardInterrupt) as raised:
        instance.theories()
    assert not hasattr(raised.value, "__notes__")


def test_an_import_that_takes_long_is_said(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    said = threading.Event()
    monkeypatch.setattr("hyperion.plugins.patience.PATIENCE", 0.001)
    monkeypatch.setattr(sys, "test_said", said, raising=False)
    wait = "sys.test_said.wait(30) and sys.test_said.clear()"
    install("slow", f"import sys\n{wait}\n{GOOD}".replace("return", f"{wait}\n    return"))
    with hp.Instance(plugins=["slow"]) as instance:
        listening = Said(said)
        logging.getLogger("hyperion.waiting").addHandler(listening)
        try:
            assert list(instance.theories()) == ["NAME"]
        finally:
            logging.getLogger("hyperion.waiting").removeHandler(listening)
    for doing in ("importing it", "asking hyperion_theories"):
        text = (
            f"plugin 'slow' (test-slow 1.2): {doing} has taken 0 s and goes on; Ctrl-C ends the wait, HYPERION_DISABLE_"
        )
        assert text in "".join(listening.messages)


class Said(logging.Handler):
    """Tells that something was logged."""

    def __init__(self, said: threading.Event) -> None:
        super().__init__()
        self.said = said
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())
        self.said.set()
