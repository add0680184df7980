"""The load script in small: what the full one does takes minutes."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

import hyperion as hp

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "load.py"


@pytest.fixture(scope="module")
def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("load", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_many_calls_from_many_threads_are_all_right(instance: hp.Instance, load: ModuleType) -> None:
    scaled = instance.compile(load.SCALED, frontend="ir")["scaled"]
    with instance.executor(["cpu:0"], queue=64) as executor:
        load.submits(executor, scaled, 1600)
        load.cancels(executor, scaled, 200)
    load.two_instances(scaled, 400)
    load.closes(scaled, 2)
    assert load.refusals(scaled, 50) != "0 refusals"
