"""Functions loaded from files: places, closures, globals, and sources that cannot be read."""

from __future__ import annotations

import functools
import importlib.util
import linecache
import math
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from hyperion.errors import HyperionError
from hyperion.interfaces.frontend import CompileOptions
from hyperion.ir.verifier import verify
from hyperion_interp.interpreter import interpret
from hyperion_python.frontend import PythonFrontend

LIMIT = np.int32(5)
NARROW = np.float32(0.1)
WIDE = np.uint64(2**63)
OPTIONS = CompileOptions()


def run(function: object, *arguments: object) -> object:
    frontend = PythonFrontend()
    program = frontend.lower(function, frontend.signature(arguments), OPTIONS)
    verify(program)
    return interpret(program, [a.tolist() if isinstance(a, np.ndarray) else a for a in arguments])[0]


def load(path: Path, text: str) -> ModuleType:
    path.write_text(text)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def scale(factor: float) -> Any:
    def scaled(x: float) -> float:
        return x * factor

    return scaled


def clamp(x: int) -> int:
    return min(max(x, -LIMIT), LIMIT)


@functools.cache
def doubled(x: int) -> int:
    return x * 2


def calls(x: int) -> int:
    return clamp(x) + doubled(x)


def circle(r: float) -> float:
    return math.pi * r * r + math.sqrt(r)


def numpy_constants(x: int) -> Any:
    return x + int(WIDE - 1), NARROW * 2


class Thing:
    def method(self, x: int) -> int:
        return x


def test_closures_globals_and_other_functions() -> None:
    assert run(scale(2.5), 2.0) == 5.0
    assert run(scale(3), 2.0) == 6.0
    assert run(calls, 9) == 5 + 18
    assert run(circle, 4.0) == math.pi * 16 + 2
    assert run(numpy_constants, 0) == 2**63 - 1


def test_two_closures_of_one_function_are_two_functions() -> None:
    twice, thrice = scale(2.0), scale(3.0)

    def both(x: float) -> float:
        return twice(x) + thrice(x)

    assert run(both, 1.0) == 5.0


def test_places_are_those_of_the_file(tmp_path: Path) -> None:
    text = "import functools\n\nclass A:\n    @staticmethod\n    def f(x):\n        ä = x; return ä + [1]\n"
    module = load(tmp_path / "placed.py", text)
    with pytest.raises(HyperionError) as caught:
        run(module.A.f, 1)
    span = caught.value.span
    assert span is not None
    assert (span.line, span.column, span.end_column) == (6, 27, 30)
    assert span.caret().splitlines()[1] == " " * 26 + "^^^"
    assert Path(span.file).name == "placed.py"


def test_a_file_edited_after_the_import_is_refused(tmp_path: Path) -> None:
    module = load(tmp_path / "edited.py", "def f(x):\n    return x + 1\n")
    assert run(module.f, 1) == 2
    (tmp_path / "edited.py").write_text("def f(x):\n    return x + 22\n")
    with pytest.raises(HyperionError, match="HY6102"):
        run(module.f, 1)
    (tmp_path / "edited.py").unlink()
    linecache.clearcache()
    with pytest.raises(HyperionError, match="HY6101"):
        run(module.f, 1)


def test_functions_without_source_are_refused() -> None:
    names: dict[str, Any] = {}
    exec("def f(x): return x", names)
    for source in (names["f"], len, 5, np.sin, Thing().method):
        with pytest.raises(HyperionError, match="HY61"):
            run(source, 1)
    with pytest.raises(HyperionError, match="HY6112"):
        run(lambda x: x, 1)


def test_a_wrapper_is_not_taken_for_what_it_wraps() -> None:
    def loud(function: Any) -> Any:
        @functools.wraps(function)
        def wrapper(*arguments: Any) -> Any:
            return -function(*arguments)

        return wrapper

    with pytest.raises(HyperionError, match="HY6112"):
        run(loud(clamp), 1)


def test_a_shadowed_builtin_is_not_the_builtin(tmp_path: Path) -> None:
    module = load(tmp_path / "shadow.py", "def max(a, b):\n    return a - b\n\ndef f(x):\n    return max(x, 1)\n")
    assert run(module.f, 5) == 4
    local = load(tmp_path / "local.py", "def f(x):\n    len = x\n    return len(x)\n")
    with pytest.raises(HyperionError, match="HY6108"):
        run(local.f, 5)


def test_a_global_that_is_written_twice_in_a_text_is_no_constant(harness: Any) -> None:
    for text in ("K = 1\nK += 1\n", "K = 1\ndef g():\n    global K\n    K = 2\n", "K = 1\nif K:\n    K = 2\n"):
        harness.refused(f"{text}def f(x):\n    return x + K\n", 1, code="HY6115", at="K")
