"""Example arguments for a Python function that none were given to: what it does with each parameter says what it is."""

from __future__ import annotations

import ast
import inspect
import textwrap
from typing import Any

import hyperion as hp

_WALKS = ("len", "enumerate", "zip", "reversed")
_WALKS_ALONE = ("sum", "min", "max")
_SCALARS = {"int": 1, "float": 1.0, "bool": True}


def assumed_arguments(function: hp.JitFunction) -> dict[str, Any]:  # Any: numbers and arrays
    """A value for each parameter without a default, by name: as it is annotated (`int`, `float`, `bool`), an int64
    array where the function walks over it or indexes it, else an int64. None for a function without source text."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function.function)))
    except (OSError, TypeError, SyntaxError):
        return {}
    parameters = inspect.signature(function.function).parameters.values()
    named = [p for p in parameters if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    arrays = {name for node in ast.walk(tree) for name in _walked(node)}
    return {p.name: _SCALARS.get(_annotation(p)) or _example(p.name in arrays) for p in named}


def assumption(values: dict[str, Any]) -> str:
    """`xs: int64 array, n: int`"""
    return ", ".join(
        f"{n}: int64 array" if hasattr(v, "dtype") else f"{n}: {type(v).__name__}" for n, v in values.items()
    )


def _annotation(parameter: inspect.Parameter) -> str:
    kind = parameter.annotation
    return kind if isinstance(kind, str) else getattr(kind, "__name__", "")


def _example(array: bool) -> Any:
    import numpy as np

    return np.array([3, -1, 2], dtype=np.int64) if array else 1


def _walked(node: ast.AST) -> list[str]:
    """The names that the node walks over or indexes."""
    match node:
        case ast.For(iter=ast.Name(id=name)) | ast.comprehension(iter=ast.Name(id=name)):
            return [name]
        case ast.Subscript(value=ast.Name(id=name)):
            return [name]
        case ast.Call(func=ast.Name(id=called), args=[ast.Name(id=name)]) if called in _WALKS_ALONE:
            return [name]
        case ast.Call(func=ast.Name(id=called), args=args) if called in _WALKS:
            return [a.id for a in args if isinstance(a, ast.Name)]
        case _:
            return []
