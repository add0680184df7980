"""`import hyperion` is light, and every installed plugin module registers without doing work."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import entry_points

import pytest

HEAVY = ("numpy", "pydantic", "rich", "llvmlite", "z3", "numba", "multiprocessing")
PLUGINS = sorted(entry_points(group="hyperion.plugins"), key=lambda e: e.name)


def _modules_after(statement: str) -> set[str]:
    script = f"import json, sys; {statement}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120)
    return set(json.loads(done.stdout))


def test_importing_hyperion_imports_nothing_heavy() -> None:
    loaded = _modules_after("import hyperion")
    plugins = {e.value.split(".")[0] for e in PLUGINS} | {"hyperion_llvm"}
    assert loaded.isdisjoint({*HEAVY, *plugins})


def test_an_instance_that_lists_plugins_imports_no_compiler() -> None:
    loaded = _modules_after("import hyperion as hp; assert hp.Instance().plugins")
    assert loaded.isdisjoint({*HEAVY, "importlib.metadata", "hyperion.ir", "hyperion.logic", "hyperion.driver"})
    assert loaded.isdisjoint({"hyperion.module", "hyperion.pipeline", "hyperion.codes", "argparse", "email", "zipfile"})


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda e: e.name)
def test_a_plugin_module_only_registers(plugin: object) -> None:
    loaded = _modules_after(f"import {plugin.value}")
    assert loaded.isdisjoint({"numpy", "pydantic", "rich", "llvmlite", "z3"})


def test_all_built_in_plugins_are_installed() -> None:
    assert {"cli", "cpu", "interp", "passes", "proofs", "python", "z3"} <= {e.name for e in PLUGINS}
