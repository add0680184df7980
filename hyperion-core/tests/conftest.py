"""A tiny plugin for tests: a frontend that reads the IR in a function's docstring, and a target that interprets."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import pytest

import hyperion as hp
from hyperion.errors import HyperionError, TypeCheckError
from hyperion.hookspecs import hookimpl
from hyperion.interfaces.frontend import CompileOptions
from hyperion.ir.function import Program
from hyperion.ir.parser import parse_program
from hyperion.ir.types import BOOL, F64, I64, ArrayType, Type
from hyperion.testing.apart import at_once
from hyperion_interp.reference import ReferenceInterpreter


class DocstringFrontend:
    name = "python"

    def __init__(self) -> None:
        self.lowered: list[tuple[Type, ...]] = []

    def signature(self, arguments: tuple[object, ...]) -> tuple[Type, ...]:
        return tuple(_type(i, a) for i, a in enumerate(arguments))

    def lower(self, source: Any, signature: tuple[Type, ...], options: CompileOptions) -> Program:
        self.lowered.append(signature)
        text = source.__doc__.replace("T1", str(signature[0])).replace("MODE", options.overflow)
        return parse_program(text)


def _type(position: int, argument: object) -> Type:
    match argument:
        case bool():
            return BOOL
        case int():
            return I64
        case float():
            return F64
        case list():
            return ArrayType(I64, (f"n{position}",))
        case _:
            raise TypeCheckError("HY6001", f"{argument!r} is nothing that this frontend knows")


@dataclass
class Interpreted:
    """Like compiled code, it takes arguments of its own types only."""

    program: Program
    calls: list[tuple[object, ...]] = field(default_factory=list)

    def __call__(self, *arguments: object) -> object:
        self.calls.append(arguments)
        if not self.fits(arguments):
            raise TypeError("other types")
        results = ReferenceInterpreter().run(self.program, arguments)
        return results[0] if len(results) == 1 else results

    def fits(self, arguments: tuple[object, ...]) -> bool:
        types = [str(p.type) for p in self.program.main.parameters]
        return types == [str(_type(i, a)) for i, a in enumerate(arguments)]

    def bind(self, mismatch: Callable[..., object]) -> Callable[..., object]:
        return lambda *arguments: self(*arguments) if self.fits(arguments) else mismatch(*arguments)

    @property
    def entry(self) -> Callable[..., object]:
        return self

    def taken(self, *arguments: object) -> str:
        self(*arguments)
        return "sequential"


@dataclass
class InterpretingTarget:
    name: str = "cpu"
    compiled: list[Program] = field(default_factory=list)

    def lower(self, program: Program, emit: str) -> str:
        return f"{emit} of {program.entry}"

    def compile(self, program: Program) -> Interpreted:
        self.compiled.append(program)
        return Interpreted(program)


@dataclass
class Tiny:
    """The plugin and what it made."""

    frontend: DocstringFrontend = field(default_factory=DocstringFrontend)
    target: InterpretingTarget = field(default_factory=InterpretingTarget)
    strategies: dict[str, Callable[[], object]] = field(default_factory=dict)
    passes: dict[str, Callable[[], object]] = field(default_factory=dict)
    events: list[object] = field(default_factory=list)

    def module(self) -> ModuleType:
        return plugin(
            "tiny",
            hyperion_frontends=lambda: {"python": lambda: self.frontend},
            hyperion_codegen_targets=lambda: {"cpu": lambda: self.target},
            hyperion_strategies=lambda: self.strategies,
            hyperion_passes=lambda: self.passes,
            hyperion_on_event=lambda event: self.events.append(event),
        )


def plugin(name: str, api: object = (1, 0), **hooks: Callable[..., object]) -> ModuleType:
    """A plugin module with these hooks."""
    module = ModuleType(name)
    if api is not None:
        module.HYPERION_API = api
    for hook, implementation in hooks.items():
        setattr(module, hook, hookimpl(implementation))
    return module


@pytest.fixture
def tiny() -> Tiny:
    return Tiny()


@pytest.fixture
def instance(tiny: Tiny) -> Iterator[hp.Instance]:
    with hp.Instance(plugins=[tiny.module()]) as made:
        yield made


@pytest.fixture
def make_plugin() -> Callable[..., ModuleType]:
    return plugin


@pytest.fixture
def in_threads() -> Callable[[Callable[[], object], int], list[object]]:
    """Runs a call in several threads at once; what they return or raise."""

    def run(call: Callable[[], object], count: int) -> list[object]:
        def one(_: int) -> object:
            try:
                return call()
            except HyperionError as error:
                return error

        return at_once(one, count, 120)

    return run


@pytest.fixture
def install(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Installs a distribution with one plugin: its module's source, found through entry points as any other."""

    def put(name: str, source: str | None, module: str = "") -> None:
        module = module or f"hyperion_test_{name}"
        info = tmp_path / f"test_{name}-1.2.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: test-{name}\nVersion: 1.2\n")
        (info / "entry_points.txt").write_text(f"[hyperion.plugins]\n{name} = {module}\n")
        if source is not None:
            (tmp_path / f"{module}.py").write_text(source)
        monkeypatch.delitem(sys.modules, module, raising=False)

    monkeypatch.syspath_prepend(str(tmp_path))
    return put
