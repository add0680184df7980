"""The registration."""

from __future__ import annotations

import subprocess
import sys

import pluggy

from hyperion import hookspecs
from hyperion.interfaces.codegen import CodegenTarget
from hyperion.interfaces.interpreter import Interpreter
from hyperion.ir.parser import parse_program
from hyperion_interp import plugin


def test_the_reference_interpreter_is_registered() -> None:
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    manager.register(plugin)
    manager.check_pending()
    (factories,) = manager.hook.hyperion_interpreters()
    interpreter = factories["reference"]()
    assert isinstance(interpreter, Interpreter)
    assert interpreter.name == "reference"
    assert interpreter.run(parse_program("func @f(%x: i64) -> i64 { return %x }"), [3]) == (3,)


def test_the_reference_target_is_registered() -> None:
    (factory,) = plugin.hyperion_codegen_targets().values()
    assert isinstance(factory(), CodegenTarget)
    assert factory().name == "reference"


def test_the_api_version_fits() -> None:
    major, minor = plugin.HYPERION_API
    assert major == hookspecs.API_VERSION[0]
    assert minor <= hookspecs.API_VERSION[1]


def test_registration_imports_nothing_heavy() -> None:
    code = "import sys, hyperion_interp.plugin; print(*sys.modules)"
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert not {"numpy", "hyperion_interp.interpreter"} & set(output.stdout.split())
