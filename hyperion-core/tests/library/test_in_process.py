"""The library in memory, and which library an Instance opens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

import hyperion as hp
from hyperion.interfaces.theorem_library import TheoremLibrary
from hyperion.library.in_process import InProcessLibrary
from hyperion.testing import TheoremLibraryConformance

MakePlugin = Callable[..., ModuleType]


class TestInProcessLibrary(TheoremLibraryConformance):
    def make(self) -> TheoremLibrary:
        return InProcessLibrary()


class Shelf:
    """Keeps what it was opened with."""

    name = "shelf"

    def __init__(self) -> None:
        self.homes: list[Path] = []
        self.library = InProcessLibrary()

    def open(self, home: Callable[[], Path], registry: object, policy: object) -> TheoremLibrary:
        self.homes.append(home())
        return self.library


def test_the_first_registered_library_is_opened_once(make_plugin: MakePlugin, tmp_path: Path) -> None:
    first, second = Shelf(), Shelf()
    plugin = make_plugin("shelves", hyperion_libraries=lambda: {"b": lambda: second, "a": lambda: first})
    with hp.Instance(plugins=[plugin], config={"home": tmp_path}) as instance:
        assert instance.theorems is first.library
        assert instance.theorems is first.library
    assert (first.homes, second.homes) == ([tmp_path], [])


def test_without_a_plugin_it_is_in_memory() -> None:
    with hp.Instance(plugins=[]) as instance:
        assert isinstance(instance.theorems, InProcessLibrary)
        assert len(instance.theorems) == 0


def test_a_library_that_cannot_be_made_is_no_reason_to_fail(make_plugin: MakePlugin) -> None:
    def broken() -> object:
        raise OSError("no shelf")

    with hp.Instance(plugins=[make_plugin("shelves", hyperion_libraries=lambda: {"a": broken})]) as instance:
        assert isinstance(instance.theorems, InProcessLibrary)
        assert [p.state for p in instance.plugins if p.name == "shelves"] == ["failed"]


def test_switched_off_and_closed() -> None:
    instance = hp.Instance(plugins=[], config={"library": False})
    with pytest.raises(hp.HyperionError, match="HY1017"):
        _ = instance.theorems
    instance.close()
    with pytest.raises(hp.HyperionError, match="HY1008"):
        _ = instance.theorems
