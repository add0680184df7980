"""Whether a module file is the one that the writer makes of what it holds, found out by writing it again."""

from __future__ import annotations

from hyperion.errors import ModuleError
from hyperion.ir.registry import CORE
from hyperion.module import container
from hyperion.module.contents import CRITICAL, parts_of, read_contents
from hyperion.module.limits import DEFAULT
from hyperion.module.reading import open_module, open_sealed
from hyperion.module.source import Memory


def check_one_form(data: bytes) -> bool:
    """Whether `open_module` takes the file. Raises AssertionError where writing it again says another thing."""
    try:
        open_module(Memory(data))
        taken = True
    except ModuleError:
        taken = False
    again = _is_written_so(data)
    assert again is None or taken == again, f"taken: {taken}, but written again the same: {again}"
    return taken


def _is_written_so(data: bytes) -> bool | None:
    """Whether the writer writes the sections as they are; None for a version that it does not write."""
    try:
        sealed = open_sealed(Memory(data))
        if sealed.table.version != container.VERSION:
            return None
        parts = {k: container.payload(sealed.table.entry(k), v, DEFAULT) for k, v in sealed.stored.items()}
        contents = read_contents(sealed.meta, parts, sealed.code, DEFAULT, CORE, strict=False)
        written = parts_of(contents)
    except (ModuleError, KeyError):
        return False
    return all(written.get(kind) == parts.get(kind) for kind in CRITICAL)
