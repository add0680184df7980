"""Every hook is documented with its exact arguments and used by something that is tested."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

import hyperion as hp
from hyperion import hookspecs
from hyperion.interfaces.event import Event
from hyperion.plugins import INTERFACES, interface

REPOSITORY = Path(__file__).resolve().parents[2]
REFERENCE = REPOSITORY / "docs/reference/hooks.md"
HOOKS = {name: hook for name, hook in vars(hookspecs).items() if name.startswith("hyperion_")}
REGISTRY = {"hyperion_ops", "hyperion_types"}  # tests/test_registry.py
LIBRARIES = {"hyperion_libraries"}  # tests/library/test_in_process.py: an Instance opens the first
TABLES = sorted(set(HOOKS) - {"hyperion_on_event"} - REGISTRY - LIBRARIES)

METHODS: dict[str, Callable[[hp.Instance], object]] = {
    "hyperion_cli_commands": lambda i: i.commands(),
    "hyperion_codegen_targets": lambda i: i.target("x").target,
    "hyperion_devices": lambda i: i._opened.driver("x:0"),
    "hyperion_executors": lambda i: i._host.get("hyperion_executors", "x"),
    "hyperion_frontends": lambda i: i.frontend("x"),
    "hyperion_interpreters": lambda i: i.interpreter("x"),
    "hyperion_networks": lambda i: i._host.get("hyperion_networks", "x"),
    "hyperion_passes": lambda i: i.passes(),
    "hyperion_proof_exporters": lambda i: i.proof_exporters(),
    "hyperion_refuters": lambda i: i.refuters(),
    "hyperion_strategies": lambda i: i.strategies(),
    "hyperion_tactics": lambda i: i.tactics(),
    "hyperion_theories": lambda i: i.theories(),
}


class Anything:
    """Has every member of every interface."""

    def __getattr__(self, name: str) -> object:
        return lambda *_: None

    def __enter__(self) -> Anything:
        return self

    def __exit__(self, *_: object) -> None: ...


def _declaration(name: str) -> str:
    hook = HOOKS[name]
    arguments = ", ".join(f"{p.name}: {p.annotation}" for p in inspect.signature(hook).parameters.values())
    return f"{name}({arguments}) -> {inspect.signature(hook).return_annotation}"


@pytest.mark.parametrize("name", sorted(HOOKS))
def test_the_reference_has_the_exact_declaration(name: str) -> None:
    assert f"## `{_declaration(name)}`\n" in REFERENCE.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(HOOKS))
def test_the_hook_says_what_it_is_for(name: str) -> None:
    assert HOOKS[name].__doc__


def test_the_reference_has_no_other_hooks() -> None:
    named = re.findall(r"^## `(hyperion_\w+)", REFERENCE.read_text(encoding="utf-8"), re.MULTILINE)
    assert named == sorted(HOOKS)


@pytest.mark.parametrize("name", TABLES)
def test_what_a_hook_registers_is_what_the_instance_gives(name: str, make_plugin: Callable[..., ModuleType]) -> None:
    thing = Anything()
    with hp.Instance(plugins=[make_plugin("one", **{name: lambda: {"x": lambda: thing}})]) as instance:
        found = METHODS[name](instance)
    assert found is thing or found == {"x": thing}


def test_events_reach_listeners(make_plugin: Callable[..., ModuleType]) -> None:
    heard: list[Event] = []
    module = make_plugin("one", hyperion_on_event=lambda event: heard.append(event))
    with hp.Instance(plugins=[module]) as instance:
        assert "one" in {p.name for p in instance.plugins if p.state == "active"}
        instance.tell(Event("progress", "half way", {"done": 1}))
    assert [e.message for e in heard] == ["half way"]


def test_a_listener_that_fails_disturbs_nobody(make_plugin: Callable[..., ModuleType]) -> None:
    heard: list[Event] = []

    def fail(event: Event) -> None:
        raise RuntimeError("no")

    good = make_plugin("good", hyperion_on_event=lambda event: heard.append(event))
    with hp.Instance(plugins=[make_plugin("bad", hyperion_on_event=fail), good]) as instance:
        assert {"good", "bad"} == {p.name for p in instance.plugins if p.state == "active"}
        instance.tell(Event("progress", "x"))
    assert len(heard) == 1


def test_every_hook_of_factories_has_its_interface() -> None:
    hooks = {name for name in vars(hookspecs) if name.startswith("hyperion_")}
    assert INTERFACES.keys() == hooks - {"hyperion_on_event"}
    for hook in INTERFACES:
        documented = str(getattr(hookspecs, hook).__annotations__["return"])
        assert documented == f"Factories[{interface(hook).__name__}]"
