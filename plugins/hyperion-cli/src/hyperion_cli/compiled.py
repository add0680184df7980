"""Functions that are IR already: of a module file, or of IR text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import hyperion as hp
from hyperion.ir.function import Function, Program, Value
from hyperion.ir.rounding import round_float
from hyperion.ir.types import ArrayType, BoolType, ComplexType, FloatType, IntType, Type
from hyperion.ir.verifier import verify
from hyperion.module import ModuleFunction
from hyperion.module.members import with_entry
from hyperion_cli.output import UsageError

SUFFIXES = (".hym", ".hir")


@dataclass(frozen=True, slots=True)
class CompiledFunction:
    """A function with declared parameter types; called like the functions of Python files."""

    function: ModuleFunction
    instance: hp.Instance

    @property
    def __name__(self) -> str:
        return self.function.name

    def __call__(self, *arguments: object) -> object:
        return self.function(*arguments)

    def explain(self, *arguments: object) -> hp.Explanation:
        return self.function.explain(*arguments)

    @property
    def parameters(self) -> Sequence[Value]:
        return self.function.derivation.source.main.parameters

    @property
    def signature(self) -> str:
        return signature_of(self.function.derivation.source.main)


def signature_of(function: Function) -> str:
    """`total(xs: i64[n]) -> i64`"""
    parameters = ", ".join(f"{v.name}: {v.type}" for v in function.parameters)
    results = ", ".join(str(v.type) for v in function.results)
    return f"{function.name}({parameters}) -> {results if len(function.results) == 1 else f'({results})'}"


def load_compiled(path: Path, name: str, target: str = "") -> CompiledFunction:
    """The function of that name, or the entry where the name is empty, for `target` where one is given. Of a module
    file, that function alone is verified and its proof checked.

    Raises `UsageError` (HY1203).
    """
    instance = hp.default_instance()
    if path.suffix == ".hym":
        module = instance.load(path, target=target, check="first-use")
        return CompiledFunction(module[_known(path, name or module.about.entry, list(module))], instance)
    program = read_ir(path, instance)
    name = _known(path, name or program.entry, list(program.functions))
    return CompiledFunction(instance.compile_program(with_entry(program, name), target), instance)


def read_ir(path: Path, instance: hp.Instance) -> Program:
    """A file of IR text, verified as a whole."""
    program = instance.program(read_text(path), frontend="ir", filename=str(path))
    verify(program)
    return program


def read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise UsageError("HY1202", f"the file {str(path)!r} cannot be read: {why}") from error


def _known(path: Path, name: str, names: Sequence[str]) -> str:
    if name in names:
        return name
    hints = [f"did you mean {near!r}?" for near in get_close_matches(name, names, n=1)]
    raise UsageError(
        "HY1203", f"{path} has no function {name!r}", hints=[*hints, f"functions in it: {', '.join(names)}"]
    )


def fitted(parameter: Value, given: Any, word: str) -> Any:  # Any: numbers and arrays
    """The argument as a value of the parameter's type, where nothing is lost but what the digits of a decimal fraction
    say beyond it. Raises `UsageError` (HY1215)."""
    kind = parameter.type
    if isinstance(kind, ArrayType) == hasattr(given, "dtype"):
        found = _array(kind, given) if isinstance(kind, ArrayType) else _scalar(kind, given)
        if found is not None:
            return found
    what = f"an array of {given.dtype} with shape {given.shape}" if hasattr(given, "dtype") else _WORDS[type(given)]
    raise UsageError(
        "HY1215",
        f"argument {parameter.name} is {kind}; {word!r} is {what}",
        hints=[_hint(kind)],
    )


def _scalar(kind: Type, given: Any) -> object:
    match kind:
        case BoolType():
            return given if isinstance(given, bool) else None
        case IntType():
            return given if type(given) is int and kind.contains(given) else None
        case FloatType():
            return round_float(float(given), kind) if not isinstance(given, bool) and _is_exact(given) else None
        case ComplexType():
            return (
                complex(round_float(float(given), kind.part))
                if not isinstance(given, bool) and _is_exact(given)
                else None
            )
        case _:
            return None


def _is_exact(given: float) -> bool:
    return isinstance(given, float) or (abs(given) < 1 << 1023 and int(float(given)) == given)


def _array(kind: ArrayType, given: Any) -> Any:
    import numpy as np

    try:
        wanted = np.dtype(_DTYPES[str(kind.element)])
    except KeyError:
        return None
    if given.ndim != len(kind.shape):
        return None
    with np.errstate(all="ignore"):
        found = given.astype(wanted)
        lossless = given.dtype == wanted or (
            given.dtype.kind in "iufb" and np.array_equal(found, given, equal_nan=True)
        )
    return found if lossless else None


_DTYPES = {
    **{f"{sign}{bits}": f"{sign}{bits // 8}" for sign in "iu" for bits in (8, 16, 32, 64)},
    **{"bool": "?", "f16": "f2", "f32": "f4", "f64": "f8", "c64": "c8", "c128": "c16"},
}


_WORDS: dict[type, str] = {bool: "a bool", int: "an integer", float: "a float"}


def _hint(kind: Type) -> str:
    match kind:
        case BoolType():
            return "true or false"
        case IntType():
            return f"an integer from {kind.minimum} to {kind.maximum}"
        case ArrayType():
            return (
                f"FILE.npy or FILE.csv:COLUMN with {len(kind.shape)} dimension(s), whose elements {kind.element} holds"
            )
        case _:
            return "a number"
