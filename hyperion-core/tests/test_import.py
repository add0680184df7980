"""`import hyperion` costs next to nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest

import hyperion as hp

HEAVY = ("numpy", "pydantic", "rich", "llvmlite", "pluggy", "importlib.metadata", "dataclasses", "logging", "json")


def _modules(statement: str) -> set[str]:
    script = f"import sys; {statement}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-S", "-c", script], capture_output=True, text=True, check=True, env=_path(), timeout=120
    )
    return set(done.stdout.split())


def _path() -> dict[str, str]:
    import os

    folder = os.path.dirname(os.path.dirname(hp.__file__))
    return {**os.environ, "PYTHONPATH": folder}


def test_the_bare_import() -> None:
    loaded = _modules("import hyperion")
    assert loaded.isdisjoint(HEAVY)
    assert {name for name in loaded if name.startswith("hyperion")} == {"hyperion"}


@pytest.mark.parametrize("name", hp.__all__)
def test_every_public_name_resolves(name: str) -> None:
    assert getattr(hp, name) is not None
    assert name in dir(hp)


@pytest.mark.parametrize("first", ["JitFunction", "Module", "jit"])
def test_a_name_does_not_depend_on_what_was_asked_for_before(first: str) -> None:
    script = f"import hyperion as hp; hp.{first}; assert callable(hp.jit); assert isinstance(hp.jit, type(lambda: 0))"
    subprocess.run([sys.executable, "-c", script], check=True, timeout=120)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'jot'"):
        _ = hp.jot  # type: ignore[attr-defined] - that is the point
