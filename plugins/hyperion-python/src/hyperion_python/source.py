"""Finding the source of a Python function and pointing into it."""

from __future__ import annotations
import __future__

import ast
import linecache
import types
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NoReturn

from hyperion.errors import Span
from hyperion_python.namespace import Namespace, namespace_of_function, namespace_of_module
from hyperion_python.refusals import refuse

_FUTURE_FLAGS: Final = sum({getattr(__future__, name).compiler_flag for name in __future__.all_feature_names})


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A text and the name it is reported under."""

    name: str
    lines: tuple[str, ...]

    def span(self, node: ast.AST) -> Span:
        """The place of a node that has a position; columns count characters of the file's own line, from 1."""
        line: int = getattr(node, "lineno", 1)
        end: int = getattr(node, "end_lineno", None) or line
        return Span(
            self.name,
            line,
            self._column(line, getattr(node, "col_offset", 0)),
            end,
            self._column(end, getattr(node, "end_col_offset", None) or 0),
            self._text(line),
        )

    def _text(self, line: int) -> str:
        return self.lines[line - 1] if 0 < line <= len(self.lines) else ""

    def _column(self, line: int, offset: int) -> int:
        return len(self._text(line).encode()[:offset].decode(errors="replace")) + 1


@dataclass(frozen=True, slots=True)
class SourceFunction:
    """A function definition, its file, what its free names mean, and the defaults of its last parameters."""

    node: ast.FunctionDef
    file: SourceFile
    namespace: Namespace
    defaults: Sequence[object] = field(default=())
    identity: object = None

    @property
    def name(self) -> str:
        return self.node.name

    def span(self, node: ast.AST) -> Span:
        return self.file.span(node)

    def header_span(self) -> Span:
        """The `def` line up to its end."""
        whole = self.file.span(self.node)
        return Span(whole.file, whole.line, whole.column, whole.line, len(whole.text) + 1, whole.text)


def read_function(function: types.FunctionType) -> SourceFunction:
    """The definition of a loaded function.

    Raises TypeCheckError HY6101 without readable source and HY6102 if the file is no longer what was loaded.
    """
    code = function.__code__
    name = code.co_name
    if name == "<lambda>":
        refuse("HY6112", "a lambda is not taken", None, hint="write it as a def")
    linecache.checkcache(code.co_filename)
    text = "".join(linecache.getlines(code.co_filename, function.__globals__))
    if not text:
        refuse(
            "HY6101",
            f"the source of {name} cannot be read from {code.co_filename}",
            None,
            note="functions typed at the plain >>> prompt, read from stdin or made by exec have no source file",
            hint="put the function in a file, or pass its text: compile((text, name), frontend='python')",
        )
    file = SourceFile(code.co_filename, tuple(text.splitlines()))
    node = _definition(function, text, file)
    return SourceFunction(
        node, file, namespace_of_function(function), function.__defaults__ or (), identity_of(function)
    )


def identity_of(function: object) -> object:
    """What tells functions apart, those of a text too."""
    if isinstance(function, SourceFunction):
        return function.identity
    assert isinstance(function, types.FunctionType)
    cells = tuple(id(cell) for cell in function.__closure__ or ())
    return id(function.__code__), cells, id(function.__globals__)


def _definition(function: types.FunctionType, text: str, file: SourceFile) -> ast.FunctionDef:
    code = function.__code__
    try:
        held = _definitions(text, code.co_filename, code.co_flags & _FUTURE_FLAGS)
    except (SyntaxError, ValueError):
        _refuse_changed(code, file)
    node = held.nodes.get((code.co_name, code.co_firstlineno))
    if node is None or _print_of(code) not in held.prints:
        _refuse_changed(code, file)
    if isinstance(node, ast.AsyncFunctionDef):
        refuse("HY6112", "an async function is not taken", file.span(node), hint="write a plain def")
    return deepcopy(node)


@dataclass(frozen=True, slots=True)
class _Definitions:
    """The definitions in a text, by name and first line, and what tells the code of each apart."""

    nodes: Mapping[tuple[str, int], ast.FunctionDef | ast.AsyncFunctionDef]
    prints: frozenset[tuple[object, ...]]


@lru_cache(maxsize=8)
def _definitions(text: str, filename: str, flags: int) -> _Definitions:
    """Kept for the next functions of the file, for nobody who changes the nodes. Raises as `ast.parse` does."""
    module: types.CodeType = compile(text, filename, "exec", flags, dont_inherit=True)
    nodes: dict[tuple[str, int], ast.FunctionDef | ast.AsyncFunctionDef] = {}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            nodes.setdefault((node.name, first), node)
    return _Definitions(nodes, frozenset(map(_print_of, _codes(module))))


def _refuse_changed(code: types.CodeType, file: SourceFile) -> NoReturn:
    refuse(
        "HY6102",
        f"{file.name} does not hold {code.co_name} as it was loaded",
        None,
        note="the file was edited after it was imported, or a tool rewrote the function while importing it",
        hint="start again, or reload the module, so that text and function agree",
    )


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    pending = [code]
    while pending:
        current = pending.pop()
        yield current
        pending.extend(c for c in current.co_consts if isinstance(c, types.CodeType))


def _print_of(code: types.CodeType) -> tuple[object, ...]:
    constants = tuple(repr(c) for c in code.co_consts if not isinstance(c, types.CodeType))
    names = (code.co_names, code.co_varnames, code.co_freevars)
    return code.co_name, code.co_firstlineno, code.co_code, names, constants


def read_text(text: str, name: str, file_name: str = "<text>") -> SourceFunction:
    """The definition of the top-level function `name` in a text; the text is never run.

    Imports of math and numpy, top-level functions and top-level numbers are known to it.
    """
    file = SourceFile(file_name, tuple(text.splitlines()))
    try:
        tree = ast.parse(text, file_name)
    except SyntaxError as error:
        line, column = error.lineno or 1, error.offset or 1
        source = file.lines[line - 1] if 0 < line <= len(file.lines) else ""
        refuse(
            "HY6101", f"the text is not Python: {error.msg}", Span(file_name, line, column, line, column + 1, source)
        )
    functions = {s.name: s for s in tree.body if isinstance(s, ast.FunctionDef)}
    if name not in functions:
        known = ", ".join(functions) or "none"
        refuse("HY6101", f"the text has no function {name}", None, note=f"functions at the top level: {known}")
    known_functions: dict[str, SourceFunction] = {}
    namespace = namespace_of_module(tree, known_functions)
    for key, node in functions.items():
        known_functions[key] = SourceFunction(node, file, namespace, _text_defaults(node), (text, key))
    return known_functions[name]


def _text_defaults(node: ast.FunctionDef) -> Sequence[object]:
    values: list[object] = []
    for default in node.args.defaults:
        try:
            values.append(ast.literal_eval(default))
        except ValueError:
            values.append(None)
    return values
