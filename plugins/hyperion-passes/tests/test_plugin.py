"""The registration."""

from __future__ import annotations

import subprocess
import sys

import pluggy

from hyperion import hookspecs
from hyperion.interfaces.compiler_pass import CompilerPass
from hyperion_passes import plugin


def test_the_passes_are_registered_by_their_names() -> None:
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    manager.register(plugin)
    manager.check_pending()
    (factories,) = manager.hook.hyperion_passes()
    assert list(factories) == [
        "algebraic",
        "bounds-checks",
        "canonicalize",
        "constant-folding",
        "counter-loops",
        "cse",
        "dce",
        "fuse",
        "gathered-loops",
        "index-loops",
        "inline",
        "licm",
        "loops-to-scans",
        "one-length",
        "strength-reduction",
        "unroll",
        "written-loops",
    ]
    for name, factory in factories.items():
        made = factory()
        assert isinstance(made, CompilerPass)
        assert made.name == name


def test_the_api_version_fits() -> None:
    major, minor = plugin.HYPERION_API
    assert major == hookspecs.API_VERSION[0]
    assert minor <= hookspecs.API_VERSION[1]


def test_registration_imports_no_logic() -> None:
    code = "import sys, hyperion_passes.plugin; print(*sys.modules)"
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert not {"hyperion_passes.canonicalize", "hyperion.logic.kernel"} & set(output.stdout.split())
