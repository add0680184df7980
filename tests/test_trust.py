"""What is trusted stays small and imports almost nothing; no file grows past reading size."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
CORE = REPOSITORY / "hyperion-core/src/hyperion"
PACKAGES = [
    *sorted(REPOSITORY.glob("hyperion-*")),
    *sorted((REPOSITORY / "plugins").glob("hyperion-*")),
]
SOURCES = [f for p in PACKAGES for f in sorted((p / "src").rglob("*.py"))] + sorted(
    (REPOSITORY / "benchmarks").glob("*.py")
)

TERMS = {"hyperion.logic.terms", "hyperion.logic.literals", "hyperion.ir.types"}
RULES = {*TERMS, "hyperion.logic.compute", "hyperion.logic.kernel"}
DEFINITIONS = {*RULES, "hyperion.logic.theory", "hyperion.logic.definitions"}
IR = {"hyperion.ir.function", "hyperion.errors"}
# What the rows of ops say.
TABLE = {"hyperion.ir.op_table", "hyperion.ir.ops", "hyperion.ir.registry", "hyperion.ir.expansion"}
MEANINGS = {"hyperion.logic.meaning", "hyperion.logic.scalar"}
# Trusted module -> what it may import besides the standard library.
ALLOWED: dict[str, set[str]] = {
    "logic/checker.py": set(),
    "logic/terms.py": {"hyperion.ir.types"},
    "logic/literals.py": TERMS,
    "logic/compute.py": TERMS,
    "logic/kernel.py": RULES,
    "logic/theory.py": DEFINITIONS | {"hyperion.errors", "hyperion._forking"},
    "logic/definitions.py": DEFINITIONS,
    "logic/meaning.py": DEFINITIONS | IR,
    "logic/scalar.py": DEFINITIONS | IR | {"hyperion.logic.meaning"},
    "logic/arrays.py": DEFINITIONS | IR | MEANINGS | {"hyperion.logic.loops"},
    "logic/sized.py": DEFINITIONS | {"hyperion.logic.meaning"},
    "logic/obligations.py": DEFINITIONS | IR | {"hyperion.logic.meaning", "hyperion.logic.denote"},
    "logic/loops.py": DEFINITIONS | IR | MEANINGS,
    "logic/sequences.py": DEFINITIONS,
    "logic/denoted.py": TERMS | IR | TABLE,
    "logic/denote.py": {"hyperion._forking"}
    | DEFINITIONS
    | IR
    | TABLE
    | MEANINGS
    | {f"hyperion.logic.{part}" for part in ("arrays", "loops", "sequences", "denoted")},
}
KERNEL = ("terms.py", "literals.py", "compute.py", "kernel.py")
# One file on purpose: whoever audits the checker reads nothing else.
LONG = {"hyperion-core/src/hyperion/logic/checker.py": 868}


def _module(package: str, name: str) -> str:
    """What `from package import name` imports: a module of the core, or something in `package`."""
    inner = f"{package}.{name}"
    return inner if (CORE.parent / f"{inner.replace('.', '/')}.py").exists() else package


def _code_lines(file: Path) -> int:
    """Lines that are neither blank, nor comment, nor docstring."""
    text = file.read_text(encoding="utf-8")
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docstrings = {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, documented) and ast.get_docstring(node) is not None
        for line in range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)
    }
    lines = enumerate(text.splitlines(), 1)
    return sum(1 for n, line in lines if n not in docstrings and line.strip() and not line.strip().startswith("#"))


def _imports(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names):
                found |= {alias.name for alias in names}
            case ast.ImportFrom(module=str(module), names=names, level=0):
                found |= {_module(module, alias.name) for alias in names}
            case ast.ImportFrom():
                found.add("a relative import")
            case _:
                pass
    return found


@pytest.mark.parametrize("module", sorted(ALLOWED))
def test_a_trusted_module_imports_only_what_is_listed(module: str) -> None:
    imported = {m for m in _imports(CORE / module) if m.split(".")[0] not in sys.stdlib_module_names}
    assert imported <= ALLOWED[module]


def test_terms_and_kernel_can_be_read_in_a_sitting() -> None:
    assert sum(_code_lines(CORE / "logic" / name) for name in KERNEL) <= 700


def test_no_source_file_is_longer_than_500_lines() -> None:
    sizes = {str(f.relative_to(REPOSITORY)): len(f.read_text(encoding="utf-8").splitlines()) for f in SOURCES}
    assert not {name: lines for name, lines in sizes.items() if lines > LONG.get(name, 500)}


def test_every_module_says_what_it_is() -> None:
    silent = [
        str(f.relative_to(REPOSITORY))
        for f in SOURCES
        if not ast.get_docstring(ast.parse(f.read_text(encoding="utf-8")))
    ]
    assert not silent


def test_a_type_ignore_gives_its_reason() -> None:
    """On the same line, once for each rule and file: `# pyright: ignore[rule]  why`."""
    bare: list[str] = []
    for file in SOURCES:
        explained: set[str] = set()
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            ignored = re.search(r"# (?:pyright|type): ignore(?:\[(?P<rules>[^]]*)\])?(?P<why>.*)", line)
            if ignored is None:
                continue
            rules = set((ignored["rules"] or "").split(", "))
            if ignored["why"].strip(" -#:"):
                explained |= rules
            if not rules <= explained:
                bare.append(f"{file.relative_to(REPOSITORY)}:{number}")
    assert not bare
