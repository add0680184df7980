"""Module files that say what is not so, with hashes that fit."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NoReturn  # Any: JSON values

from hyperion.driver import Derivation
from hyperion.errors import ModuleError
from hyperion.ir.parser import parse_program
from hyperion.logic import kernel
from hyperion.logic.denote import denote
from hyperion.module import Module, ModuleFunction
from hyperion.testing.module_files import draft_of, raw_of
from hyperion.testing.module_samples import TOTAL, sample_module

WRONG = TOTAL.replace("const 0", "const 1")

PARALLEL = TOTAL.replace("fold (%xs), (%zero) {", "par.reduce (%xs), (%zero) {lanes = 4, piece = 16} {").replace(
    "    ^(%x: i64, %s: i64):\n      %t = add.wrap %s, %x : i64\n      yield %t\n  }",
    "^(%x: i64): yield %x } { ^(%a: i64, %b: i64): %c = add.wrap %a, %b : i64 yield %c }"
    " { ^(%m: i64, %s: i64): %t = add.wrap %m, %s : i64 yield %t }",
)


def code_of(attempt: Callable[[], object]) -> str:
    """The code of the `ModuleError` that it ends with."""
    try:
        attempt()
    except ModuleError as error:
        assert str(error)
        return error.code
    raise AssertionError("no module file was refused")


def with_section(data: bytes, kind: bytes, raw: bytes) -> bytes:
    """The file with other contents of a section, which is not compressed."""
    draft = draft_of(data)
    for part in draft.parts:
        if part.kind.rstrip(b"\0") == kind:
            part.codec, part.stored, part.raw = 0, raw, len(raw)
    return draft.seal()


def edited(data: bytes, kind: bytes, change: Callable[[Any], object]) -> bytes:
    """The file with the JSON of a section changed."""
    value = json.loads(section(data, kind))
    change(value)
    return with_section(data, kind, json.dumps(value, sort_keys=True, separators=(",", ":")).encode())


def section(data: bytes, kind: bytes) -> bytes:
    """What the section holds."""
    return next(raw_of(p) for p in draft_of(data).parts if p.kind.rstrip(b"\0") == kind)


def never_compiled(derivation: Derivation) -> ModuleFunction:
    return ModuleFunction.deferred(derivation, _no_target)


def _no_target() -> NoReturn:
    raise AssertionError("it is compiled")


def forged(source: str, chosen: str, statement: str, rewritten: bool = False) -> bytes:
    """A module that says that `source` equals `chosen`, with a valid proof of `statement` = `statement`."""
    old = sample_module()["total"].derivation
    about = parse_program(statement)
    proof = kernel.refl(denote(about.main, about))
    equality = None if rewritten else old.equality
    new = replace(old, source=parse_program(source), chosen=parse_program(chosen), theorem=None if rewritten else proof)
    new = replace(new, equality=equality, rewritten=proof if rewritten else None)
    return Module({"total": never_compiled(new)}).to_bytes()
