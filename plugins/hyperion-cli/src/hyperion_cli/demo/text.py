"""Loops over real text: the sources of Python's own standard library."""

from __future__ import annotations

import sysconfig
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from hyperion_cli.demo.case import Case

Array = Any  # a uint8 array, or anything that plain Python iterates over

PREFIX = 2_000_000  # bytes for plain Python
SHORT_PREFIX = 20_000  # where it computes with integers that grow by 5 bits a byte
LARGEST = 64 << 20


def text_hash(text: Array) -> int:
    h = 0
    for byte in text:
        h = h * 31 + byte
    return h


def count_lines(text: Array) -> int:
    lines = 0
    for byte in text:
        if byte == 10:
            lines += 1
    return lines


def load_text() -> Array:
    """The standard library's .py files one after another, in the order of their names, at most 64 MiB."""
    import numpy as np

    library = Path(sysconfig.get_path("stdlib"))
    parts: list[bytes] = []
    size = 0
    for file in sorted(library.rglob("*.py")):
        if "site-packages" not in file.parts and size < LARGEST:
            parts.append(file.read_bytes())
            size += len(parts[-1])
    return np.frombuffer(b"".join(parts)[:LARGEST], dtype=np.uint8)


def cases() -> Sequence[Case]:
    text = load_text()
    data = f"the standard library's own sources, {len(text):,} bytes (Python Software Foundation License)"
    return [
        _case("Polynomial hash of a text, modulo 2**64", text_hash, text, SHORT_PREFIX, data, "wrap"),
        _case("Lines of a text", count_lines, text, PREFIX, data, "trap", "lines"),
    ]


def _case(
    title: str,
    function: Any,
    text: Array,
    prefix: int,
    data: str,
    overflow: Literal["trap", "wrap"],
    unit: str = "",
) -> Case:
    return Case(
        title,
        function,
        data,
        arguments=(text,),
        times=(text,),
        times_note="the whole text",
        plain=(text[:prefix].tolist(),),
        plain_note=f"the first {min(prefix, len(text)):,} bytes",
        overflow=overflow,
        unit=unit,
    )
