"""Loads a module file. Nothing in it is believed:

size, magic, version, length, limits, hash of the table, hashes of the sections, bounded decompression, contents,
required ops and types, IR verifier, proofs: each is asked for only when all before it held.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal, get_args

from hyperion.driver import Derivation, GuardedTarget
from hyperion.errors import PluginError
from hyperion.interfaces.codegen import NativeCode
from hyperion.ir.registry import Registry
from hyperion.module.function import ModuleFunction
from hyperion.module.judging import Rejected
from hyperion.module.limits import DEFAULT, Limits
from hyperion.module.loaded_file import LoadedFile
from hyperion.module.module import Module
from hyperion.module.reading import Sealed, open_sealed
from hyperion.module.requirements import check_requirements
from hyperion.module.source import Memory, Path, opened
from hyperion.policy import Policy
from hyperion.stages import Watcher, stage_of

Check = Literal["now", "first-use"]
"""When IR is decoded and verified and proofs are checked: of the whole file now, or of a function before its first
use."""


@dataclass(frozen=True, slots=True)
class Loading:
    """How a file is loaded; see `Instance.load`. `target` gives the code generation target for the name in the file,
    when a function is first used; `watcher` is told of calls."""

    target: Callable[[str], GuardedTarget]
    watcher: Watcher | None = None
    rejected: Rejected = "error"
    trust_code: bool = False
    limits: Limits = DEFAULT
    check: Check = "now"


def load_module(
    source: Path | bytes | bytearray | memoryview, registry: Registry, policy: Policy, loading: Loading
) -> Module:
    """The module; its functions are compiled when they are first used. Raises `ModuleError`, and `PluginError`
    (HY1009) for a choice that does not exist."""
    for name, given, kind in (("check", loading.check, Check), ("rejected", loading.rejected, Rejected)):
        if given not in get_args(kind):
            hints = [f"{name} is one of {', '.join(map(repr, get_args(kind)))}"]
            raise PluginError("HY1009", f"{name}={given!r} is no choice", hints=hints)
    sealed = _sealed(source, loading.limits)
    check_requirements(sealed.meta.requires, registry, sealed.meta.about.core)
    file = LoadedFile(sealed, registry, policy, loading.rejected)
    if loading.check == "now":
        file.judge_all()
        if loading.trust_code:
            _trusted(sealed)
    return Module({name: _function(file, name, loading) for name in file.names}, sealed.meta.about, file=file)


def _sealed(source: Path | bytes | bytearray | memoryview, limits: Limits) -> Sealed:
    if isinstance(source, bytes | bytearray | memoryview):
        return open_sealed(Memory(source), limits)
    with opened(source) as file:
        return open_sealed(file, limits)


def name_of(source: Path | bytes | bytearray | memoryview) -> str:
    return "bytes" if isinstance(source, bytes | bytearray | memoryview) else os.fsdecode(source)


def _function(file: LoadedFile, name: str, loading: Loading) -> ModuleFunction:
    def judged() -> Derivation:
        if loading.check == "now":
            return file.derivation(name)
        with stage_of(loading.watcher, "load", name, name):
            return file.derivation(name)

    def code() -> NativeCode | None:
        return _trusted(file.sealed, name) if loading.trust_code else None

    target = partial(loading.target, file.sealed.meta.about.target)
    return ModuleFunction.loaded(judged, target, code, loading.watcher)


def _trusted(sealed: Sealed, name: str = "") -> NativeCode | None:
    """The code of that function for the module's own target. Raises HY3017 where the file changed meanwhile."""
    for stored in sealed.code:
        if stored.table.target == sealed.meta.about.target:
            stored.check()
            return stored.function(name)
    return None
