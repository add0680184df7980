"""`hyperion compile FILE -o M.hym`"""

from __future__ import annotations

import argparse
from hashlib import sha256
from pathlib import Path
from typing import Any

import hyperion as hp
from hyperion.errors import TypeCheckError
from hyperion.ir.parser import parse_program
from hyperion.ir.types import TupleType, Type
from hyperion.module import Module
from hyperion_cli.compiled import read_text, signature_of
from hyperion_cli.loading import add_function_arguments, load_arguments, load_python, no_options
from hyperion_cli.output import WRITABLE, UsageError, named_files, print_json, say, size, stdout_for_json
from hyperion_cli.recording import add_trace_argument, traced, working


class Compile:
    name = "compile"
    help = "compile a function of a Python file, or IR text, to a module file"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        add_function_arguments(parser, "FILE", "FILE.py:FUNC with example arguments or --signature, or FILE.hir")
        parser.add_argument("-o", "--output", metavar="M.hym", required=True, help="the module file to write")
        parser.add_argument("--signature", metavar="TYPES", help='types of the parameters, such as "i64[n], f64"')
        parser.add_argument("--compression", choices=("zlib", "zstd", "none"), default="zlib", help="zlib unless given")
        parser.add_argument(
            "--spans",
            choices=("text", "places", "none"),
            default="text",
            help="what to keep of places in the source: with its lines, which is the default, without, or nothing",
        )
        add_trace_argument(parser)
        parser.add_argument("--code", action="store_true", help="put machine code for this machine in too")

    def run(self, arguments: argparse.Namespace) -> int:
        with stdout_for_json(arguments.json), traced(arguments.trace) as trace, working(None, trace):
            module = _module(arguments)
            data = module.to_bytes(
                compression=arguments.compression, spans=arguments.spans, code=True if arguments.code else None
            )
            _write(data, arguments.output)
        if arguments.json:
            print_json(_fields(module, data, arguments.output))
        else:
            say(f"{arguments.output}: {size(len(data))}, {count(len(module), 'function')}")
            for function in module.values():
                say(f"  {signature_of(function.derivation.source.main)}")
                say(f"    {verdict(function.derivation)}")
        return 0


def _module(arguments: argparse.Namespace) -> Module:
    file, _, name = arguments.function.rpartition(":")
    path = Path(arguments.function)
    if path.suffix == ".hir":
        no_options(path, arguments.overflow, arguments.fp)
        if arguments.arguments or arguments.signature:
            raise UsageError("HY1216", f"{path} says its types itself: neither arguments nor a signature are taken")
        return hp.default_instance().compile(
            read_text(path), frontend="ir", filename=str(path), target=arguments.target
        )
    if not file or not name or not file.endswith(".py"):
        hints = ["FILE.py:FUNC, such as loops.py:total, or FILE.hir"]
        raise UsageError("HY1201", f"{arguments.function!r} does not name what to compile", hints=hints)
    if not Path(file).is_file():
        raise UsageError("HY1202", f"there is no file {file!r}")
    return _python(load_python(Path(file), name, arguments.overflow, arguments.fp), arguments)


def _python(function: hp.JitFunction, arguments: argparse.Namespace) -> Module:
    given: dict[str, Any] = {}
    if arguments.signature is not None:
        if arguments.arguments:
            raise UsageError("HY1216", "a signature and example arguments are given; one of them says the types")
        given["signature"] = read_signature(arguments.signature)
    else:
        given["arguments"] = load_arguments(function, arguments.arguments)
    options = function.options
    instance = function.instance or hp.default_instance()
    return instance.compile(
        function.function, overflow=options.overflow, fp=options.fp, target=arguments.target, **given
    )


def read_signature(text: str) -> tuple[Type, ...]:
    """The types in `i64[n], f64`. Raises `UsageError` (HY1217) with a caret."""
    before, after = "func @signature(%types: (", ")) -> () { return }"
    try:
        program = parse_program(f"{before}{text}{after}", "--signature")
    except TypeCheckError as error:
        raise UsageError(
            "HY1217",
            f"the signature {text!r} cannot be read: {error.errors[0].message}",
            hints=['types with commas between them: "i64[n], f64"', *error.errors[0].hints],
        ) from error
    (types,) = (p.type for p in program.main.parameters)
    assert isinstance(types, TupleType)
    return types.elements


def _write(data: bytes, output: str) -> None:
    from hyperion.module import writing

    with named_files(WRITABLE):
        writing.write(output, [data])


def verdict(derivation: Any) -> str:  # Any: hyperion.driver.Derivation, which only core imports
    """One line on what was derived."""
    cost = f"{derivation.source_cost} as written, {derivation.chosen_cost} as compiled"
    if derivation.theorem is None:
        changed = f"changed without proof by {', '.join(derivation.unproved)}" if derivation.unproved else "no theorem"
        return f"{cost}; {changed}"
    return f"{cost}; theorem {'checked' if derivation.verdict.checked else 'NOT checked'}"


def count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _fields(module: Module, data: bytes, output: str) -> dict[str, object]:
    return {
        "module": output,
        "bytes": len(data),
        "sha256": sha256(data).hexdigest(),
        "functions": [
            {"signature": signature_of(f.derivation.source.main), **f.derivation.explanation().json()}
            for f in module.values()
        ],
    }
