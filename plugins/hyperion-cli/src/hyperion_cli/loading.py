"""FILE:FUNC and the arguments of the command line."""

from __future__ import annotations

import argparse
import importlib.util
import inspect
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import hyperion as hp
from hyperion_cli.columns import csv_column, header
from hyperion_cli.compiled import SUFFIXES, CompiledFunction, fitted, load_compiled
from hyperion_cli.number import number
from hyperion_cli.output import UsageError

_FUNCTION = "a function in a Python file, in IR text (.hir) or in a module (.hym)"


def add_function_arguments(parser: argparse.ArgumentParser, metavar: str = "FILE:FUNC", help: str = _FUNCTION) -> None:
    """FILE:FUNC, its arguments, and how it is compiled."""
    parser.add_argument("function", metavar=metavar, help=help)
    parser.add_argument(
        "arguments",
        metavar="ARG",
        nargs="*",
        default=[],
        help="a number (10**15 too), true, false, FILE.npy, FILE.csv:COLUMN, or a file, read as bytes",
    )
    parser.add_argument("--overflow", choices=("trap", "wrap", "sat"), help="what integers do beyond 64 bits")
    parser.add_argument("--fp", choices=("ieee", "reassoc"), help="whether float steps may be regrouped")
    parser.add_argument("--target", default="", metavar="NAME", help="what to compile for: cpu, reference (interprets)")


Callable = hp.JitFunction | CompiledFunction


def load_function(text: str, overflow: Any, fp: Any, target: str = "") -> Callable:  # Any: of argparse's choices
    """The function that FILE:FUNC names, jitted unless it is already. An option that is given (not None) wins over
    that of the file's own `hp.jit`. FILE.hym and FILE.hir without FUNC stand for their entry."""
    file, _, name = (text, "", "") if Path(text).suffix in SUFFIXES else text.rpartition(":")
    path = Path(file)
    compiled = path.suffix in SUFFIXES
    if not file or not (name or compiled):
        raise UsageError("HY1201", f"{text!r} does not name a function", hints=["FILE:FUNC, such as loops.py:total"])
    if not path.is_file():
        raise UsageError("HY1202", f"there is no file {file!r}", hints=_near_files(path))
    if compiled:
        no_options(path, overflow, fp)
        return load_compiled(path, name, target)
    return load_python(path, name, overflow, fp, target)


def no_options(path: Path, overflow: object, fp: object) -> None:
    """Raises `UsageError` (HY1216) for options that only Python source can follow."""
    for option, value in (("overflow", overflow), ("fp", fp)):
        if value is not None:
            raise UsageError(
                "HY1216",
                f"--{option} is for Python files; the operations in {path} say what they do themselves",
                hints=["leave it out"],
            )


def load_python(path: Path, name: str, overflow: Any, fp: Any, target: str = "") -> hp.JitFunction:  # Any: as above
    """A function of a Python file; a `target` that is given is that of an Instance made for it."""
    instance = hp.Instance(config={"target": target}) if target else None
    members: dict[str, object] = vars(_module(path))
    found = members.get(name)
    if isinstance(found, hp.JitFunction):
        own = found.options
        if overflow in (None, own.overflow) and fp in (None, own.fp) and instance is None:
            return found
        instance = instance or found.instance
        return hp.jit(found.function, overflow=overflow or own.overflow, fp=fp or own.fp, instance=instance)
    if isinstance(found, FunctionType):
        return hp.jit(found, overflow=overflow or "trap", fp=fp or "ieee", instance=instance)
    functions = [n for n, v in members.items() if isinstance(v, (FunctionType, hp.JitFunction))]
    hints = [f"did you mean {near!r}?" for near in get_close_matches(name, functions, n=1)]
    hints.append(f"functions in it: {', '.join(functions) or 'none'}")
    raise UsageError("HY1203", f"{path} has no function {name!r}", hints=hints)


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path.resolve())
    if spec is None or spec.loader is None:
        raise UsageError("HY1204", f"{path} is not a Python file", hints=["a file that ends in .py"])
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    sys.path.insert(0, str(path.resolve().parent))
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise UsageError(
            "HY1204", f"{path} cannot be imported: {type(error).__name__}: {error}", hints=[f"python {path}"]
        ) from error
    finally:
        sys.path.pop(0)
    return module


def load_arguments(function: Callable, words: Sequence[str]) -> tuple[Any, ...]:  # Any: numbers and arrays
    """The values that the words stand for. Raises `UsageError` (HY1210) where the function takes another number, HY1215
    for a value that is none of a declared type."""
    if isinstance(function, CompiledFunction):
        return _declared(function, words)
    signature = inspect.signature(function.function)
    try:
        signature.bind(*words)
    except TypeError as error:
        hints = [f"{function.__name__}{signature}"]
        raise UsageError("HY1210", f"{function.__name__}() {error}", hints=hints) from error
    return tuple(_argument(name, word) for name, word in zip(_names(signature, len(words)), words, strict=True))


def _declared(function: CompiledFunction, words: Sequence[str]) -> tuple[Any, ...]:
    parameters = function.parameters
    if len(parameters) != len(words):
        message = f"{function.__name__} takes {len(parameters)} arguments, {len(words)} given"
        raise UsageError("HY1210", message, hints=[function.signature])
    return tuple(fitted(p, _argument(p.name, word), word) for p, word in zip(parameters, words, strict=True))


def _names(signature: inspect.Signature, count: int) -> list[str]:
    """What to call each argument: its parameter, or its place from 1 on among those of `*args`."""
    names = [p.name for p in signature.parameters.values() if p.kind is not p.VAR_POSITIONAL]
    return [names[i] if i < len(names) else str(i + 1) for i in range(count)]


def _argument(name: str, word: str) -> Any:
    value = number(word)
    if value is not None:
        return value
    try:
        return _array(word)
    except UsageError as error:
        raise UsageError(error.code, f"argument {name}: {error.message}", hints=error.hints) from error
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise UsageError("HY1205", f"argument {name}: {word!r} cannot be read: {why}") from error


def _array(word: str) -> Any:
    import numpy as np

    file, _, column = word.rpartition(":")
    if file.endswith(".csv"):
        return csv_column(Path(file), column)
    path = Path(word)
    if not path.is_file():
        hints = ["a number, true, false, FILE.npy, FILE.csv:COLUMN, or a file, read as bytes", *_near_files(path)]
        raise UsageError("HY1205", f"{word!r} is no number and no file", hints=hints)
    if word.endswith(".csv"):
        raise UsageError(
            "HY1206", f"{word!r} needs a column", hints=[f"{word}:COLUMN; it has {', '.join(header(path)) or 'none'}"]
        )
    if word.endswith(".npy"):
        return _npy(path)
    return np.fromfile(path, dtype=np.uint8)


def _npy(path: Path) -> Any:
    import numpy as np

    with path.open("rb") as file:
        if file.read(6) != b"\x93NUMPY":
            hints = [f"numpy.save({path.name!r}, array) writes such a file"]
            raise UsageError("HY1205", f"{str(path)!r} is no NumPy array file", hints=hints)
    return np.load(path, allow_pickle=False)


def _near_files(path: Path) -> list[str]:
    if not path.parent.is_dir():
        return []
    names = [p.name for p in path.parent.iterdir() if p.is_file() and p.suffix == path.suffix]
    return [f"did you mean {path.parent / near}?" for near in get_close_matches(path.name, names, n=1)]
