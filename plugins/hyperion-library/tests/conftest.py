"""Loops to derive, and Instances that share a home."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import hyperion as hp
from hyperion.driver import Derivation
from hyperion.hookspecs import hookimpl
from hyperion.interfaces.frontend import CompileOptions
from hyperion.interfaces.strategy import Candidate, Refusal
from hyperion.ir.function import Function
from hyperion.logic.literals import int_lit
from hyperion_library import record
from hyperion_library.constants import with_literals
from hyperion_library.libraries import FILE

WORDS = np.arange(5, dtype=np.int64)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of every Instance of the test, and of its child processes."""
    monkeypatch.setenv("HYPERION_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def fresh(home: Path) -> Iterator[Callable[..., hp.Instance]]:
    """Makes Instances; each has read nothing of the library yet."""
    made: list[hp.Instance] = []

    def make(**settings: Any) -> hp.Instance:
        made.append(hp.Instance(**settings))
        return made[-1]

    yield make
    for instance in made:
        instance.close()


@pytest.fixture
def derived() -> Callable[..., Derivation]:
    """Derives a Python function for an array of i64, or for the arguments given."""

    def derive(
        instance: hp.Instance, function: Any, *arguments: Any, overflow: Any = "trap", fp: Any = "ieee"
    ) -> Derivation:
        options = CompileOptions(overflow, fp)
        return instance.derive(instance.program(function, arguments=arguments or (WORDS,), options=options))

    return derive


class Blind:
    """A strategy that finds nothing."""

    name = "blind"

    def derive(self, function: Function) -> Iterable[Candidate | Refusal]:
        yield Refusal("blind", "it does not look")


@pytest.fixture
def make_strategy() -> Callable[[], ModuleType]:
    """A plugin with a strategy that finds nothing."""

    def make() -> ModuleType:
        @hookimpl
        def hyperion_strategies() -> dict[str, Callable[[], Blind]]:
            return {"blind": Blind}

        module = ModuleType("blind")
        module.HYPERION_API, module.hyperion_strategies = (1, 0), hyperion_strategies  # type: ignore[attr-defined]
        return module

    return make


@pytest.fixture
def tamper(home: Path, fresh: Callable[..., hp.Instance]) -> Callable[[], None]:
    """Puts another program in the place of what each stored theorem speaks of; its proof stays."""

    def change() -> None:
        registry = fresh().registry
        with sqlite3.connect(home / FILE) as connection:
            for digest, data in connection.execute("SELECT digest, record FROM theorems").fetchall():
                theorem = record.decode(data, registry, digest)
                wrong = replace(theorem, chosen=with_literals(theorem.chosen, {int_lit(0): int_lit(1)}))
                connection.execute("UPDATE theorems SET record = ? WHERE digest = ?", (record.encode(wrong), digest))

    return change
