"""The catalogue of error codes: what each means and what to do, for `hyperion explain HY1002`.

A code is never reused. One file for each thousand: HY1xxx instance, plugins and command line; 2 buffers; 3 modules;
4 passes; 5 devices, executors and traps; 6 parsing and types; 7 proofs; 8 code generation; 9 defects of Hyperion.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hyperion.codes import buffers, codegen, instance, internal, modules, passes, proofs, running, sources
from hyperion.ir import codes as ir

_FILES = (instance, buffers, modules, passes, running, ir, sources, proofs, codegen, internal)

CODES: Mapping[str, str] = MappingProxyType({code: text for file in _FILES for code, text in file.CODES.items()})


def code_text(code: str) -> str | None:
    """What `code` means; None where there is no such code."""
    return CODES.get(code)
