"""Each interface has its conformance class, and our own plugins or tests are tested with it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import hyperion.testing
from hyperion.plugins import INTERFACES

REPOSITORY = Path(__file__).resolve().parent.parent
CLASSES = {
    "hyperion_cli_commands": "CommandConformance",
    "hyperion_codegen_targets": "CodegenTargetConformance",
    "hyperion_devices": "DeviceConformance",
    "hyperion_executors": "ExecutorConformance",
    "hyperion_frontends": "FrontendConformance",
    "hyperion_interpreters": "InterpreterConformance",
    "hyperion_libraries": "TheoremLibraryConformance",
    "hyperion_networks": "NetworkConformance",
    "hyperion_ops": "OpConformance",
    "hyperion_passes": "CompilerPassConformance",
    "hyperion_proof_exporters": "ProofExporterConformance",
    "hyperion_refuters": "RefuterConformance",
    "hyperion_strategies": "StrategyConformance",
    "hyperion_tactics": "TacticConformance",
    "hyperion_theories": "TheoryConformance",
    "hyperion_types": "TypeConformance",
}
HOOKS = REPOSITORY / "docs/reference/hooks.md"


@pytest.fixture(scope="module")
def subclasses() -> set[str]:
    """What classes of test files derive from."""
    files = [f for folder in ("hyperion-*", "plugins/*", ".") for f in REPOSITORY.glob(f"{folder}/tests/**/test_*.py")]
    return {
        base.strip()
        for file in files
        for bases in re.findall(r"^class Test\w+\(([^)]*)\)", file.read_text(encoding="utf-8"), re.MULTILINE)
        for base in bases.split(",")
    }


def test_every_hook_has_its_class() -> None:
    assert CLASSES.keys() == INTERFACES.keys()


@pytest.mark.parametrize("name", [*CLASSES.values(), "BufferConformance"])
def test_the_class_is_used(name: str, subclasses: set[str]) -> None:
    assert any(attribute.startswith("test_") for attribute in dir(getattr(hyperion.testing, name)))
    assert name in subclasses, "test a plugin of ours with it"


@pytest.mark.parametrize("hook", CLASSES)
def test_the_reference_names_the_class(hook: str) -> None:
    section = HOOKS.read_text(encoding="utf-8").partition(f"## `{hook}(")[2].partition("\n## ")[0]
    assert f"`{CLASSES[hook]}`" in section
