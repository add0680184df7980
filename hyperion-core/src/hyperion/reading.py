"""From what users hand over to a program: IR text, or a source that a frontend reads."""

from __future__ import annotations

from collections.abc import Sequence

from hyperion._exiting import no_exit
from hyperion.errors import TypeCheckError
from hyperion.interfaces.frontend import CompileOptions, Frontend
from hyperion.ir.function import Program
from hyperion.ir.registry import Registry
from hyperion.ir.types import Type


def program_of_text(source: object, registry: Registry, filename: str) -> Program:
    """The program that IR text says. Raises `TypeCheckError`: HY6030 for what is no text, and as the parser does."""
    if not isinstance(source, str):
        raise TypeCheckError("HY6030", f"IR source is text, not {type(source).__name__}")
    from hyperion.ir.parser import parse_program  # on use: other frontends need no parser

    return parse_program(source, filename, registry)


def program_of(
    source: object,
    reader: Frontend,
    arguments: Sequence[object] | None,
    signature: Sequence[Type] | None,
    options: CompileOptions | None,
) -> Program:
    """The program that a frontend reads, for a signature or for example arguments. Raises `TypeCheckError`: HY6031
    without either, and as the frontend does."""
    with no_exit(f"the frontend {reader.name!r}"):
        if signature is None:
            if arguments is None:
                hints = ["compile(f, arguments=(xs,)) takes example arguments", "or signature=(...) IR types"]
                raise TypeCheckError("HY6031", "the types of the parameters are not known", hints=hints)
            signature = reader.signature(tuple(arguments))
        return reader.lower(source, tuple(signature), options or CompileOptions())
