"""FILE:FUNC and the arguments of the command line."""

from __future__ import annotations

import argparse
import csv
import importlib.util
import inspect
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import hyperion as hp
from hyperion_cli.output import UsageError


def add_function_arguments(parser: argparse.ArgumentParser) -> None:
    """FILE:FUNC, its arguments, and how it is compiled."""
    parser.add_argument("function", metavar="FILE:FUNC", help="a function in a Python file")
    parser.add_argument(
        "arguments",
        metavar="ARG",
        nargs="*",
        help="a number (10**15 too), true, false, FILE.npy, FILE.csv:COLUMN, or a file, read as bytes; -- before -1",
    )
    parser.add_argument("--overflow", choices=("trap", "wrap", "sat"), default="trap", help="beyond 64 bits")
    parser.add_argument("--fp", choices=("ieee", "reassoc"), default="ieee", help="may float steps be regrouped")


def load_function(text: str, overflow: Any, fp: Any) -> hp.JitFunction:  # Any: argparse has compared the choices
    """The function that FILE:FUNC names, jitted unless it is already."""
    file, _, name = text.rpartition(":")
    if not file or not name:
        raise UsageError("HY1201", f"{text!r} does not name a function", hints=["FILE:FUNC, such as loops.py:total"])
    path = Path(file)
    if not path.is_file():
        raise UsageError("HY1202", f"there is no file {file!r}", hints=_near_files(path))
    members: dict[str, object] = vars(_module(path))
    found = members.get(name)
    if isinstance(found, hp.JitFunction):
        return found
    if isinstance(found, FunctionType):
        return hp.jit(found, overflow=overflow, fp=fp)
    functions = [n for n, v in members.items() if isinstance(v, (FunctionType, hp.JitFunction))]
    hints = [f"did you mean {near!r}?" for near in get_close_matches(name, functions, n=1)]
    hints.append(f"functions in it: {', '.join(functions) or 'none'}")
    raise UsageError("HY1203", f"{file} has no function {name!r}", hints=hints)


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


def load_arguments(function: hp.JitFunction, words: Sequence[str]) -> tuple[Any, ...]:  # Any: numbers and arrays
    """The values that the words stand for. Raises `UsageError` (HY1210) where the function takes another number."""
    signature = inspect.signature(function.function)
    try:
        signature.bind(*words)
    except TypeError as error:
        hints = [f"{function.__name__}{signature}"]
        raise UsageError("HY1210", f"{function.__name__}() {error}", hints=hints) from error
    return tuple(_argument(i, word) for i, word in enumerate(words, 1))


def _argument(position: int, word: str) -> Any:
    value = number(word)
    if value is not None:
        return value
    try:
        return _array(word)
    except (OSError, ValueError) as error:
        raise UsageError("HY1205", f"argument {position}, {word!r}, cannot be read: {error}") from error


def number(word: str) -> bool | int | float | None:
    """true, false, an int (`10**15`, `1_000`), a float; None for anything else."""
    if word.lower() in ("true", "false"):
        return word.lower() == "true"
    base, power, exponent = word.partition("**")
    try:
        if power and len(exponent) < 4:
            return int(base) ** int(exponent)
        return int(word)
    except ValueError:
        pass
    try:
        return float(word)
    except ValueError:
        return None


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
            "HY1206", f"{word!r} needs a column", hints=[f"{word}:COLUMN; it has {', '.join(_header(path))}"]
        )
    if word.endswith(".npy"):
        return np.load(path, allow_pickle=False)
    return np.fromfile(path, dtype=np.uint8)


def csv_column(path: Path, column: str) -> Any:
    """A column of a CSV file with a header row; int64 where every cell is an integer, float64 otherwise.

    Lines that start with `#` are comments. Raises `UsageError` (HY1206) for a column or a cell that does not fit.
    """
    import numpy as np

    with path.open(newline="", encoding="utf-8") as lines:
        rows = csv.DictReader(line for line in lines if not line.startswith("#"))
        if column not in (rows.fieldnames or ()):
            hints = [f"columns: {', '.join(rows.fieldnames or ()) or 'none'}"]
            raise UsageError("HY1206", f"{path} has no column {column!r}", hints=hints)
        cells = [row[column] for row in rows]
    try:
        return np.array([int(cell) for cell in cells], dtype=np.int64)
    except (ValueError, TypeError, OverflowError):
        pass
    for line, cell in enumerate(cells, 1):
        if number(cell or "") is None:
            raise UsageError("HY1206", f"{path}, column {column!r}, row {line}: {cell!r} is no number")
    return np.array([float(cell) for cell in cells], dtype=np.float64)


def _header(path: Path) -> Sequence[str]:
    with path.open(newline="", encoding="utf-8") as lines:
        return csv.DictReader(line for line in lines if not line.startswith("#")).fieldnames or ()


def _near_files(path: Path) -> list[str]:
    if not path.parent.is_dir():
        return []
    names = [p.name for p in path.parent.iterdir() if p.is_file()]
    return [f"did you mean {path.parent / near}?" for near in get_close_matches(path.name, names, n=1)]
