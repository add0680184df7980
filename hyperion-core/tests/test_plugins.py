"""The plugin host: a broken plugin never breaks the others, and says why it is broken."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest

import hyperion as hp
from hyperion.errors import PluginError
from hyperion.hookspecs import API_VERSION
from hyperion.interfaces.device import DeviceInfo
from hyperion.interfaces.event import Event
from hyperion.plugins import PluginStatus
from hyperion.plugins.homes import advice
from hyperion.testing.apart import Apart

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


class Odd:
    def __repr__(self) -> str:
        raise SystemExit


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
        ("class Odd(OSError):\n def __str__(self): raise SystemExit\nraise Odd", "failed", "Odd: <its text raised S"),
        ("class Odd(BaseException): pass\nraise Odd('odd')", "failed", "Odd: odd"),
        ("import a_library_that_is_missing", "unavailable", "No module named 'a_library_that_is_missing'"),
        ("import ctypes; ctypes.CDLL('libnone.so.1')", "unavailable", "libnone.so.1: cannot open shared object file"),
        (None, "failed", "; its entry point names hyperion_test_broken (a stale installation?)"),
        ("HYPERION_API = 1", "incompatible", "its HYPERION_API is 1, not a pair of numbers such as (1, 0)"),
        ("HYPERION_API = '1.0'", "incompatible", "its HYPERION_API is '1.0', not a pair of numbers such as (1, 0)"),
        ("HYPERION_API = (0, 9)", "incompatible", "made for plugin API 0.9, this is 1.0"),
        ("def __getattr__(name): raise RuntimeError(name)", "failed", "RuntimeError: HYPERION_API"),
        ("x = 1", "incompatible", "does not say which plugin API"),
        (f"HYPERION_API = ({API_VERSION[0] + 1}, 0)", "incompatible", "made for plugin API"),
        (f"HYPERION_API = ({API_VERSION[0]}, {API_VERSION[1] + 1})", "incompatible", "made for plugin API"),
        (GOOD.replace("hyperion_theories", "hyperion_theoreis"), "failed", "did you mean hyperion_theories?"),
        (
            GOOD.replace("hyperion_theories()", "hyperion_theories(instance)"),
            "failed",
            "hyperion_theories asks for 'instance', and gets no arguments",
        ),
        (f"{GOOD}\n@hookimpl\ndef hyperion_on_event(event, who): pass", "failed", "asks for 'who', and gets event"),
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
        assert "no such driver" in instance.devices()["gpu:0"].absent
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

    install("lazy", GOOD)
    with hp.Instance(plugins=["lazy"]) as instance:
        assert "hyperion_test_lazy" not in sys.modules
        instance.theories()
        assert "hyperion_test_lazy" in sys.modules


def test_factories_run_once_and_what_they_made_is_closed_in_reverse(make_plugin: Make) -> None:
    log: list[str] = []

    class Device:
        state = "open"
        allocate = copy = run = synchronize = list

        def __init__(self, name: str) -> None:
            self.name = name
            self.info = DeviceInfo(name, "cpu", "one for tests", 1)
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


def find(instance: hp.Instance, name: str) -> PluginStatus:
    return next(p for p in instance.plugins if p.name == name)


@pytest.mark.parametrize(
    ("source", "remedy"),
    [
        (
            "HYPERION_API = (0, 9)",
            "update test-broken to a version that is made for API 1: pip install --upgrade t",
        ),
        ("HYPERION_API = (1, 7)", "update hyperion-core from where you have it, or take an earlier version of test-br"),
        ("HYPERION_API = (2, 0)", "update hyperion-core from where you have it, or take an earlier version of test-br"),
        ("x = 1", "update test-broken, or report it to its authors"),
        (None, "install test-broken again, or remove what is left of it: pip uninstall test-broken"),
        ("import a_missing.part", "install test-broken with all that it needs, or the package that has a_missing"),
        ("raise OSError('libx.so.2: cannot open shared object file: No such file')", "install the library libx.so.2, "),
        ("raise ImportError('dlopen(x): Library not loaded: @rpath/x.dylib')", "install the library @rpath/x.dylib, "),
        ("raise ImportError('DLL load failed while importing _x: not found')", "install the library _x, or put its"),
        ('raise ImportError("libc.so.6: version `GLIBC_2.99\' not found")', "for this system: it wants GLIBC_2.99"),
        ("1 / 0", "update test-broken, report it to its authors, or switch it off"),
        ("raise ImportError('/x/_native.so: file too short')", "install test-broken again, in a build for this system"),
        ("raise ImportError('_x.so: undefined symbol: PyOld')", "install test-broken again, in a build for this sys"),
    ],
)
def test_the_remedy_says_what_to_do(install: Install, source: str | None, remedy: str) -> None:
    install("broken", source)
    with hp.Instance(plugins=["broken"]) as instance:
        found = find(instance, "broken")
        assert remedy in found.remedy
        assert ("Traceback" in found.traceback) is (found.state != "incompatible")
        assert found.place.endswith("test_broken-1.2.dist-info")


def test_an_entry_point_that_names_no_module(install: Install, tmp_path: Path) -> None:
    install("broken", GOOD)
    (tmp_path / "test_broken-1.2.dist-info" / "entry_points.txt").write_text(
        "[hyperion.plugins]\nbroken = not a module\n"
    )
    with hp.Instance(plugins=["broken"]) as instance:
        assert find(instance, "broken").reason == "ValueError: its entry point names no module: 'not a module'"


def test_one_name_twice_in_one_distribution(install: Install, tmp_path: Path) -> None:
    install("broken", GOOD)
    points = tmp_path / "test_broken-1.2.dist-info" / "entry_points.txt"
    points.write_text(points.read_text() + "broken = hyperion_test_other\n")
    with hp.Instance(plugins=["broken"]) as instance:
        found = find(instance, "broken")
        assert found.reason == "test-broken 1.2 has 2 entry points 'broken'; none of them is used"
        assert found.remedy == "report it to the authors of test-broken"


def test_a_long_text_of_an_error_is_cut_in_the_reason_alone(install: Install) -> None:
    install("broken", "raise ValueError('\\n \\n' + 'x' * 5000)")
    with hp.Instance(plugins=["broken"]) as instance:
        found = find(instance, "broken")
        assert found.reason == f"ValueError: {'x' * 300} .."
        assert "x" * 5000 in found.traceback


def test_one_name_by_two_distributions_is_used_by_neither(install: Install, tmp_path: Path) -> None:
    for name in ("left", "right", "good"):
        install(name, GOOD.replace("NAME", name))
    for name in ("left", "right"):
        points = tmp_path / f"test_{name}-1.2.dist-info" / "entry_points.txt"
        points.write_text(points.read_text().replace(f"{name} =", "same ="))
    with hp.Instance(plugins=["same", "good"]) as instance:
        assert list(instance.theories()) == ["good"]
        both = [p for p in instance.plugins if p.name == "same"]
        assert [p.distribution for p in both] == ["test-left", "test-right"]
        assert {p.state for p in both} == {"failed"}
        reason = "test-left 1.2 and test-right 1.2 both have a plugin 'same'; none of them is used"
        assert {p.reason for p in both} == {reason}
        assert both[0].remedy.endswith('[plugins] block = ["test-right"]')
    block = {"plugins": {"block": ["test-right"]}}
    with hp.Instance(plugins=["same", "good"], config=block) as instance:
        assert sorted(instance.theories()) == ["good", "left"]
        assert {p.distribution: p.state for p in instance.plugins if p.name == "same"} == {
            "test-left": "active",
            "test-right": "disabled",
        }


def test_one_distribution_twice_is_one_plugin(
    install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install("good", GOOD)
    old = tmp_path / "old" / "test_good-1.0.dist-info"
    old.mkdir(parents=True)
    (old / "METADATA").write_text("Metadata-Version: 2.1\nName: test-good\nVersion: 1.0\n")
    (old / "entry_points.txt").write_text("[hyperion.plugins]\ngood = hyperion_test_gone\n")
    monkeypatch.syspath_prepend(str(tmp_path / "old"))
    monkeypatch.syspath_prepend(str(tmp_path))
    with hp.Instance(plugins=["good"]) as instance:
        assert (find(instance, "good").state, find(instance, "good").version) == ("active", "1.2")


def test_a_module_that_is_called_like_an_active_plugin_does_not_replace_it(make_plugin: Make) -> None:
    first = make_plugin("one", hyperion_frontends=lambda: {"a": object})
    second = make_plugin("one", hyperion_frontends=lambda: {"b": object})
    with hp.Instance(plugins=[first, second]) as instance:
        assert instance._host.names("hyperion_frontends") == ("a",)
        assert [p.state for p in instance.plugins if p.name == "one"] == ["active", "failed"]
        assert [p.reason for p in instance.plugins if p.name == "one"] == ["", "another plugin is called 'one'"]


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ([("a", object)], "hyperion_frontends raised TypeError: it returned list, not a table of names and factories"),
        ({"a": 7}, "hyperion_frontends registers 'a' as 7, which is no name and a function that makes it"),
        ({"a": Odd()}, "hyperion_frontends registers 'a' as <its text raised SystemExit>"),
        ({3: object}, "hyperion_frontends registers 3 as <class 'object'>, which is no name and a function"),
    ],
)
def test_what_is_no_table_of_factories(make_plugin: Make, table: object, reason: str) -> None:
    bad = make_plugin("bad", hyperion_frontends=lambda: table)
    good = make_plugin("good", hyperion_frontends=lambda: {"b": object})
    with hp.Instance(plugins=[bad, good]) as instance:
        assert instance._host.names("hyperion_frontends") == ("b",)
        assert find(instance, "bad").state == "failed"
        assert find(instance, "bad").reason.startswith(reason)


def test_a_table_that_changes_later_changes_nothing(make_plugin: Make) -> None:
    table: dict[str, object] = {"a": object}
    with hp.Instance(plugins=[make_plugin("one", hyperion_frontends=lambda: table)]) as instance:
        assert instance._host.names("hyperion_frontends") == ("a",)
        table.clear()
        assert instance._host.names("hyperion_frontends") == ("a",)


def test_a_factory_that_exits_or_lacks_a_library_is_its_plugins_state(make_plugin: Make) -> None:
    def leave() -> object:
        raise SystemExit(4)

    def lack() -> object:
        raise OSError("libcuda.so.1: cannot open shared object file: No such file or directory")

    plugins = [
        make_plugin("one", hyperion_devices=lambda: {"a": leave}),
        make_plugin("two", hyperion_devices=lambda: {"b": lack}),
    ]
    with hp.Instance(plugins=plugins) as instance:
        with pytest.raises(PluginError, match="HY1005: plugin 'one' cannot make 'a': SystemExit: 4"):
            instance.device("a:0")
        with pytest.raises(PluginError, match=r"HY1005(.|\n)*install the library libcuda.so.1, or"):
            instance.device("b:0")
        assert (find(instance, "one").state, find(instance, "two").state) == ("failed", "unavailable")
        assert "in lack" in find(instance, "two").traceback


def test_a_member_that_cannot_be_read_is_a_member_that_is_lacking(make_plugin: Make) -> None:
    class Odd:
        @property
        def name(self) -> str:
            raise ValueError("no name")

    with (
        hp.Instance(plugins=[make_plugin("one", hyperion_frontends=lambda: {"x": Odd})]) as instance,
        pytest.raises(PluginError, match=r"HY1006: .* lacks a member that can be read: ValueError: no name"),
    ):
        instance.frontend("x")


def test_a_listener_that_failed_shows_in_its_state_and_is_asked_again(
    make_plugin: Make, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[str] = []

    def listen(event: Event) -> None:
        heard.append(event.message)
        raise SystemExit(1)

    with hp.Instance(plugins=[make_plugin("one", hyperion_on_event=listen)]) as instance:
        assert find(instance, "one").state == "active"
        instance.tell(Event("progress", "a"))
        instance.tell(Event("progress", "b"))
        assert heard == ["a", "b"]
        assert find(instance, "one").reason == "hyperion_on_event raised SystemExit: 1"
    assert sum("hyperion_on_event raised" in record.message for record in caplog.records) == 1


def test_everything_is_closed_even_if_some_of_it_fails(make_plugin: Make) -> None:
    closed: list[str] = []

    class Frontend:
        name, signature, lower = "x", None, None

        def __init__(self, name: str, error: BaseException | None) -> None:
            self.signature = self.lower = lambda *_: None
            self.label, self.error = name, error

        def close(self) -> None:
            closed.append(self.label)
            if self.error:
                raise self.error

    errors = {"a": None, "b": ValueError("b"), "c": SystemExit(3)}
    table = {name: partial(Frontend, name, error) for name, error in errors.items()}
    instance = hp.Instance(plugins=[make_plugin("one", hyperion_frontends=lambda: table)])
    for name in errors:
        instance.frontend(name)
    with pytest.raises(ExceptionGroup) as caught:
        instance.close()
    assert closed == ["c", "b", "a"]
    (group,) = caught.value.exceptions
    assert isinstance(group, ExceptionGroup)
    assert [str(error) for error in group.exceptions] == ["SystemExit: 3", "b"]


def test_a_plugin_that_asks_for_plugins_while_it_is_imported(install: Install) -> None:
    install("asking", f"import hyperion\nhyperion.default_instance().plugins\n{GOOD}")
    with hp.Instance(plugins=["asking"]) as instance:
        assert list(instance.theories()) == ["NAME"]


def test_two_factories_at_once_do_not_wait_for_each_other(make_plugin: Make) -> None:
    both = threading.Barrier(2)

    class Thing(Anything):
        def __init__(self) -> None:
            both.wait(5)  # until the other factory runs too

    table = {"a": Thing, "b": Thing}
    with hp.Instance(plugins=[make_plugin("one", hyperion_frontends=lambda: table)]) as instance:
        other = Apart(lambda: instance.frontend("a"))
        assert instance.frontend("b")
        assert other.outcome()
        assert instance.frontend("a")


class Anything:
    """Has every member of every interface."""

    def __getattr__(self, name: str) -> object:
        return lambda *_: None


def test_who_has_not_installed_a_plugin_of_ours_is_told_which() -> None:
    assert advice("hyperion_devices", "cpu", []) == ["install hyperion-cpu, from where you have hyperion-core"]
    assert advice("hyperion_devices", "cpu", ["hyperion-cpu"]) == []
    assert advice("hyperion_devices", "cuda", []) == []
    assert advice("hyperion_strategies", "cpu", []) == []
