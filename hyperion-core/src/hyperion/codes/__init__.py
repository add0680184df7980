"""The catalogue of error codes, for `hyperion explain HY1002` and docs/reference/errors.md.

A code is never reused; one that is raised no longer is marked `retired`. One file for each thousand: HY1xxx instance,
plugins and command line; 2 buffers; 3 modules; 4 passes; 5 devices, executors and networks, and in files of their own
networks and traps; 6 parsing and types; 7 proofs; 8 code generation; 9 defects of Hyperion.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from types import MappingProxyType

from hyperion.codes import (
    buffers,
    codegen,
    devices,
    instance,
    internal,
    modules,
    networks,
    passes,
    proofs,
    running,
    sources,
)
from hyperion.diagnostics.code import Code
from hyperion.ir import codes as ir

FILES = (instance, buffers, modules, passes, devices, networks, running, ir, sources, proofs, codegen, internal)


def _entry(entry: Code | str) -> Code:
    """A sentence alone is the meaning; the tests ask for the rest."""
    return entry if isinstance(entry, Code) else Code(entry)


CODES: Mapping[str, Code] = MappingProxyType(
    {code: _entry(entry) for file in FILES for code, entry in sorted(file.CODES.items())}
)


def explanation(code: str) -> str | None:
    """What `code` means, why it comes, an example and what to try, as text; None where there is no such code."""
    entry = CODES.get(code)
    return None if entry is None else "\n".join(_lines(code, entry))


def _lines(code: str, entry: Code) -> Iterator[str]:
    yield f"{code}: {entry.meaning}"
    if entry.retired:
        yield "This code is retired: nothing raises it any longer."
    if entry.cause:
        yield f"\nwhy: {entry.cause}"
    if entry.example:
        yield "\nexample:\n"
        yield from (f"    {line}".rstrip() for line in entry.example.split("\n"))
    if entry.remedy:
        yield f"\ntry: {entry.remedy}"


def document(code: str) -> dict[str, object] | None:
    """The same as plain values for JSON."""
    entry = CODES.get(code)
    if entry is None:
        return None
    return {
        "code": code,
        "meaning": entry.meaning,
        "cause": entry.cause,
        "example": entry.example,
        "remedy": entry.remedy,
        "retired": entry.retired,
    }


def near(code: str) -> list[str]:
    """The codes that may have been meant, likeliest first."""
    return get_close_matches(code, CODES, n=3, cutoff=0.7)
