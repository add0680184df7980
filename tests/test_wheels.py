"""Wheels of all packages work where nothing of the workspace is: built by uv, installed by pip."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
UV = os.environ.get("UV") or shutil.which("uv")
PLUGINS = {
    "hyperion-cli": "cli",
    "hyperion-cluster": "cluster",
    "hyperion-cpu": "cpu",
    "hyperion-exports": "exports",
    "hyperion-interp": "interp",
    "hyperion-library": "library",
    "hyperion-net": "net",
    "hyperion-passes": "passes",
    "hyperion-proofs": "proofs",
    "hyperion-python": "python",
    "hyperion-tactics": "tactics",
    "hyperion-virtual": "virtual",
    "hyperion-z3": "z3",
}
PROGRAM = """
import numpy as np
import hyperion as hp

@hp.jit
def total(xs):
    s = 0
    for x in xs:
        s += x
    return s

xs = np.arange(100_000, dtype=np.int32)
assert total(xs) == int(xs.sum(dtype=np.int64))
print("checked" if total.explain(xs).checked else "unchecked")
"""

pytestmark = pytest.mark.skipif(UV is None, reason="uv builds the wheels and is not on the PATH")


def _run(*command: str | Path, cwd: Path) -> str:
    environment = {
        k: v for k, v in os.environ.items() if k not in ("UV_PROJECT_ENVIRONMENT", "VIRTUAL_ENV", "PYTHONPATH")
    }
    done = subprocess.run(
        [str(c) for c in command], cwd=cwd, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def _python(environment: Path) -> Path:
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    dist = tmp_path_factory.mktemp("dist")
    _run(UV or "uv", "build", "--all-packages", "--wheel", "--out-dir", dist, cwd=REPOSITORY)
    return dist


@pytest.fixture(scope="module")
def everything(wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with all wheels, made by venv and pip alone."""
    folder = tmp_path_factory.mktemp("everything")
    _run(UV or "uv", "venv", "--seed", "--python", sys.executable, folder / "env", cwd=folder)
    pip = _python(folder / "env"), "-m", "pip", "install", "--quiet", "--no-compile"
    _run(*pip, *sorted(wheels.glob("*.whl")), cwd=folder)
    return folder / "env"


def test_there_is_a_wheel_of_every_package(wheels: Path) -> None:
    members = [
        p.parent.name
        for p in (*REPOSITORY.glob("hyperion-*/pyproject.toml"), *REPOSITORY.glob("plugins/hyperion-*/pyproject.toml"))
    ]
    assert sorted(w.name.split("-")[0] for w in wheels.glob("*.whl")) == sorted(m.replace("-", "_") for m in members)


def test_installed_wheels_find_their_plugins(everything: Path, tmp_path: Path) -> None:
    listed = json.loads(_run(everything / "bin/hyperion", "plugins", "--json", cwd=tmp_path))
    rows = listed["plugins"] if isinstance(listed, dict) else listed
    assert {r["name"]: r["state"] for r in rows} == dict.fromkeys(PLUGINS.values(), "active")


def test_installed_wheels_derive_and_run(everything: Path, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    assert _run(_python(everything), "program.py", cwd=tmp_path).strip() == "checked"


def _closure(distribution: str, wheels: Path) -> list[Path]:
    """The wheels of a distribution and of what it needs from this workspace.

    Files, never names: a registry may have a stranger's package of the same name.
    """
    needed, pending = dict[str, Path](), [distribution]
    while pending:
        name = pending.pop()
        if name not in needed:
            (needed[name],) = wheels.glob(f"{name.replace('-', '_')}-*.whl")
            with zipfile.ZipFile(needed[name]) as archive:
                (file,) = (f for f in archive.namelist() if f.endswith(".dist-info/METADATA"))
                metadata = archive.read(file).decode()
            pending += re.findall(r"^Requires-Dist: (hyperion-[a-z]+)", metadata, re.MULTILINE)
    return list(needed.values())


def _environment(folder: Path, *packages: Path) -> Path:
    """The Python of a new environment with these wheels and what they need from outside the workspace."""
    _run(UV or "uv", "venv", "--python", sys.executable, folder / "env", cwd=folder)
    python = _python(folder / "env")
    _run(UV or "uv", "pip", "install", "--quiet", "--python", python, *packages, cwd=folder)
    return python


@pytest.mark.parametrize("distribution", sorted(PLUGINS))
def test_a_plugin_installs_by_itself(distribution: str, wheels: Path, tmp_path: Path) -> None:
    python = _environment(tmp_path, *_closure(distribution, wheels))
    script = "import hyperion as hp, json; print(json.dumps({p.name: p.state for p in hp.Instance().plugins}))"
    assert json.loads(_run(python, "-c", script, cwd=tmp_path)) == {PLUGINS[distribution]: "active"}


OUTSIDE = """
import numpy as np
import hyperion as hp
from hyperion.logic.checking import check
from hyperion.logic.kernel import RuleError

TEXT = '''
func @bounded(%xs: i64[n], %low: i64) -> i64[n] {
  %two = add.wrap %low, %low : i64
  %high = const 10 : i64
  %ys = map (%xs) {
    ^(%x: i64):
      %y = example.clamped %x, %low, %high : i64
      yield %y
  }
  return %ys
}
'''
with hp.Instance() as instance:
    print(instance.pipeline("literals-first").run(TEXT).program.main.equations[0].op)
    module = instance.compile(TEXT, frontend="ir", target="reference")
    with instance.executor(["abacus:0"]) as executor:
        (found,) = executor.execute(module["bounded"], [hp.view(np.array([-5, 3, 50])), 0])
    print(np.asarray(found).tolist(), found.device)
    law = instance.theories()["divisors"].theorems()["gcd.zero.left"]
    try:
        law()
    except RuleError as error:
        print(error)
with hp.Instance(config={"theories": ["hyperion-example"]}) as instance:
    instance.derive(instance.program(TEXT, frontend="ir"))
    print(*check(law()).theories)
"""


def test_a_plugin_from_outside_brings_an_op_a_pass_a_device_and_a_theory(wheels: Path, tmp_path: Path) -> None:
    _run(UV or "uv", "build", "--wheel", "--out-dir", tmp_path, REPOSITORY / "tests/example_plugin", cwd=tmp_path)
    ours = {w for name in ("hyperion-interp", "hyperion-cluster") for w in _closure(name, wheels)}
    python = _environment(tmp_path, *tmp_path.glob("*.whl"), *sorted(ours))
    assert _run(python, "-c", OUTSIDE, cwd=tmp_path).splitlines() == [
        "const",
        "[0, 3, 10] abacus:0",
        "no axiom hyperion-example:gcd.comm",
        "hyperion-example",
    ]
