"""What plugins raise in their methods, SystemExit too, ends nobody's program."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

import hyperion as hp
from hyperion.errors import PassError, PluginError

Make = Callable[..., ModuleType]
INC = "func @inc(%x: i64) -> i64 { %one = const 1 : i64 %y = add.trap %x, %one : i64 return %y }"


class Leaves:
    """Has every member of every interface; each calls `sys.exit`."""

    name = kind = "bad"

    def close(self) -> None: ...

    def __getattr__(self, name: str) -> Callable[..., None]:
        def leave(*_: object, **__: object) -> None:
            raise SystemExit(3)

        return leave


@pytest.mark.parametrize("hook", ["strategies", "libraries"])
def test_what_others_can_do_without_is_done_without(make_plugin: Make, hook: str) -> None:
    plugin = make_plugin("leaving", **{f"hyperion_{hook}": lambda: {"aaa": Leaves}})
    with hp.Instance(plugins=["auto", plugin]) as instance:
        assert instance.compile(INC, frontend="ir")["inc"](41) == 42
        (found,) = [p for p in instance.plugins if p.name == "leaving"]
        if hook == "libraries":
            assert found.reason == "'aaa' of hyperion_libraries raised SystemExit: 3"
            assert type(instance.theorems).__name__ != "InProcessLibrary"


@pytest.mark.parametrize(
    ("hook", "act", "said"),
    [
        ("devices", lambda i: i.device("bad:0"), "HY5011: bad:0 does not open: SystemExit: 3"),
        ("devices", lambda i: i.describe(["bad:0"]), "HY1006: the driver of bad:0 raised SystemExit: 3"),
        ("executors", lambda i: i.executor(["cpu:0"], "bad"), r"HY1025: the executors 'bad' called sys.exit\(3\)"),
        ("networks", lambda i: i.networks(2, "bad"), r"HY1025: the networks 'bad' called sys.exit\(3\)"),
        (
            "codegen_targets",
            lambda i: i.compile(INC, frontend="ir", target="bad"),
            r"HY1025: the target 'bad' called sys.exit\(3\)",
        ),
        (
            "frontends",
            lambda i: i.compile("x", frontend="bad", arguments=(1,)),
            r"HY1025: the frontend 'bad' called sys.exit\(3\)",
        ),
    ],
)
def test_what_was_asked_for_by_name_is_an_error(
    make_plugin: Make,
    hook: str,
    act: Any,  # Any: of an Instance, whose type a table of lambdas would repeat
    said: str,
) -> None:
    plugin = make_plugin("leaving", **{f"hyperion_{hook}": lambda: {"bad": Leaves}})
    with hp.Instance(plugins=["auto", plugin]) as instance:
        with pytest.raises((PluginError, hp.HyperionError), match=said):
            act(instance)
        if hook == "devices":
            assert instance.devices()["bad:0"].absent == "its driver does not work: SystemExit: 3"


def test_a_pass_that_exits_is_a_pass_that_failed(make_plugin: Make) -> None:
    plugin = make_plugin("leaving", hyperion_passes=lambda: {"bad": Leaves})
    with hp.Instance(plugins=["auto", plugin]) as instance:
        with pytest.raises(PassError, match="HY4001: pass 'bad' on 'inc' failed: SystemExit: 3"):
            instance.pipeline("bad").run(INC)
        assert instance.compile(INC, frontend="ir")["inc"](41) == 42
