"""Loads a module file. Nothing in it is believed:

size, magic, version, length, limits, hash of the table, hashes of the sections, bounded decompression, contents,
required ops and types, IR verifier, proofs: each is asked for only when all before it held.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from hyperion.driver import GuardedTarget
from hyperion.interfaces.codegen import NativeCode
from hyperion.ir.registry import Registry
from hyperion.module.contents import Contents
from hyperion.module.function import ModuleFunction
from hyperion.module.judging import Rejected, judged, rejection
from hyperion.module.limits import DEFAULT, Limits
from hyperion.module.module import Module
from hyperion.module.reading import Opened, open_module
from hyperion.module.source import Memory, Path, opened
from hyperion.policy import Policy
from hyperion.stages import Watcher


@dataclass(frozen=True, slots=True)
class Loading:
    """How a file is loaded; see `Instance.load`. `target` gives the code generation target for the name in the file,
    when a function is first used; `watcher` is told of calls."""

    target: Callable[[str], GuardedTarget]
    watcher: Watcher | None = None
    rejected: Rejected = "error"
    trust_code: bool = False
    limits: Limits = DEFAULT


def open_source(source: Path | bytes | bytearray | memoryview, limits: Limits, registry: Registry) -> Opened:
    """The file at a path, or in memory, as `open_module` reads it."""
    if isinstance(source, bytes | bytearray | memoryview):
        return open_module(Memory(source), limits, registry)
    with opened(source) as file:
        return open_module(file, limits, registry)


def name_of(source: Path | bytes | bytearray | memoryview) -> str:
    return "bytes" if isinstance(source, bytes | bytearray | memoryview) else os.fsdecode(source)


def load_module(
    source: Path | bytes | bytearray | memoryview, registry: Registry, policy: Policy, loading: Loading
) -> Module:
    """The module; its functions are compiled when they are first used. Raises `ModuleError`."""
    found = open_source(source, loading.limits, registry)
    contents = found.contents
    judgement = judged(contents, policy, loading.limits)
    error = rejection(contents, judgement)
    if error is not None and loading.rejected == "error":
        raise error
    target = partial(loading.target, contents.about.target)
    functions: dict[str, ModuleFunction] = {}
    for name, derivation in judgement.derivations.items():
        code = _code(contents, name) if loading.trust_code else None
        functions[name] = ModuleFunction.deferred(derivation, target, code, loading.watcher)
    return Module(
        functions,
        contents.about,
        code=contents.code,
        compression=found.compression,
        spans=contents.spans,
        packed=found.packed,
    )


def _code(contents: Contents, name: str) -> NativeCode | None:
    """The code of that function for the module's own target. Raises HY3017 where the file changed meanwhile."""
    for stored in contents.code:
        if stored.table.target == contents.about.target:
            stored.check()
            return stored.function(name)
    return None
