"""The plugin host: a broken plugin never breaks the others, and says why it is broken."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest

import hyperion as hp
from hyperion.errors import PluginError
from hyperion.hookspecs import API_VERSION

Make = Callable[..., ModuleType]
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


def states(instance: hp.Instance) -> dict[str, str]:
    return {p.name: p.state for p in instance.plugins}


def test_an_installed_plugin_is_found_and_described(install: Install) -> None:
    install("good", GOOD)
    with hp.Instance(plugins=["good"]) as instance:
        found = next(p for p in instance.plugins if p.name == "good")
        assert (found.state, found.distribution, found.version) == ("active", "test-good", "1.2")
        assert list(instance.theories()) == ["NAME"]


@pytest.mark.parametrize(
    ("source", "state", "reason"),
    [
        ("raise RuntimeError('boom')", "failed", "RuntimeError: boom"),
        ("raise SystemExit(3)", "failed", "SystemExit: 3"),
        ("syntax error", "failed", "SyntaxError"),
        ("import a_library_that_is_missing", "unavailable", "No module named 'a_library_that_is_missing'"),
        (None, "failed", "a stale installation?"),
        ("x = 1", "incompatible", "does not say which plugin API"),
        (f"HYPERION_API = ({API_VERSION[0] + 1}, 0)", "incompatible", "made for plugin API"),
        (f"HYPERION_API = ({API_VERSION[0]}, {API_VERSION[1] + 1})", "incompatible", "made for plugin API"),
        (GOOD.replace("hyperion_theories", "hyperion_theoreis"), "failed", "did you mean hyperion_theories?"),
        (GOOD.replace("hyperion_theories()", "hyperion_theories(instance)"), "failed", "instance"),
        (GOOD.replace("@hookimpl\n", ""), "failed", "hyperion_theories has no @hookimpl"),
    ],
)
def test_a_broken_plugin_has_a_state_and_leaves_others_alone(
    install: Install, source: str | None, state: str, reason: str
) -> None:
    install("broken", source)
    install("good", GOOD)
    with hp.Instance(plugins=["broken", "good"]) as instance:
        assert list(instance.theories()) == ["NAME"]
        assert states(instance)["good"] == "active"
        found = next(p for p in instance.plugins if p.name == "broken")
        assert found.state == state
        assert reason in found.reason
        assert found.remedy


def test_a_hook_that_raises_fails_its_plugin_only(make_plugin: Make) -> None:
    def boom() -> object:
        raise ValueError("boom")

    good = make_plugin("good", hyperion_frontends=lambda: {"a": object})
    bad = make_plugin("bad", hyperion_frontends=boom)
    worse = make_plugin("worse", hyperion_frontends=lambda: 7)
    with hp.Instance(plugins=[bad, good, worse]) as instance:
        assert instance._host.names("hyperion_frontends") == ("a",)
        found = states(instance)
        assert (found["bad"], found["good"], found["worse"]) == ("failed", "active", "failed")


def test_two_owners_of_one_name_are_both_named(make_plugin: Make) -> None:
    one = make_plugin("one", hyperion_frontends=lambda: {"x": object, "y": object})
    two = make_plugin("two", hyperion_frontends=lambda: {"x": object})
    with hp.Instance(plugins=[one, two]) as instance:
        with pytest.raises(PluginError, match=r"HY1003: 'x' is registered by 'one' and 'two'"):
            instance._host.get("hyperion_frontends", "x")
        assert instance._host.owner("hyperion_frontends", "y") == "one"
    with hp.Instance(plugins=[one, two], disable=["two"]) as instance:
        assert instance._host.owner("hyperion_frontends", "x") == "one"


def test_a_factory_that_raises_is_an_error_when_asked_for_and_a_state_when_listed(make_plugin: Make) -> None:
    def boom() -> object:
        raise OSError("no such driver")

    with hp.Instance(plugins=[make_plugin("one", hyperion_devices=lambda: {"gpu": boom})]) as instance:
        with pytest.raises(PluginError, match=r"HY1005: plugin 'one' cannot make 'gpu': OSError: no such driver"):
            instance.device("gpu:0")
        assert instance.devices() == {}
        assert states(instance)["one"] == "failed"


def test_what_does_not_follow_its_interface_is_refused(make_plugin: Make) -> None:
    with (
        hp.Instance(plugins=[make_plugin("one", hyperion_frontends=lambda: {"x": object})]) as instance,
        pytest.raises(
            PluginError, match=r"HY1006: 'x' of plugin 'one' is no Frontend: it lacks name, signature, lower"
        ),
    ):
        instance.frontend("x")


def test_an_unknown_name_is_met_with_the_nearest(make_plugin: Make) -> None:
    with (
        hp.Instance(plugins=[make_plugin("one", hyperion_frontends=lambda: {"python": object})]) as instance,
        pytest.raises(PluginError, match=r"HY1002(.|\n)*did you mean 'python'\?"),
    ):
        instance.frontend("pyhton")


def test_naming_a_plugin_that_is_not_installed(install: Install) -> None:
    install("good", GOOD)
    with pytest.raises(PluginError, match=r"HY1001: the plugin 'goood' is not installed\n  try: did you mean 'good'\?"):
        hp.Instance(plugins=["goood"])


def test_the_environment_chooses(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("left", "right"):
        install(name, GOOD.replace("NAME", name))
    monkeypatch.setenv("HYPERION_PLUGINS", "left, right, missing")
    monkeypatch.setenv("HYPERION_DISABLE_PLUGINS", "right")
    with hp.Instance() as instance:
        found = states(instance)
        assert (found["left"], found["right"], found["missing"]) == ("active", "disabled", "unavailable")
        assert {s for n, s in found.items() if n not in ("left", "missing")} == {"disabled"}
        assert list(instance.theories()) == ["left"]
    with hp.Instance(plugins=["right"], disable=[]) as instance:
        assert states(instance)["right"] == "disabled"


def test_nothing_is_imported_before_it_is_needed(install: Install) -> None:
    import sys

    install("lazy", GOOD)
    with hp.Instance(plugins=["lazy"]) as instance:
        assert "hyperion_test_lazy" not in sys.modules
        instance.theories()
        assert "hyperion_test_lazy" in sys.modules


def test_factories_run_once_and_what_they_made_is_closed_in_reverse(make_plugin: Make) -> None:
    log: list[str] = []

    class Device:
        state = "open"

        def __init__(self, name: str) -> None:
            self.name = name
            log.append(f"open {name}")

        def close(self) -> None:
            log.append(f"close {self.name}")

    class Driver:
        kind = "cpu"
        devices = describe = together = list

        def open(self, address: str, options: object) -> Device:
            return Device(address)

    instance = hp.Instance(plugins=[make_plugin("one", hyperion_devices=lambda: {"cpu": Driver})])
    assert log == []
    assert instance.device("cpu:1") is instance.device("cpu:1")
    instance.device("cpu:0")
    instance.close()
    instance.close()
    assert log == ["open cpu:1", "open cpu:0", "close cpu:0", "close cpu:1"]
    with pytest.raises(PluginError, match="HY1008"):
        instance.devices()


def test_concurrent_first_use_loads_once(make_plugin: Make, in_threads: Callable[..., list[object]]) -> None:
    made: list[object] = []

    class Theory:
        name = "t"
        axioms, records, axiom_text, theorems = {}, {}, "", dict

        def __init__(self) -> None:
            made.append(self)

    with hp.Instance(plugins=[make_plugin("one", hyperion_theories=lambda: {"t": Theory})]) as instance:
        found = in_threads(lambda: instance.theories()["t"], 8)
    assert len(made) == 1
    assert found == made * 8
